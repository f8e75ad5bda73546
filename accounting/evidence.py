"""The lines behind a figure: whatever a statement says, the lines that sum to it."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import date, timedelta
from decimal import Decimal
from itertools import accumulate
from typing import Any

from django.db import connection

from accounting.cash_places import NOWHERE, TOLD, Places, parts_within
from accounting.movements import FIRST_DAY, NOTHING, Span, moved
from accounting.statement_rows import Chart, Source, books
from accounting.statements import BEFORE_ALL, PAGE, Key
from backoffice.money import ZERO

A_DAY = timedelta(days=1)

FILTERS = {
    "departments": "and line.department_id = any(%(departments)s)",
    "known": "and entry.posted_at <= %(known)s",
    "since": "and entry.posted_at > %(since)s",
    "without": "and entry.kind <> 'closing'",
    "only": "and entry.kind = 'closing'",
    "cash": "and line.id in (select id from told where amount <> 0)",
    "outside": "and line.id in (select id from told where amount <> 0)",
    "operating": "and (line.id, line.amount) not in (select id, amount from told)",
}

# How much of a line the figure has: of the cash flow it may be a part.
AMOUNTS = {
    "": "line.amount",
    "cash": "told.amount",
    "outside": "told.amount",
    "operating": "line.amount - coalesce(told.amount, 0)",
}

# Account by account, as the index on lines has them, and only as many as a page shows.
LINES = """
{placed}
select line.id, line.date, entry.id, entry.series, entry.year, entry.number, entry.kind,
       coalesce(nullif(line.text, ''), entry.text), coalesce(party.name, entry.payee),
       department.name, account.code, account.name, {amount}, line.amount, entry.posted_at
  from (
    select found.* from unnest(%(accounts)s::bigint[]) wanted(id) cross join lateral (
        select line.* from accounting_journalline line
          join accounting_journalentry entry on entry.id = line.entry_id
          where line.account_id = wanted.id and line.date >= %(first)s and line.date <= %(last)s
            and (line.date, line.id) > (%(day)s::date, %(line)s) {filters}
          order by line.date, line.id limit %(limit)s
      ) found
      order by found.date, found.id limit %(limit)s
  ) line
  join accounting_journalentry entry on entry.id = line.entry_id
  join accounting_account account on account.id = line.account_id
  join backoffice_department department on department.id = line.department_id
  left join backoffice_party party on party.id = line.party_id
  {told}
  order by line.date, line.id
"""

SUM_OF_LINES = """
{placed}
select coalesce(sum({amount}), 0) from accounting_journalline line
  join accounting_journalentry entry on entry.id = line.entry_id
  {told}
  where line.account_id = any(%(accounts)s) and line.date >= %(first)s and line.date <= %(last)s
    and (line.date, line.id) <= (%(day)s::date, %(line)s) {filters}
