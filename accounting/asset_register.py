"""The asset register at the end of a day: what each asset cost and lost, and that it ties.

The figures are sums of events and depreciations whose entries stand on that day, so they equal
the accounts whatever was posted, taken back or entered late.
"""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from itertools import groupby
from typing import Any, NamedTuple

from django.db import connection
from django.db.models import Sum
from django.utils.translation import gettext as _

from accounting.models import Account, AssetClass, JournalLine
from accounting.statements import trial_balance
from backoffice.money import ZERO

PAGE = 100

REVERSED = """
reversed as (select reverses_id as id from accounting_journalentry
              where reverses_id is not null and date <= %(on)s)"""

MOVED = f"""
with {REVERSED},
moved as (
    select asset_id, sum(cost) as cost, sum(taken) as taken from (
        select asset_id, cost, taken from accounting_assetevent
         where "on" <= %(on)s and (entry_id is null or entry_id not in (select id from reversed))
        union all
        select asset_id, 0, sum(amount) from accounting_depreciation
         where "on" <= %(on)s and entry_id not in (select id from reversed)
         group by asset_id
    ) parts group by asset_id
)"""  # noqa: S608 - our own words

REGISTER = f"""
{MOVED}
select a.id, a.number, a.name, a.asset_class_id, class.name, a.acquired_on, department.name,
       moved.cost, moved.taken
  from moved join accounting_fixedasset a on a.id = moved.asset_id
  join accounting_assetclass class on class.id = a.asset_class_id
  join backoffice_department department on department.id = a.department_id
 where (moved.cost <> 0 or moved.taken <> 0)
   and (%(asset_class)s::bigint is null or a.asset_class_id = %(asset_class)s)
 order by class.name, a.number limit %(limit)s offset %(offset)s
"""  # noqa: S608 - our own words

CLASSES = f"""
{MOVED}
select class.id, class.name, count(*), sum(moved.cost), sum(moved.taken)
  from moved join accounting_fixedasset a on a.id = moved.asset_id
  join accounting_assetclass class on class.id = a.asset_class_id
 where moved.cost <> 0 or moved.taken <> 0
 group by class.id, class.name order by class.name
"""  # noqa: S608 - our own words

ACCOUNTS = f"""
{MOVED}
select account, sum(amount) from (
    select a.asset_account_id as account, moved.cost as amount
      from moved join accounting_fixedasset a on a.id = moved.asset_id
    union all
    select a.depreciation_account_id, -moved.taken
      from moved join accounting_fixedasset a on a.id = moved.asset_id
) sums group by account
"""  # noqa: S608 - our own words

# For `verify`: over all time, and entry by entry where the entry is an asset's own.
OFF_THE_LEDGER = """
with register as (
    select account, sum(amount) as amount from (
        select a.asset_account_id as account, e.cost as amount
          from accounting_assetevent e join accounting_fixedasset a on a.id = e.asset_id
         where e.entry_id is null or e.entry_id not in (
            select reverses_id from accounting_journalentry where reverses_id is not null)
        union all
        select a.depreciation_account_id, -e.taken
          from accounting_assetevent e join accounting_fixedasset a on a.id = e.asset_id
         where e.entry_id is null or e.entry_id not in (
            select reverses_id from accounting_journalentry where reverses_id is not null)
        union all
        select a.depreciation_account_id, -sum(d.amount)
          from accounting_live_depreciation d
          join accounting_fixedasset a on a.id = d.asset_id group by 1
    ) sums group by account
)
select account.code || ': ' || register.amount || ' / ' || coalesce(sum(b.debit - b.credit), 0)
  from register join accounting_account account on account.id = register.account
  left join accounting_monthlybalance b on b.account_id = account.id
 group by account.code, register.amount
having register.amount <> coalesce(sum(b.debit - b.credit), 0)
 order by account.code limit 1
"""

OFF_THEIR_ENTRIES = """
with facts as (
    select e.entry_id, a.asset_account_id as account, e.cost as amount
      from accounting_assetevent e join accounting_fixedasset a on a.id = e.asset_id
     where e.entry_id is not null
    union all
    select e.entry_id, a.depreciation_account_id, -e.taken
      from accounting_assetevent e join accounting_fixedasset a on a.id = e.asset_id
     where e.entry_id is not null
    union all
    select d.entry_id, a.depreciation_account_id, -d.amount
      from accounting_depreciation d join accounting_fixedasset a on a.id = d.asset_id
), kept as (select entry_id, account, sum(amount) as amount from facts group by 1, 2)
select entry.series || '-' || entry.year || '-' || to_char(entry.number, 'FM9999900000')
  from kept join accounting_journalentry entry on entry.id = kept.entry_id
 where (entry.source_key like 'asset:%' or entry.source_key like 'depreciation:%')
   and kept.amount <> coalesce((select sum(l.amount) from accounting_journalline l
                                 where l.entry_id = kept.entry_id
                                   and l.account_id = kept.account), 0)
 order by entry.id limit 1
"""

