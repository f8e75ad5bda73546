"""The cash flow statement, twice: from the lines of cash itself, and from the result.

Direct: the other lines of every entry that moves cash, so it always ties to the bank. Indirect:
the result, and what moved on every account of the balance sheet that is no cash.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime, timedelta
from decimal import Decimal

from django.db import connection
from django.utils.translation import gettext as _

from accounting.balance_sheet import RESULTS
from accounting.facts import CASH_ROLES
from accounting.income_statement import compared_with_last_year
from accounting.models import Account
from accounting.movements import NOTHING, SPANS, Movements, Span, facts_of, moved
from accounting.statement_rows import (
    Amounts,
    Chart,
    Column,
    Proof,
    Row,
    Source,
    Statement,
    added,
    books,
    with_differences,
)
from backoffice.money import ZERO

A_DAY = timedelta(days=1)
ROLES_OF_INVESTING = {"fixed_assets", "asset_disposal"}
Flows = Mapping[int, Decimal]

# The lines beside cash of every entry that has a line on cash.
BESIDE_CASH = f"""
with {SPANS}
select touched.n, line.account_id, sum(line.amount)
  from (
    select distinct span.n, cash.entry_id from span cross join unnest(%(cash)s::bigint[]) held(id)
      join accounting_journalline cash
        on cash.account_id = held.id and cash.date >= span.first and cash.date <= span.last
      {{known}}
  ) touched
  join accounting_journalline line on line.entry_id = touched.entry_id
  where line.account_id <> all(%(cash)s::bigint[])
  group by touched.n, line.account_id
"""  # noqa: S608 - our own words
KNOWN = """
join accounting_journalentry entry on entry.id = cash.entry_id
  and entry.posted_at <= span.known and entry.posted_at > span.since
