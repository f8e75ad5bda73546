"""CSV and XLSX tables of bank lines, read by a layout that was guessed or chosen."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import date
from decimal import Decimal

from django.utils.translation import gettext as _

from accounting.bank_files.facts import (
    OTHER_CURRENCY,
    Entry,
    Event,
    Foot,
    Head,
    checked_amount,
    damaged,
    said,
    words,
)
from accounting.bank_files.layout import (
    Layout,
    checked,
    guessed,
    read_amount,
    read_day,
    signed_amount,
)
from backoffice.errors import Refused
from backoffice.tables import Table

__all__ = ["Layout", "guessed", "read"]


@dataclass
class _Standing:
    """What has been seen of the table so far."""

    first: tuple[Decimal, Decimal] | None = None  # balance and amount of the first row
    last: tuple[Decimal, Decimal] | None = None
    currencies: set[str] | None = None
    starts_on: date | None = None
    ends_on: date | None = None


def read(table: Table, layout: Layout) -> Iterator[Event]:
    """The one statement of the table; its balances come from a column of balances."""
    checked(layout, table.header)
    places = {name: table.header.index(heading) for name, heading in layout.columns.items()}
    standing = _Standing(currencies=set())
    yield Head()
    for number, cells in table:
        row = {name: cells[place] for name, place in places.items()}
        yield entry_of(number, row, layout, standing)
    yield _foot(standing, layout)


def entry_of(
    number: int, row: Mapping[str, str], layout: Layout, standing: _Standing | None = None
) -> Entry:
    """The entry of a row; refused with the row's number."""
    place = _("Row %(row)s") % {"row": number}
    try:
        day = read_day(row["date"], layout.date_format)
        amount = signed_amount(row, decimal_comma=layout.decimal_comma)
        value_date = _optional_day(row.get("value_date", ""), layout)
        balance = _balance(row, layout)
    except Refused as wrong:
        raise damaged(place, str(wrong)) from None
    amount = checked_amount(amount, place)
    currency = row.get("currency", "").strip().upper()
    if standing:
        _count(standing, day, amount, balance, currency)
    counterparty = words(row.get("counterparty", ""))
    return Entry(
        date=day,
        value_date=value_date,
        amount=amount,
        reference=said(row.get("reference", "")),
        text=words(row.get("text", "")) or counterparty,
        counterparty=counterparty,
        counterparty_account=row.get("counterparty_account", "").strip(),
        bank_id=row.get("bank_id", "").strip(),
        currency=currency,
        place=place,
    )


def _optional_day(text: str, layout: Layout) -> date | None:
    return read_day(text, layout.date_format) if text.strip() else None


def _balance(row: Mapping[str, str], layout: Layout) -> Decimal | None:
    text = row.get("balance", "").strip()
    return read_amount(text, decimal_comma=layout.decimal_comma) if text else None


def _count(
    standing: _Standing, day: date, amount: Decimal, balance: Decimal | None, currency: str
) -> None:
    if balance is not None:
        standing.last = (balance, amount)
        standing.first = standing.first or standing.last
    if currency and standing.currencies is not None:
        standing.currencies.add(currency)
    standing.starts_on = min(standing.starts_on or day, day)
    standing.ends_on = max(standing.ends_on or day, day)


def _foot(standing: _Standing, layout: Layout) -> Foot:
    """The balances: before the oldest row, and after the newest."""
    oldest, newest = standing.first, standing.last
    if layout.newest_first:
        oldest, newest = newest, oldest
    named = standing.currencies or set()
    return Foot(
        opening=oldest[0] - oldest[1] if oldest else None,
        closing=newest[0] if newest else None,
        starts_on=standing.starts_on,
        ends_on=standing.ends_on,
        # Where rows name several, the column is of what was paid, not of the account.
        currency=named.pop() if len(named) == 1 else "",
    )


def is_foreign(entry: Entry, currency: str) -> bool:
    """Whether the entry says it is in another currency."""
    return OTHER_CURRENCY in entry.flags or bool(entry.currency and entry.currency != currency)
