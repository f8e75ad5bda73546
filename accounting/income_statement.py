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

    By month or by department; the whole against the days a year before (`compare="year"`) or
    against a budget; or, with `since`, what entries made after that moment, up to `known`, have
    changed.
    """
    span = Span(last, first, departments, known, without=without)
    if since:
        return drawn(changed_columns(span, since))
    columns = columns_by(by, span)
    whole, notes = len(columns) - 1, list[str]()
    if compare == "year":
        columns += compared_with_last_year(span, whole)
    elif budget:
        columns += compared_with_budget(span, whole)
        notes.append(
            _("Budget “%(budget)s”, the months that begin in these days.") % {"budget": budget}
        )
    if len(columns) > whole + 1 and whole:
        notes.append(_("Compared is the total."))
    found = drawn(columns, budget)
    found = without_empty(found, whole) if by == "department" else found
    return replace(found, notes=tuple(notes))


def columns_by(by: str, span: Span) -> list[Column]:
    """The months or departments and their sum, or the sum alone."""
    if by == "month":
        return month_columns(span)
    if by == "department":
        return department_columns(span)
    return [Column(_("Amount"), span, name="amount")]


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


def without_empty(found: Statement, whole: int) -> Statement:
    """The statement without departments in which nothing moved; what comes after them stays."""
    every = range(len(found.columns))
    kept = [n for n in every if n >= whole or any(row.amounts[n] for row in found.rows)]

    def moved_up(column: Column) -> Column:
        less = column.less
        return replace(column, less=(kept.index(less[0]), kept.index(less[1]))) if less else column

    return replace(
        found,
        columns=tuple(moved_up(found.columns[n]) for n in kept),
        rows=tuple(
            replace(row, amounts=tuple(row.amounts[n] for n in kept)) for row in found.rows
        ),
    )


def compared_with_last_year(span: Span, whole: int = 0) -> list[Column]:
    """The same days a year before, and what the column of the whole differs by."""
    first, last = a_year_before(span.first or span.last), a_year_before(span.last, is_last=True)
    before = replace(span, first=first, last=last)
    return [
        Column(_("Year before"), before, name="year_before"),
        Column(_("Difference"), less=(whole, whole + 1), name="difference"),
    ]


def a_year_before(day: date, *, is_last: bool = False) -> date:
    """The same day of the year before; the last of February stays the last of February."""
    if day.month == 2 and day.day in (28, 29):
        leap = date(day.year - 1, 3, 1).toordinal() - 1
        if day.day == 29 or is_last:
            return date.fromordinal(leap)
    return day.replace(year=day.year - 1)


def compared_with_budget(span: Span, whole: int) -> list[Column]:
    """What was planned for the months begun in these days, and the difference to the whole."""
    return [
        Column(_("Budget"), plan=span, name="budget"),
        Column(_("Difference"), less=(whole, whole + 1), name="difference"),
    ]


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
