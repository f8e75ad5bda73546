"""What every report is made with: what is asked for, what it answers, words they share."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime, time, timedelta
from decimal import Decimal
from typing import Any
from zoneinfo import ZoneInfo

from django.utils import timezone
from django.utils.translation import get_language
from django.utils.translation import gettext as _

from accounting.models import Account, AssetClass, Budget
from accounting.open_sums import EVERYBODY, Part
from backoffice.errors import Refused
from backoffice.models import Company, Department
from backoffice.money import in_sentence, rounded

A_DAY = timedelta(days=1)


@dataclass(frozen=True)
class Wish:
    """What a report is asked for."""

    on: date
    starts_on: date | None = None
    ends_on: date | None = None
    department: Department | None = None
    account: Account | None = None
    as_known: datetime | None = None
    by: str = ""
    compare: str = ""
    budget: Budget | None = None  # the one in force where none is named
    within: frozenset[int] | None = None  # the departments the reader reaches
    without: frozenset[int] = frozenset()  # the accounts the reader does not see
    part: Part = EVERYBODY  # of an ageing
    asset_class: AssetClass | None = None  # of the asset register


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
    # The template of its own, with its facts, where it has one.
    paper: tuple[str, Mapping[str, Any]] | None = None


@dataclass(frozen=True)
class Sheet:
    """The rows of a report for a spreadsheet: amounts are numbers, days are days."""

    header: Sequence[str]
    lines: Iterable[Sequence[Any]]  # read once


def sheet_of(found: Report) -> Sheet:
    """The rows of the report as they are, for a spreadsheet."""
    return Sheet(
        found.header,
        (
            [Decimal(c) if at in found.amounts and c else c for at, c in enumerate(row)]
            for row in found.rows
        ),
    )


def at_minor_unit(minor_unit: int, *amounts: Decimal) -> list[Decimal]:
    """The amounts at the decimals of the books."""
    return [rounded(amount, minor_unit) for amount in amounts]


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


def known_now() -> str:
    """That a document shows what was known when it was drawn."""
    return _("as known at %(instant)s") % {"instant": f"{timezone.localtime():%Y-%m-%d %H:%M}"}


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


def in_books(amount: Decimal) -> str:
    """The amount in the currency of the books, for a sentence."""
    currency, minor_unit = books_currency()
    return in_sentence(amount, minor_unit, currency)


def instant_of(wish: Wish) -> str | None:
    """The moment up to which it was known, for a program."""
    return wish.as_known.isoformat() if wish.as_known else None


def end_of(day: date) -> datetime:
    """The last instant of a day where the company is."""
    company = Company.objects.first()
    zone = ZoneInfo(company.time_zone if company else "UTC")
    return datetime.combine(day + A_DAY, time.min, zone) - timedelta(microseconds=1)


def language() -> str:
    """The language of documents, as two letters."""
    return (get_language() or "en").split("-")[0]
