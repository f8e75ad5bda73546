"""The asset register as rows of text: for the terminal, programs and paper."""

from decimal import Decimal
from typing import Any

from django.utils.translation import gettext as _

from accounting.asset_register import RegisterRow, register_rows, sums_of_rows, ties
from accounting.reporting import Report, Sheet, Wish, at_minor_unit, books_currency, details_of
from backoffice.errors import Refused
from backoffice.money import as_text


def assets_wished(wish: Wish) -> list[RegisterRow]:
    """The assets of the day, of a class where one is wished for."""
    if wish.starts_on or wish.ends_on or wish.account or wish.as_known or wish.department:
        raise Refused(_("The asset register takes a day (on)."))
    return register_rows(on=wish.on, asset_class=wish.asset_class)


def sheet_of_assets(wish: Wish) -> Sheet:
    """Every asset with its department, amounts as numbers."""
    unit = books_currency()[1]
    return Sheet(
        (
            *(_("Number"), _("Asset"), _("Class"), _("Department"), _("Acquired"), _("Cost")),
            *(_("Depreciation to date"), _("Book value")),
        ),
        (
            [
                *(row.number, row.name, row.class_name, row.department, row.acquired_on),
                *at_minor_unit(unit, row.cost, row.taken, row.book_value),
            ]
            for row in assets_wished(wish)
        ),
    )


def asset_register_report(wish: Wish) -> Report:
    """Every asset at the end of a day, and whether the register ties to the accounts."""
    currency, unit = books_currency()
    found = assets_wished(wish)

    def money(amount: Decimal) -> str:
        return as_text(amount, unit)

    rows = [
        {
            "number": row.number,
            "name": row.name,
            "class": row.class_name,
            "department": row.department,
            "acquired_on": row.acquired_on.isoformat(),
            "cost": money(row.cost),
            "depreciation": money(row.taken),
            "book_value": money(row.book_value),
        }
        for row in found
    ]
    cost, taken = sums_of_rows(found)
    tied = [
        {
            "account": tie.account.code,
            "register": money(tie.register),
            "ledger": money(tie.ledger),
            "holds": tie.holds,
        }
        for tie in ([] if wish.asset_class else ties(on=wish.on))  # one class ties to nothing
    ]
    shown = ("number", "name", "class", "acquired_on", "cost", "depreciation", "book_value")
    header = (_("Number"), _("Asset"), _("Class"), _("Acquired"), _("Cost"))
    details = details_of(wish, currency, _("at the end of %(day)s") % {"day": wish.on})
    return Report(
        title=_("Asset register"),
        details=[*details, str(wish.asset_class) if wish.asset_class else proof_of(tied)],
        header=(*header, _("Depreciation"), _("Book value")),
        rows=[tuple(row[name] for name in shown) for row in rows],
        total=("", _("Total"), "", "", money(cost), money(taken), money(cost - taken)),
        facts={
            "on": wish.on.isoformat(),
            "currency": currency,
            "rows": rows,
            "cost": money(cost),
            "depreciation": money(taken),
            "book_value": money(cost - taken),
            "accounts": tied,
        },
        amounts=frozenset({4, 5, 6}),
    )


def proof_of(tied: list[dict[str, Any]]) -> str:
    """The line that says whether register and ledger agree."""
    off = [one for one in tied if not one["holds"]]
    if off:
        return _("differs from account %(code)s: %(register)s / %(ledger)s") % {
            "code": off[0]["account"],
            "register": off[0]["register"],
            "ledger": off[0]["ledger"],
        }
    return _("ties to the ledger")
