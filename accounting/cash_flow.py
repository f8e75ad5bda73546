"""The cash flow statement, twice: from the lines of cash itself, and from the result.

Direct: the other lines of every entry that moves cash, each at its place, so it always ties to
the bank. Indirect: investing and financing are the same money; operating begins with the result,
takes out what of it is told there, and adds what moved on the other accounts.
"""

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime, timedelta
from decimal import Decimal

from django.utils.translation import gettext as _

from accounting.balance_sheet import RESULTS
from accounting.cash_places import Beside, Places, beside_cash, part_of
from accounting.income_statement import compared_with_last_year
from accounting.models import Account
from accounting.movements import NOTHING, Movements, Span, moved
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
Flow = Mapping[int, Decimal]


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
    places = Places.of(chart, minor_unit)
    cash = places.cash
    spans = [column.span for column in columns if column.span]
    before = [replace(s, first=None, last=(s.first or s.last) - A_DAY) for s in spans]
    found = moved([*spans, *before])
    within, opening = found[: len(spans)], found[len(spans) :]
    ends = CashEnds(
        opening=in_columns([held(part, cash) for part in opening], columns),
        change=in_columns([held(part, cash) for part in within], columns),
        before=tuple(in_spans(before, columns)),
        until=tuple(in_spans([replace(span, first=None) for span in spans], columns)),
        cash=cash,
    )
    beside = beside_cash(spans, places)
    direct = direct_rows(chart, beside, columns)
    indirect = indirect_rows(
        chart, told_from_result(chart, places, within, beside), direct, columns
    )
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


def direct_rows(
    chart: Chart, beside: Sequence[Sequence[Beside]], columns: Sequence[Column]
) -> list[Row]:
    """Each part with the accounts cash came from or went to."""
    flows = [summed((one.place, -one.amount) for one in flow) for flow in beside]
    grouped: dict[str, list[Row]] = {part.name: [] for part in parts()}
    for pk, account in chart.accounts.items():
        amounts = in_columns([flow.get(pk, ZERO) for flow in flows], columns)
        if any(amounts):
            source = Source(accounts=(pk,), flow="cash", sign=-1)
            row = Row(account.name, amounts, "account", 1, account.code, "account", source)
            place = part_of(chart, account)
            grouped[place if place in grouped else "operating"].append(row)
    return [
        row
        for part in parts()
        for row in under(part, "direct", grouped[part.name], len(columns), flow="cash")
    ]


def under(part: Part, way: str, rows: Sequence[Row], width: int, *, flow: str) -> list[Row]:
    """The rows of a part below their sum."""
    accounts = tuple(pk for row in rows if row.source for pk in row.source.accounts)
    source = Source(accounts=accounts, flow=flow, sign=-1)
    total = added((row.amounts for row in rows), width)
    heading = Row(part.title, total, "heading", 0, name=f"{way}_{part.name}", source=source)
    return [heading, *rows]


def summed(amounts: Iterable[tuple[int, Decimal]]) -> dict[int, Decimal]:
    """The sum for each key."""
    found: dict[int, Decimal] = defaultdict(lambda: ZERO)
    for pk, amount in amounts:
        found[pk] += amount
    return found


@dataclass(frozen=True)
class FromResult:
    """Operating told from the result, for one span.

    `outside` is what of the result is told under investing or financing, taken out of it here;
    `other` is what moved on accounts of the balance sheet and is not told there.
    """

    result: Decimal
    outside: Flow
    other: Flow


def told_from_result(
    chart: Chart,
    places: Places,
    within: Sequence[Movements],
    beside: Sequence[Sequence[Beside]],
) -> list[FromResult]:
    """The same for each span, without closing entries."""
    results, outside = set(chart.of_kind(*RESULTS)), set(places.outside)
    passed_over = results | set(places.cash)
    found = []
    for part, flow in zip(within, beside, strict=True):
        apart = summed((one.account, one.amount) for one in flow if one.place in outside)
        moves = {pk: one.without_closing for pk, one in part.items()}
        found.append(
            FromResult(
                result=-sum((moves.get(pk, ZERO) for pk in results), ZERO),
                outside={pk: amount for pk, amount in apart.items() if pk in results},
                other={
                    pk: apart.get(pk, ZERO) - moves.get(pk, ZERO)
                    for pk in moves.keys() - passed_over
                },
            )
        )
    return found


def indirect_rows(
    chart: Chart, told: Sequence[FromResult], direct: Sequence[Row], columns: Sequence[Column]
) -> list[Row]:
    """Operating from the result, then the money of investing and financing as it is."""
    operating, *others = parts()
    result = Row(
        _("Result"),
        *(in_columns([one.result for one in told], columns), "account", 1),
        name="result",
        source=Source(kinds=RESULTS, closing="without", sign=-1),
    )
    taken_out = adjustments(chart, [one.outside for one in told], columns, is_result=True)
    moves = adjustments(chart, [one.other for one in told], columns, is_result=False)
    heading, *rows = under(operating, "indirect", [*taken_out, *moves], len(columns), flow="")
    total = added([heading.amounts, result.amounts], len(columns))
    accounts = tuple(pk for row in moves if row.source for pk in row.source.accounts)
    source = Source(accounts, kinds=RESULTS, closing="without", flow="operating", sign=-1)
    found = [replace(heading, amounts=total, source=source), result, *rows]
    start = next(at for at, row in enumerate(direct) if row.name == f"direct_{others[0].name}")
    return found + [
        replace(row, name=row.name.replace("direct_", "indirect_")) for row in direct[start:]
    ]


def adjustments(
    chart: Chart, flows: Sequence[Flow], columns: Sequence[Column], *, is_result: bool
) -> list[Row]:
    """A row for each account that moved: of the result what is told elsewhere, or the rest."""
    rows = []
    for pk, account in chart.accounts.items():
        amounts = in_columns([flow.get(pk, ZERO) for flow in flows], columns)
        if not any(amounts):
            continue
        if is_result:
            source = Source(accounts=(pk,), flow="outside")
        else:
            source = Source(accounts=(pk,), closing="without", flow="operating", sign=-1)
        label = named(chart, account, is_result=is_result)
        rows.append(Row(label, amounts, "account", 1, account.code, "account", source))
    return rows


def named(chart: Chart, account: Account, *, is_result: bool) -> str:
    """What an adjustment is called."""
    if is_result:
        return _("%(account)s, told below") % {"account": account.name}
    if part_of(chart, account) != "operating":
        return _("%(account)s, without money") % {"account": account.name}
    return account.name


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
