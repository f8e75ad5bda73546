"""Where the money of an entry came from or went to: the places of the cash flow statement.

A line beside cash belongs to its own account, unless its entry moves fixed assets or another
account of investing: then all of it belongs to that account, so that cost, depreciation and gain
meet in what was paid or received. Tax stays on its own, and so does every line of an opening.

What settles an invoice or bill belongs there as well, as far as that was for fixed assets (IAS 7,
paragraph 16): a part of the line, in proportion to the whole that is owed.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from decimal import Decimal
from typing import Any, NamedTuple

from django.db import connection

from accounting.entry_rules import OWED
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

# A settlement of the span, by an entry that is told line by line.
COUNTS = """
beside.account_id = any(%(owed)s::bigint[]) and allocation.on <= beside.last
      and (beside.known is null or allocation.made_at <= beside.known)
      and beside.entry_id not in (select entry_id from led)
"""

# Of what settles invoices and bills, the part that is the price of fixed assets: the rest of what
# is owed is tax and whatever else stands on the same document.
ON_CREDIT = f"""
settling as materialized (
  select beside.n, beside.id, sold.entry_id, allocation.debit_base as amount
    from beside
    join accounting_allocation allocation on allocation.debit_line_id = beside.id
    join accounting_journalline sold on sold.id = allocation.credit_line_id
    where {COUNTS}
  union all
  select beside.n, beside.id, sold.entry_id, -allocation.credit_base
    from beside
    join accounting_allocation allocation on allocation.credit_line_id = beside.id
    join accounting_journalline sold on sold.id = allocation.debit_line_id
    where {COUNTS}
),
bought as materialized (
  select line.entry_id, min(investing.place) as place
    from unnest(%(investing)s::bigint[]) with ordinality investing(id, place)
    join accounting_journalline line on line.account_id = investing.id
    join accounting_journalentry entry on entry.id = line.entry_id and entry.kind <> 'opening'
    where line.entry_id in (select entry_id from settling)
    group by line.entry_id
),
on_credit as materialized (
  select entry_id, (%(investing)s::bigint[])[place] as place, least(1, price / -owed) as share
    from (
      select bought.entry_id, bought.place,
             sum(line.amount) filter (where line.account_id = any(%(price)s::bigint[])) as price,
             sum(line.amount) filter (where line.account_id = any(%(owed)s::bigint[])) as owed
        from bought join accounting_journalline line on line.entry_id = bought.entry_id
        group by bought.entry_id, bought.place
    ) whole
    where price * owed < 0
),
paid_later as materialized (
  select settling.n, settling.id, on_credit.place,
         round(sum(settling.amount * on_credit.share), %(unit)s) as amount
    from on_credit join settling on settling.entry_id = on_credit.entry_id
    group by settling.n, settling.id, on_credit.place
)
"""  # noqa: S608 - our own words

# Each line beside cash at its place, in parts where only a part of it belongs there.
PARTS = f"""
{LED},
{ON_CREDIT},
parts as (
  select beside.n, beside.id, beside.account_id,
         case when beside.account_id <> all(%(tax)s::bigint[])
              then coalesce(led.account_id, beside.account_id) else beside.account_id end as place,
         beside.amount - coalesce(later.amount, 0) as amount
    from beside
    left join led on led.entry_id = beside.entry_id
    left join (select n, id, sum(amount) as amount from paid_later group by n, id) later
      on later.n = beside.n and later.id = beside.id
  union all
  select beside.n, beside.id, beside.account_id, paid_later.place, paid_later.amount
    from paid_later join beside on beside.n = paid_later.n and beside.id = paid_later.id
)
"""  # noqa: S608 - our own words

# The lines beside cash of every entry that has a line on cash.
BESIDE_CASH = f"""
with {SPANS},
beside as materialized (
  select touched.n, touched.last, touched.known,
         line.id, line.entry_id, line.account_id, line.amount
    from (
      select distinct span.n, span.last, span.known, cash.entry_id
        from span cross join unnest(%(cash)s::bigint[]) held(id)
        join accounting_journalline cash
          on cash.account_id = held.id and cash.date >= span.first and cash.date <= span.last
        {{known}}
    ) touched
    join accounting_journalline line on line.entry_id = touched.entry_id
    where line.account_id <> all(%(cash)s::bigint[])
),
{PARTS}
select n, account_id, place, sum(amount) from parts group by n, account_id, place
"""  # noqa: S608 - our own words
KNOWN = """
join accounting_journalentry entry on entry.id = cash.entry_id
  and entry.posted_at <= span.known and entry.posted_at > span.since
"""

# The same lines one by one, of the days of one figure: how much of each is told at its places.
PLACED = f"""
beside as materialized (
  select 0 as n, %(last)s::date as last, %(known)s::timestamptz as known,
         line.id, line.entry_id, line.account_id, line.amount
    from (
      select distinct entry_id from accounting_journalline
        where account_id = any(%(cash)s::bigint[]) and date >= %(first)s and date <= %(last)s
    ) touched
    join accounting_journalline line on line.entry_id = touched.entry_id
    where line.account_id <> all(%(cash)s::bigint[])
),
{PARTS},
told as materialized (
  select id, sum(amount) as amount from parts where place = any(%(places)s::bigint[]) group by id
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

    `price` are those a price of fixed assets is made of, `owed` those it is owed on. `outside`
    are those of investing and financing: the places that are not of operating.
    """

    cash: tuple[int, ...] = ()
    investing: tuple[int, ...] = ()
    price: tuple[int, ...] = ()
    owed: tuple[int, ...] = ()
    tax: tuple[int, ...] = ()
    outside: tuple[int, ...] = ()
    unit: int = 2

    @classmethod
    def of(cls, chart: Chart, unit: int) -> "Places":
        """Those of a chart; parts of lines are rounded to the decimals of the books' currency."""
        parts = {
            pk: "cash" if is_cash(account) else part_of(chart, account)
            for pk, account in chart.accounts.items()
        }
        investing = [pk for pk, part in parts.items() if part == "investing"]
        investing.sort(key=lambda pk: chart.accounts[pk].kind not in BALANCE_SHEET)
        return cls(
            cash=tuple(pk for pk, part in parts.items() if part == "cash"),
            investing=tuple(investing),
            price=(*investing, *chart.with_role("depreciation_to_date")),
            owed=chart.with_role(*OWED),
            tax=chart.with_role(*ROLES_OF_TAX),
            outside=tuple(pk for pk, part in parts.items() if part in ("investing", "financing")),
            unit=unit,
        )

    def facts(self) -> dict[str, Any]:
        """The same for a query."""
        return {
            "cash": list(self.cash),
            "investing": list(self.investing),
            "price": list(self.price),
            "owed": list(self.owed),
            "tax": list(self.tax),
            "unit": self.unit,
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
