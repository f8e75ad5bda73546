"""MT940, the customer statement message of SWIFT, with the habits of the banks that write it."""

from __future__ import annotations

import re
from calendar import monthrange
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import date
from decimal import Decimal
from pathlib import Path

from django.utils.translation import gettext as _

from accounting.bank_files.facts import (
    VALUE_DATE_CLAMPED,
    Entry,
    Event,
    Foot,
    Head,
    checked_amount,
    damaged,
    line_place,
    said,
)
from accounting.bank_files.mt940_texts import told_by
from accounting.bank_files.text import lines_of

_FIELD = re.compile(r":([0-9]{2}[A-Z]?):(.*)", re.DOTALL).match
_END = re.compile(r"-\}?(XXX)?\s*").fullmatch
# `CR` is a credit with the R of EUR, `RC` the reversal of a credit: the mark is read first.
_LINE = re.compile(
    r"(?P<value>[0-9]{6})(?P<entry>[0-9]{4})?(?P<mark>R?[CD]|E[CD])(?P<funds>[A-Z])?"
    r"\s?(?P<amount>[0-9]+,?[0-9]*)(?P<kind>[A-Z][A-Z0-9]{3})?"
    r"(?P<reference>.*?)(?://(?P<bank_id>[^\n]*))?(?:\n(?P<more>.*))?",
    re.DOTALL,
).fullmatch
_BALANCE = re.compile(
    r"(?P<mark>[CD])(?P<day>[0-9]{6})(?P<currency>[A-Z]{3})(?P<amount>[0-9]+,?[0-9]*)\s*"
).fullmatch
CENTURY_TURNS = 80  # the year 80 is 1980, the year 79 is 2079


@dataclass
class _Field:
    tag: str
    line: int
    text: str

    @property
    def place(self) -> str:
        return f"{line_place(self.line)} (:{self.tag}:)"


@dataclass
class _Message:
    """What is known of the message being read."""

    line: int
    account: str = ""
    number: str = ""
    opening: tuple[Decimal, str, date] | None = None
    closing: tuple[Decimal, str, date] | None = None
    entry: tuple[_Field, re.Match] | None = None
    texts: list[str] = field(default_factory=list)
    has_head: bool = False


def read(path: Path) -> Iterator[Event]:
    """The statements of the file, a message each."""
    message: _Message | None = None
    for found in _fields(path):
        if found.tag in ("20", ""):
            if message:
                yield from _ended(message)
            message = _Message(found.line) if found.tag else None
        elif message:
            yield from _told(found, message)
        else:
            raise damaged(found.place, _("this stands before the first :20:."))
    if message:
        yield from _ended(message)


def _fields(path: Path) -> Iterator[_Field]:
    """The fields with the lines they go on over; an end of a message has no tag."""
    current: _Field | None = None
    for number, line in lines_of(path):
        text = line.rpartition("{4:")[2] if line.startswith("{") else line
        begun = _FIELD(text)
        if begun:
            if current:
                yield current
            current = _Field(begun[1], number, begun[2])
        elif _END(text):
            if current:
                yield current
                yield _Field("", number, "")
            current = None
        elif current:
            current.text += "\n" + text
    if current:
        yield current


def _told(found: _Field, message: _Message) -> Iterator[Event]:
    """What a field adds to the message."""
    tag = found.tag[:2]
    if tag == "86":
        if message.entry:
            message.texts.append(found.text)
        return
    yield from _entry_done(message)
    if tag == "61":
        match = _LINE(found.text)
        if not match:
            raise damaged(found.place, _("this entry cannot be read."))
        yield from _begun(message)
        message.entry = (found, match)
    else:
        _take(found, tag, message)


def _take(found: _Field, tag: str, message: _Message) -> None:
    """Whose statement it is, and its balances; other fields say nothing of them."""
    match tag:
        case "25":
            message.account = " ".join(found.text.split())
        case "28":
            message.number = " ".join(found.text.split())
        case "60":
            message.opening = message.opening or _balance(found)
        case "62":
            message.closing = _balance(found)


