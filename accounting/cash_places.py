"""Where the money of an entry came from or went to: the places of the cash flow statement.

A line beside cash belongs to its own account, unless its entry moves fixed assets or another
account of investing: then all of it belongs to that account, so that cost, depreciation and gain
meet in what was paid or received. Tax stays on its own, and so does every line of an opening.

What settles an invoice or bill belongs there as well, as far as that was for fixed assets (IAS 7,
paragraph 16): a part of the line, in proportion to the whole that is owed. Discounts and
write-offs beside it follow it, so that only the money is told.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from decimal import Decimal
from typing import Any, NamedTuple

from django.db import connection

from accounting.entry_rules import OWED
from accounting.facts import CASH_ROLES
from accounting.models import Account
from accounting.movements import FIRST_DAY, Span
from accounting.statement_rows import Chart

ROLES_OF_INVESTING = {"fixed_assets", "asset_disposal"}
ROLES_OF_TAX = {
    "tax_on_sales",
    "tax_on_purchases",
    "tax_settlement",
    "withholding_payable",
    "withholding_receivable",
}
# What is settled without money, where somebody pays less than is owed.
ROLES_FORGONE = ("discount_given", "discount_received", "bad_debts", "rounding")
BALANCE_SHEET = ("asset", "liability", "equity")

# The account of investing each entry stands for: the first of them it has a line on.
FIRST_OF_INVESTING = """
(%(investing)s::bigint[])[min(array_position(%(investing)s::bigint[], account_id))]
"""
LED = f"""
led as (
  select beside.entry_id, {FIRST_OF_INVESTING} as account_id
    from beside
    join accounting_journalentry entry on entry.id = beside.entry_id and entry.kind <> 'opening'
    where beside.account_id = any(%(investing)s::bigint[])
    group by beside.entry_id
)
"""  # noqa: S608 - our own words

# What was bought or sold on credit, and how much of what is owed for it is its price: the rest is
# tax and whatever else stands on the same document. Then, what settles that beside cash, and what
# of it was no money.
ON_CREDIT = f"""
bought as materialized (
  select line.entry_id, {FIRST_OF_INVESTING} as place
    from accounting_journalline line
    join accounting_journalentry entry on entry.id = line.entry_id and entry.kind <> 'opening'
    where line.account_id = any(%(investing)s::bigint[]) and line.entry_id in (
        select entry_id from accounting_journalline where account_id = any(%(owed)s::bigint[])
      )
    group by line.entry_id
),
on_credit as materialized (
  select entry_id, place, least(1, price / -owed) as share
    from (
      select bought.entry_id, bought.place,
             sum(line.amount) filter (where line.account_id = any(%(price)s::bigint[])) as price,
             sum(line.amount) filter (where line.account_id = any(%(owed)s::bigint[])) as owed
        from bought join accounting_journalline line on line.entry_id = bought.entry_id
        group by bought.entry_id, bought.place
    ) whole
    where price * owed < 0
),
owed as materialized (
  select line.id, on_credit.place, on_credit.share
    from on_credit join accounting_journalline line on line.entry_id = on_credit.entry_id
    where line.account_id = any(%(owed)s::bigint[])
),
settling as materialized (
  select allocation.debit_line_id as id, owed.place, owed.share, allocation.debit_base as amount,
         allocation.on, allocation.made_at
    from owed join accounting_allocation allocation on allocation.credit_line_id = owed.id
  union all
  select allocation.credit_line_id, owed.place, owed.share, -allocation.credit_base,
         allocation.on, allocation.made_at
    from owed join accounting_allocation allocation on allocation.debit_line_id = owed.id
),
paid_later as materialized (
  select beside.id, beside.entry_id, settling.place,
         round(sum(settling.amount * settling.share), %(unit)s) as amount
    from settling join beside on beside.id = settling.id
    where beside.entry_id not in (select entry_id from led) and settling.on <= %(last)s
      and (%(known)s::timestamptz is null or settling.made_at <= %(known)s)
    group by beside.id, beside.entry_id, settling.place
),
forgone as (
  select other.id, settled.place,
         round(other.amount * least(1, greatest(0, settled.amount / whole.owed)), %(unit)s)
           as amount
    from (
      select entry_id, place, sum(amount) as amount from paid_later group by entry_id, place
    ) settled
    join (
      select entry_id, sum(amount) as owed from beside
        where account_id = any(%(owed)s::bigint[]) group by entry_id having sum(amount) <> 0
    ) whole using (entry_id)
    join beside other using (entry_id)
    where other.account_id = any(%(forgone)s::bigint[])
),
apart as materialized (
  select id, place, amount from paid_later union all select id, place, amount from forgone
)
"""  # noqa: S608 - our own words

# Each line beside cash in some days, at its place; in parts where only a part belongs there.
PARTS = f"""
beside as materialized (
  select line.id, line.entry_id, line.account_id, line.amount
    from accounting_journalline line
    where line.account_id <> all(%(cash)s::bigint[]) and line.entry_id in (
        select cash.entry_id from accounting_journalline cash {{known}}
          where cash.account_id = any(%(cash)s::bigint[])
            and cash.date >= %(first)s and cash.date <= %(last)s
      )
),
{LED},
{ON_CREDIT},
parts as (
  select beside.id, beside.account_id,
         case when beside.account_id <> all(%(tax)s::bigint[])
              then coalesce(led.account_id, beside.account_id) else beside.account_id end as place,
         beside.amount - coalesce(elsewhere.amount, 0) as amount
    from beside
    left join led on led.entry_id = beside.entry_id
    left join (select id, sum(amount) as amount from apart group by id) elsewhere
      on elsewhere.id = beside.id
  union all
  select beside.id, beside.account_id, apart.place, apart.amount
    from apart join beside on beside.id = apart.id
)
"""  # noqa: S608 - our own words
KNOWN = """
join accounting_journalentry entry on entry.id = cash.entry_id
  and entry.posted_at <= coalesce(%(known)s, 'infinity'::timestamptz)
  and entry.posted_at > coalesce(%(since)s, '-infinity'::timestamptz)
"""
SUMS = "select account_id, place, sum(amount) from parts group by account_id, place"

# How much of each line is told at the places of a figure.
TOLD = """
told as materialized (
  select id, sum(amount) as amount from parts where place = any(%(places)s::bigint[]) group by id
)
"""


def parts_within(span: Span) -> str:
    """The expressions that end with `parts`, for the days of a span."""
    return PARTS.format(known="" if span.is_as_of_now else KNOWN)


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

    `price` are those a price of fixed assets is made of, `owed` those it is owed on, `forgone`
    those of what is settled without money. `outside` are those of investing and financing: the
    places that are not of operating.
    """

    cash: tuple[int, ...] = ()
    investing: tuple[int, ...] = ()
    price: tuple[int, ...] = ()
    owed: tuple[int, ...] = ()
    forgone: tuple[int, ...] = ()
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
            forgone=chart.with_role(*ROLES_FORGONE),
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
            "forgone": list(self.forgone),
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
    """For each span, what stands beside cash in the entries that move it; a query for each.

    So the database sees how many days it is asked for, and plans for as many lines.
    """
    found = []
    with connection.cursor() as cursor:
        for span in spans:
            facts = {
                "first": span.first or FIRST_DAY,
                "last": span.last,
                "known": span.known,
                "since": span.since,
            }
            cursor.execute(f"with {parts_within(span)} {SUMS}", facts | places.facts())
            found.append([Beside(*row) for row in cursor.fetchall()])
    return found
