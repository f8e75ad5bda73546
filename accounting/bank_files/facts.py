"""What every bank file comes down to: statements, each with its balances and booked entries."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from datetime import date
from decimal import Decimal
from typing import Any

from django.utils.translation import gettext as _

from backoffice.errors import Refused

Day = date  # beside fields called date
ZERO = Decimal(0)
# What numeric(19,4) holds: fifteen digits before the point.
TOO_LARGE = Decimal(10) ** 15

DETAILS_DIFFER = "details_differ"  # the parts do not sum to the entry: it stays one line
VALUE_DATE_CLAMPED = "value_date_clamped"  # a 30 February and the like, set to the month's end
OTHER_CURRENCY = "other_currency"  # the entry is in another currency than its statement


@dataclass(frozen=True)
class Detail:
    """One payment of a batch, signed as its entry."""

    amount: Decimal
    reference: str = ""
    text: str = ""
    counterparty: str = ""
    counterparty_account: str = ""


@dataclass(frozen=True)
class Entry:
    """A booked entry: money in is positive, money out negative, a reversal no exception."""

    date: Day
    amount: Decimal
    value_date: Day | None = None
    reference: str = ""
    text: str = ""
    counterparty: str = ""
    counterparty_account: str = ""
    bank_id: str = ""
    details: tuple[Detail, ...] = ()
    is_reversal: bool = False
    flags: tuple[str, ...] = ()
    currency: str = ""
    place: str = ""


@dataclass(frozen=True)
class Head:
    """The beginning of a statement: whose it is."""

    account: str = ""
    currency: str = ""
    number: str = ""


@dataclass(frozen=True)
class Foot:
    """The end of a statement: the balances it states, and how many entries were not booked."""

    opening: Decimal | None = None
    closing: Decimal | None = None
    opening_currency: str = ""
    closing_currency: str = ""
    starts_on: date | None = None
    ends_on: date | None = None
    currency: str = ""  # where it shows at the end alone
    pending: int = 0


Event = Head | Entry | Foot


@dataclass
class Statement:
    """A statement read to its end; `entries` is empty where only its sums were asked for."""

    account: str = ""
    currency: str = ""
    number: str = ""
    opening: Decimal | None = None
    closing: Decimal | None = None
    starts_on: date | None = None
    ends_on: date | None = None
    entries: list[Entry] = field(default_factory=list)
    count: int = 0
    sum: Decimal = ZERO
    pending: int = 0
    is_one_currency: bool = True

    @property
    def difference(self) -> Decimal | None:
        """Closing less opening less entries: zero where the statement proves itself."""
        if self.opening is None or self.closing is None:
            return None
        return self.closing - self.opening - self.sum

    @property
    def continuous(self) -> bool | None:
        """Whether opening and entries give the closing; None where that cannot be said."""
        if self.difference is None or not self.is_one_currency:
            return None
        return self.difference == 0

    def take(self, entry: Entry) -> None:
        """Count an entry in."""
        self.count += 1
        self.sum += entry.amount
        self.starts_on = min(self.starts_on or entry.date, entry.date)
        self.ends_on = max(self.ends_on or entry.date, entry.date)

    def close(self, foot: Foot) -> None:
        """Take the balances at the end."""
        self.opening, self.closing, self.pending = foot.opening, foot.closing, foot.pending
        days = [d for d in (foot.starts_on, foot.ends_on, self.starts_on, self.ends_on) if d]
        self.starts_on, self.ends_on = min(days, default=None), max(days, default=None)
        self.currency = self.currency or foot.currency or foot.opening_currency
        self.currency = self.currency or foot.closing_currency
        named = {foot.opening_currency, foot.closing_currency} - {""}
        self.is_one_currency = named <= {self.currency}


def statements_of(events: Iterable[Event], *, keep_entries: bool = True) -> Iterator[Statement]:
    """The statements of a file, one after the other."""
    statement = Statement()
    for event in events:
        match event:
            case Head():
                statement = Statement(event.account, event.currency, event.number)
            case Entry():
                statement.take(event)
                if keep_entries:
                    statement.entries.append(event)
            case Foot():
                statement.close(event)
                yield statement


# --- what the readers share -----------------------------------------------------------------


def damaged(place: str, why: str) -> Refused:
    """The refusal of a whole file, naming the place."""
    return Refused(
        _("%(place)s: %(why)s Nothing of the file is taken.") % {"place": place, "why": why}
    )


def line_place(number: int) -> str:
    """How a line of a file is named."""
    return _("Line %(number)s") % {"number": number}


def checked_amount(amount: Decimal, place: str) -> Decimal:
    """The amount, refused where no ledger could hold it; minus nothing is nothing."""
    exponent: Any = amount.as_tuple().exponent
    if abs(amount) >= TOO_LARGE:
        raise damaged(place, _("the amount %(amount)s is too large.") % {"amount": amount})
    if exponent < -4 and amount != amount.quantize(Decimal("0.0001")):
        raise damaged(
            place, _("the amount %(amount)s has too many decimals.") % {"amount": amount}
        )
    return amount if amount else abs(amount)


def words(*parts: str) -> str:
    """The parts that say something, once each, with single spaces."""
    seen = dict.fromkeys(" ".join(part.split()) for part in parts if part)
    return " ".join(part for part in seen if part)


def said(reference: str) -> str:
    """A reference, unless it only says that there is none."""
    reference = " ".join(reference.split())
    return "" if reference.upper() in ("NONREF", "NOTPROVIDED", "NOT PROVIDED") else reference
