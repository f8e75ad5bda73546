"""Budgets are written, copied, put in force, and held against what is about to be spent."""

from datetime import date
from decimal import Decimal

import pytest

from accounting.budgets import (
    Cell,
    budget_from_actuals,
    check_spend,
    copy_budget,
    grow_budget,
    put_in_force,
    spread,
    take_back,
    write_cells,
)
from accounting.facts import budget_left, over_budget
from accounting.models import Account, Budget, BudgetLine, FiscalYear
from accounting.posting import credit, debit
from accounting.years import open_year_for
from backoffice.errors import Refused
from backoffice.models import AuditEvent
from tests.factories.accounting import AccountFactory
from tests.factories.backoffice import DepartmentFactory
from tests.factories.budgets import BudgetFactory, plan

JANUARY, FEBRUARY = date(2024, 1, 1), date(2024, 2, 1)


def amounts(budget):
    rows = budget.lines.values_list("department__code", "account__code", "month", "amount")
    return {tuple(row[:3]): row[3] for row in rows}


def spend(books, amount, department=None, on=date(2024, 1, 20), account=None):
    lines = [
        debit(account or books.rent, amount, department=department),
        credit(books.bank, amount),
    ]
    books.sell(on=on, lines=lines)


@pytest.fixture
def planned(books):
    """1,200 for rent of the whole company, 100 a month, in force and warning."""
    budget = BudgetFactory()
    plan(budget, books.root, books.rent, *[100] * 12)
    put_in_force(budget, by=books.user)
    return budget


# --- Writing -----------------------------------------------------------------------------------


def test_cells_are_written_changed_and_taken_away(books):
    budget = BudgetFactory()
    january, february = (Cell(books.root.pk, books.rent.pk, m) for m in (JANUARY, FEBRUARY))
    write_cells(budget, {january: Decimal(5), february: Decimal(6)}, by=books.user)

    changed = write_cells(budget, {january: Decimal(0), february: Decimal("7.5")}, by=books.user)

    assert changed == 2
    assert amounts(budget) == {(books.root.code, "6000", FEBRUARY): Decimal("7.5")}
    assert write_cells(budget, {february: Decimal("7.50")}, by=books.user) == 0
    assert AuditEvent.objects.filter(action="budget written").count() == 2


@pytest.mark.parametrize(
    ("amount", "sentence"),
    [("1.005", "more decimals"), ("1e14", "too large")],
)
def test_an_amount_that_is_none_is_refused_and_nothing_is_written(books, amount, sentence):
    budget = BudgetFactory()
    good, bad = (Cell(books.root.pk, books.rent.pk, m) for m in (JANUARY, FEBRUARY))

    with pytest.raises(Refused, match=sentence):
        write_cells(budget, {good: Decimal(1), bad: Decimal(amount)}, by=books.user)

    assert not budget.lines.exists()


def test_what_the_guards_refuse_is_a_sentence(books):
    cell = Cell(books.root.pk, books.bank.pk, JANUARY)

    with pytest.raises(Refused, match="accounts of income and expense"):
        write_cells(BudgetFactory(), {cell: Decimal(1)}, by=books.user)


def test_a_budget_in_force_is_not_written(books, planned):
    cell = Cell(books.root.pk, books.rent.pk, JANUARY)

    with pytest.raises(Refused, match="take it back to a draft"):
        write_cells(planned, {cell: Decimal(1)}, by=books.user)


@pytest.mark.parametrize(
    ("total", "parts"), [("100", ["33.33", "33.33", "33.34"]), ("-1", ["-0.33", "-0.33", "-0.34"])]
)
def test_a_year_is_spread_over_its_months(total, parts):
    assert spread(Decimal(total), 3, 2) == [Decimal(part) for part in parts]


# --- From what there is ------------------------------------------------------------------------


def test_a_budget_is_copied_into_another_year_and_grown(books):
    budget = BudgetFactory(overspending="stop")
    plan(budget, books.root, books.rent, 100, "33.33")
    next_year = open_year_for(date(2025, 1, 1), by=books.user)

    made = copy_budget(budget, to=next_year, name="Next", percent=Decimal("2.5"), by=books.user)

    assert (made.state, made.overspending) == ("draft", "stop")
    assert amounts(made) == {
        (books.root.code, "6000", date(2025, 1, 1)): Decimal("102.50"),
        (books.root.code, "6000", date(2025, 2, 1)): Decimal("34.16"),
    }


def test_a_budget_starts_from_what_happened(books):
    quay = DepartmentFactory()
    books.sell(500, on=date(2024, 3, 3))
    spend(books, 40, quay)
    lines = [debit(books.sales, 500), credit(AccountFactory(kind="equity"), 500)]
    books.sell(on=date(2024, 12, 31), kind="closing", lines=lines)
    next_year = open_year_for(date(2025, 1, 1), by=books.user)

    made = budget_from_actuals(
        FiscalYear.objects.get(name="2024"), to=next_year, name="As before", by=books.user
    )

    assert amounts(made) == {
        (books.root.code, "4000", date(2025, 3, 1)): 500,
        (quay.code, "6000", date(2025, 1, 1)): 40,
    }


