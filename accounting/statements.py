"""Statements of the books: the trial balance and the ledger of an account."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from decimal import Decimal
from itertools import accumulate
from typing import Any, NamedTuple, Self

from django.db import connection
from django.utils.translation import gettext as _

from accounting.models import Account
from backoffice.errors import Refused
from backoffice.models import Department
from backoffice.money import ZERO

PAGE = 50
A_DAY = timedelta(days=1)

# Without a department the first half of IN_DEPARTMENT is a constant the planner drops.
DEPARTMENTS = """
departments as (
    select id from backoffice_department where id = %(department)s
    union all
    select below.id from backoffice_department below
      join departments above on below.parent_id = above.id
)"""
IN_DEPARTMENT = "(%(department)s::bigint is null or department_id in (select id from departments))"

NAMES = """
names as (
    select id, name::text as name from accounting_account where parent_id is null
    union all
    select below.id, above.name || ':' || below.name from accounting_account below
      join names above on below.parent_id = above.id
)"""

# Whole months from the table the database keeps, the days of the last one from its lines,
# account by account because that is what the index on lines answers at once.
MOVED = f"""
moved as (
    select account_id, sum(debit - credit) as balance from accounting_monthlybalance
      where month < %(month)s and {IN_DEPARTMENT}
      group by account_id
    union all
    select account.id, part.balance from accounting_account account cross join lateral (
        select sum(amount) as balance from accounting_journalline
          where account_id = account.id and date >= %(month)s and date <= %(on)s
            and {IN_DEPARTMENT}
      ) part
      where part.balance is not null and %(month)s::date <= %(on)s::date
)"""  # noqa: S608 - our own words

MOVED_AS_KNOWN = f"""
moved as (
    select line.account_id, sum(line.amount) as balance
      from accounting_journalline line
      join accounting_journalentry entry on entry.id = line.entry_id
      where line.date <= %(on)s and entry.posted_at <= %(as_known)s and {IN_DEPARTMENT}
      group by line.account_id
)"""  # noqa: S608 - our own words

BALANCES = """
select account.id, account.code, names.name, account.kind, sum(moved.balance)
  from moved
  join accounting_account account on account.id = moved.account_id
  join names on names.id = account.id
  group by account.id, account.code, names.name, account.kind
  order by account.code
"""

TRIAL_BALANCE = f"with recursive {DEPARTMENTS}, {NAMES}, {MOVED} {BALANCES}"
TRIAL_BALANCE_AS_KNOWN = f"with recursive {DEPARTMENTS}, {NAMES}, {MOVED_AS_KNOWN} {BALANCES}"

CURRENCY = """
select code, minor_unit from backoffice_currency
  where code = (select currency_id from backoffice_company)
"""

# A page of the ledger as known then has no months to build on: its lines are added up.
BALANCE_BEFORE_AS_KNOWN = f"""
with recursive {DEPARTMENTS}
select coalesce(sum(line.amount), 0)
  from accounting_journalline line
  join accounting_journalentry entry on entry.id = line.entry_id
  where line.account_id = %(account)s and entry.posted_at <= %(as_known)s
    and (line.date, line.id) < (%(day)s::date, %(line)s) and {IN_DEPARTMENT}
"""  # noqa: S608 - our own words

BALANCE_BEFORE = f"""
with recursive {DEPARTMENTS}
select coalesce((select sum(debit - credit) from accounting_monthlybalance
                  where account_id = %(account)s and month < %(month)s and {IN_DEPARTMENT}), 0)
     + coalesce((select sum(amount) from accounting_journalline
                  where account_id = %(account)s and date >= %(month)s
                    and (date, id) < (%(day)s::date, %(line)s) and {IN_DEPARTMENT}), 0)
"""  # noqa: S608 - our own words

LEDGER_LINES = """
with recursive {departments}
select line.id, line.date, line.entry_id, entry.series, entry.year, entry.number, entry.kind,
       coalesce(nullif(line.text, ''), entry.text), coalesce(party.name, entry.payee),
       department.name, line.amount, line.currency_id, line.currency_amount
  from accounting_journalline line
  join accounting_journalentry entry on entry.id = line.entry_id
  join backoffice_department department on department.id = line.department_id
  left join backoffice_party party on party.id = line.party_id
  where line.account_id = %(account)s and line.date >= %(starts_on)s and line.date <= %(ends_on)s
    and (line.date, line.id) {beyond} (%(day)s::date, %(line)s) and {in_department} {known}
  order by line.date {order}, line.id {order}
  limit %(limit)s
