"""The income statement: of some days, by month, by department, beside others."""

from datetime import date, timedelta

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from accounting.income_statement import a_year_before, income_statement
from accounting.posting import credit, debit
from accounting.years import open_year_for, year_of
from backoffice.errors import Refused
from tests.factories.accounting import AccountFactory
from tests.factories.backoffice import DepartmentFactory
from tests.factories.budgets import BudgetFactory, busy_books, plan

YEAR = {"first": date(2024, 1, 1), "last": date(2024, 12, 31)}


def spend(books, amount, on, department=None):
    books.sell(
        on=on,
        lines=[debit(books.rent, amount, department=department), credit(books.bank, amount)],
    )


def columns(statement):
    return [column.label for column in statement.columns]


def test_income_less_expenses_is_the_result(books):
    books.sell(100, on=date(2024, 5, 1))
    spend(books, 30, date(2024, 6, 1))

    found = income_statement(**YEAR)
    may = income_statement(first=date(2024, 5, 1), last=date(2024, 5, 31))

    assert found.row("income").amounts == (100,)
    assert found.row("expenses").amounts == (30,)
    assert found.row("result").amounts == (70,)
    assert may.row("result").amounts == (100,)


def test_closing_entries_are_left_out_and_shown_apart(books):
    books.sell(100, on=date(2024, 5, 1))
    retained = AccountFactory(code="3020", kind="equity")
    lines = [debit(books.sales, 100), credit(retained, 100)]
    books.sell(on=date(2024, 12, 31), kind="closing", lines=lines)

    found = income_statement(**YEAR)

    assert found.row("result").amounts == (100,)
    assert found.row("closing").amounts == (-100,)


def test_months_add_up_to_their_total(books):
    busy_books(books)
    found = income_statement(first=date(2023, 11, 15), last=date(2024, 3, 10), by="month")

    assert columns(found) == ["2023-11", "2023-12", "2024-01", "2024-02", "2024-03", "Total"]
    assert found.columns[0].span.first == date(2023, 11, 15)
    assert all(sum(row.amounts[:-1]) == row.amounts[-1] for row in found.rows)


def test_departments_add_up_to_their_total_and_idle_ones_are_left_out(books):
    quay, idle = DepartmentFactory(name="Quay"), DepartmentFactory(name="Idle")
    books.sell(100)
    spend(books, 30, date(2024, 6, 1), quay)

    found = income_statement(**YEAR, by="department")
    own = income_statement(**YEAR, departments=frozenset({quay.pk, idle.pk}))

    assert columns(found) == [books.root.name, "Quay", "Total"]
    assert found.row("result").amounts == (100, -30, 70)
    assert own.row("result").amounts == (-30,)


def test_the_year_before_stands_beside_it(books):
    open_year_for(date(2023, 1, 1), by=books.user)
    books.sell(100, on=date(2024, 2, 29))
    books.sell(40, on=date(2023, 2, 28))

    found = income_statement(first=date(2024, 2, 1), last=date(2024, 2, 29), compare="year")

    assert found.row("income").amounts == (100, 40, 60)


@pytest.mark.parametrize(
    ("day", "is_last", "before"),
    [
        (date(2024, 2, 29), False, date(2023, 2, 28)),
        (date(2025, 2, 28), True, date(2024, 2, 29)),
        (date(2025, 2, 28), False, date(2024, 2, 28)),
        (date(2024, 12, 31), True, date(2023, 12, 31)),
    ],
)
def test_the_day_a_year_before(day, is_last, before):
    assert a_year_before(day, is_last=is_last) == before


def test_the_budget_stands_beside_it(books):
    budget = BudgetFactory()
    plan(budget, books.root, books.rent, 10, 10, 10)
    plan(budget, books.root, books.sales, 100)
    spend(books, 25, date(2024, 1, 20))

    found = income_statement(first=date(2024, 1, 1), last=date(2024, 2, 10), budget=budget)

    assert found.row("expenses").amounts == (25, 20, 5)
    assert found.row("income").amounts == (0, 100, -100)
    assert found.row("result").amounts == (-25, 80, -105)


@pytest.mark.parametrize(("by", "parts"), [("month", 12), ("department", 2)])
def test_months_and_departments_are_compared_by_their_total(books, by, parts):
    quay, _idle = DepartmentFactory(name="Quay"), DepartmentFactory(name="Idle")
    open_year_for(date(2023, 1, 1), by=books.user)
    books.sell(100)
    books.sell(40, on=date(2023, 5, 5))
    spend(books, 30, date(2024, 6, 1), quay)
    budget = BudgetFactory(fiscal_year=year_of(date(2024, 1, 1)))
    plan(budget, books.root, books.sales, 90, 90)

    year = income_statement(**YEAR, by=by, compare="year")
    planned = income_statement(**YEAR, by=by, compare="budget", budget=budget)

    assert columns(year)[parts:] == ["Total", "Year before", "Difference"]
    assert columns(planned)[parts:] == ["Total", "Budget", "Difference"]
    assert year.row("result").amounts[parts:] == (70, 40, 30)
    assert planned.row("income").amounts[parts:] == (100, 180, -80)
    assert year.columns[-1].less == (parts, parts + 1)
    assert "Compared is the total." in year.notes
    assert sum(year.row("result").amounts[:parts]) == 70


def test_what_changed_since(books, monkeypatch):
    books.sell(100)
    known = timezone.now()
    monkeypatch.setattr(timezone, "now", lambda: known + timedelta(days=40))
    spend(books, 30, date(2024, 6, 1))

    found = income_statement(**YEAR, since=known)

    assert found.row("result").amounts == (100, 70, -30)


def test_too_many_months_are_refused(books):
    with pytest.raises(Refused, match="24 months"):
        income_statement(first=date(2020, 1, 1), last=date(2024, 1, 1), by="month")


def test_by_month_costs_no_more_queries(books):
    busy_books(books, entries=10)
    with CaptureQueriesContext(connection) as once:
        income_statement(**YEAR)

    with CaptureQueriesContext(connection) as by_month:
        income_statement(**YEAR, by="month")

    assert len(once) == len(by_month) == 3