def test_accounts_closed_since_are_not_copied(books):
    budget = BudgetFactory()
    plan(budget, books.root, books.rent, 100)
    Account.objects.filter(pk=books.rent.pk).update(is_active=False)

    made = copy_budget(budget, to=budget.fiscal_year, name="Again", by=books.user)

    assert not made.lines.exists()


def test_a_name_the_year_has_already_is_refused(books):
    budget = BudgetFactory(name="Plan")

    with pytest.raises(Refused, match="of this name already"):
        copy_budget(budget, to=budget.fiscal_year, name="Plan", by=books.user)


def test_a_draft_grows_and_shrinks(books):
    budget = BudgetFactory()
    plan(budget, books.root, books.rent, 100, 50)

    assert grow_budget(budget, Decimal(-10), by=books.user) == 2
    assert sorted(amounts(budget).values()) == [45, 90]
    with pytest.raises(Refused, match="cannot shrink by all"):
        grow_budget(budget, Decimal(-100), by=books.user)


# --- In force ----------------------------------------------------------------------------------


def test_another_budget_of_the_year_takes_its_place(books, planned):
    other = BudgetFactory()
    plan(other, books.root, books.rent, 5)

    put_in_force(other, by=books.user)

    planned.refresh_from_db()
    assert (planned.state, other.state) == ("draft", "in_force")
    take_back(other, by=books.user)
    assert not Budget.objects.filter(state="in_force").exists()
    with pytest.raises(Refused, match="is not in force"):
        take_back(other, by=books.user)


def test_an_empty_budget_is_not_put_in_force(books):
    with pytest.raises(Refused, match="plans nothing yet"):
        put_in_force(BudgetFactory(), by=books.user)


def test_what_is_left_is_the_plan_of_the_year_less_what_is_posted(books, planned):
    quay = DepartmentFactory()
    spend(books, 130, quay)
    spend(books, 20, on=date(2024, 12, 1))

    def left(department, account, day=date(2024, 2, 1)):
        return budget_left(department, account, day)

    assert left(books.root, books.rent) == 1050
    assert left(quay, books.rent) is None
    assert left(books.root, books.sales) is None
    assert left(books.root, books.rent, date(2030, 1, 1)) is None
    take_back(planned, by=books.user)
    assert left(books.root, books.rent) is None


def test_income_left_is_what_is_still_to_be_earned(books):
    budget = BudgetFactory()
    plan(budget, books.root, books.sales, 500)
    put_in_force(budget, by=books.user)
    books.sell(120)

    assert budget_left(books.root, books.sales, date(2024, 6, 1)) == 380


def test_spending_within_the_budget_says_nothing(books, planned):
    assert check_spend(books.root, books.rent, Decimal(1200), on=date(2024, 2, 1)) == []


def test_spending_beyond_it_warns_or_stops(books, planned):
    quay = DepartmentFactory(name="Quay")

    (warning,) = check_spend(quay, books.rent, Decimal("1200.01"), on=date(2024, 2, 1))
    Budget.objects.update(overspending="stop")

    assert warning == (
        f"1,200.01 EUR is more than {books.root} has left in the budget for 6000 Rent: 1,200.00."
    )
    with pytest.raises(Refused, match="is more than") as refusal:
        check_spend(quay, books.rent, Decimal("1200.01"), on=date(2024, 2, 1))
    assert refusal.value.field == "amount"


def test_the_plan_of_the_department_and_of_those_above_both_count(books):
    quay = DepartmentFactory(name="Quay")
    budget = BudgetFactory()
    plan(budget, quay, books.rent, 10)
    plan(budget, books.root, books.rent, 100)
    put_in_force(budget, by=books.user)

    near = check_spend(quay, books.rent, Decimal(11), on=date(2024, 2, 1))
    far = check_spend(quay, books.rent, Decimal(111), on=date(2024, 2, 1))

    assert [
        sentence.split(" is more than ")[1].split(" has ")[0] for sentence in (*near, *far)
    ] == [
        "Quay",
        "Quay",
        books.root.name,
    ]


def test_without_a_budget_or_an_amount_there_is_nothing_to_check(books, planned):
    assert check_spend(books.root, books.rent, Decimal(0), on=date(2024, 1, 1)) == []
    assert check_spend(books.root, books.rent, Decimal(9999), on=date(2030, 1, 1)) == []
    assert check_spend(books.root, AccountFactory(), Decimal(9999), on=date(2024, 1, 1)) == []


def test_departments_over_their_plan_so_far_are_named(books):
    quay, dock = DepartmentFactory(name="Quay"), DepartmentFactory(name="Dock")
    budget = BudgetFactory()
    for department in (quay, dock):
        plan(budget, department, books.rent, *[100] * 12)
    put_in_force(budget, by=books.user)
    spend(books, 150, quay)
    spend(books, 100, dock)

    january = over_budget(date(2024, 1, 31))

    assert [(o.department, o.planned, o.spent) for o in january] == [(quay, 100, 150)]
    assert over_budget(date(2024, 2, 1)) == []
    assert over_budget(date(2024, 1, 31), frozenset({dock.pk})) == []
    assert BudgetLine.objects.count() == 24