STATES_OFF = """
select a.number || ': ' || a.state from accounting_fixedasset a
  left join lateral (select kind from accounting_live_asset_event e
                      where e.asset_id = a.id order by e.id desc limit 1) last on true
 where a.state <> case when last.kind is null then 'taken_back'
                       when last.kind in ('sale', 'scrap') then 'disposed' else 'in_use' end
 order by a.id limit 1
"""


class RegisterRow(NamedTuple):
    """An asset at the end of the day."""

    pk: int
    number: str
    name: str
    class_id: int
    class_name: str
    acquired_on: date
    department: str
    cost: Decimal
    taken: Decimal

    @property
    def book_value(self) -> Decimal:
        """What it still stands for in the books."""
        return self.cost - self.taken


class ClassRow(NamedTuple):
    """All assets of a class at the end of the day."""

    pk: int
    name: str
    assets: int
    cost: Decimal
    taken: Decimal

    @property
    def book_value(self) -> Decimal:
        """What they still stand for in the books."""
        return self.cost - self.taken


@dataclass(frozen=True)
class Tie:
    """An account of assets: what the register says and what the ledger says."""

    account: Account
    register: Decimal
    ledger: Decimal

    @property
    def holds(self) -> bool:
        """Whether both say the same."""
        return self.register == self.ledger


def register_rows(
    *, on: date, asset_class: AssetClass | None = None, limit: int | None = None, offset: int = 0
) -> list[RegisterRow]:
    """The assets that stand in the books at the end of a day, class by class."""
    asked = {
        "on": on,
        "asset_class": asset_class.pk if asset_class else None,
        "limit": limit,
        "offset": offset,
    }
    return [RegisterRow(*row) for row in answers(REGISTER, asked)]


def class_rows(*, on: date) -> list[ClassRow]:
    """The sums by class at the end of a day."""
    return [ClassRow(*row) for row in answers(CLASSES, {"on": on})]


def ties(*, on: date) -> list[Tie]:
    """Each account assets stand on, with its balance in the register and in the ledger."""
    sums = dict(answers(ACCOUNTS, {"on": on}))
    ledger = {row.account_id: row.balance for row in trial_balance(on=on).rows}
    accounts = Account.objects.filter(pk__in=sums).order_by("code")
    return [Tie(one, sums[one.pk], ledger.get(one.pk, ZERO)) for one in accounts]


def not_in_register(account: Account, *, on: date) -> Decimal:
    """What the ledger has on the account at the end of a day that is of no asset."""
    held = JournalLine.objects.filter(account=account, date__lte=on).aggregate(sum=Sum("amount"))
    register = dict(answers(ACCOUNTS, {"on": on}))
    return (held["sum"] or ZERO) - register.get(account.pk, ZERO)


def answers(question: str, asked: dict[str, Any]) -> list[tuple[Any, ...]]:
    """The rows the database answers with."""
    with connection.cursor() as cursor:
        cursor.execute(question, asked)
        return cursor.fetchall()


def by_class(rows: Sequence[RegisterRow]) -> Iterator[tuple[str, list[RegisterRow]]]:
    """The rows of each class, in their order."""
    for name, found in groupby(rows, key=lambda row: row.class_name):
        yield name, list(found)


def sums_of_rows(rows: Iterable[RegisterRow | ClassRow]) -> tuple[Decimal, Decimal]:
    """Cost and depreciation of all rows."""
    found = list(rows)
    return sum((r.cost for r in found), ZERO), sum((r.taken for r in found), ZERO)


def questions() -> tuple[tuple[str, ...], ...]:
    """The checks of the register: what each is called, its question, what else it is about."""
    return (
        (_("asset register equals the ledger"), OFF_THE_LEDGER, "assets"),
        (_("each entry of an asset moves what the register says"), OFF_THEIR_ENTRIES, "register"),
        (_("states of assets follow from their events"), STATES_OFF, "register"),
    )
