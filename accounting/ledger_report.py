"""The ledger of an account as a report and for a spreadsheet."""

from collections.abc import Iterator
from typing import Any

from django.utils.translation import gettext as _

from accounting.models import Account
from accounting.paths import account_names
from accounting.reporting import (
    Report,
    Sheet,
    Wish,
    at_minor_unit,
    books_currency,
    days_of,
    details_of,
    instant_of,
    unless_zero,
)
from accounting.statements import general_ledger, whole_ledger
from backoffice.errors import Refused
from backoffice.money import as_text

LINES_AT_ONCE = 1000


def choice_of(wish: Wish) -> tuple[Account, dict[str, Any]]:
    """The account asked for, and which of its lines."""
    if wish.account is None:
        raise Refused(_("Say which account (account)."))
    return wish.account, {
        "starts_on": wish.starts_on,
        "ends_on": wish.ends_on or wish.on,
        "department": wish.department,
        "as_known": wish.as_known,
    }


def report_of_general_ledger(wish: Wish) -> Report:
    """Every line of an account with its running balance."""
    (account, choice), (currency, unit) = choice_of(wish), books_currency()
    opening = as_text(general_ledger(account, **choice, size=1).opening, unit)
    rows = list(rows_of_ledger(account, unit, choice))
    closing = rows[-1]["balance"] if rows else opening
    name = account_names()[account.pk]
    return Report(
        title=f"{account.code} {name}",
        details=details_of(wish, currency, days_of(choice)),
        header=(_("Date"), _("Entry"), _("Text"), _("Debit"), _("Credit"), _("Balance")),
        rows=[
            ("", "", _("Brought forward"), "", "", opening),
            *(tuple(row[name] for name in SHOWN_OF_LEDGER) for row in rows),
        ],
        total=("", "", _("Balance"), "", "", closing),
        facts={
            "account": account.code,
            "name": name,
            "as_known": instant_of(wish),
            "currency": currency,
            "opening": opening,
            "rows": rows,
            "closing": closing,
        },
        amounts=frozenset({3, 4, 5}),
    )


SHOWN_OF_LEDGER = ("date", "entry", "text", "debit", "credit", "balance")


def rows_of_ledger(
    account: Account, unit: int, choice: dict[str, Any]
) -> Iterator[dict[str, str]]:
    """The lines of the account, their amounts as text."""
    for page in whole_ledger(account, size=LINES_AT_ONCE, **choice):
        for row in page.rows:
            yield {
                "date": row.date.isoformat(),
                "entry": row.reference,
                "text": row.text,
                "payee": row.payee,
                "department": row.department,
                "debit": unless_zero(as_text(row.debit, unit)),
                "credit": unless_zero(as_text(row.credit, unit)),
                "balance": as_text(row.balance, unit),
            }


def sheet_of_general_ledger(wish: Wish) -> Sheet:
    """Every line with whose it is, read a page at a time."""
    account, choice = choice_of(wish)
    return Sheet(
        (
            *(_("Date"), _("Entry"), _("Text"), _("Payee"), _("Department")),
            *(_("Debit"), _("Credit"), _("Balance")),
        ),
        lines_of_ledger(account, books_currency()[1], choice),
    )


def lines_of_ledger(account: Account, unit: int, choice: dict[str, Any]) -> Iterator[list[Any]]:
    """The lines of the account, their amounts as numbers."""
    for page in whole_ledger(account, size=LINES_AT_ONCE, **choice):
        for row in page.rows:
            amounts = at_minor_unit(unit, row.debit, row.credit, row.balance)
            yield [row.date, row.reference, row.text, row.payee, row.department, *amounts]
