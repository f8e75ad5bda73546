"""What is open, as sums by lateness: lines less what was settled of them.

What is open of the items of a bucket is what their lines add up to less what was settled of them,
whichever line it was settled of: no item needs to be looked at by itself.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal
from typing import Any

from django.db import connection

from accounting.lateness import NAMES, days_of_bucket
from accounting.models import Account
from backoffice.models import Party
from backoffice.money import ZERO

BY_NAME, BY_AMOUNT, BY_OVERDUE = "name", "amount", "overdue"
# How many parties are looked through for a page by name before all are.
PARTIES_LOOKED_AT = 200

LINES = "line.account_id = %(account)s and line.due_on is not null and line.date <= %(on)s"
# As known at a past moment. What an exchange difference is known by is its entry, so that the
# account and what is open of it move together.
KNOWN_LINES = """line.entry_id in (
    select id from accounting_journalentry where posted_at <= %(as_known)s)"""
KNOWN_ALLOCATIONS = """and coalesce(
    (select posted_at from accounting_journalentry where id = settled.exchange_entry_id),
    settled.made_at) <= %(as_known)s"""
# Every amount that adds to or takes from what is open of a line. Lines that only carry an
# exchange difference are no items, as in open_items.
ENTERED = """
select line.party_id, line.due_on, line.amount as base
  from accounting_journalline line where {lines}
"""
TAKEN = """
select line.party_id, line.due_on, -line.amount as base
  from accounting_journalline line
  where {lines} and line.currency_amount = 0
    and exists (
      select from accounting_allocation taken where taken.exchange_entry_id = line.entry_id
    )
union all
select line.party_id, line.due_on, -settled.debit_base
  from accounting_allocation settled
  join accounting_journalline line on line.id = settled.debit_line_id
  where {lines} and settled."on" <= %(on)s {known}
union all
select line.party_id, line.due_on, settled.credit_base
  from accounting_allocation settled
  join accounting_journalline line on line.id = settled.credit_line_id
  where {lines} and settled."on" <= %(on)s {known}
"""
MOVED = f"{ENTERED} union all {TAKEN}"


# The lines of each bucket lie side by side in their index; to ask each line for its bucket takes
# longer than to add it up. All that is older is what remains: it may be every line there ever was.
ENTERED_IN_BUCKET = """
select {place} as place, sum(line.amount) as base
  from accounting_journalline line where {lines}
"""
BY_BUCKET = """
select place, sum(base) from ({entered} union all
    select %(oldest)s - width_bucket(taken.due_on, %(firsts)s::date[]), taken.base
      from ({taken}) taken
  ) moved group by place
"""
# A party has few lines, and with the parties in order a page is soon full.
FIRST_PARTIES = """
select party.id, by_party.*, party.name
  from (select id, name from backoffice_party order by name, id limit %(looked_at)s) party
  cross join lateral (select {columns} from ({moved}) moved) by_party
  where ({names}) <> ({zeros})
  order by party.name, party.id
  limit %(most)s offset %(after)s
"""
# The sums of all parties stand beside each of them, so that a page of them has both.
ALL_PARTIES = """
with by_party as (
  select moved.party_id, {columns} from ({moved}) moved group by moved.party_id
)
select by_party.*, party.name, {sums}
  from by_party left join backoffice_party party on party.id = by_party.party_id
  where ({names}) <> ({zeros})
    and (%(word)s = '' or strpos(lower(party.name), lower(%(word)s)) > 0)
  order by {order} party.name nulls last, by_party.party_id
  limit %(most)s offset %(after)s
