"""A page of what is open, those due first, and what all of it comes to.

The oldest items are found by walking a few days of an index, not by looking at all there are.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from typing import Any

from django.db import connection

from accounting.ageing import control_balance
from accounting.models import Account
from backoffice.models import Party
from backoffice.money import ZERO

# How many due dates are looked through for a page before everything is.
STEPS = (200, 1000, 4000)

ITEMS = """
with item as materialized (
  select line.id, line.entry_id, line.party_id, line.amount, line.currency_amount,
         due.due_on, due.reference
    from accounting_duedate due join accounting_journalline line on line.entry_id = due.entry_id
    where line.account_id = %(account)s and line.date <= %(on)s {due} {party}
  union all
  select line.id, line.entry_id, line.party_id, line.amount, line.currency_amount, line.date, ''
    from accounting_journalline line
    where line.id in (
      select line.id from accounting_journalline line
        where line.account_id = %(account)s and line.date <= %(on)s {date} {party} and {undated}
        offset 0  -- found in indexes alone
    )
), settled as (
  select line_id, sum(amount) as amount, sum(base) as base
    from (
      select settled.debit_line_id as line_id, settled.amount, settled.debit_base as base
        from item join accounting_allocation settled on settled.debit_line_id = item.id
        where settled."on" <= %(on)s
      union all
      select settled.credit_line_id, -settled.amount, -settled.credit_base
        from item join accounting_allocation settled on settled.credit_line_id = item.id
        where settled."on" <= %(on)s
    ) allocated
    group by line_id
)
select item.id, count(*) over (), sum(item.amount - coalesce(settled.base, 0)) over ()
  from item left join settled on settled.line_id = item.id {named}
  where (coalesce(item.currency_amount, item.amount) <> coalesce(settled.amount, 0)
         or item.amount <> coalesce(settled.base, 0))
    and not (item.currency_amount is not distinct from 0 and exists (
      select from accounting_allocation taken where taken.exchange_entry_id = item.entry_id
    )) {word}
  order by item.due_on, item.id
  limit %(most)s offset %(after)s
"""
# Of a few lines each looks for its due date; the database would look through all of those.
UNDATED = (
    "(select due.entry_id from accounting_duedate due where due.entry_id = line.entry_id) is null"
)
UNDATED_OF_MANY = (
    "not exists (select from accounting_duedate due where due.entry_id = line.entry_id)"
)
NAMED = """
  join accounting_journalentry entry on entry.id = item.entry_id
  left join backoffice_party party on party.id = item.party_id"""
BY_NAME = "and strpos(lower(party.name), lower(%(party_word)s)) > 0"
WORD = """
    and (strpos(upper(party.name), upper(%(word)s)) > 0
         or strpos(upper(coalesce(nullif(item.reference, ''), entry.series || '-' || entry.year
                   || '-' || to_char(entry.number, 'FM9999900000'))), upper(%(word)s)) > 0)"""
LAST_OF_STEP = "select due_on from accounting_duedate order by due_on limit 1 offset %s"
# Allocations clear as much as they give, but for exchange differences, whose lines are no items.
DIFFERENCES = """
select coalesce((
    select sum(line.amount) from accounting_journalline line
      where line.account_id = %(account)s and line.date <= %(on)s and line.currency_amount = 0
        and exists (select from accounting_allocation taken
                      where taken.exchange_entry_id = line.entry_id)), 0)
  + coalesce((
    select sum(settled.debit_base - settled.credit_base)
      from accounting_allocation settled
      join accounting_journalline line on line.id = settled.debit_line_id
      where line.account_id = %(account)s and settled."on" <= %(on)s
        and settled.debit_base <> settled.credit_base), 0)
"""


@dataclass(frozen=True)
class Asked:
    """Which items of an account are asked for."""

    account: Account
    on: date
    first: date | None = None  # the days they are due
    last: date | None = None
    party: Party | None = None
    without_party: bool = False
    word: str = ""  # in the name or the reference
    party_word: str = ""  # in the name alone

    @property
    def is_narrow(self) -> bool:
        """Whether they are few enough to look at each."""
        return bool(self.first or self.party or self.without_party or self.words)

    @property
    def words(self) -> str:
        """What names or references are looked through for, if anything."""
        return self.word or self.party_word


@dataclass(frozen=True)
class OpenPage:
    """The lines of a page, whether more follow, what all of it comes to as the ledger signs it."""

    lines: Sequence[int]
    has_next: bool
    count: int | None  # None where nobody counted
    total: Decimal


def open_page(asked: Asked, *, most: int, after: int = 0) -> OpenPage:
    """So many of the items asked for, those due first."""
    found = None if asked.is_narrow else walked(asked, most + 1, after)
    if found is not None:
        return OpenPage(found[:most], len(found) > most, None, total_until(asked))
    rows = items_of(asked, most + 1, after)
    count, total = rows[0][1:] if rows else (0, ZERO)
    return OpenPage([row[0] for row in rows[:most]], len(rows) > most, count, total)


def walked(asked: Asked, most: int, after: int) -> list[int] | None:
    """The items due first, from the first days that have enough of them; None where none do."""
    for step in STEPS:
        last = last_of_step(step)
        if last is None or (asked.last and last >= asked.last):
            return None
        rows = items_of(Asked(asked.account, asked.on, last=last), most, after)
        if len(rows) == most:
            return [row[0] for row in rows]
    return None


def last_of_step(step: int) -> date | None:
    """The day so many due dates reach to."""
    with connection.cursor() as cursor:
        cursor.execute(LAST_OF_STEP, [step])
        row = cursor.fetchone()
    return row[0] if row else None


def total_until(asked: Asked) -> Decimal:
    """What is open and due until the last day asked for: all of it, less what is due later."""
    whole = open_total(asked.account, asked.on)
    if asked.last is None:
        return whole
    rows = items_of(Asked(asked.account, asked.on, first=following(asked.last)), 1, 0)
    return whole - (rows[0][2] if rows else ZERO)


def following(day: date) -> date:
    """The day after."""
    return date.fromordinal(day.toordinal() + 1)


def open_total(account: Account, on: date) -> Decimal:
    """All that is open on the account, by its balance and what allocations left in the books."""
    with connection.cursor() as cursor:
        cursor.execute(DIFFERENCES, {"account": account.pk, "on": on})
        (differences,) = cursor.fetchone()
    return control_balance(account, on) - differences


def items_of(asked: Asked, most: int, after: int) -> list[tuple[int, int, Decimal]]:
    """Lines that are open, each beside the number and the sum of all that are asked for."""
    bounds = [(">=", "first", asked.first), ("<=", "last", asked.last)]
    party = "and line.party_id = %(party)s" if asked.party else ""
    if asked.without_party:
        party += " and line.party_id is null"
    query = ITEMS.format(
        due=" ".join(f"and due.due_on {sign} %({end})s" for sign, end, day in bounds if day),
        date=" ".join(f"and line.date {sign} %({end})s" for sign, end, day in bounds if day),
        party=party,
        undated=UNDATED if asked.last or asked.party else UNDATED_OF_MANY,
        named=NAMED if asked.words else "",
        word=(WORD if asked.word else "") + (BY_NAME if asked.party_word else ""),
    )
    facts: dict[str, Any] = {
        "account": asked.account.pk,
        "on": asked.on,
        "first": asked.first,
        "last": asked.last,
        "party": asked.party and asked.party.pk,
        "word": asked.word,
        "party_word": asked.party_word,
        "most": most,
        "after": after,
    }
    with connection.cursor() as cursor:
        cursor.execute(query, facts)
        return cursor.fetchall()
