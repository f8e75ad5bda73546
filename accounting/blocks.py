"""Posting many entries at once: one transaction, numbers in blocks, constant memory."""

from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from itertools import islice
from typing import Any

from django.db import connection, transaction
from django.utils import timezone
from django.utils.translation import gettext as _

from accounting.entry_rules import Books, PeriodFacts, PlainEntry, check_entry, whole_books
from accounting.guards import guards_speak
from accounting.posting import (
    ENTRY_COLUMNS,
    LINE_COLUMNS,
    EntryRow,
    Place,
    canonical_lines,
    next_place,
    row_of,
)
from backoffice.errors import Refused
from backoffice.models import User

CHUNK = 1000
COPY_ENTRIES = f"copy accounting_journalentry (id, {ENTRY_COLUMNS}) from stdin"
COPY_LINES = f"copy accounting_journalline ({LINE_COLUMNS}) from stdin"
KNOWN = "select source_key from accounting_journalentry where source_key = any(%s)"
TAKE_IDS = """
select nextval(sequence)
  from pg_get_serial_sequence('accounting_journalentry', 'id') sequence, generate_series(1, %s)
"""


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
    last: dict[int, Place] = field(default_factory=dict)

    def write(self, entries: Sequence[PlainEntry]) -> None:
        """Store a chunk: all its entries in one statement, all their lines in another."""
        lines = [canonical_lines(entry) for entry in entries]
        rows = [self.row(entry, its) for entry, its in zip(entries, lines, strict=True)]
        with connection.cursor() as cursor:
            ids = taken_ids(cursor, len(entries))
            with cursor.copy(COPY_ENTRIES) as copy:
                for pk, row in zip(ids, rows, strict=True):
                    copy.write_row((pk, *row))
            with cursor.copy(COPY_LINES) as copy:
                for pk, entry, its in zip(ids, entries, lines, strict=True):
                    for line in its:
                        copy.write_row((pk, entry.on, *line))
            # What waits for the commit would otherwise pile up in the server's memory.
            cursor.execute("set constraints all immediate")
            cursor.execute("set constraints all deferred")

    def row(self, entry: PlainEntry, lines: Sequence[tuple[Any, ...]]) -> EntryRow:
        """The entry with its period, number and hash."""
        place = self.place(entry, checked(entry, self.books))
        row = row_of(entry, lines, place, series=self.series, posted_at=self.posted_at, by=self.by)
        self.last[row.year] = Place(row.number, row.hash, place.period)
        return row

    def place(self, entry: PlainEntry, period: PeriodFacts) -> Place:
        """The place after the last one in the year; its first holds the series until commit."""
        last = self.last.get(entry.on.year)
        if last is None:
            return next_place(self.series, entry.on, self.posted_at)
        return Place(last.number + 1, last.previous_hash, period)


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
    with connection.cursor() as cursor:
        cursor.execute(KNOWN, [[entry.source_key for entry in entries]])
        known = {key for (key,) in cursor.fetchall()}
    fresh = []
    for entry in entries:
        if entry.source_key not in known:
            known.add(entry.source_key)
            fresh.append(entry)
    return fresh


def checked(entry: PlainEntry, books: Books) -> PeriodFacts:
    """The period of the entry; a refusal names the entry as well."""
    try:
        return check_entry(entry, books)
    except Refused as refusal:
        raise Refused(
            _("Entry “%(text)s” of %(day)s: %(reason)s")
            % {"text": entry.text or entry.source_key, "day": entry.on, "reason": refusal},
            field=refusal.field,
        ) from refusal


def taken_ids(cursor: Any, count: int) -> list[int]:
    """So many keys for new entries."""
    cursor.execute(TAKE_IDS, [count])
    return [pk for (pk,) in cursor.fetchall()]
