"""The trial balance as a report and for a spreadsheet."""

from decimal import Decimal

from django.utils.translation import gettext as _

from accounting.reporting import (
    Report,
    Sheet,
    Wish,
    at_minor_unit,
    details_of,
    instant_of,
    unless_zero,
)
from accounting.statements import TrialBalance, trial_balance
from accounting.trial_balance import OfYear, of_year
from backoffice.errors import Refused
from backoffice.money import as_text


def balances_of(wish: Wish) -> tuple[TrialBalance, OfYear]:
    """The balances of the day and what they are made of in its year."""
    if wish.starts_on or wish.ends_on or wish.account:
        raise Refused(_("The trial balance takes a day (on), a department and as-known."))
    balances = trial_balance(on=wish.on, department=wish.department, as_known=wish.as_known)
    return balances, of_year(balances, department=wish.department, as_known=wish.as_known)


def report_of_trial_balance(wish: Wish) -> Report:
    """The balance of every account at the end of a day."""
    balances, year = balances_of(wish)

    def money(amount: Decimal) -> str:
        return as_text(amount, balances.minor_unit)

    rows = [
        {
            "code": row.code,
            "name": row.name,
            "kind": row.kind,
            "opening": money(year.parts[row.account_id].opening),
            "moved": money(year.parts[row.account_id].moved),
            "closing": money(year.parts[row.account_id].closing),
            "debit": money(row.debit),
            "credit": money(row.credit),
            "balance": money(row.balance),
        }
        for row in balances.rows
    ]
    sums, titles = year.sums(balances.rows), titles_of_parts(year)
    debit, credit = money(balances.debit), money(balances.credit)
    shown = ("opening", "moved", *(["closing"] if year.has_closing else []), "debit", "credit")
    return Report(
        title=_("Trial balance"),
        details=[
            *details_of(wish, balances.currency, _("at the end of %(day)s") % {"day": wish.on}),
            _("moved from %(day)s on") % {"day": year.starts_on},
        ],
        header=(_("Account"), _("Name"), *titles, _("Debit"), _("Credit")),
        rows=[
            (row["code"], row["name"], *(unless_zero(row[name]) for name in shown)) for row in rows
        ],
        total=(
            *("", _("Total")),
            *(money(getattr(sums, name)) for name in shown[:-2]),
            *(debit, credit),
        ),
        facts={
            "on": wish.on.isoformat(),
            "as_known": instant_of(wish),
            "year_from": year.starts_on.isoformat(),
            "currency": balances.currency,
            "rows": rows,
            "debit": debit,
            "credit": credit,
        },
        amounts=frozenset(range(2, 4 + len(titles))),
    )


def titles_of_parts(year: OfYear) -> list[str]:
    """The columns before debit and credit; one for closing entries only where there are any."""
    titles = [_("Opening"), _("Moved")]
    return [*titles, _("Closing entries")] if year.has_closing else titles


def sheet_of_trial_balance(wish: Wish) -> Sheet:
    """The same with the kind of each account and its signed balance."""
    found, year = balances_of(wish)
    names = ("opening", "moved", *(["closing"] if year.has_closing else []))

    def line(row):
        parts = [getattr(year.parts[row.account_id], name) for name in names]
        amounts = (*parts, row.debit, row.credit, row.balance)
        return [row.code, row.name, row.kind, *at_minor_unit(found.minor_unit, *amounts)]

    return Sheet(
        (
            *(_("Code"), _("Account"), _("Kind")),
            *titles_of_parts(year),
            *(_("Debit"), _("Credit"), _("Balance")),
        ),
        map(line, found.rows),
    )
