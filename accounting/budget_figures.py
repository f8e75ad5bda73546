"""What was planned: read from the lines of a budget for the columns of a statement."""

from collections.abc import Mapping
from datetime import date
from decimal import Decimal

from django.db.models import Q, Sum

from accounting.models import Budget, BudgetLine
from accounting.movements import Span


def budget_in_force(on: date) -> Budget | None:
    """The budget spending on the day is held against."""
    return Budget.objects.filter(
        state=Budget.State.IN_FORCE,
        fiscal_year__starts_on__lte=on,
        fiscal_year__ends_on__gte=on,
    ).first()


def planned_amounts(budget: Budget, spans: Mapping[int, Span]) -> dict[int, dict[int, Decimal]]:
    """The planned amounts of each account by column: of the months that begin in its days."""
    found: dict[int, dict[int, Decimal]] = {}
    for at, sums in zip(spans, sums_of(budget, spans), strict=True):
        for account, amount in sums:
            found.setdefault(account, {})[at] = amount
    return found


def sums_of(budget: Budget, spans: Mapping[int, Span]) -> list[list[tuple[int, Decimal]]]:
    """Account and planned amount for each span; one query for all of them."""
    wanted = [lines_within(span) for span in spans.values()]
    if not wanted:
        return []
    totals = {f"of_{n}": Sum("amount", filter=q) for n, q in enumerate(wanted)}
    rows = list(
        BudgetLine.objects.filter(budget=budget)
        .order_by()
        .values("account_id")
        .annotate(**totals)
        .values_list("account_id", *totals)
    )
    return [
        [(row[0], row[1 + n]) for row in rows if row[1 + n] is not None]
        for n in range(len(wanted))
    ]


def lines_within(span: Span) -> Q:
    """The lines of months that begin in the days of the span, in its departments."""
    inside = Q(month__lte=span.last)
    if span.first:
        inside &= Q(month__gte=span.first)
    if span.departments is not None:
        inside &= Q(department__in=span.departments)
    if span.without:
        inside &= ~Q(account__in=span.without)
    return inside