def _begun(message: _Message) -> Iterator[Event]:
    if not message.has_head:
        message.has_head = True
        currency = message.opening[1] if message.opening else ""
        yield Head(message.account, currency, message.number)


def _ended(message: _Message) -> Iterator[Event]:
    yield from _entry_done(message)
    place = line_place(message.line)
    if message.opening is None:
        raise damaged(place, _("the statement that begins here has no opening balance (:60:)."))
    if message.closing is None:
        raise damaged(
            place, _("the statement that begins here has no closing balance: it is cut off.")
        )
    yield from _begun(message)
    yield Foot(
        opening=message.opening[0],
        closing=message.closing[0],
        opening_currency=message.opening[1],
        closing_currency=message.closing[1],
        # A statement opens with the close of an earlier day: its entries say when it starts.
        ends_on=message.closing[2],
    )


def _entry_done(message: _Message) -> Iterator[Event]:
    """The entry that waits for its text, once something else begins."""
    if message.entry:
        found, match = message.entry
        texts, message.entry, message.texts = message.texts, None, []
        yield entry_of(found, match, texts, message)


def entry_of(found: _Field, match: re.Match, texts: list[str], message: _Message) -> Entry:
    """A booked entry from its :61: and :86:."""
    value_date, is_clamped = _day(match["value"], found.place)
    mark = match["mark"]
    amount = _amount(match["amount"], found.place)
    # The reversal of a credit takes money away, that of a debit gives it back.
    is_in = mark in ("C", "EC", "RD")
    told = told_by(texts)
    reference = said(match["reference"] or "")
    return Entry(
        date=_entry_day(match["entry"], value_date, found.place),
        value_date=value_date,
        amount=amount if is_in or not amount else -amount,
        reference=told.reference or reference,
        text=told.text or " ".join((match["more"] or "").split()),
        counterparty=told.counterparty,
        counterparty_account=told.counterparty_account,
        bank_id=said(match["bank_id"] or ""),
        is_reversal=mark.startswith("R"),
        flags=(VALUE_DATE_CLAMPED,) if is_clamped else (),
        currency=message.opening[1] if message.opening else "",
        place=found.place,
    )


# --- values ---------------------------------------------------------------------------------


def _amount(text: str, place: str) -> Decimal:
    return checked_amount(Decimal(text.replace(",", ".").removesuffix(".")), place)


def _balance(found: _Field) -> tuple[Decimal, str, date]:
    match = _BALANCE(found.text)
    if not match:
        raise damaged(found.place, _("this balance cannot be read."))
    amount = _amount(match["amount"], found.place)
    day, _is_clamped = _day(match["day"], found.place)
    return (-amount if match["mark"] == "D" and amount else amount, match["currency"], day)


def _day(text: str, place: str) -> tuple[date, bool]:
    """The day of YYMMDD; where banks count 30 days a month, the last one there is."""
    year, month, day = int(text[:2]), int(text[2:4]), int(text[4:6])
    year += 1900 if year >= CENTURY_TURNS else 2000
    if not (1 <= month <= 12 and 1 <= day <= 31):
        raise damaged(place, _("“%(text)s” is no day.") % {"text": text})
    last = monthrange(year, month)[1]
    return date(year, month, min(day, last)), day > last


def _entry_day(text: str | None, value_date: date, place: str) -> date:
    """The booking day of MMDD, in the year that brings it nearest to the value date."""
    if not text:
        return value_date
    # A leap year, so that the year itself decides about 29 February.
    _day(f"00{text}", place)
    years = (value_date.year - 1, value_date.year, value_date.year + 1)
    days = [_day(f"{year % 100:02}{text}", place)[0] for year in years]
    return min(days, key=lambda day: abs(day - value_date))
