"""What nobody may do to budgets, and to where accounts stand in the cash flow."""

from datetime import date

from accounting.models import Account, Budget, BudgetLine, FiscalYear
from tests.factories.accounting import AccountFactory
from tests.factories.budgets import BudgetFactory, plan


def mark_an_account_as_something_unknown(books):
    Account.objects.filter(pk=books.rent.pk).update(cash_flow="magic")


def call_an_expense_cash(books):
    Account.objects.filter(pk=books.rent.pk).update(cash_flow="cash")


def budget_of(books, *amounts, **facts):
    budget = BudgetFactory(**facts)
    plan(budget, books.root, books.rent, *amounts)
    return budget


def in_force(books):
    budget = budget_of(books, 5)
    Budget.objects.filter(pk=budget.pk).update(state="in_force")
    return budget


def put_two_budgets_in_force(books):
    in_force(books)
    in_force(books)


def name_two_budgets_the_same(books):
    BudgetFactory(name="Plan")
    BudgetFactory(name="Plan")


def put_a_budget_into_another_state(books):
    BudgetFactory(state="magic")


def let_a_budget_neither_warn_nor_stop(books):
    BudgetFactory(overspending="shout")


def plan_a_cell_twice(books):
    budget = budget_of(books, 5)
    plan(budget, books.root, books.rent, 6)


def plan_in(books, month, amount=5):
    facts = {"department": books.root, "account": books.rent, "month": month}
    BudgetLine.objects.create(budget=BudgetFactory(), amount=amount, **facts)


def plan_nothing(books):
    plan_in(books, date(2024, 1, 1), amount=0)


def plan_a_day(books):
    plan_in(books, date(2024, 1, 2))


def plan_another_year(books):
    plan_in(books, date(2025, 1, 1))


def plan_a_balance(books):
    plan(BudgetFactory(), books.root, books.bank, 5)


def plan_a_heading(books):
    AccountFactory(parent=books.rent)
    plan(BudgetFactory(), books.root, books.rent, 5)


def add_to_a_budget_in_force(books):
    plan(in_force(books), books.root, books.rent, 5, first=2)


def change_a_budget_in_force(books):
    in_force(books).lines.update(amount=6)


def take_from_a_budget_in_force(books):
    in_force(books).lines.all().delete()


def delete_a_budget_in_force(books):
    budget = BudgetFactory()
    Budget.objects.filter(pk=budget.pk).update(state="in_force")
    Budget.objects.filter(pk=budget.pk).delete()


def move_a_budget_to_another_year(books):
    budget = budget_of(books, 5)
    year = FiscalYear.objects.create(
        name="2025", starts_on=date(2025, 1, 1), ends_on=date(2025, 12, 31)
    )
    Budget.objects.filter(pk=budget.pk).update(fiscal_year=year)


LINES = ("budget_lines_fit",)

# The act, the guards to drop, the name the database gives.
FORBIDDEN = [
    (
        mark_an_account_as_something_unknown,
        ("account_cash_flow_is_known",),
        "account_cash_flow_is_known",
    ),
    (
        call_an_expense_cash,
        ("cash_is_an_asset_or_a_liability",),
        "cash_is_an_asset_or_a_liability",
    ),
    (put_two_budgets_in_force, ("one_budget_is_in_force",), "one_budget_is_in_force"),
    (
        name_two_budgets_the_same,
        ("budget_name_is_unique_in_its_year",),
        "budget_name_is_unique_in_its_year",
    ),
    (put_a_budget_into_another_state, ("budget_state_is_known",), "budget_state_is_known"),
    (let_a_budget_neither_warn_nor_stop, ("budget_warns_or_stops",), "budget_warns_or_stops"),
    (plan_a_cell_twice, ("budget_line_is_there_once",), "budget_line_is_there_once"),
    (plan_nothing, ("budget_line_plans_something",), "budget_line_plans_something"),
    (plan_a_day, ("budget_month_is_its_first_day",), "budget_month_is_its_first_day"),
    (plan_another_year, LINES, "budget_month_is_in_its_year"),
    (plan_a_balance, LINES, "budget_plans_results"),
    (plan_a_heading, LINES, "budget_plans_results"),
    (add_to_a_budget_in_force, LINES, "budget_in_force_stays"),
    (change_a_budget_in_force, LINES, "budget_in_force_stays"),
    (take_from_a_budget_in_force, LINES, "budget_in_force_stays"),
    (delete_a_budget_in_force, ("budgets_stay",), "budget_in_force_stays"),
    (move_a_budget_to_another_year, ("budgets_stay",), "budget_keeps_its_year"),
]