"""


@dataclass(frozen=True)
class Question:
    """A figure asked for its lines: which accounts, which days, as a statement has it."""

    source: Source
    span: Span
    accounts: tuple[int, ...]
    places: Places = NOWHERE

    @property
    def is_plain(self) -> bool:
        """Whether the monthly balances know its sum."""
        return self.span.is_as_of_now and not self.source.flow

    def written(self, query: str) -> str:
        """The query with what the lines are held against beside accounts and days."""
        flow = self.source.flow
        return query.format(
            placed=f"with {parts_within(self.span)}, {TOLD}" if flow else "",
            told="left join told on told.id = line.id" if flow else "",
            amount=AMOUNTS[flow],
            filters=self.filters(),
        )

    def filters(self) -> str:
        """The conditions on lines and entries."""
        asked = {
            "departments": self.span.departments is not None,
            "known": self.span.known is not None,
            "since": self.span.since is not None,
            "without": self.source.closing == "without",
            "only": self.source.closing == "only",
            self.source.flow: bool(self.source.flow),
        }
        return " ".join(FILTERS[name] for name, is_asked in asked.items() if is_asked)

    def told_at(self) -> list[int]:
        """The places of the cash flow what is told here has, or, of operating, what is not."""
        return list(self.source.accounts if self.source.flow == "cash" else self.places.outside)

    def facts(self) -> dict[str, Any]:
        """The same for the query."""
        span = self.span
        return {
            "accounts": list(self.accounts),
            "first": span.first or FIRST_DAY,
            "last": span.last,
            "departments": None if span.departments is None else list(span.departments),
            "known": span.known,
            "since": span.since,
            "places": self.told_at(),
            **self.places.facts(),
        }


@dataclass(frozen=True)
class EvidenceRow:
    """A line behind a figure, with the sum up to it."""

    key: Key
    entry_id: int
    reference: str
    kind: str
    text: str
    payee: str
    department: str
    account: str
    amount: Decimal
    whole: Decimal  # the line's own amount, of which the figure may have a part
    posted_at: Any
    running: Decimal

    @property
    def date(self) -> date:
        """The day of the entry."""
        return self.key.day


@dataclass(frozen=True)
class Evidence:
    """A page of the lines behind a figure, and what all of them sum to."""

    total: Decimal
    opening: Decimal
    rows: Sequence[EvidenceRow]
    has_next: bool

    @property
    def last_key(self) -> Key | None:
        """What the next page comes after."""
        return self.rows[-1].key if self.rows else None

    @property
    def running(self) -> Decimal:
        """The sum up to the last line of the page."""
        return self.rows[-1].running if self.rows else self.opening


def question(source: Source, span: Span, chart: Chart) -> Question:
    """The question with its accounts found: headings stand for those below them."""
    places = Places.of(chart, books()[1]) if source.flow else NOWHERE
    keys = chart.of_kind(*source.kinds) if source.kinds else []
    if source.flow == "cash" and set(source.accounts) & set(places.investing):
        keys += [pk for pk in chart.accounts if pk not in places.cash]  # a place gathers others
    else:
        keys += [pk for asked in source.accounts for pk in chart.leaves(asked)]
    seen = tuple(pk for pk in dict.fromkeys(keys) if pk not in span.without)
    return Question(source, span, seen, places)


def evidence(asked: Question, *, after: Key | None = None, size: int = PAGE) -> Evidence:
    """A page of the lines, the first or the one after a line, signed as the statement shows."""
    sign = asked.source.sign
    opening = sign * sum_until(asked, after) if after else ZERO
    found = lines_after(asked, after or BEFORE_ALL, size + 1)
    rows = found[:size]
    sums = list(accumulate((sign * line[12] for line in rows), initial=opening))[1:]
    return Evidence(
        total=sign * sum_of(asked),
        opening=opening,
        rows=[row_of(line, sign, running) for line, running in zip(rows, sums, strict=True)],
        has_next=len(found) > size,
    )


def all_evidence(asked: Question) -> Iterator[EvidenceRow]:
    """Every line, read a thousand at a time."""
    page = evidence(asked, size=1000)
    yield from page.rows
    while page.has_next:
        page = evidence(asked, after=page.last_key, size=1000)
        yield from page.rows


def lines_after(asked: Question, place: Key, limit: int) -> list[Any]:
    """So many lines after a place."""
    facts = {**asked.facts(), "day": place.day, "line": place.line, "limit": limit}
    with connection.cursor() as cursor:
        cursor.execute(asked.written(LINES), facts)
        return cursor.fetchall()


def sum_of(asked: Question) -> Decimal:
    """What all lines sum to: from the monthly balances where these know it."""
    if not asked.is_plain:
        return summed(asked, Key(asked.span.last + A_DAY, 0))
    (movements,) = moved([asked.span])
    wanted = [movements.get(pk, NOTHING) for pk in asked.accounts]
    closing = sum((one.closing for one in wanted), ZERO)
    every = sum((one.amount for one in wanted), ZERO)
    return {"": every, "without": every - closing, "only": closing}[asked.source.closing]


def sum_until(asked: Question, place: Key) -> Decimal:
    """What the lines up to a place, that one included, sum to."""
    first = asked.span.first or FIRST_DAY
    if not asked.is_plain or place.day <= first:
        return summed(asked, place)
    before = replace(asked, span=replace(asked.span, last=place.day - A_DAY))
    of_day = replace(asked, span=replace(asked.span, first=place.day))
    return sum_of(before) + summed(of_day, place)


def summed(asked: Question, place: Key) -> Decimal:
    """The same, line by line."""
    facts = {**asked.facts(), "day": place.day, "line": place.line}
    with connection.cursor() as cursor:
        cursor.execute(asked.written(SUM_OF_LINES), facts)
        return cursor.fetchone()[0]


def row_of(line: Sequence[Any], sign: int, running: Decimal) -> EvidenceRow:
    """A line as it was read, with the sum up to it."""
    pk, day, entry, series, year, number, kind, text, payee, department, *rest = line
    code, name, amount, whole, posted_at = rest
    return EvidenceRow(
        key=Key(day, pk),
        entry_id=entry,
        reference=f"{series}-{year}-{number:05}",
        kind=kind,
        text=text,
        payee=payee,
        department=department,
        account=f"{code} {name}",
        amount=sign * amount,
        whole=sign * whole,
        posted_at=posted_at,
        running=running,
    )
