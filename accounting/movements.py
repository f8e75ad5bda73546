"""What moved on each account in some days: one query for all columns of a statement.

Whole months come from the table the database keeps, the days around them from the lines, account
by account because that is what the index on lines answers at once. What was known on a past day
is summed from the lines.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from decimal import Decimal
from typing import Any, NamedTuple

from django.db import connection

from backoffice.money import ZERO

A_DAY = timedelta(days=1)
FIRST_DAY, LAST_DAY = date(1, 2, 1), date(9999, 12, 1)


@dataclass(frozen=True)
class Span:
    """Some days (from the beginning where there is no first), in some departments or in all.

    `known` leaves out what was entered after that moment, `since` what was entered before;
    `without` leaves out accounts, such as those the reader may not see.
    """

    last: date
    first: date | None = None
    departments: frozenset[int] | None = None
    known: datetime | None = None
    since: datetime | None = None
    without: frozenset[int] = frozenset()

    @property
    def is_as_of_now(self) -> bool:
        """Whether everything entered counts."""
        return self.known is None and self.since is None


class Moved(NamedTuple):
    """Debits less credits of an account, and how much of that is in closing entries."""

    amount: Decimal
    closing: Decimal

    @property
    def without_closing(self) -> Decimal:
        """What moved by all entries but those that close a year."""
        return self.amount - self.closing


NOTHING = Moved(ZERO, ZERO)
Movements = Mapping[int, Moved]

SPANS = """
span as (
    select * from unnest(%(n)s::int[], %(first)s::date[], %(last)s::date[],
                         %(known)s::timestamptz[], %(since)s::timestamptz[])
      as span(n, first, last, known, since)
),
within as (
    select * from unnest(%(in_n)s::int[], %(in_department)s::bigint[])
      as within(n, department_id)
)"""

MOVED = """
with {spans},
months as (
    select * from unnest(%(month_n)s::int[], %(month_first)s::date[], %(month_before)s::date[])
      as months(n, first, before)
),
days as (
    select * from unnest(%(day_n)s::int[], %(day_first)s::date[], %(day_last)s::date[])
      as days(n, first, last)
),
moved as (
    select months.n, balance.account_id, balance.debit - balance.credit as amount, 0 as closing
      from months join accounting_monthlybalance balance
        on balance.month >= months.first and balance.month < months.before
      {months_within}
    union all
    select days.n, account.id, part.amount, 0
      from days cross join accounting_account account cross join lateral (
        select sum(line.amount) as amount from accounting_journalline line {days_within}
          where line.account_id = account.id and line.date >= days.first
            and line.date <= days.last
      ) part
      where part.amount is not null
    union all
    select span.n, line.account_id, 0, line.amount
      from span join accounting_journalentry entry
        on entry.kind = 'closing' and entry.date >= span.first and entry.date <= span.last
      join accounting_journalline line on line.entry_id = entry.id {lines_within}
)
select n, account_id, sum(amount), sum(closing) from moved group by n, account_id
"""

MOVED_AS_KNOWN = """
with {spans}
select span.n, line.account_id, sum(line.amount),
       coalesce(sum(line.amount) filter (where entry.kind = 'closing'), 0)
  from accounting_journalentry entry
  join accounting_journalline line on line.entry_id = entry.id
  join span on line.date >= span.first and line.date <= span.last
    and entry.posted_at <= span.known and entry.posted_at > span.since
  {lines_within}
  group by span.n, line.account_id
"""


def within(piece: str, row: str) -> str:
    """The join that leaves only the departments of the piece's span."""
    return f"join within on within.n = {piece}.n and within.department_id = {row}.department_id"


def sql(*, as_known: bool, in_departments: bool) -> str:
    """The query, joined with departments only where some are asked for."""
    joins = {"months_within": "", "days_within": "", "lines_within": ""}
    if in_departments:
        joins = {
            "months_within": within("months", "balance"),
            "days_within": within("days", "line"),
            "lines_within": within("span", "line"),
        }
    return (MOVED_AS_KNOWN if as_known else MOVED).format(spans=SPANS, **joins)