"""
KNOWN = "and entry.posted_at <= %(as_known)s"
# By whether they are read backwards, and whether as known on a past day.
LINES_BEYOND = {
    (backwards, as_known): LEDGER_LINES.format(
        departments=DEPARTMENTS,
        in_department=IN_DEPARTMENT,
        beyond="<" if backwards else ">",
        order="desc" if backwards else "asc",
        known=KNOWN if as_known else "",
    )
    for backwards in (False, True)
    for as_known in (False, True)
}


@dataclass(frozen=True)
class BalanceRow:
    """What stands on an account: debit minus credit, and the same amount on its side."""

    account_id: int
    code: str
    name: str
    kind: str
    balance: Decimal

    @property
    def debit(self) -> Decimal:
        """The balance where it is a debit."""
        return max(self.balance, ZERO)

    @property
    def credit(self) -> Decimal:
        """The balance where it is a credit, without a sign."""
        return max(-self.balance, ZERO)


@dataclass(frozen=True)
class TrialBalance:
    """Every account that ever moved, with its balance at the end of a day."""

    on: date
    currency: str
    minor_unit: int
    rows: Sequence[BalanceRow]

    @property
    def debit(self) -> Decimal:
        """The sum of the debit balances, equal to the credit balances."""
        return sum((row.debit for row in self.rows), ZERO)

    @property
    def credit(self) -> Decimal:
        """The sum of the credit balances."""
        return sum((row.credit for row in self.rows), ZERO)


def trial_balance(
    *, on: date, department: Department | None = None, as_known: datetime | None = None
) -> TrialBalance:
    """The balances at the end of a day: of a department with those below it, or as known then."""
    facts = {
        "on": on,
        "month": first_month_not_over(on),
        "department": department.pk if department else None,
        "as_known": as_known,
    }
    with connection.cursor() as cursor:
        cursor.execute(TRIAL_BALANCE_AS_KNOWN if as_known else TRIAL_BALANCE, facts)
        rows = [BalanceRow(*row) for row in cursor.fetchall()]
        cursor.execute(CURRENCY)
        currency, minor_unit = cursor.fetchone()
    return TrialBalance(on=on, currency=currency, minor_unit=minor_unit, rows=rows)


def first_month_not_over(on: date) -> date:
    """The first day of the month that the day does not end: months before it are whole."""
    return (on + A_DAY).replace(day=1)


class Key(NamedTuple):
    """The place of a line in the ledger of its account."""

    day: date
    line: int

    def __str__(self) -> str:
        return f"{self.day}.{self.line}"

    @classmethod
    def read(cls, text: str) -> Self:
        """The key written in an address."""
        day, _dot, line = text.partition(".")
        try:
            return cls(date.fromisoformat(day), int(line[:19]))
        except ValueError:
            raise Refused(_("“%(text)s” is no place in the ledger.") % {"text": text}) from None


BEFORE_ALL = Key(date.min, 0)
AFTER_ALL = Key(date.max, 0)


@dataclass(frozen=True)
class LedgerRow:
    """A line of the account, and the balance after it."""

    key: Key
    entry_id: int
    reference: str
    kind: str
    text: str
    payee: str
    department: str
    amount: Decimal
    currency: str | None
    currency_amount: Decimal | None
    balance: Decimal

    @property
    def date(self) -> date:
        """The day of the entry."""
        return self.key.day

    @property
    def debit(self) -> Decimal:
        """The amount where it is a debit."""
        return max(self.amount, ZERO)

    @property
    def credit(self) -> Decimal:
        """The amount where it is a credit, without a sign."""
        return max(-self.amount, ZERO)


@dataclass(frozen=True)
class LedgerPage:
    """Some lines of an account in their order, the balance before and after them."""

    account: Account
    opening: Decimal
    rows: Sequence[LedgerRow]
    has_previous: bool
    has_next: bool

    @property
    def closing(self) -> Decimal:
        """The balance after the last line of the page."""
        return self.rows[-1].balance if self.rows else self.opening

    @property
    def first_key(self) -> Key | None:
        """What the previous page lies before."""
        return self.rows[0].key if self.rows else None

    @property
    def last_key(self) -> Key | None:
        """What the next page comes after."""
        return self.rows[-1].key if self.rows else None


def general_ledger(
    account: Account,
    *,
    after: Key | None = None,
    before: Key | None = None,
    last: bool = False,
    starts_on: date | None = None,
    ends_on: date | None = None,
    department: Department | None = None,
    as_known: datetime | None = None,
    size: int = PAGE,
) -> LedgerPage:
    """A page of the account's lines: the first, the last, or the one beside a line.

    As known at a past moment it leaves out what was posted later.
    """
    facts = {
        "account": account.pk,
        "department": department.pk if department else None,
        "starts_on": starts_on or date.min,
        "ends_on": ends_on or date.max,
        "as_known": as_known,
    }
    backwards = last or before is not None
    here = (before or AFTER_ALL) if backwards else (after or BEFORE_ALL)
    found, has_more = lines_beyond(here, facts, backwards=backwards, size=size)
    opening = balance_before(place_of(found, here, starts_on), facts)
    return LedgerPage(
        account=account,
        opening=opening,
        rows=ledger_rows(found, opening),
        has_previous=has_more if backwards else after is not None,
        has_next=before is not None if backwards else has_more,
    )


def lines_beyond(
    here: Key, facts: dict[str, Any], *, backwards: bool, size: int
) -> tuple[list[Any], bool]:
    """So many lines after or before a place, in the order of the ledger; whether more follow."""
    with connection.cursor() as cursor:
        cursor.execute(
            LINES_BEYOND[backwards, facts["as_known"] is not None],
            {**facts, "day": here.day, "line": here.line, "limit": size + 1},
        )
        found = cursor.fetchall()
    page = found[:size]
    return (page[::-1] if backwards else page), len(found) > size


def place_of(found: Sequence[Any], here: Key, starts_on: date | None) -> Key:
    """The place the page begins at: its first line, or where it would be."""
    if found:
        return Key(found[0][1], found[0][0])
    return Key(starts_on, 0) if starts_on and here == BEFORE_ALL else here


def balance_before(place: Key, facts: dict[str, Any]) -> Decimal:
    """The balance of the account just before a line."""
    with connection.cursor() as cursor:
        cursor.execute(
            BALANCE_BEFORE_AS_KNOWN if facts.get("as_known") else BALANCE_BEFORE,
            {**facts, "month": place.day.replace(day=1), "day": place.day, "line": place.line},
        )
        return cursor.fetchone()[0]


def ledger_rows(found: Sequence[Any], opening: Decimal) -> list[LedgerRow]:
    """The lines with the running balance."""
    balances = list(accumulate((line[10] for line in found), initial=opening))[1:]
    return [ledger_row(line, balance) for line, balance in zip(found, balances, strict=True)]


def ledger_row(line: Sequence[Any], balance: Decimal) -> LedgerRow:
    """A line as it was read, with the balance after it."""
    pk, day, entry, series, year, number, kind, text, payee, department, *amounts = line
    amount, currency, currency_amount = amounts
    return LedgerRow(
        key=Key(day, pk),
        entry_id=entry,
        reference=f"{series}-{year}-{number:05}",
        kind=kind,
        text=text,
        payee=payee,
        department=department,
        amount=amount,
        currency=currency,
        currency_amount=currency_amount,
        balance=balance,
    )


def whole_ledger(account: Account, **choice: Any) -> Iterator[LedgerPage]:
    """All pages of an account, one after another."""
    page = general_ledger(account, **choice)
    yield page
    while page.has_next:
        page = general_ledger(account, **choice, after=page.last_key)
        yield page


def balance_at(account: Account, *, on: date, department: Department | None = None) -> Decimal:
    """The balance of one account at the end of a day."""
    facts = {"account": account.pk, "department": department.pk if department else None}
    return balance_before(Key(on + A_DAY, 0), facts)
