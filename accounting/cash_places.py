"""Where the money of an entry came from or went to: the places of the cash flow statement.

A line beside cash belongs to its own account, unless its entry moves fixed assets or another
account of investing: then all of it belongs to that account, so that cost, depreciation and gain
meet in what was paid or received. Tax stays on its own, and so does every line of an opening.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from decimal import Decimal
from typing import Any, NamedTuple

from django.db import connection

from accounting.facts import CASH_ROLES
from accounting.models import Account
from accounting.movements import SPANS, Span, facts_of
from accounting.statement_rows import Chart

ROLES_OF_INVESTING = {"fixed_assets", "asset_disposal"}
ROLES_OF_TAX = {
    "tax_on_sales",
    "tax_on_purchases",
    "tax_settlement",
    "withholding_payable",
    "withholding_receivable",
}
BALANCE_SHEET = ("asset", "liability", "equity")

# The account of investing each entry stands for: the first of them it has a line on.
LED = """
led as (
  select distinct on (beside.entry_id) beside.entry_id, beside.account_id
    from beside join unnest(%(investing)s::bigint[]) with ordinality investing(id, place)
      on investing.id = beside.account_id
    join accounting_journalentry entry on entry.id = beside.entry_id and entry.kind <> 'opening'
    order by beside.entry_id, investing.place
)
"""
PLACE = """
case when beside.account_id <> all(%(tax)s::bigint[])
     then coalesce(led.account_id, beside.account_id) else beside.account_id end as place
"""

# The lines beside cash of every entry that has a line on cash.
BESIDE_CASH = f"""
with {SPANS},
beside as materialized (
  select touched.n, line.entry_id, line.account_id, line.amount
    from (
      select distinct span.n, cash.entry_id
        from span cross join unnest(%(cash)s::bigint[]) held(id)
        join accounting_journalline cash
          on cash.account_id = held.id and cash.date >= span.first and cash.date <= span.last
        {{known}}
    ) touched
    join accounting_journalline line on line.entry_id = touched.entry_id
    where line.account_id <> all(%(cash)s::bigint[])
),
{LED}
select beside.n, beside.account_id, {PLACE}, sum(beside.amount)
  from beside left join led on led.entry_id = beside.entry_id
  group by beside.n, beside.account_id, place
"""  # noqa: S608 - our own words
KNOWN = """
join accounting_journalentry entry on entry.id = cash.entry_id
  and entry.posted_at <= span.known and entry.posted_at > span.since
"""

# The same lines one by one, of the days of one figure.
PLACED = f"""
with beside as materialized (
  select line.id, line.entry_id, line.account_id
    from (
      select distinct entry_id from accounting_journalline
        where account_id = any(%(cash)s::bigint[]) and date >= %(first)s and date <= %(last)s
    ) touched
    join accounting_journalline line on line.entry_id = touched.entry_id
    where line.account_id <> all(%(cash)s::bigint[])
),
{LED},
placed as materialized (
  select beside.id, {PLACE} from beside left join led on led.entry_id = beside.entry_id
)
"""  # noqa: S608 - our own words


def is_cash(account: Account) -> bool:
    """Whether it holds money at hand: bank, cash, or what is marked so."""
    return account.cash_flow == "cash" or (not account.cash_flow and account.role in CASH_ROLES)


def part_of(chart: Chart, account: Account) -> str:
    """The part what happens on an account belongs to: as marked, else by kind and role.

    Beside fixed assets stand other fixed assets; depreciation to date belongs to operating, for
    it takes back what the result counted as a cost.
    """
    if account.cash_flow:
        return account.cash_flow
    if account.kind == "equity":
        return "financing"
    if account.role == "depreciation_to_date":
        return "operating"
    beside = {a.role for a in chart.below[account.parent_id]} if account.parent_id else set()
    if account.role in ROLES_OF_INVESTING or (
        account.kind == "asset" and "fixed_assets" in beside
    ):
        return "investing"
    return "operating"


@dataclass(frozen=True)
class Places:
    """The accounts that are cash, those of investing (of the balance sheet first), of tax.

    `outside` are those of investing and financing: the places that are not of operating.
    """

    cash: tuple[int, ...] = ()
    investing: tuple[int, ...] = ()
    tax: tuple[int, ...] = ()
    outside: tuple[int, ...] = ()

    @classmethod
    def of(cls, chart: Chart) -> "Places":
        """Those of a chart."""
        parts = {
            pk: "cash" if is_cash(account) else part_of(chart, account)
            for pk, account in chart.accounts.items()
        }
        investing = [pk for pk, part in parts.items() if part == "investing"]
        investing.sort(key=lambda pk: chart.accounts[pk].kind not in BALANCE_SHEET)
        return cls(
            cash=tuple(pk for pk, part in parts.items() if part == "cash"),
            investing=tuple(investing),
            tax=tuple(pk for pk, a in chart.accounts.items() if a.role in ROLES_OF_TAX),
            outside=tuple(pk for pk, part in parts.items() if part in ("investing", "financing")),
        )

    def facts(self) -> dict[str, list[int]]:
        """The same for a query."""
        return {
            "cash": list(self.cash),
            "investing": list(self.investing),
            "tax": list(self.tax),
            "outside": list(self.outside),
        }


NOWHERE = Places()


class Beside(NamedTuple):
    """What an account moved beside cash for a place."""

    account: int
    place: int
    amount: Decimal


def beside_cash(spans: Sequence[Span], places: Places) -> list[list[Beside]]:
    """For each span, what stands beside cash in the entries that move it; one query."""
    found: list[list[Beside]] = [[] for _span in spans]
    known = "" if all(span.is_as_of_now for span in spans) else KNOWN
    facts: dict[str, Any] = {**facts_of(spans, in_departments=False), **places.facts()}
    with connection.cursor() as cursor:
        cursor.execute(BESIDE_CASH.format(known=known), facts)
        for n, *beside in cursor.fetchall():
            found[n].append(Beside(*beside))
    return found
