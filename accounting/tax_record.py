"""The taxes of an entry, written down beside it for the return."""

from datetime import date
from decimal import Decimal
from typing import Any

from django.db import transaction

from accounting.guards import guards_speak
from accounting.models import JournalEntry, TaxCode, TaxLine
from accounting.tax_sums import TaxRow, Totals, deducted, is_reverse_charge, is_withheld
from backoffice.money import ZERO


def record_tax(
    entry: JournalEntry,
    found: Totals,
    tax_date: date,
    *,
    direction: str,
    minor_unit: int = 2,
) -> list[TaxLine]:
    """The taxes of the entry, which the database compares with its lines on tax accounts.

    `found` are the totals in the currency of the books. Again changes nothing.
    """
    with guards_speak(), transaction.atomic():
        # One at a time for an entry: whoever comes second finds what the first has written.
        JournalEntry.objects.select_for_update(of=("self",), no_key=True).get(pk=entry.pk)
        known = list(TaxLine.objects.filter(entry=entry).order_by("position"))
        if known:
            return known
        rows = [(row.code, row) for row in found.rows if row.code is not None]
        return TaxLine.objects.bulk_create(
            TaxLine(
                entry=entry,
                position=position,
                tax_date=tax_date,
                direction=direction,
                **facts_of(code, row, is_sale=direction == "sale", minor_unit=minor_unit),
            )
            for position, (code, row) in enumerate(rows, start=1)
        )


def facts_of(code: TaxCode, row: TaxRow, *, is_sale: bool, minor_unit: int) -> dict[str, Any]:
    """The tax as it stands on the return."""
    return {
        "code": code,
        "rate": row.rate,
        "base": row.base,
        "tax": row.tax,
        "owed": owed(row, is_sale=is_sale),
        "deducted": ZERO if is_sale else deducted(row, minor_unit),
        "base_boxes": code.base_boxes,
        "tax_boxes": code.tax_boxes,
        "input_boxes": code.input_boxes,
    }


def owed(row: TaxRow, *, is_sale: bool) -> Decimal:
    """What of the tax we owe: that on sales, and that we owe in place of a seller."""
    if is_withheld(row.code):
        return ZERO
    return row.tax if is_sale != is_reverse_charge(row.code) else ZERO


def mirror_tax(entry: JournalEntry, reversal: JournalEntry) -> None:
    """Give a reversal the taxes of its entry, the other way round, on its own date."""
    lines = list(TaxLine.objects.filter(entry=entry).order_by("position"))
    if not lines or TaxLine.objects.filter(entry=reversal).exists():
        return
    for line in lines:
        line.pk, line.entry, line.tax_date = None, reversal, reversal.date
        for name in ("base", "tax", "owed", "deducted"):
            setattr(line, name, -getattr(line, name))
    TaxLine.objects.bulk_create(lines)
