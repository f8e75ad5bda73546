"""The rows of a journal on its way in, kept by the database while they are checked.

A temporary table takes them as they are read, so memory does not grow with the file, the rows
of an entry need not stand together, and entries are judged by a few statements.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from datetime import date
from typing import NamedTuple

from django.db import connection

from accounting.journal_rows import JournalRow

CHUNK = 2000
SOURCE = "import:"

MAKE = """
drop table if exists pg_temp.import_row, pg_temp.import_entry;
create temporary table import_row (
    row integer not null, entry text collate "C" not null, date date, account text not null,
    account_id bigint, department_id bigint, exact numeric, currency text,
    currency_amount numeric, quantity text not null, payee text not null,
    narration text not null, base text not null, problem_column text not null,
    problem text not null
) on commit drop;
"""

COPY = "copy import_row from stdin"

# The source of an entry is what the file says of it, in any order of its rows: the same entry
# again is known, whatever file it comes in.
JUDGE = """
create temporary table import_entry on commit drop as
select entry, first_row, date, source_key,
       case when base_row is not null then base_row
            when problem_row is not null then problem_row
            else first_row end as row,
       case when base_row is not null then 'base'
            when problem_row is not null then 'row'
            when rows = 1 then 'single'
            when date <> last_date then 'dates'
            when abs(out) > explained or out_before > explained then 'out'
            when is_out_in_its_currency then 'currency'
            when has_long_text then 'long'
            else '' end as problem,
       case when abs(out) > explained or out_before > explained
            then trim_scale(exact_out)::text else '' end as said,
       false as already
  from (
    select entry, min(row) as first_row, min(date) as date, max(date) as last_date,
           count(*) as rows,
           sum(round(exact, %(places)s)) as out, sum(exact) as exact_out,
           abs(sum(exact)) * %(rounding)s * 2 as out_before,
           count(*) filter (where exact <> round(exact, %(places)s))
             * %(rounding)s * 10::numeric ^ -%(places)s as explained,
           min(row) filter (where base <> %(books)s) as base_row,
           min(row) filter (where problem <> '') as problem_row,
           count(currency) = count(*) and min(currency) = max(currency)
             and sum(currency_amount) <> 0 as is_out_in_its_currency,
           (max(quantity) <> '' or min(payee) <> max(payee) or min(narration) <> max(narration))
             and max(length(quantity) + length(payee) + length(narration)) > 194 as has_long_text,
           %(source)s || encode(sha256(convert_to(string_agg(said, e'\\n' order by said), 'UTF8')),
                                'hex') as source_key
      from (select *, json_build_array(entry, date, account, trim_scale(exact), currency,
                        trim_scale(currency_amount), quantity, department_id, payee, narration
                      )::text collate "C" as said
              from import_row) written
     group by entry
  ) summed;
create index on import_entry (entry);
analyze import_entry;
update import_entry e set problem = '', already = true
  from accounting_journalentry j where j.source_key = e.source_key;
update import_entry e set problem = 'closed', said = e.date::text
  from accounting_period p
  where e.problem = '' and not e.already and p.closed_at is not null
    and e.date between p.starts_on and p.ends_on;
"""

MONTHS = """
select min(e.date) from import_entry e
 where e.problem = '' and not e.already and not exists (
   select from accounting_period p where e.date between p.starts_on and p.ends_on)
 group by date_trunc('month', e.date) order by count(*) desc, 1
"""

REFUSE_MONTH = """
update import_entry e set problem = 'year', said = %(said)s
 where e.problem = '' and not e.already
   and date_trunc('month', e.date) = date_trunc('month', %(month)s::date)
"""

COUNTS = "select count(*), count(*) filter (where already) from import_entry"

REFUSED = """
select e.entry, e.row, e.problem, r.problem_column,
       case e.problem when 'row' then r.problem when 'base' then r.base else e.said end, %s
  from import_entry e join import_row r on r.row = e.row
 where e.problem <> '' order by e.first_row
"""

REFUSED_ROWS = """
select r.row, r.entry from import_row r join import_entry e using (entry)
 where e.problem <> '' order by r.row
"""

ACCOUNTS = """
select r.account from import_row r join import_entry e using (entry)
 where e.problem = '' and not e.already and r.account_id is null
 group by 1 order by min(r.row)
"""

GOOD_ROWS = """
select e.first_row, e.source_key, r.date, r.account, r.account_id, r.department_id,
       round(r.exact, (select c.minor_unit from backoffice_company b
                         join backoffice_currency c on c.code = b.currency_id)) as amount,
       r.currency, r.currency_amount, r.quantity, r.payee, r.narration
  from import_row r join import_entry e using (entry)
 where e.problem = '' and not e.already
 order by e.date, e.first_row, r.row
"""


class Judged(NamedTuple):
    """A refused entry: the row that tells, what the problem is, in which words."""

    entry: str
    row: int
    problem: str
    column: str
    said: str
    books: str


def stage(rows: Iterable[JournalRow]) -> int:
    """Keep the rows as they come; say how many they were."""
    count = 0
    with connection.cursor() as cursor:
        cursor.execute(MAKE)
        with cursor.copy(COPY) as copy:
            for count, row in enumerate(rows, start=1):  # noqa: B007 - the count is the answer
                copy.write_row(row)
        cursor.execute("analyze import_row")
    return count


def judge(*, places: int, books: str, rounding: bool) -> None:
    """Say of every entry whether it is good, in the journal already, or refused and why."""
    facts: dict[str, int | str] = {
        "places": places,
        "books": books,
        "rounding": int(rounding),
        "source": SOURCE,
    }
    statements = [statement for statement in JUDGE.split(";\n") if statement.strip()]
    with connection.cursor() as cursor:
        for statement in statements:
            cursor.execute(statement, facts)


def months_without_period() -> list[date]:
    """A day in each month the good entries need and the books lack, the busiest month first."""
    return [day for (day,) in _rows(MONTHS)]


def refuse_month(month: date, why: str) -> None:
    """Refuse the good entries of a month."""
    with connection.cursor() as cursor:
        cursor.execute(REFUSE_MONTH, {"month": month, "said": why})


def counts() -> tuple[int, int]:
    """How many entries were read, how many are in the journal already."""
    return next(_rows(COUNTS))


def refused_entries() -> Iterator[Judged]:
    """The refused entries in the order of the file."""
    return (Judged(*row) for row in _rows(REFUSED, [_books_currency()]))


def refused_rows() -> Iterator[tuple[int, str]]:
    """Every row of a refused entry, with the entry."""
    return _rows(REFUSED_ROWS)


def accounts_in_use() -> list[str]:
    """The names of accounts the good entries need and the chart lacks, as they first appear."""
    return [name for (name,) in _rows(ACCOUNTS)]


def forget() -> None:
    """Let go of the rows before the transaction ends."""
    with connection.cursor() as cursor:
        cursor.execute("drop table if exists pg_temp.import_row, pg_temp.import_entry")


def _books_currency() -> str:
    return next(_rows("select currency_id from backoffice_company"))[0]


def _rows(statement: str, facts: list | None = None) -> Iterator[tuple]:
    with connection.cursor() as cursor:
        cursor.execute(statement, facts)
        yield from cursor.fetchall()
