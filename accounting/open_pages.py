"""A page of what is open, those due first, and what all of it comes to.

The oldest items are found by walking a little of an index, not by looking at all there are.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal
from typing import Any, NamedTuple

from django.db import connection

from accounting.models import Account
from accounting.open_sums import allocations_known, balance_and_open, lines_due, open_sum
from backoffice.models import Party
from backoffice.money import ZERO

# How many lines are looked through for a page before all are.
STEPS = (200, 1000, 4000)

ITEMS = """
with item as materialized (
  select line.id, line.entry_id, line.party_id, line.date, line.due_on,
         line.amount, line.currency_id, line.currency_amount
    from accounting_journalline line
    where {lines} {some}
), settled as (
  select line_id, sum(amount) as amount, sum(base) as base
    from (
      select settled.debit_line_id as line_id, settled.amount, settled.debit_base as base
        from item join accounting_allocation settled on settled.debit_line_id = item.id
        where settled."on" <= %(on)s {known}
      union all
      select settled.credit_line_id, -settled.amount, -settled.credit_base
        from item join accounting_allocation settled on settled.credit_line_id = item.id
        where settled."on" <= %(on)s {known}
    ) allocated
    group by line_id
), open as (
  select item.*,
         coalesce(item.currency_amount, item.amount) - coalesce(settled.amount, 0) as open_amount,
         item.amount - coalesce(settled.base, 0) as open_base
    from item left join settled on settled.line_id = item.id
), found as (
  select open.*, count(*) over () as items, sum(open.open_base) over () as total
    from open {looked_in}
    where (open.open_amount <> 0 or open.open_base <> 0)
      and not (open.currency_amount is not distinct from 0 and exists (
        select from accounting_allocation taken where taken.exchange_entry_id = open.entry_id
      )) {word}
    order by open.due_on, open.id
    limit %(most)s offset %(after)s
)
select open.id, open.entry_id, {reference}, open.party_id, party.name, open.date, open.due_on,
       open.open_amount, coalesce(open.currency_id, company.currency_id), open.open_base,
       open.items, open.total
  from found open cross join backoffice_company company {named}
  order by open.due_on, open.id
"""
FIRST_LINES = "order by line.due_on, line.id limit %(step)s"
NAMED = """
  join accounting_journalentry entry on entry.id = open.entry_id
  left join accounting_duedate due on due.entry_id = open.entry_id
  left join backoffice_party party on party.id = open.party_id"""
REFERENCE = """coalesce(nullif(due.reference, ''), entry.series || '-' || entry.year || '-'
    || to_char(entry.number, 'FM9999900000'))"""
BY_NAME = "and strpos(lower(party.name), lower(%(party_word)s)) > 0"
WORD = f"""and (strpos(upper(party.name), upper(%(word)s)) > 0
        or strpos(upper({REFERENCE}), upper(%(word)s)) > 0)"""


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
    as_known: datetime | None = None

    @property
    def is_narrow(self) -> bool:
        """Whether they are few enough to look at each, or have to be."""
        return bool(self.party or self.without_party or self.words or self.as_known)

    @property
    def words(self) -> str:
        """What names or references are looked through for, if anything."""
        return self.word or self.party_word


class OpenLine(NamedTuple):
    """An item that is open, with what it is called, signed as the ledger is."""

    pk: int
    entry_id: int
    reference: str
    party_id: int | None
    party: str | None
    day: date
    due_on: date
    amount: Decimal
    currency: str
    base: Decimal  # in the currency of the books


@dataclass(frozen=True)
class OpenPage:
    """The items of a page, whether more follow, what all of it comes to as the ledger signs it."""

    items: Sequence[OpenLine]
    has_next: bool
    count: int | None  # None where nobody counted
    total: Decimal


def open_page(asked: Asked, *, most: int, after: int = 0) -> OpenPage:
    """So many of the items asked for, those due first."""
    found = None if asked.is_narrow else walked(asked, most + 1, after)
    if found is not None:
        return OpenPage(found[:most], has_next=True, count=None, total=total_of(asked))
    items, count, total = items_of(asked, most + 1, after)
    return OpenPage(items[:most], has_next=len(items) > most, count=count, total=total)


def walked(asked: Asked, most: int, after: int) -> list[OpenLine] | None:
    """The items due first, from the first lines that have enough of them; None where none do."""
    for step in STEPS:
        items, _count, _total = items_of(asked, most, after, step)
        if len(items) == most:
            return items
    return None


def total_of(asked: Asked) -> Decimal:
    """What all items come to, or those due on the days asked for."""
    if asked.first or asked.last:
        return open_sum(asked.account, asked.on, first=asked.first, last=asked.last)
    return balance_and_open(asked.account, asked.on)[1]


def items_of(
    asked: Asked, most: int, after: int, step: int | None = None
) -> tuple[list[OpenLine], int, Decimal]:
    """So many of the items that are open, and the number and the sum of all asked for.

    With a step, no more than so many of the lines due first are looked at.
    """
    lines = lines_due(asked.first, asked.last, asked.party, asked.as_known)
    query = ITEMS.format(
        lines=f"{lines} and line.party_id is null" if asked.without_party else lines,
        some=FIRST_LINES if step else "",
        known=allocations_known(asked.as_known),
        looked_in=NAMED if asked.words else "",
        named=NAMED,
        reference=REFERENCE,
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
        "as_known": asked.as_known,
        "step": step,
        "most": most,
        "after": after,
    }
    with connection.cursor() as cursor:
        cursor.execute(query, facts)
        found = cursor.fetchall()
    count, total = found[0][-2:] if found else (0, ZERO)
    return [OpenLine(*row[:-2]) for row in found], count, total
