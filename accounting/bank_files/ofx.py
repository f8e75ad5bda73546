"""OFX: version 1 in SGML, whose leaves are never closed, and version 2 in XML.

One reader serves both: a tag, then the text up to the next tag. Text is taken literally but for
the five entities of XML; a document type is refused.
"""

from __future__ import annotations

import html
import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import date
from decimal import Decimal
from pathlib import Path
from typing import NamedTuple

from django.utils.translation import gettext as _

from accounting.bank_files.facts import (
    OTHER_CURRENCY,
    Entry,
    Event,
    Foot,
    Head,
    checked_amount,
    damaged,
    line_place,
    said,
    words,
)
from accounting.bank_files.text import lines_of

STATEMENTS = ("STMTRS", "CCSTMTRS")
# The aggregates that matter; everything else is a leaf, or an aggregate nobody asks about.
AGGREGATES = {
    "OFX", *STATEMENTS, "BANKTRANLIST", "STMTTRN", "LEDGERBAL", "AVAILBAL", "BANKACCTFROM",
    "CCACCTFROM", "PAYEE", "CURRENCY", "ORIGCURRENCY", "BANKACCTTO", "CCACCTTO", "BALLIST",
    "BANKTRANLISTP",
}  # fmt: skip
LONGEST_TEXT = 100_000
_TAG = re.compile(r"<(?P<closes>/?)(?P<name>[A-Za-z][A-Za-z0-9._]*)\s*(?P<empty>/?)>").match
_AMOUNT = re.compile(r"[+-]?([0-9]+[.,]?[0-9]*|[.,][0-9]+)").fullmatch
_CHARSET = {"1252": "cp1252", "ISO-8859-1": "latin-1", "8859-1": "latin-1", "NONE": "cp1252"}


class Tag(NamedTuple):
    """A tag with the text that follows it."""

    name: str
    text: str
    closes: bool
    line: int


@dataclass
class _Open:
    """An aggregate that is not closed yet, with the leaves read so far."""

    name: str
    line: int
    leaves: dict[str, str] = field(default_factory=dict)

    @property
    def place(self) -> str:
        return f"{line_place(self.line)} ({self.name})"


@dataclass
class _Statement:
    currency: str = ""
    account: str = ""
    closing: Decimal | None = None
    starts_on: date | None = None
    ends_on: date | None = None
    balance_on: date | None = None
    has_head: bool = False


def read(path: Path) -> Iterator[Event]:
    """The statements of the file."""
    stack: list[_Open] = []
    statement: _Statement | None = None
    is_ended = False
    for tag in _tags(path):
        if not tag.closes:
            if tag.name in STATEMENTS:
                statement = _Statement()
            _opened(tag, stack)
        elif tag.name in AGGREGATES:
            done = _closed(tag, stack)
            is_ended = is_ended or tag.name == "OFX"
            if statement:
                yield from _told(done, stack, statement)
                statement = None if done.name in STATEMENTS else statement
    if stack or not is_ended:
        place = stack[-1].place if stack else _("The end of the file")
        raise damaged(place, _("this is never closed: the file is cut off."))


def _opened(tag: Tag, stack: list[_Open]) -> None:
    if tag.name in AGGREGATES:
        stack.append(_Open(tag.name, tag.line))
    elif stack and tag.text:
        stack[-1].leaves.setdefault(tag.name, tag.text)


def _closed(tag: Tag, stack: list[_Open]) -> _Open:
    if not stack or stack[-1].name != tag.name:
        raise damaged(
            line_place(tag.line), _("%(tag)s is closed but not open.") % {"tag": tag.name}
        )
    return stack.pop()


def _told(done: _Open, stack: list[_Open], statement: _Statement) -> Iterator[Event]:
    """What an aggregate that is complete adds to its statement."""
    if done.name == "STMTTRN":
        if not statement.has_head:
            yield from _begun(stack, statement)
        yield entry_of(done, statement.currency)
    elif done.name in STATEMENTS:
        if not statement.has_head:
            statement.currency = done.leaves.get("CURDEF", "")
            yield Head(statement.account, statement.currency)
        yield _foot(statement)
    elif done.name in ("PAYEE", "BANKACCTTO", "CCACCTTO", "CURRENCY") and stack:
        for name, text in done.leaves.items():
            stack[-1].leaves.setdefault(f"{done.name}/{name}", text)
    else:
        _take(done, statement)


def _take(done: _Open, statement: _Statement) -> None:
    """Whose statement it is, its days and its closing balance."""
    leaves = done.leaves
    match done.name:
        case "BANKACCTFROM" | "CCACCTFROM":
            statement.account = leaves.get("ACCTID", "")
        case "BANKTRANLIST":
            statement.starts_on = _optional_day(leaves.get("DTSTART"), done.place)
            statement.ends_on = _optional_day(leaves.get("DTEND"), done.place)
        case "LEDGERBAL":
            statement.closing = _amount(leaves.get("BALAMT", ""), done.place)
            statement.balance_on = _optional_day(leaves.get("DTASOF"), done.place)


def _begun(stack: list[_Open], statement: _Statement) -> Iterator[Event]:
    """The head, when the first entry comes: currency and account stand before it."""
    statement.has_head = True
    whole = next(one for one in reversed(stack) if one.name in STATEMENTS)
    statement.currency = whole.leaves.get("CURDEF", "")
    yield Head(statement.account, statement.currency)


