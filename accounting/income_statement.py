"""The income statement: what was earned and spent in some days, without closing entries."""

from collections.abc import Mapping, Sequence
from dataclasses import replace
from datetime import date, datetime
from decimal import Decimal

from django.db.models import F
from django.utils.translation import gettext as _

from accounting.balance_sheet import RESULTS, changed_columns
from accounting.budget_figures import planned_amounts
from accounting.models import Budget
from accounting.movements import NOTHING, Span, moved
from accounting.statement_rows import (
    Amounts,
    Chart,
    Column,
    Row,
    Source,
    Statement,
    added,
    books,
    by_account,
    section,
    turned,
    usual_side,
    with_differences,
)
from accounting.years import months
from backoffice.errors import Refused
from backoffice.models import Department
from backoffice.money import ZERO

MOST_MONTHS = 24


def income_statement(
    *,
    first: date,
    last: date,
    by: str = "",
    compare: str = "",
    budget: Budget | None = None,
    departments: frozenset[int] | None = None,
    known: datetime | None = None,
    since: datetime | None = None,
    without: frozenset[int] = frozenset(),
) -> Statement:
    """Income, expenses and the result of some days.

    By month or by department; against the days a year before (`compare="year"`) or against a
    budget; or, with `since`, what entries made after that moment, up to `known`, have changed.
    """
    span = Span(last, first, departments, known, without=without)
    if since:
        return drawn(changed_columns(span, since))
    if by == "month":
        return drawn(month_columns(span))
    if by == "department":
        return without_empty(drawn(department_columns(span)))
    columns = [Column(_("Amount"), span, name="amount")]
    if compare == "year":
        return drawn([*columns, *compared_with_last_year(span)])
    if budget:
        return against_budget(span, budget)
    return drawn(columns)


def month_columns(span: Span) -> list[Column]:
    """A column for each month of the days, the first and last as far as they go, and the sum."""
    parts = list(months(span.first or span.last, span.last))
    if len(parts) > MOST_MONTHS:
        raise Refused(
            _("By month, the statement covers at most %(most)s months.") % {"most": MOST_MONTHS},
            field="last",
        )
    columns = [
        Column(name, replace(span, first=start, last=end), name=name, stands_for="month")
        for start, end in parts
        for name in [f"{start:%Y-%m}"]
    ]
    return [*columns, Column(_("Total"), span, name="total")]


def department_columns(span: Span) -> list[Column]:
    """A column for each department's own lines, and the sum."""
    found = Department.objects.order_by(F("parent_id").asc(nulls_first=True), "name")
    if span.departments is not None:
        found = found.filter(pk__in=span.departments)
    columns = [
        Column(department.name, replace(span, departments=frozenset({department.pk})), name=code)
        for department in found
        for code in [department.code]
    ]
    return [*columns, Column(_("Total"), span, name="total")]


def without_empty(found: Statement) -> Statement:
    """The statement without columns in which nothing moved; the sum stays."""
    last = len(found.columns) - 1
    kept = [n for n in range(last + 1) if n == last or any(r.amounts[n] for r in found.rows)]
    return replace(
        found,
        columns=tuple(found.columns[n] for n in kept),
        rows=tuple(
            replace(row, amounts=tuple(row.amounts[n] for n in kept)) for row in found.rows
        ),
    )


def compared_with_last_year(span: Span) -> list[Column]:
    """The same days a year before, and the difference."""
    first, last = a_year_before(span.first or span.last), a_year_before(span.last, is_last=True)
    before = replace(span, first=first, last=last)
    return [
        Column(_("Year before"), before, name="year_before"),
        Column(_("Difference"), less=(0, 1), name="difference"),
    ]


def a_year_before(day: date, *, is_last: bool = False) -> date:
    """The same day of the year before; the last of February stays the last of February."""
    if day.month == 2 and day.day in (28, 29):
        leap = date(day.year - 1, 3, 1).toordinal() - 1
        if day.day == 29 or is_last:
            return date.fromordinal(leap)
    return day.replace(year=day.year - 1)


def against_budget(span: Span, budget: Budget) -> Statement:
    """What happened, what was planned for the months begun in these days, the difference."""
    columns = [
        Column(_("Amount"), span, name="amount"),
        Column(_("Budget"), plan=span, name="budget"),
        Column(_("Difference"), less=(0, 1), name="difference"),
    ]
    note = _("Budget “%(budget)s”, the months that begin in these days.") % {"budget": budget}
    return replace(drawn(columns, budget), notes=(note,))


def drawn(columns: Sequence[Column], budget: Budget | None = None) -> Statement:
    """The statement with these columns."""
    currency, minor_unit, _month = books()
    chart, width = Chart.read(), len(columns)
    found = moved([column.span for column in columns if column.span])
    plans = {at: column.plan for at, column in enumerate(columns) if column.plan}
    planned = planned_amounts(budget, plans) if budget else {}
    amounts = by_account(columns, found, sign=usual_side(chart), closing=False, planned=planned)
    income, expenses = (
        section(chart, kind, only(chart, kind, amounts), width, closing="without")
        for kind in RESULTS
    )
    result = added([income[0].amounts, turned(expenses[0].amounts)], width)
    source = Source(kinds=RESULTS, closing="without", sign=-1)
    parts = iter(found)
    closing = with_differences(
        [closing_of(chart, next(parts)) if column.span else ZERO for column in columns], columns
    )
    left_out = Row(
        _("Left out: closing entries"),
        *(closing, "note", 0),
        name="closing",
        source=replace(source, closing="only"),
    )
    return Statement(
        name="income_statement",
        title=_("Income statement"),
        currency=currency,
        minor_unit=minor_unit,
        columns=tuple(columns),
        rows=(
            *income,
            *expenses,
            Row(_("Result"), result, "total", name="result", source=source),
            *([left_out] if left_out.moves else []),
        ),
        budget=budget.pk if budget else None,
    )


def only(chart: Chart, kind: str, amounts: Mapping[int, Amounts]) -> dict[int, Amounts]:
    """The amounts of accounts of a kind."""
    return {pk: found for pk, found in amounts.items() if chart.accounts[pk].kind == kind}


def closing_of(chart: Chart, found: Mapping[int, tuple[Decimal, Decimal]]) -> Decimal:
    """What closing entries took off the results."""
    results = chart.of_kind(*RESULTS)
    return -sum((found.get(pk, NOTHING)[1] for pk in results), ZERO)
