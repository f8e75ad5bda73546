"""Budget against actual: the month, the year so far, and the plan of the whole year."""

from dataclasses import replace
from datetime import date
from decimal import Decimal

from django.utils.translation import gettext as _

from accounting.budget_figures import planned_amounts
from accounting.budgets import months_of
from accounting.income_statement import drawn
from accounting.models import Budget
from accounting.movements import Span, moved
from accounting.statement_rows import Chart, Column, Statement
from accounting.years import months
from backoffice.money import ZERO


def budget_report(
    budget: Budget,
    *,
    on: date,
    by: str = "",
    departments: frozenset[int] | None = None,
    without: frozenset[int] = frozenset(),
) -> Statement:
    """What was planned and what happened, up to a day of the budget's year; or month by month.

    The budget of a month counts from its first day. What is left is the plan less the actual.
    """
    year = budget.fiscal_year
    day = min(max(on, year.starts_on), year.ends_on)
    whole = Span(year.ends_on, year.starts_on, departments, without=without)
    columns = month_by_month(whole) if by == "month" else so_far(day, whole)
    found = drawn(columns, budget)
    return replace(
        found,
        name="budget",
        title=_("Budget against actual"),
        notes=(str(budget), _("The plan of a month counts from its first day.")),
    )


def so_far(day: date, whole: Span) -> list[Column]:
    """Actual, plan and what is left of the month and of the year so far; the year's plan."""
    first = max(day.replace(day=1), whole.first or day)
    month, so_far = replace(whole, first=first, last=day), replace(whole, last=day)
    return [
        Column(_("Month"), month, name="month"),
        Column(_("Month's budget"), plan=month, name="month_budget"),
        Column(_("Left in the month"), less=(1, 0), name="month_left"),
        Column(_("Year so far"), so_far, name="year_to_date"),
        Column(_("Budget so far"), plan=so_far, name="year_to_date_budget"),
        Column(_("Left so far"), less=(4, 3), name="year_to_date_left"),
        Column(_("Year's budget"), plan=whole, name="year_budget"),
        Column(_("Left in the year"), less=(6, 3), name="year_left"),
    ]


def month_by_month(whole: Span) -> list[Column]:
    """Actual and plan of each month, and of the year with what is left."""
    columns: list[Column] = []
    for start, end in months_of_span(whole):
        span = replace(whole, first=start, last=end)
        columns += [
            Column(f"{start:%Y-%m}", span, name=f"{start:%Y-%m}", stands_for="month"),
            Column(_("Budget"), plan=span, name=f"{start:%Y-%m}_budget"),
        ]
    at = len(columns)
    return [
        *columns,
        Column(_("Year"), whole, name="year"),
        Column(_("Year's budget"), plan=whole, name="year_budget"),
        Column(_("Left in the year"), less=(at + 1, at), name="year_left"),
    ]


def months_of_span(whole: Span) -> list[tuple[date, date]]:
    """First and last days of the months of the year."""
    return list(months(whole.first or whole.last, whole.last))


def plan_and_actual(
    budget: Budget,
    departments: frozenset[int] | None = None,
    without: frozenset[int] = frozenset(),
) -> list[tuple[date, Decimal, Decimal]]:
    """Planned and actual expenses month by month, for the chart."""
    year = budget.fiscal_year
    spans = {
        n: Span(end, start, departments, without=without)
        for n, (start, end) in enumerate(months_of_span(Span(year.ends_on, year.starts_on)))
    }
    chart = Chart.read()
    expenses = set(chart.of_kind("expense"))
    planned, found = planned_amounts(budget, spans), moved(list(spans.values()))
    return [
        (
            month,
            sum((planned[pk].get(n, ZERO) for pk in expenses & planned.keys()), ZERO),
            sum((one.without_closing for pk, one in found[n].items() if pk in expenses), ZERO),
        )
        for n, month in enumerate(months_of(year))
    ]
