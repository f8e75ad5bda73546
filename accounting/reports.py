"""Reports as rows of text: for the terminal, programs, spreadsheets and paper."""

from collections.abc import Callable, Iterator, Mapping
from decimal import Decimal
from functools import partial
from typing import Any

from django.utils.translation import gettext as _

from accounting.ageing_report import report_of_ageing
from accounting.asset_report import asset_register_report
from accounting.models import Account
from accounting.paths import account_names
from accounting.reporting import (
    Report,
    Wish,
    books_currency,
    days_of,
    details_of,
    instant_of,
    language,
    unless_zero,
)
from accounting.statement_reports import statement_report
from accounting.statements import general_ledger, trial_balance, whole_ledger
from accounting.tax_report import report_of_tax_return
from accounting.trial_balance import OfYear, of_year
from backoffice.errors import Refused
from backoffice.money import as_text


def report(name: str, wish: Wish) -> Report:
    """The report of this name, or a refusal that names those there are."""
    if name not in REPORTS:
        raise Refused(
            _("There is no report “%(name)s”. There are: %(names)s.")
            % {"name": name, "names": ", ".join(REPORTS)}
        )
    return REPORTS[name](wish)


def report_of_trial_balance(wish: Wish) -> Report:
    """The balance of every account at the end of a day."""
    if wish.starts_on or wish.ends_on or wish.account:
        raise Refused(_("The trial balance takes a day (on), a department and as-known."))
    balances = trial_balance(on=wish.on, department=wish.department, as_known=wish.as_known)
    year = of_year(balances, department=wish.department, as_known=wish.as_known)

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


def report_of_general_ledger(wish: Wish) -> Report:
    """Every line of an account with its running balance."""
    if wish.account is None:
        raise Refused(_("Say which account (account)."))
    currency, unit = books_currency()
    choice: dict[str, Any] = {
        "starts_on": wish.starts_on,
        "ends_on": wish.ends_on or wish.on,
        "department": wish.department,
        "as_known": wish.as_known,
    }
    opening = as_text(general_ledger(wish.account, **choice, size=1).opening, unit)
    rows = list(rows_of_ledger(wish.account, unit, choice))
    closing = rows[-1]["balance"] if rows else opening
    name = account_names()[wish.account.pk]
    return Report(
        title=f"{wish.account.code} {name}",
        details=details_of(wish, currency, days_of(choice)),
        header=(_("Date"), _("Entry"), _("Text"), _("Debit"), _("Credit"), _("Balance")),
        rows=[
            ("", "", _("Brought forward"), "", "", opening),
            *(tuple(row[name] for name in SHOWN_OF_LEDGER) for row in rows),
        ],
        total=("", "", _("Balance"), "", "", closing),
        facts={
            "account": wish.account.code,
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
    for page in whole_ledger(account, size=1000, **choice):
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


REPORTS: dict[str, Callable[[Wish], Report]] = {
    "trial_balance": report_of_trial_balance,
    "general_ledger": report_of_general_ledger,
    "aged_receivables": partial(report_of_ageing, "receivable"),
    "aged_payables": partial(report_of_ageing, "payable"),
    "tax_return": report_of_tax_return,
    "asset_register": asset_register_report,
    "balance_sheet": partial(statement_report, "balance_sheet"),
    "income_statement": partial(statement_report, "income_statement"),
    "cash_flow": partial(statement_report, "cash_flow"),
    "budget": partial(statement_report, "budget"),
}
TITLE_COLUMN = {
    "trial_balance": 1,
    "general_ledger": 2,
    "aged_receivables": 0,
    "aged_payables": 0,
    "tax_return": 1,
    "asset_register": 1,
}


def document_of(found: Report, name: str) -> tuple[str, Mapping[str, Any]]:
    """The template the report is printed with, and what it shows."""
    return found.paper or ("report.typ", facts_for_paper(found, name))


def facts_for_paper(found: Report, name: str) -> dict[str, Any]:
    """What the document shows."""
    return {
        "title": found.title,
        "details": found.details,
        "header": found.header,
        "rows": found.rows,
        "total": found.total,
        "amounts": sorted(found.amounts),
        "widest": TITLE_COLUMN[name],
        "language": language(),
    }
