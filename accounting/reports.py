"""Reports as rows of text: for the terminal, programs, spreadsheets and paper."""

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime, time, timedelta
from decimal import Decimal
from functools import partial
from typing import Any
from zoneinfo import ZoneInfo

from django.utils.translation import get_language, gettext_lazy
from django.utils.translation import gettext as _

from accounting.ageing import BUCKETS, NAMES, ageing
from accounting.models import Account
from accounting.paths import account_names
from accounting.statements import A_DAY, general_ledger, trial_balance, whole_ledger
from backoffice.errors import Refused
from backoffice.models import Company, Department
from backoffice.money import ZERO, as_text


@dataclass(frozen=True)
class Wish:
    """What a report is asked for."""

    on: date
    starts_on: date | None = None
    ends_on: date | None = None
    department: Department | None = None
    account: Account | None = None
    as_known: datetime | None = None


@dataclass(frozen=True)
class Report:
    """A report: its heading, its columns, its rows, and the same facts for a program."""

    title: str
    details: Sequence[str]
    header: Sequence[str]
    rows: Sequence[Sequence[str]]
    total: Sequence[str]
    facts: Mapping[str, Any]
    amounts: frozenset[int] = field(default=frozenset())


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

    def money(amount: Decimal) -> str:
        return as_text(amount, balances.minor_unit)

    rows = [
        {
            "code": row.code,
            "name": row.name,
            "kind": row.kind,
            "debit": money(row.debit),
            "credit": money(row.credit),
            "balance": money(row.balance),
        }
        for row in balances.rows
    ]
    debit, credit = money(balances.debit), money(balances.credit)
    return Report(
        title=_("Trial balance"),
        details=details_of(wish, balances.currency, _("at the end of %(day)s") % {"day": wish.on}),
        header=(_("Account"), _("Name"), _("Debit"), _("Credit")),
        rows=[
            (row["code"], row["name"], unless_zero(row["debit"]), unless_zero(row["credit"]))
            for row in rows
        ],
        total=("", _("Total"), debit, credit),
        facts={
            "on": wish.on.isoformat(),
            "currency": balances.currency,
            "rows": rows,
            "debit": debit,
            "credit": credit,
        },
        amounts=frozenset({2, 3}),
    )


def unless_zero(amount: str) -> str:
    """The amount, or nothing where it is zero."""
    return amount if Decimal(amount) else ""


def details_of(wish: Wish, currency: str, days: str) -> list[str]:
    """The lines under the title: for whom, when, in which currency."""
    company = Company.objects.first()
    details = [company.name if company else "", days, currency]
    if wish.department:
        details.append(str(wish.department))
    if wish.as_known:
        details.append(
            _("as known at %(instant)s") % {"instant": f"{wish.as_known:%Y-%m-%d %H:%M}"}
        )
    return details


def report_of_general_ledger(wish: Wish) -> Report:
    """Every line of an account with its running balance."""
    if wish.account is None:
        raise Refused(_("Say which account (account)."))
    if wish.as_known:
        raise Refused(_("The general ledger is not kept as known on a past day."))
    currency, unit = books_currency()
    choice: dict[str, Any] = {
        "starts_on": wish.starts_on,
        "ends_on": wish.ends_on or wish.on,
        "department": wish.department,
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


def days_of(choice: Mapping[str, Any]) -> str:
    """The days a report covers, in words."""
    if choice["starts_on"]:
        return _("from %(first)s to %(last)s") % {
            "first": choice["starts_on"],
            "last": choice["ends_on"],
        }
    return _("up to %(day)s") % {"day": choice["ends_on"]}


def books_currency() -> tuple[str, int]:
    """The currency of the books and its decimals."""
    company = Company.objects.select_related("currency").first()
    if company is None:
        raise Refused(_("There is no company yet, so there are no books."))
    return company.currency.code, company.currency.minor_unit


def end_of(day: date) -> datetime:
    """The last instant of a day where the company is."""
    company = Company.objects.first()
    zone = ZoneInfo(company.time_zone if company else "UTC")
    return datetime.combine(day + A_DAY, time.min, zone) - timedelta(microseconds=1)


def report_of_ageing(wish: Wish, *, role: str, title: Any) -> Report:
    """What is open at the end of a day, by party and lateness."""
    if wish.starts_on or wish.ends_on or wish.account or wish.department or wish.as_known:
        raise Refused(_("Ageing takes a day (on)."))
    aged = ageing(on=wish.on, role=role)

    def texts(amounts: Sequence[Decimal]) -> list[str]:
        return [as_text(amount, aged.minor_unit) for amount in amounts]

    control = f"{aged.account.code}" if aged.account else ""
    balance = as_text(aged.control, aged.minor_unit)
    proof = (
        _("ties to %(account)s: %(balance)s ✔")
        if aged.ties
        else _("does not tie to %(account)s: %(balance)s")
    )
    return Report(
        title=str(title),
        details=[
            *details_of(wish, aged.currency, _("at the end of %(day)s") % {"day": wish.on}),
            proof % {"account": control, "balance": balance},
        ],
        header=(_("Party"), *(str(label) for _n, label, _f in BUCKETS), _("Total")),
        rows=[
            (row.name, *map(unless_zero, texts(row.amounts)), *texts([row.total]))
            for row in aged.rows
        ],
        total=(_("Total"), *texts(aged.amounts or [ZERO] * len(BUCKETS)), *texts([aged.total])),
        facts={
            "on": wish.on.isoformat(),
            "currency": aged.currency,
            "account": control,
            "control": balance,
            "ties": aged.ties,
            "rows": [
                {"party": row.name, "items": row.items}
                | dict(zip(NAMES, texts(row.amounts), strict=True))
                | {"total": as_text(row.total, aged.minor_unit)}
                for row in aged.rows
            ],
            "total": as_text(aged.total, aged.minor_unit),
        },
        amounts=frozenset(range(1, len(BUCKETS) + 2)),
    )


REPORTS: dict[str, Callable[[Wish], Report]] = {
    "trial_balance": report_of_trial_balance,
    "general_ledger": report_of_general_ledger,
    "aged_receivables": partial(
        report_of_ageing, role="receivable", title=gettext_lazy("Aged receivables")
    ),
    "aged_payables": partial(
        report_of_ageing, role="payable", title=gettext_lazy("Aged payables")
    ),
}
TITLE_COLUMN = {
    "trial_balance": 1,
    "general_ledger": 2,
    "aged_receivables": 0,
    "aged_payables": 0,
}


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
        "language": (get_language() or "en").split("-")[0],
    }