"""
# The balance of the account by the months kept and the days of the last, beside what is not open
# of it: allocations clear as much as they give, but for exchange differences, whose lines are no
# items.
BALANCE = """
select coalesce((select sum(debit - credit) from accounting_monthlybalance
                   where account_id = %(account)s and month < %(month)s), 0)
     + coalesce((select sum(amount) from accounting_journalline
                   where account_id = %(account)s and date between %(month)s and %(on)s), 0),
       coalesce((
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
BALANCE_AS_KNOWN = f"""
select coalesce(sum(line.amount), 0) from accounting_journalline line
  where line.account_id = %(account)s and line.date <= %(on)s and {KNOWN_LINES}
"""  # noqa: S608 - our own words
AMOUNTS = [f"amount_{place}" for place in range(len(NAMES))]


@dataclass(frozen=True)
class Part:
    """Which parties of an ageing are asked for: all, by name, unless something else is said."""

    word: str = ""
    order: str = BY_NAME
    most: int | None = None
    after: int = 0


EVERYBODY = Part()


@dataclass(frozen=True)
class SumsOfParty:
    """What is open of a party by bucket, as the ledger signs it."""

    party_id: int | None
    amounts: Sequence[Decimal]
    name: str | None


def open_sum(
    account: Account, on: date, *, first: date | None = None, last: date | None = None
) -> Decimal:
    """What is open of the items due from the first to the last day."""
    moved = MOVED.format(lines=lines_due(first, last), known="")
    query = f"select coalesce(sum(base), 0) from ({moved}) moved"  # noqa: S608 - our own words
    return rows_of(query, {"account": account.pk, "on": on, "first": first, "last": last})[0][0]


def balance_and_open(account: Account, on: date) -> tuple[Decimal, Decimal]:
    """The balance of the account at the end of the day, and what of it is open items."""
    facts = {"account": account.pk, "month": on.replace(day=1), "on": on}
    ((balance, differences),) = rows_of(BALANCE, facts)
    return balance, balance - differences


def balance_as_known(account: Account, on: date, as_known: datetime) -> Decimal:
    """The balance of the account at the end of the day, as it was known at a moment."""
    facts = {"account": account.pk, "on": on, "as_known": as_known}
    return rows_of(BALANCE_AS_KNOWN, facts)[0][0]


def lines_due(
    first: date | None = None,
    last: date | None = None,
    party: Party | None = None,
    as_known: datetime | None = None,
) -> str:
    """What tells the lines asked for from others."""
    asked = [LINES]
    asked += ["line.due_on >= %(first)s"] * (first is not None)
    asked += ["line.due_on <= %(last)s"] * (last is not None)
    asked += ["line.party_id = %(party)s"] * (party is not None)
    asked += [KNOWN_LINES] * (as_known is not None)
    return " and ".join(asked)


def allocations_known(as_known: datetime | None) -> str:
    """What tells the allocations made up to a moment from those made later."""
    return "" if as_known is None else KNOWN_ALLOCATIONS


def sums_by_bucket(account: Account, on: date, total: Decimal) -> list[Decimal]:
    """All that is open, by bucket."""
    oldest = len(NAMES) - 1
    entered = " union all ".join(
        ENTERED_IN_BUCKET.format(place=place, lines=f"{LINES} and {days_within(place, 'line')}")
        for place in range(oldest)
    )
    firsts = [first for name in reversed(NAMES) if (first := days_of_bucket(name, on)[0])]
    taken = TAKEN.format(lines=lines_due(firsts[0]), known="")
    query = BY_BUCKET.format(entered=entered, taken=taken)
    facts = facts_of(account, on) | {"firsts": firsts, "first": firsts[0], "oldest": oldest}
    found = dict(rows_of(query, facts))
    newer = [found.get(place) or ZERO for place in range(oldest)]
    return [*newer, total - sum(newer, ZERO)]


def sums_of_first_parties(
    account: Account, on: date, *, most: int, after: int
) -> list[SumsOfParty] | None:
    """A full page of parties by name; None where looking at a few of them does not fill it."""
    query = FIRST_PARTIES.format(
        moved=MOVED.format(lines=f"{LINES} and line.party_id = party.id", known=""), **words()
    )
    facts = facts_of(account, on, Part(most=most, after=after))
    found = rows_of(query, facts | {"looked_at": PARTIES_LOOKED_AT})
    if len(found) < most:
        return None
    return [SumsOfParty(row[0], row[1:-1], row[-1]) for row in found]


def sums_of_parties(
    account: Account, on: date, part: Part, as_known: datetime | None = None
) -> tuple[list[SumsOfParty], list[Decimal]]:
    """The parties asked for, and the sums of all the word is found in."""
    sign = "-" if account.role == Account.Role.PAYABLE else ""
    orders = {
        BY_NAME: "",
        BY_AMOUNT: f"{sign}({' + '.join(AMOUNTS)}) desc,",
        BY_OVERDUE: f"{sign}({' + '.join(AMOUNTS[1:])}) desc,",
    }
    query = ALL_PARTIES.format(
        moved=MOVED.format(lines=lines_due(as_known=as_known), known=allocations_known(as_known)),
        sums=", ".join(f"sum({name}) over ()" for name in AMOUNTS),
        order=orders[part.order],
        **words(),
    )
    found = rows_of(query, facts_of(account, on, part) | {"as_known": as_known})
    width = len(NAMES)
    parties = [SumsOfParty(row[0], row[1 : width + 1], row[width + 1]) for row in found]
    return parties, list(found[0][width + 2 :]) if found else [ZERO] * width


def words() -> dict[str, str]:
    """The sums of the buckets as columns, their names, and what they are where nothing is open."""
    columns = (
        f"coalesce(sum(moved.base) filter (where {days_within(place, 'moved')}), 0) as {name}"
        for place, name in enumerate(AMOUNTS)
    )
    zeros = ", ".join("0" for _name in AMOUNTS)
    return {"columns": ", ".join(columns), "names": ", ".join(AMOUNTS), "zeros": zeros}


def days_within(place: int, of: str) -> str:
    """Whether something is due on the days of a bucket."""
    return f"{of}.due_on between %(first_{place})s and %(last_{place})s"


def facts_of(account: Account, on: date, part: Part = EVERYBODY) -> dict[str, Any]:
    """What the queries ask for by name."""
    days: dict[str, Any] = {}
    for place, name in enumerate(NAMES):
        first, last = days_of_bucket(name, on)
        days |= {f"first_{place}": first or date.min, f"last_{place}": last or date.max}
    asked = {"word": part.word.strip(), "most": part.most, "after": part.after}
    return {"account": account.pk, "on": on, **days, **asked}


def rows_of(query: str, facts: dict[str, Any]) -> list[tuple]:
    """The rows the database finds."""
    with connection.cursor() as cursor:
        cursor.execute(query, facts)
        return cursor.fetchall()