def moved(spans: Sequence[Span]) -> list[Movements]:
    """For each span, what moved on every account that moved; one query for all of them."""
    as_known = not all(span.is_as_of_now for span in spans)
    in_departments = any(span.departments is not None for span in spans)
    found: list[dict[int, Moved]] = [{} for _span in spans]
    with connection.cursor() as cursor:
        cursor.execute(
            sql(as_known=as_known, in_departments=in_departments),
            {**facts_of(spans, in_departments=in_departments), **pieces_of(spans)},
        )
        for n, account, amount, closing in cursor.fetchall():
            if account not in spans[n].without:
                found[n][account] = Moved(amount, closing)
    return list(found)


def facts_of(spans: Sequence[Span], *, in_departments: bool) -> dict[str, list[Any]]:
    """The spans as columns for the query."""
    inside = [
        (n, department)
        for n, span in enumerate(spans)
        for department in (everywhere() if span.departments is None else span.departments)
    ] if in_departments else []  # fmt: skip
    return {
        "n": list(range(len(spans))),
        "first": [span.first or FIRST_DAY for span in spans],
        "last": [span.last for span in spans],
        "known": [span.known.isoformat() if span.known else "infinity" for span in spans],
        "since": [span.since.isoformat() if span.since else "-infinity" for span in spans],
        "in_n": [n for n, _department in inside],
        "in_department": [department for _n, department in inside],
    }


def everywhere() -> list[int]:
    """All departments, for a span of the whole company beside one that is not."""
    with connection.cursor() as cursor:
        cursor.execute("select id from backoffice_department")
        return [pk for (pk,) in cursor.fetchall()]


def pieces_of(spans: Sequence[Span]) -> dict[str, list[Any]]:
    """The whole months in the spans, and the days around them."""
    months, days = [], []
    for n, span in enumerate(spans):
        first, last = span.first or FIRST_DAY, min(span.last, LAST_DAY)
        begins, ends = first_of_month_from(first), (last + A_DAY).replace(day=1)
        if begins < ends:
            months.append((n, begins, ends))
            around = [(n, first, begins - A_DAY), (n, ends, last)]
        else:
            around = [(n, first, last)]
        days += [piece for piece in around if piece[1] <= piece[2]]
    return {
        "month_n": [n for n, _first, _before in months],
        "month_first": [first for _n, first, _before in months],
        "month_before": [before for _n, _first, before in months],
        "day_n": [n for n, _first, _last in days],
        "day_first": [first for _n, first, _last in days],
        "day_last": [last for _n, _first, last in days],
    }


def first_of_month_from(day: date) -> date:
    """The first day of a month that is not before the day."""
    return day if day.day == 1 else (day.replace(day=1) + timedelta(days=32)).replace(day=1)


KINDS_BY_MONTH = """
select account.kind, balance.month, sum(balance.debit - balance.credit)
  from accounting_monthlybalance balance
  join accounting_account account on account.id = balance.account_id
  where balance.month <= %(last)s
    and (%(departments)s::bigint[] is null or balance.department_id = any(%(departments)s))
    and balance.account_id <> all(%(without)s::bigint[])
  group by account.kind, balance.month
"""


def kinds_by_month(
    *,
    last: date,
    departments: frozenset[int] | None = None,
    without: frozenset[int] = frozenset(),
) -> dict[tuple[str, date], Decimal]:
    """Debits less credits by kind and month up to the month of a day, for charts."""
    inside = None if departments is None else list(departments)
    with connection.cursor() as cursor:
        facts = {"last": last, "departments": inside, "without": list(without)}
        cursor.execute(KINDS_BY_MONTH, facts)
        return {(kind, month): amount for kind, month, amount in cursor.fetchall()}
