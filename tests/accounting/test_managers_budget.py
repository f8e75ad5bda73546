"""A manager reads the budget of the own department and of those below, and nothing else."""

import re
from datetime import date

import pytest
from django.urls import reverse

from accounting.budgets import put_in_force
from accounting.facts import over_budget
from accounting.models import BudgetLine, FixedAsset, JournalLine, MonthlyBalance
from accounting.posting import credit, debit
from backoffice.access import may, rows
from backoffice.functions import functions_for
from backoffice.models import User
from tests.factories import DepartmentFactory, staff
from tests.factories.accounting import AccountFactory
from tests.factories.assets import an_asset
from tests.factories.budgets import BudgetFactory, plan

ON = {"on": "2024-06-30"}


def get(client, name, **query):
    return client.get(reverse(f"accounting:{name}"), query)


@pytest.fixture
def house(books):
    """Quay with Crane below it, and Dock beside; each spent on rent, Quay on wages as well."""
    books.quay = DepartmentFactory(name="Quay", code="Q")
    books.crane = DepartmentFactory(name="Crane", code="C", parent=books.quay)
    books.dock = DepartmentFactory(name="Dock", code="D")
    books.wages = AccountFactory(code="6100", name="Wages", kind="expense", role="wages")
    budget = books.budget = BudgetFactory()
    for department, planned in ((books.quay, 100), (books.crane, 20), (books.dock, 700)):
        plan(budget, department, books.rent, *[planned] * 12)
    plan(budget, books.quay, books.wages, *[3000] * 12)
    put_in_force(budget, by=books.user)
    spend(books, 90, books.quay)
    spend(books, 15, books.crane)
    spend(books, 800, books.dock)
    spend(books, 2900, books.quay, books.wages)
    return books


def spend(books, amount, department, account=None):
    lines = [
        debit(account or books.rent, amount, department=department, text=f"of {department.name}"),
        credit(books.bank, amount),
    ]
    books.sell(on=date(2024, 6, 1), lines=lines)


@pytest.fixture
def manager(house, client):
    found = staff(name="Max Manager")
    house.quay.manager = found
    house.quay.save()
    found = User.objects.get(pk=found.pk)
    client.force_login(found)
    return found


def figures_of(page) -> dict[str, list]:
    return {
        line["row"].label: [amount for amount, _url in line["cells"]]
        for line in page.context["lines"]
        if line["row"].code
    }


def test_the_figures_are_those_of_the_department_and_below(house, manager, client):
    page = get(client, "budget", **ON)

    (rent,) = figures_of(page).values()
    assert rent[:3] == [105, 120, 15]
    assert rent[3:6] == [105, 720, 615]
    assert "800" not in page.content.decode()


def test_pay_is_in_no_figure_of_a_department(house, manager, client):
    budget = get(client, "budget", **ON).content.decode()
    statement = get(client, "income-statement", **{"from": "2024-01-01", "to": "2024-12-31"})
    grid = client.get(
        reverse("accounting:budget-grid", args=[house.budget.pk]), {"department": house.quay.pk}
    )

    assert "What staff cost is left out." in budget
    for text in (budget, statement.content.decode(), grid.content.decode()):
        assert "Wages" not in text
        assert "2,900" not in text
        assert "3,000" not in text
    assert not rows(manager, JournalLine).filter(account=house.wages).exists()
    assert not rows(manager, BudgetLine).filter(account=house.wages).exists()
    assert not rows(manager, MonthlyBalance).filter(account=house.wages).exists()
    for line in JournalLine.objects.filter(account=house.wages):
        assert not may(manager, "accounting", "view", line)


def test_every_figure_opens_its_lines_and_those_alone(house, manager, client):
    page = get(client, "budget", **ON)
    urls = [
        (amount, url)
        for line in page.context["lines"]
        for amount, url in line["cells"]
        if url and amount
    ]

    assert urls
    for amount, url in urls:
        found = client.get(url)
        assert found.status_code == 200
        assert "of Dock" not in found.content.decode()
        if "evidence" in url:
            assert found.context["page"].total == amount


