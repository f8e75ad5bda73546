"""From an entry to what brought it into the books, and to what settles it."""

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from typing import Any

from django.db.models import F, Model, OuterRef, Q, QuerySet, Sum
from django.utils.translation import gettext_lazy as _

from accounting.models import (
    Allocation,
    AssetEvent,
    Bill,
    Depreciation,
    ExpenseClaim,
    Invoice,
    JournalEntry,
    Match,
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

# How the keys of entries begin that a record, not a person, has brought into the books.
OF_RECORDS = ("accounting.", "asset:", "bank-line:", "claims:", "depreciation-", "payment:")

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


@dataclass(frozen=True)
class Owner:
    """The record an entry stands and falls with, and what is done instead of reversing it."""

    record: Any
    instead: str

    def said_of(self, entry: JournalEntry) -> str:
        """Why the entry is not reversed by itself, and what is done instead."""
        return self.instead % {"entry": entry, "record": self.record}


def owner_of(entry: JournalEntry) -> Owner | None:
    """What the entry is part of, so that it is not reversed by itself; whoever asks."""
    for find, instead in OWNERS:
        record = find(entry)
        if record is not None:
            return Owner(record, str(instead))
    return undone_by(entry)


def undone_by(entry: JournalEntry) -> Owner | None:
    """What the entry took back for a record, which would know nothing of its return."""
    undone = entry.reverses
    if undone is None:
        return None
    for beginnings, instead in UNDONE:
        if undone.source_key.startswith(beginnings):
            return Owner(undone, str(instead))
    return None


def asset_of(entry: JournalEntry) -> Any:
    """The asset whose own act posted the entry; what came with another entry goes by that."""
    event = AssetEvent.objects.filter(entry=entry).select_related("asset").first()
    is_its_own = event is not None and entry.source_key.startswith(f"asset:{event.asset_id}:")
    return event.asset if event and is_its_own else None


def bank_line_of(entry: JournalEntry) -> Any:
    """The bank line that is booked on the entry."""
    match = Match.objects.filter(journal_line__entry=entry).select_related("statement_line")
    return (found := match.first()) and found.statement_line


OWNERS: tuple[tuple[Callable[[JournalEntry], Any], Any], ...] = (
    (
        lambda entry: Invoice.objects.filter(entry=entry, kind="invoice").first(),
        _("%(entry)s is of %(record)s, which the customer has: write a credit note for that."),
    ),
    (
        lambda entry: Invoice.objects.filter(entry=entry).first(),
        _("%(entry)s is of %(record)s, which the customer has: charge it again by an invoice."),
    ),
    (
        lambda entry: Bill.objects.filter(entry=entry).select_related("party").first(),
        _("%(entry)s is of the bill %(record)s: take that back on its page."),
    ),
    (
        lambda entry: ExpenseClaim.objects.filter(Q(entry=entry) | Q(payment=entry)).first(),
        _("%(entry)s is of the claim %(record)s: take it back on the page of that."),
    ),
    (
        lambda entry: Payment.objects.filter(entry=entry).first(),
        _("%(entry)s is of the payment %(record)s: take that back on its page."),
    ),
    (
        lambda entry: TaxReturn.objects.filter(entry=entry).first(),
        _("%(entry)s is of the tax return %(record)s, which is filed: correct the next one."),
    ),
    (
        asset_of,
        _("%(entry)s is of the asset %(record)s: take its last act back on its page."),
    ),
    (
        lambda entry: Depreciation.objects.filter(entry=entry).first(),
        _("%(entry)s is of a depreciation run: take that back on the page of the runs."),
    ),
    (
        bank_line_of,
        _("%(entry)s is booked on the bank line %(record)s: undo that at the bank first."),
    ),
    (
        lambda entry: Allocation.objects.filter(exchange_entry=entry).first(),
        _("%(entry)s follows from a settlement: release that, or settle the items again."),
    ),
)

UNDONE: tuple[tuple[tuple[str, ...], Any], ...] = (
    (
        OF_RECORDS,
        _(
            "%(entry)s takes %(record)s back. Reversing it would bring that back without its"
            " document, payment or asset: enter it anew instead."
        ),
    ),
    (
        ("revaluation:",),
        _("%(entry)s takes %(record)s back on the day after, as every revaluation is: it stays."),
    ),
)


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


@dataclass(frozen=True)
class Settlement:
    """What settles an entry or is settled by it: which record, how much, and its allocation."""

    allocation: Allocation
    record: Any


def settlements_of(entry: JournalEntry, user: Any, *, most: int = 200) -> list[Settlement]:
    """The settlements of the entry that stand, the latest first; not those by its reversal."""
    found = (
        Allocation.objects.filter(Q(debit_line__entry=entry) | Q(credit_line__entry=entry))
        .filter(releases=None, released_by=None)
        .exclude(Q(debit_line__entry__reverses=F("credit_line__entry")))
        .exclude(Q(credit_line__entry__reverses=F("debit_line__entry")))
        .select_related("debit_line", "credit_line")
        .order_by("-on", "-pk")[:most]
    )
    others = {a.pk: other_entry(a, entry.pk) for a in found}
    entries = rows(user, JournalEntry).in_bulk(set(others.values()))
    records = records_of(entries, user)
    return [
        Settlement(allocation, records.get(key, entries[key]))
        for allocation in found
        if (key := others[allocation.pk]) in entries
    ]


def other_entry(allocation: Allocation, entry: int) -> int:
    """The entry on the other side of a settlement."""
    debit, credit = allocation.debit_line, allocation.credit_line
    return credit.entry_id if debit.entry_id == entry else debit.entry_id
