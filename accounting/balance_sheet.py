"""The balance sheet: what is owned, what is owed, and what is left, at the end of a day.

No closing entry is needed: the result of the year and those of the years before are computed.
"""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime, timedelta
from decimal import Decimal

from django.utils.translation import gettext as _

from accounting.models import FiscalYear
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
    by_account,
    section,
    usual_side,
    with_differences,
)
from accounting.years import year_start
from backoffice.money import ZERO

A_DAY = timedelta(days=1)
BALANCES = ("asset", "liability", "equity")
RESULTS = ("income", "expense")


def balance_sheet(
    *,
    on: date,
    compare: Sequence[date] = (),
    departments: frozenset[int] | None = None,
    known: datetime | None = None,
    since: datetime | None = None,
) -> Statement:
    """The balance sheet of a day, beside those of other days with the difference to the first.

    With `since` it is what entries made after that moment, up to `known`, have changed.
    """
    first = Span(on, departments=departments, known=known)
    if since:
        return drawn(changed_columns(first, since))
    others = [replace(first, last=day) for day in compare]
    return drawn(day_columns([first, *others]))


def day_columns(spans: Sequence[Span]) -> list[Column]:
    """A column for each day, and the difference between the first two."""
    columns = [
        Column(f"{span.last}", span, name=f"{span.last}", stands_for="day") for span in spans
    ]
    if len(spans) > 1:
        columns.append(Column(_("Difference"), less=(0, 1), name="difference"))
    return columns


def changed_columns(span: Span, since: datetime) -> list[Column]:
    """What was known before, what is known then, and the entries that came between."""
    return [
        Column(_("Before"), replace(span, known=since), name="before"),
        Column(_("After"), span, name="after"),
        Column(_("Change"), replace(span, since=since), name="changed"),
    ]


@dataclass(frozen=True)
class Results:
    """What was earned before the year, in it, and how much of it closing entries took over."""

    earlier: Amounts
    of_year: Amounts
    taken_over: Amounts
    before: tuple[Span | None, ...]
    within: tuple[Span | None, ...]


def drawn(columns: list[Column]) -> Statement:
    """The statement with these columns."""
    currency, minor_unit, first_month = books()
    chart = Chart.read()
    spans = [column.span for column in columns if column.span]
    starts = year_starts([span.last for span in spans], first_month)
    years = [replace(span, first=start) for span, start in zip(spans, starts, strict=True)]
    found = moved([*spans, *years])
    amounts = by_account(columns, found[: len(spans)], sign=usual_side(chart), planned={})
    results = results_of(chart, columns, found, years)
    return Statement(
        name="balance_sheet",
        title=_("Balance sheet"),
        currency=currency,
        minor_unit=minor_unit,
        columns=tuple(columns),
        rows=tuple(rows := rows_of(chart, amounts, results, len(columns))),
        proofs=(proof_of(rows, columns),),
    )


def rows_of(chart: Chart, amounts: dict[int, Amounts], results: Results, width: int) -> list[Row]:
    """Assets; then liabilities and equity with the results, adding up to the same."""
    balances = {pk: found for pk, found in amounts.items() if chart.accounts[pk].kind in BALANCES}
    assets, liabilities, equity = (section(chart, kind, balances, width) for kind in BALANCES)
    computed = result_rows(results)
    own = added([equity[0].amounts, *(row.amounts for row in computed)], width)
    # Equity is what results have left in it, whether an entry took them over or not.
    left = Source(kinds=("equity", *RESULTS), sign=-1)
    heading = replace(equity[0], amounts=own, source=left)
    both = added([liabilities[0].amounts, own], width)
    return [
        *assets,
        *liabilities,
        heading,
        *equity[1:],
        *computed,
        Row(
            _("Liabilities and equity"),
            *(both, "total", 0),
            name="liabilities_and_equity",
            source=replace(left, kinds=("liability", *left.kinds)),
        ),
    ]


def result_rows(results: Results) -> list[Row]:
    """The computed lines of equity: earlier years where there are any, and always this one."""
    source = Source(kinds=RESULTS, sign=-1)
    rows = [
        Row(
            _("Results of earlier years"),
            *(results.earlier, "account", 0),
            name="earlier_results",
            source=source,
            spans=results.before,
        ),
        Row(
            _("Result of the year"),
            *(results.of_year, "account", 0),
            name="result",
            source=replace(source, closing="without"),
            spans=results.within,
        ),
        Row(
            _("Taken over by the closing entry"),
            *(results.taken_over, "account", 0),
            name="taken_over",
            source=replace(source, closing="only"),
            spans=results.within,
        ),
    ]
    return [row for row in rows if row.moves or row.name == "result"]


def results_of(
    chart: Chart, columns: list[Column], found: Sequence[Movements], years: Sequence[Span]
) -> Results:
    """The results up to the days of the columns, split at the start of their years."""
    accounts = chart.of_kind(*RESULTS)
    parts = iter(zip(found[: len(years)], found[len(years) :], years, strict=True))
    sums: list[tuple[Decimal, Decimal, Decimal]] = []
    before: list[Span | None] = []
    within: list[Span | None] = []
    for column in columns:
        if column.span is None:
            sums.append((ZERO, ZERO, ZERO))
            before.append(None)
            within.append(None)
            continue
        ever, of_year, year = next(parts)
        total, in_year, closing = (
            -sum((ever.get(pk, NOTHING).amount for pk in accounts), ZERO),
            -sum((of_year.get(pk, NOTHING).amount for pk in accounts), ZERO),
            -sum((of_year.get(pk, NOTHING).closing for pk in accounts), ZERO),
        )
        sums.append((total - in_year, in_year - closing, closing))
        before.append(replace(year, first=None, last=year_first(year) - A_DAY))
        within.append(year)
    earlier, own, taken = (with_differences(part, columns) for part in zip(*sums, strict=True))
    return Results(earlier, own, taken, tuple(before), tuple(within))


def year_first(year: Span) -> date:
    """The first day of a span that has one."""
    return year.first or date.min


def proof_of(rows: Sequence[Row], columns: Sequence[Column]) -> Proof:
    """Whether both sides are equal in every column."""
    named = {row.name: row.amounts for row in rows}
    holds = named["assets"] == named["liabilities_and_equity"]
    return Proof(
        _("Assets equal liabilities and equity")
        if holds
        else _("Assets differ from liabilities and equity"),
        holds,
    )


def year_starts(days: Sequence[date], first_month: int) -> list[date]:
    """The first days of the fiscal years the days lie in, whether these are open or not."""
    known = list(FiscalYear.objects.values_list("starts_on", "ends_on"))
    return [
        next((start for start, end in known if start <= day <= end), year_start(day, first_month))
        for day in days
    ]