def _foot(statement: _Statement) -> Foot:
    currency = statement.currency
    return Foot(
        closing=statement.closing,
        closing_currency=currency if statement.closing is not None else "",
        starts_on=statement.starts_on,
        ends_on=statement.ends_on or statement.balance_on,
        currency=currency,
    )


def entry_of(done: _Open, currency: str) -> Entry:
    """A booked entry; FITID is the bank's own id of it."""
    leaves = done.leaves
    name = leaves.get("NAME") or leaves.get("PAYEE/NAME", "")
    symbol = leaves.get("CURRENCY/CURSYM", currency)
    check = leaves.get("CHECKNUM", "").lstrip("0")
    accounts = ("BANKACCTTO/ACCTID", "CCACCTTO/ACCTID")
    user_date = leaves.get("DTUSER") or leaves.get("DTAVAIL")
    return Entry(
        date=_day(leaves.get("DTPOSTED", ""), done.place),
        value_date=_optional_day(user_date, done.place),
        amount=_amount(leaves.get("TRNAMT", ""), done.place),
        reference=said(leaves.get("REFNUM", "")) or check,
        text=words(leaves.get("MEMO", "")) or name,
        counterparty=words(name),
        counterparty_account=next((leaves[key] for key in accounts if key in leaves), ""),
        bank_id=leaves.get("FITID", ""),
        is_reversal="CORRECTFITID" in leaves,
        flags=(OTHER_CURRENCY,) if symbol != currency else (),
        currency=symbol,
        place=done.place,
    )


# --- tags -----------------------------------------------------------------------------------


def _tags(path: Path) -> Iterator[Tag]:
    """The tags with the text after each, from `<OFX>` on."""
    waiting, begun, number = "", 0, 0
    for number, line in lines_of(path, otherwise=_charset(path)):
        begun = number if not waiting else begun
        waiting = f"{waiting}\n{line}" if waiting else line
        if len(waiting) > LONGEST_TEXT:
            raise damaged(line_place(begun), _("this is too long for a tag and its text."))
        # What stands after the last `<` may go on in the next line.
        *whole, waiting = _pieces(waiting)
        for piece in whole:
            yield from _tag(piece, begun)
    yield from _tag(waiting, begun or number)


def _pieces(text: str) -> list[str]:
    """The text cut before each `<`, but not inside CDATA."""
    found = re.split(r"(?=<)", text) if "<![CDATA[" not in text else _around_cdata(text)
    return found or [""]


def _around_cdata(text: str) -> list[str]:
    pieces = re.split(r"(<!\[CDATA\[.*?\]\]>)", text, flags=re.DOTALL)
    joined = "".join(
        html.escape(p[9:-3]) if p.startswith("<![CDATA[") and p.endswith("]]>") else p
        for p in pieces
    )
    # An unfinished section waits for its end as a whole.
    before, mark, rest = joined.partition("<![CDATA[")
    found = re.split(r"(?=<)", before)
    return [*found[:-1], found[-1] + mark + rest] if mark else found


def _tag(piece: str, line: int) -> Iterator[Tag]:
    if not piece.startswith("<"):
        return
    if piece.startswith(("<?", "<!--")):
        return
    match = _TAG(piece)
    if not match:
        why = _("the file declares a document type or entities, which no bank needs.")
        why = why if piece.startswith("<!") else _("this tag cannot be read.")
        raise damaged(line_place(line), why)
    name, text = match["name"].upper(), html.unescape(piece[match.end() :].strip())
    yield Tag(name, text, bool(match["closes"]), line)
    if match["empty"] and name in AGGREGATES:
        yield Tag(name, "", closes=True, line=line)


def _charset(path: Path) -> str:
    """The encoding the header names, for a file that is not UTF-8."""
    with path.open("rb") as file:
        start = file.read(512).decode("latin-1")
    found = re.search(r"CHARSET:\s*(\S+)|encoding=[\"']([\w-]+)", start)
    named = (found[1] or found[2]).upper() if found else ""
    return _CHARSET.get(named, "cp1252")


# --- values ---------------------------------------------------------------------------------


def _amount(text: str, place: str) -> Decimal:
    """The amount, with a decimal point or comma."""
    text = text.strip()
    if not _AMOUNT(text):
        raise damaged(place, _("“%(text)s” is no amount.") % {"text": text[:40]})
    return checked_amount(Decimal(text.replace(",", ".")), place)


def _day(text: str, place: str) -> date:
    """The day of `YYYYMMDDHHMMSS.XXX[-5:EST]`, as the bank dates it."""
    digits = text.strip()[:8]
    if not (len(digits) == 8 and digits.isascii() and digits.isdigit()):
        raise damaged(place, _("“%(text)s” is no day.") % {"text": text[:40]})
    try:
        return date(int(digits[:4]), int(digits[4:6]), int(digits[6:]))
    except ValueError:
        raise damaged(place, _("“%(text)s” is no day.") % {"text": text[:40]}) from None


def _optional_day(text: str | None, place: str) -> date | None:
    return _day(text, place) if text else None
