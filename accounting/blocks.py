"""Posting many entries at once: one transaction, numbers in blocks, constant memory."""

from collections.abc import Callable, Iterable, Iterator, Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from contextvars import copy_context
from dataclasses import dataclass, field
from datetime import date, datetime
from itertools import islice
from typing import Any, NamedTuple

from django.db import connection, transaction
from django.utils import timezone
from django.utils.translation import gettext as _

from accounting import chain
from accounting.entry_rules import Books, PeriodFacts, PlainEntry, check_entry, whole_books
from accounting.guards import guards_speak
from accounting.posting import (
    ENTRY_COLUMNS,
    LINE_COLUMNS,
    EntryRow,
    Place,
    next_place,
    row_of,
    stored,
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


class Chunk(NamedTuple):
    """Entries ready to store: their rows, and the lines of each."""

    days: list[date]
    rows: list[EntryRow]
    lines: list[list[tuple[Any, ...]]]


@dataclass
class Writer:
    """Numbers and chains the entries of one block, a chunk at a time."""

    books: Books
    series: str
    by: User | None
    posted_at: datetime
    last: dict[int, Place] = field(default_factory=dict)

    def hold_years(self, entries: Sequence[PlainEntry]) -> None:
        """Take the place before the first entry of each new year; held until commit."""
        for entry in entries:
            if entry.on.year not in self.last:
                place = next_place(self.series, entry.on, self.posted_at)
                self.last[entry.on.year] = place._replace(number=place.number - 1)

    def prepare(self, entries: Sequence[PlainEntry]) -> Chunk:
        """Check, number and chain the entries; asks nothing of the database."""
        lines = [chain.canonical_lines(entry) for entry in entries]
        rows = [self.row(entry, its) for entry, its in zip(entries, lines, strict=True)]
        kept = [stored(its, entry, self.books) for entry, its in zip(entries, lines, strict=True)]
        return Chunk([entry.on for entry in entries], rows, kept)

    def row(self, entry: PlainEntry, lines: Sequence[tuple[Any, ...]]) -> EntryRow:
        """The entry with its period, number and hash."""
        period, last = checked(entry, self.books), self.last[entry.on.year]
        place = Place(last.number + 1, last.previous_hash, period)
        row = row_of(entry, lines, place, series=self.series, posted_at=self.posted_at, by=self.by)
        self.last[row.year] = Place(row.number, row.hash, period)
        return row

    def store(self, chunk: Chunk) -> None:
        """Store a chunk: all its entries in one statement, all their lines in another."""
        with connection.cursor() as cursor:
            ids = taken_ids(cursor, len(chunk.rows))
            with cursor.copy(COPY_ENTRIES) as copy:
                for pk, row in zip(ids, chunk.rows, strict=True):
                    copy.write_row((pk, *row))
            with cursor.copy(COPY_LINES) as copy:
                for pk, day, lines in zip(ids, chunk.days, chunk.lines, strict=True):
                    for line in lines:
                        copy.write_row((pk, day, *line))
            # What waits for the commit would otherwise pile up in the server's memory.
            cursor.execute("set constraints all immediate")
            cursor.execute("set constraints all deferred")


def post_block(
    entries: Iterable[PlainEntry],
    *,
    by: User | None,
    series: str = "JE",
    books: Books | None = None,
    progress: Callable[[int], None] | None = None,
    are_new: bool = False,
) -> Block:
    """Post all of the entries or none; those whose source is in the journal are passed over.

    Takes any iterator and keeps two chunks of it in memory. `progress` hears after each chunk
    how many entries were read. A caller that has looked for the sources itself says `are_new`.
    """
    posted = read = 0
    with guards_speak(), transaction.atomic(), connection.wrap_database_errors:
        writer = Writer(books or whole_books(), series, by, timezone.now())
        for count, chunk in made_ready(entries, writer, are_new=are_new):
            writer.store(chunk)
            read += count
            posted += len(chunk.rows)
            if progress:
                progress(read)
    return Block(posted=posted, already=read - posted)


def made_ready(
    entries: Iterable[PlainEntry], writer: Writer, *, are_new: bool
) -> Iterator[tuple[int, Chunk]]:
    """Chunks to store, each with how many entries were read for it.

    While the server stores one, a thread makes the next one ready.
    """
    ready: tuple[int, Future[Chunk]] | None = None
    under_way: Sequence[PlainEntry] = ()
    with ThreadPoolExecutor(max_workers=1) as aside:
        for chunk in chunks(entries):
            under_way = chunk if are_new else not_yet_posted(chunk, after=under_way)
            writer.hold_years(under_way)
            # In our context, so that a refusal is in the person's language.
            following = aside.submit(copy_context().run, writer.prepare, under_way)
            if ready:
                yield ready[0], ready[1].result()
            ready = len(chunk), following
        if ready:
            yield ready[0], ready[1].result()


def chunks(entries: Iterable[PlainEntry]) -> Iterator[list[PlainEntry]]:
    """The entries, so many at a time."""
    source = iter(entries)
    while chunk := list(islice(source, CHUNK)):
        yield chunk


def not_yet_posted(
    entries: Sequence[PlainEntry], *, after: Sequence[PlainEntry]
) -> list[PlainEntry]:
    """The entries whose source is neither in the journal nor under way nor earlier here."""
    known = {entry.source_key for entry in after}
    with connection.cursor() as cursor:
        cursor.execute(KNOWN, [[entry.source_key for entry in entries]])
        known.update(key for (key,) in cursor.fetchall())
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
