"""Budgets, and books busy enough for statements to say something."""

from datetime import date
from decimal import Decimal
from random import Random

import factory
from factory.django import DjangoModelFactory

from accounting.models import Budget, BudgetLine, FiscalYear, JournalEntry
from accounting.posting import Line, post
from accounting.years import open_year_for
from tests.factories.accounting import AccountFactory, SmallBooks
from tests.factories.backoffice import DepartmentFactory, PartyFactory


class BudgetFactory(DjangoModelFactory):
    class Meta:
        model = Budget

    fiscal_year = factory.LazyFunction(lambda: FiscalYear.objects.earliest("starts_on"))
    name = factory.Sequence("Budget {}".format)


def plan(budget: Budget, department, account, *amounts, first=1) -> None:
    """Amounts for the months of the budget's year, from one of them on."""
    year = budget.fiscal_year.starts_on.year
    BudgetLine.objects.bulk_create(
        BudgetLine(
            budget=budget,
            department=department,
            account=account,
            month=date(year, month, 1),
            amount=Decimal(amount),
        )
        for month, amount in enumerate(amounts, start=first)
        if Decimal(amount)
    )


def busy_books(books: SmallBooks, *, entries: int = 60, seed: int = 7) -> list[JournalEntry]:
    """Two years of entries at random, among accounts of every kind under headings."""
    chance = Random(seed)
    for year in (2023, 2025):
        open_year_for(date(year, 6, 1), by=books.user)
    places = [books.root, DepartmentFactory(), DepartmentFactory()]
    costs = AccountFactory(code="7000", name="Costs", kind="expense")
    wealth = AccountFactory(code="1800", name="Things", kind="asset")
    accounts = [
        books.bank,
        books.sales,
        books.rent,
        AccountFactory(code="1120", name="Till", kind="asset", cash_flow="cash"),
        AccountFactory(code="1300", name="Customers", kind="asset", role="receivable"),
        AccountFactory(
            code="1810", name="Machines", kind="asset", parent=wealth, role="fixed_assets"
        ),
        AccountFactory(
            code="1890", name="Worn", kind="asset", parent=wealth, role="depreciation_to_date"
        ),
        AccountFactory(code="2100", name="Suppliers", kind="liability", role="payable"),
        AccountFactory(code="2500", name="Loan", kind="liability", cash_flow="financing"),
        AccountFactory(code="3000", name="Capital", kind="equity"),
        AccountFactory(code="7010", name="Travel", kind="expense", parent=costs),
        AccountFactory(code="7020", name="Wear", kind="expense", parent=costs),
    ]
    return [random_entry(books, accounts, places, chance) for _n in range(entries)]


def random_entry(books: SmallBooks, accounts, places, chance: Random) -> JournalEntry:
    """Two to four lines that balance, on a day of 2023 to 2025."""
    on = date.fromordinal(
        chance.randrange(date(2023, 1, 1).toordinal(), date(2026, 1, 1).toordinal())
    )
    amounts = [
        Decimal(chance.randrange(1, 99_999)).scaleb(-2) for _n in range(chance.randint(1, 3))
    ]
    signed = [amount if chance.random() < 0.5 else -amount for amount in amounts]
    last = -sum(signed)
    # On some of the accounts each balance is somebody's.
    party = PartyFactory()
    lines = [
        Line(chance.choice(accounts), amount, department=chance.choice(places), party=party)
        for amount in [*signed, last]
        if amount
    ]
    if not last:
        return random_entry(books, accounts, places, chance)
    return post(on=on, text="At random", lines=lines, by=books.user)
