"""From an entry to what brought it into the books, and to what settles it."""

from collections.abc import Iterable
from typing import Any

from django.db.models import F, Model, OuterRef, QuerySet, Sum

from accounting.models import (
    Allocation,
    Bill,
    ExpenseClaim,
    Invoice,
    JournalEntry,
    Payment,
    TaxReturn,
)
from backoffice.access import rows

SOURCES: tuple[tuple[type[Model], tuple[str, ...]], ...] = (
    (Invoice, ()),
    (Bill, ("party",)),
    (ExpenseClaim, ()),
    (Payment, ()),
    (TaxReturn, ()),
)

# What takes the entry of a record back. No Exists: the database would read all reversals for it.
REVERSAL = JournalEntry.objects.filter(reverses=OuterRef("entry")).order_by().values("pk")[:1]


def records_of(entries: Iterable[int], user: Any) -> dict[int, Any]:
    """The invoice, bill, claim, payment or return of each entry, within the person's reach."""
    keys = list(entries)
    return {
        record.entry_id: record
        for model, joined in SOURCES
        for record in rows(user, model).filter(entry__in=keys).select_related(*joined)
    }


def settled_with(entry: JournalEntry, user: Any) -> list[Any]:
    """What the entry settles or is settled by as it stands: their records, else their entries."""
    keys = {
        *standing(entry, own="debit_line__entry", other="credit_line__entry"),
        *standing(entry, own="credit_line__entry", other="debit_line__entry"),
    }
    entries = rows(user, JournalEntry).filter(pk__in=keys).order_by("date", "pk")
    # What takes an entry back is told as that.
    entries = entries.exclude(reverses=entry).exclude(reversed_by=entry)
    records = records_of(keys, user)
    return [records.get(one.pk, one) for one in entries]


def standing(entry: JournalEntry, *, own: str, other: str) -> QuerySet:
    """The entries on the other side of allocations that were not released."""
    found = Allocation.objects.filter(**{own: entry}).order_by()
    pairs = found.values(with_=F(other)).annotate(left=Sum("amount")).exclude(left=0)
    return pairs.values_list("with_", flat=True)
