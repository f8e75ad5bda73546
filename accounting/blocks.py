"""Posting many entries at once: one transaction, numbers in blocks, constant memory."""

from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from itertools import islice
from typing import Any

from django.db import connection, transaction
from django.utils import timezone
from django.utils.translation import gettext as _

from accounting import chain
from accounting.entry_rules import Books, PlainEntry, check_entry, whole_books
from accounting.guards import guards_speak
from accounting.models import JournalEntry
from accounting.posting import (
    ENTRY_COLUMNS,
    LINE_COLUMNS,
    canonical_lines,
    entry_row,
    next_place,
    record_of,
)
from backoffice.errors import Refused
from backoffice.models import User

CHUNK = 1000


@dataclass(frozen=True)
class Block:
    """What became of the entries of a block."""

    posted: int
    already: int


@dataclass
class Writer:
    """Numbers and chains the entries of one block, a chunk at a time."""

    books: Books
    series: str
    by: User | None
    posted_at: datetime
    heads: dict[int, tuple[int, str]] = field(default_factory=dict)

    def write(self, entries: Sequence[PlainEntry]) -> None:
        """Store a chunk: all its entries in one statement, all their lines in another."""
        with connection.cursor() as cursor:
            ids = taken_ids(cursor, len(entries))
            records = [self.record(entry) for entry in entries]
            with cursor.copy(
                f"copy accounting_journalentry (id, {ENTRY_COLUMNS}) from stdin"
            ) as copy:
                for pk, record in zip(ids, records, strict=True):
                    copy.write_row((pk, *entry_row(record)))
            with cursor.copy(f"copy accounting_journalline ({LINE_COLUMNS}) from stdin") as copy:
                for pk, entry in zip(ids, entries, strict=True):
                    for row in line_rows(pk, entry):
                        copy.write_row(row)
            # What waits for the commit would otherwise pile up in the server's memory.
            cursor.execute("set constraints all immediate")
            cursor.execute("set constraints all deferred")

    def record(self, entry: PlainEntry) -> JournalEntry:
        """The entry with its period, number and hash."""
        period = checked(entry, self.books)
        record = record_of(
            entry, series=self.series, period=period, posted_at=self.posted_at, by=self.by
        )
        if record.year not in self.heads:
            place = next_place(self.series, entry.on, period, self.posted_at)
            self.heads[record.year] = (place.number - 1, place.previous_hash)
        last_number, record.previous_hash = self.heads[record.year]
        record.number = last_number + 1
        record.hash = chain.link(
            record.previous_hash,
            chain.joined(chain.canonical_facts(record), canonical_lines(entry)),
        )
        self.heads[record.year] = (record.number, record.hash)
        return record


def post_block(
    entries: Iterable[PlainEntry],
    *,
    by: User | None,
    series: str = "JE",
    books: Books | None = None,
    progress: Callable[[int], None] | None = None,
) -> Block:
    """Post all of the entries or none; those whose source is in the journal are passed over.

    Takes any iterator and keeps one chunk of it in memory. `progress` hears after each chunk
    how many entries were read.
    """
    posted = read = 0
    with guards_speak(), transaction.atomic(), connection.wrap_database_errors:
        writer = Writer(books or whole_books(), series, by, timezone.now())
        for chunk in chunks(entries):
            fresh = not_yet_posted(chunk)
            if fresh:
                writer.write(fresh)
            read += len(chunk)
            posted += len(fresh)
            if progress:
                progress(read)
    return Block(posted=posted, already=read - posted)


def chunks(entries: Iterable[PlainEntry]) -> Iterator[list[PlainEntry]]:
    """The entries, so many at a time."""
    source = iter(entries)
    while chunk := list(islice(source, CHUNK)):
        yield chunk


def not_yet_posted(entries: Sequence[PlainEntry]) -> list[PlainEntry]:
    """The entries whose source is neither in the journal nor earlier among these."""
    keys = [entry.source_key for entry in entries]
    known = set(
        JournalEntry.objects.filter(source_key__in=keys).values_list("source_key", flat=True)
    )
    fresh = []
    for entry in entries:
        if entry.source_key not in known:
            known.add(entry.source_key)
            fresh.append(entry)
    return fresh


def checked(entry: PlainEntry, books: Books) -> int:
    """The period of the entry; a refusal names the entry as well."""
    try:
        return check_entry(entry, books).pk
    except Refused as refusal:
        raise Refused(
            _("Entry “%(text)s” of %(day)s: %(reason)s")
            % {"text": entry.text or entry.source_key, "day": entry.on, "reason": refusal},
            field=refusal.field,
        ) from refusal


def taken_ids(cursor: Any, count: int) -> list[int]:
    """So many keys for new entries."""
    cursor.execute(
        "select nextval(pg_get_serial_sequence('accounting_journalentry', 'id'))"
        " from generate_series(1, %s)",
        [count],
    )
    return [pk for (pk,) in cursor.fetchall()]


def line_rows(pk: int, entry: PlainEntry) -> Iterator[tuple[Any, ...]]:
    """The values of LINE_COLUMNS for each line of an entry."""
    for position, line in enumerate(entry.lines, start=1):
        yield (
            pk,
            entry.on,
            position,
            line.account,
            line.department,
            line.party,
            line.amount,
            line.currency,
            line.currency_amount,
            line.text,
        )