"""


@dataclass(frozen=True)
class Part:
    """A part of the statement: operating, investing or financing."""

    name: str
    title: str


def parts() -> list[Part]:
    """The three parts in their order."""
    return [
        Part("operating", _("From operating")),
        Part("investing", _("From investing")),
        Part("financing", _("From financing")),
    ]


def cash_flow(
    *, first: date, last: date, compare: str = "", known: datetime | None = None
) -> Statement:
    """What came in and went out in some days, by where it came from, both ways of telling it."""
    span = Span(last, first, known=known)
    columns = [Column(_("Amount"), span, name="amount")]
    if compare == "year":
        columns += compared_with_last_year(span)
    return drawn(columns)


def drawn(columns: Sequence[Column]) -> Statement:
    """The statement with these columns."""
    currency, minor_unit, _month = books()
    chart = Chart.read()
    cash = cash_in(chart)
    spans = [column.span for column in columns if column.span]
    before = [replace(s, first=None, last=(s.first or s.last) - A_DAY) for s in spans]
    found = moved([*spans, *before])
    within, opening = found[: len(spans)], found[len(spans) :]
    ends = CashEnds(
        opening=in_columns([held(part, cash) for part in opening], columns),
        change=in_columns([held(part, cash) for part in within], columns),
        before=tuple(in_spans(before, columns)),
        until=tuple(in_spans([replace(span, first=None) for span in spans], columns)),
        cash=tuple(cash),
    )
    direct = direct_rows(chart, beside_cash(spans, cash), columns)
    indirect = indirect_rows(chart, cash, within, columns)
    return Statement(
        name="cash_flow",
        title=_("Cash flow"),
        currency=currency,
        minor_unit=minor_unit,
        columns=tuple(columns),
        rows=(
            *whole(_("Direct, from the lines of bank and cash"), "direct", direct, ends),
            *whole(_("Indirect, from the result"), "indirect", indirect, ends),
        ),
        proofs=tuple(proofs_of(direct, indirect, ends)) if cash else (),
        notes=() if cash else (_("No account is bank or cash: say which in the chart."),),
    )


def cash_in(chart: Chart) -> list[int]:
    """The accounts that are cash."""
    return [pk for pk, account in chart.accounts.items() if is_cash(account)]


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
class CashEnds:
    """The cash there was before the days, and what they changed."""

    opening: Amounts
    change: Amounts
    before: tuple[Span | None, ...]
    until: tuple[Span | None, ...]
    cash: tuple[int, ...]


def held(movements: Movements, cash: Iterable[int]) -> Decimal:
    """What moved on cash."""
    return sum((movements.get(pk, NOTHING).amount for pk in cash), ZERO)


def in_columns(amounts: Sequence[Decimal], columns: Sequence[Column]) -> Amounts:
    """Amounts of the spans at the places of their columns, with the differences."""
    left = iter(amounts)
    return with_differences([next(left) if c.span else ZERO for c in columns], columns)


def in_spans(spans: Sequence[Span], columns: Sequence[Column]) -> list[Span | None]:
    """The spans at the places of their columns."""
    left = iter(spans)
    return [next(left) if column.span else None for column in columns]


def beside_cash(spans: Sequence[Span], cash: Sequence[int]) -> list[Flows]:
    """For each span, what stands beside cash in the entries that move it; one query."""
    found: list[dict[int, Decimal]] = [{} for _span in spans]
    known = "" if all(span.is_as_of_now for span in spans) else KNOWN
    facts = {**facts_of(spans, in_departments=False), "cash": list(cash)}
    with connection.cursor() as cursor:
        cursor.execute(BESIDE_CASH.format(known=known), facts)
        for n, account, amount in cursor.fetchall():
            found[n][account] = amount
    return list(found)


def direct_rows(chart: Chart, flows: Sequence[Flows], columns: Sequence[Column]) -> list[Row]:
    """Each part with the accounts cash came from or went to."""
    keys = {pk for flow in flows for pk in flow}
    amounts = {pk: in_columns([-flow.get(pk, ZERO) for flow in flows], columns) for pk in keys}
    source = Source(with_cash=True, sign=-1)
    return in_parts(chart, amounts, source, len(columns), name="direct")


def indirect_rows(
    chart: Chart, cash: Sequence[int], found: Sequence[Movements], columns: Sequence[Column]
) -> list[Row]:
    """The result, then what moved on balance sheet accounts, without closing entries."""
    results = set(chart.of_kind(*RESULTS))
    keys = {pk for part in found for pk in part} - results - set(cash)
    amounts = {
        pk: in_columns([-part.get(pk, NOTHING).without_closing for part in found], columns)
        for pk in keys
    }
    result = [
        -sum((part.get(pk, NOTHING).without_closing for pk in results), ZERO) for part in found
    ]
    source = Source(kinds=RESULTS, closing="without", sign=-1)
    first = Row(
        _("Result"), in_columns(result, columns), "account", 1, name="result", source=source
    )
    apart = Source(closing="without", sign=-1)
    rows = in_parts(chart, amounts, apart, len(columns), name="indirect")
    return with_result(rows, first)


def with_result(rows: list[Row], first: Row) -> list[Row]:
    """The rows, with the result as the first of operating."""
    operating = rows[0]
    total = added([operating.amounts, first.amounts], len(first.amounts))
    source = operating.source and replace(operating.source, kinds=RESULTS)
    return [replace(operating, amounts=total, source=source), first, *rows[1:]]


def in_parts(
    chart: Chart, amounts: Mapping[int, Amounts], source: Source, width: int, *, name: str
) -> list[Row]:
    """The accounts that have amounts, under the part each belongs to."""
    grouped: dict[str, list[int]] = {part.name: [] for part in parts()}
    for pk, account in chart.accounts.items():
        if any(amounts.get(pk, ())):
            place = part_of(chart, account)
            grouped[place if place in grouped else "operating"].append(pk)
    rows = []
    for part in parts():
        keys = grouped[part.name]
        total = added((amounts[pk] for pk in keys), width)
        whole_part = replace(source, accounts=tuple(keys))
        rows.append(
            Row(part.title, total, "heading", 0, name=f"{name}_{part.name}", source=whole_part)
        )
        for pk in keys:
            account, own = chart.accounts[pk], replace(source, accounts=(pk,))
            rows.append(Row(account.name, amounts[pk], "account", 1, account.code, "account", own))
    return rows


def whole(title: str, name: str, rows: Sequence[Row], ends: CashEnds) -> list[Row]:
    """One way of telling it: the cash before, the parts, the change, the cash after."""
    cash = Source(accounts=ends.cash)
    change = sum_of_parts(rows, len(ends.change))
    closing = added([ends.opening, change], len(change))
    return [
        Row(title, ends.change, "kind", name=name, source=cash),
        Row(
            _("Cash at the beginning"),
            *(ends.opening, "account", 0),
            name=f"{name}_opening",
            source=cash,
            spans=ends.before,
        ),
        *rows,
        Row(_("Change in cash"), change, "sum", name=f"{name}_change", source=cash),
        Row(
            _("Cash at the end"),
            *(closing, "total", 0),
            name=f"{name}_closing",
            source=cash,
            spans=ends.until,
        ),
    ]


def sum_of_parts(rows: Sequence[Row], width: int) -> Amounts:
    """What the three parts add up to."""
    return added((row.amounts for row in rows if row.style == "heading"), width)


def proofs_of(direct: Sequence[Row], indirect: Sequence[Row], ends: CashEnds) -> Iterable[Proof]:
    """Both ways add up to what moved on bank and cash."""
    for rows, ties, differs in (
        (direct, _("Direct ties to bank and cash"), _("Direct differs from bank and cash")),
        (indirect, _("Indirect ties to bank and cash"), _("Indirect differs from bank and cash")),
    ):
        holds = sum_of_parts(rows, len(ends.change)) == ends.change
        yield Proof(ties if holds else differs, holds)
