"""A page of what is open, those due first, and what all of it comes to.

The oldest items are found by walking a little of an index, not by looking at all there are.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from typing import Any

from django.db import connection

from accounting.ageing import control_balance
from accounting.models import Account
from accounting.open_sums import lines_due, open_sum
from backoffice.models import Party
from backoffice.money import ZERO

# How many lines are looked through for a page before all are.
STEPS = (200, 1000, 4000)

ITEMS = """
with item as materialized (
  select line.id, line.entry_id, line.party_id, line.amount, line.currency_amount, line.due_on
    from accounting_journalline line
    where {lines} {some}
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
FIRST_LINES = "order by line.due_on, line.id limit %(step)s"
NAMED = """
  join accounting_journalentry entry on entry.id = item.entry_id
  left join accounting_duedate due on due.entry_id = item.entry_id
  left join backoffice_party party on party.id = item.party_id"""
BY_NAME = "and strpos(lower(party.name), lower(%(party_word)s)) > 0"
WORD = """
    and (strpos(upper(party.name), upper(%(word)s)) > 0
         or strpos(upper(coalesce(nullif(due.reference, ''), entry.series || '-' || entry.year
                   || '-' || to_char(entry.number, 'FM9999900000'))), upper(%(word)s)) > 0)"""
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
        """Whether they are few enough to look at each, or have to be."""
        return bool(self.party or self.without_party or self.words)

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
        return OpenPage(found[:most], has_next=True, count=None, total=total_of(asked))
    rows = items_of(asked, most + 1, after)
    count, total = rows[0][1:] if rows else (0, ZERO)
    lines = [row[0] for row in rows[:most]]
    return OpenPage(lines, has_next=len(rows) > most, count=count, total=total)


def walked(asked: Asked, most: int, after: int) -> list[int] | None:
    """The items due first, from the first lines that have enough of them; None where none do."""
    for step in STEPS:
        rows = items_of(asked, most, after, step)
        if len(rows) == most:
            return [row[0] for row in rows]
    return None


def total_of(asked: Asked) -> Decimal:
    """What all items come to, or those due on the days asked for."""
    if asked.first or asked.last:
        return open_sum(asked.account, asked.on, first=asked.first, last=asked.last)
    return open_total(asked.account, asked.on)


def open_total(account: Account, on: date) -> Decimal:
    """All that is open on the account, by its balance and what allocations left in the books."""
    with connection.cursor() as cursor:
        cursor.execute(DIFFERENCES, {"account": account.pk, "on": on})
        (differences,) = cursor.fetchone()
    return control_balance(account, on) - differences


def items_of(
    asked: Asked, most: int, after: int, step: int | None = None
) -> list[tuple[int, int, Decimal]]:
    """Lines that are open, each beside the number and the sum of all that are asked for.

    With a step, no more than so many of the lines due first are looked at.
    """
    lines = lines_due(asked.first, asked.last, asked.party)
    query = ITEMS.format(
        lines=f"{lines} and line.party_id is null" if asked.without_party else lines,
        some=FIRST_LINES if step else "",
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
        "step": step,
        "most": most,
        "after": after,
    }
    with connection.cursor() as cursor:
        cursor.execute(query, facts)
        return cursor.fetchall()