def test_another_department_is_not_found(house, manager, client):
    dock, quay = house.dock.pk, house.quay.pk
    asked = {"accounts": house.rent.pk, "to": "2024-12-31"}
    grid = reverse("accounting:budget-grid", args=[house.budget.pk])

    assert get(client, "evidence", **asked, department=dock).status_code == 404
    assert get(client, "evidence", **asked, department=quay).context["page"].total == 105
    assert get(client, "evidence", **asked).context["page"].total == 105
    wages = asked | {"accounts": house.wages.pk}
    assert get(client, "evidence", **wages).status_code == 404
    assert client.get(grid, {"department": dock}).status_code == 404
    assert client.get(grid, {"department": quay}).status_code == 200
    assert get(client, "budget", **ON, department=dock).context["form"].errors


def test_another_departments_rows_are_not_counted(house, manager, client):
    page = get(client, "budgetline-list", budget=house.budget.pk)

    shown = {row.record.department.name for row in page.context["page"].rows}
    assert shown <= {"Quay", "Crane"}
    assert shown
    assert rows(manager, BudgetLine).count() == 24


def test_nothing_is_changed(house, manager, client):
    grid = reverse("accounting:budget-grid", args=[house.budget.pk])
    house.budget.state = "draft"
    house.budget.save()

    answer = client.post(f"{grid}?department={house.quay.pk}", {f"{house.rent.pk}-2024-01": "1"})

    assert answer.status_code == 403
    assert not may(manager, "accounting", "edit")


def test_the_menu_offers_what_a_department_has(house, manager):
    (screens,) = (s for f, s in functions_for(manager) if f.label == "accounting")

    assert [screen.url_name.partition(":")[2] for screen in screens] == [
        "expenseclaim-list",
        "fixedasset-list",
        "income-statement",
        "budget",
    ]


@pytest.mark.parametrize(
    "page", ["trial-balance", "balance-sheet", "receivables", "proof", "asset-register"]
)
def test_statements_of_the_whole_are_closed(house, manager, client, page):
    assert get(client, page).status_code == 403


@pytest.mark.parametrize("page", ["bill-list", "journalentry-list", "payment-list"])
def test_lists_of_the_whole_are_empty(house, manager, client, page):
    answer = get(client, page)

    assert answer.status_code == 200
    assert answer.context["page"].rows == []


def test_assets_of_the_department_are_seen(house, manager):
    own = an_asset(house, department=house.crane)
    an_asset(house, department=house.dock)

    assert list(rows(manager, FixedAsset)) == [own]


def test_the_dashboard_shows_what_is_spent_and_left_without_pay(house, manager):
    (function,) = (f for f, _screens in functions_for(manager) if f.label == "accounting")

    found = {
        figure.label: figure.value for figure in function.figures(manager, on=date(2024, 6, 30))
    }

    assert found == {"Spent this year": "€105", "Left in the budget": "€1,335"}


def test_who_manages_no_more_reads_no_more(house, manager):
    house.quay.manager = None
    house.quay.save()

    assert not may(User.objects.get(pk=manager.pk), "accounting")


def test_over_budget_is_said_without_what_staff_cost(house):
    spend(house, 99000, house.quay, house.wages)

    mine = over_budget(date(2024, 6, 30), frozenset({house.quay.pk}))

    assert mine == []
    assert house.quay in [one.department for one in over_budget(date(2024, 6, 30))]


def test_who_reads_the_whole_books_sees_pay(house, client):
    client.force_login(staff("Accountant"))

    assert "Wages" in get(client, "budget", **ON).content.decode()


def test_no_link_of_a_planned_amount_leads_a_manager_nowhere(house, manager, client):
    own = BudgetLine.objects.filter(department=house.quay, account=house.rent).first()

    page = client.get(own.get_absolute_url()).content.decode()

    links = set(re.findall(r'href="(/accounting/[^"]+)"', page))
    assert own.budget.get_absolute_url() in links
    assert {link for link in links if client.get(link).status_code != 200} == set()
