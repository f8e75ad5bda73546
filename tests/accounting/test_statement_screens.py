"""Statements on screen: what they show, who sees what, and what each figure opens."""

import csv
import io
import re
from datetime import date, timedelta
from decimal import Decimal

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from django.utils import timezone
from openpyxl import load_workbook

from accounting.budgets import put_in_force
from accounting.models import Budget
from accounting.posting import credit, debit
from backoffice.access import Level, Reach
from backoffice.models import Assignment, Grant, Role
from tests.factories import DepartmentFactory, staff
from tests.factories.accounting import AccountFactory
from tests.factories.budgets import BudgetFactory, busy_books, plan

STATEMENTS = ("balance-sheet", "income-statement", "cash-flow")
YEAR = {"from": "2024-01-01", "to": "2024-12-31"}


def get(client, name, **query):
    return client.get(reverse(f"accounting:{name}"), query)


def rows_of(response):
    content = b"".join(response.streaming_content)
    return list(csv.reader(io.StringIO(content.decode())))


def reader_of(department, level=Level.VIEW):
    """Somebody who reads the books of one department only."""
    user, role = staff(), Role.objects.create(name=f"Reads {department}")
    Grant.objects.create(role=role, area="accounting", level=level, reach=Reach.DEPARTMENT)
    Assignment.objects.create(
        user=user, role=role, department=department, starts_on=date(2020, 1, 1)
    )
    return user


def spend(books, amount, department):
    lines = [debit(books.rent, amount, department=department), credit(books.bank, amount)]
    books.sell(on=date(2024, 6, 1), lines=lines)


@pytest.mark.parametrize("name", STATEMENTS)
def test_every_figure_shown_opens_lines_that_sum_to_it(client, accountant, books, name):
    busy_books(books, entries=15)
    asked = {"on": "2024-08-17"} if name == "balance-sheet" else YEAR

    shown = get(client, name, **asked, compare="year")

    cells = [cell for line in shown.context["lines"] for cell in line["cells"]]
    urls = [(amount, url) for amount, url in cells if url and amount]
    assert len(urls) > 10
    for amount, url in urls:
        assert client.get(url).context["page"].total == amount
    assert shown.context["statement"].holds


def test_by_department_each_figure_opens_the_lines_of_its_department(client, accountant, books):
    quay = DepartmentFactory(name="Quay")
    spend(books, 30, quay)
    spend(books, 12, DepartmentFactory(name="Dock", parent=quay))

    shown = get(client, "income-statement", **YEAR, by="department")

    line = next(line for line in shown.context["lines"] if line["row"].code == "6000")
    assert sorted(amount for amount, _url in line["cells"]) == [12, 30, 42]
    assert all(client.get(url).context["page"].total == amount for amount, url in line["cells"])


@pytest.mark.parametrize("name", STATEMENTS)
def test_statements_are_drawn_with_a_chart(client, accountant, books, name):
    books.sell("100", on=date(2024, 3, 31))

    page = get(client, name, on="2024-12-31", to="2024-12-31").content.decode()

    assert '<svg class="chart"' in page
    assert "style=" not in page


@pytest.mark.parametrize("name", STATEMENTS)
def test_a_statement_as_files(client, accountant, books, name):
    books.sell("100", on=date(2024, 3, 31))
    asked = {"on": "2024-12-31", **YEAR}

    as_csv, as_xlsx, as_pdf = (
        client.get(reverse(f"accounting:{name}-export", args=[kind]), asked)
        for kind in ("csv", "xlsx", "pdf")
    )

    assert ["100.00" in row for row in rows_of(as_csv)].count(True) >= 3
    sheet = load_workbook(io.BytesIO(as_xlsx.getvalue())).active
    assert 100 in {cell for row in sheet.values for cell in row}
    assert as_pdf.content.startswith(b"%PDF")


@pytest.mark.parametrize(
    ("name", "query"),
    [
        ("balance-sheet", {"on": "yesterday"}),
        ("balance-sheet", {"on": "0001-01-01"}),
        ("balance-sheet", {"compare": "week"}),
        ("income-statement", {"from": "2024-02-01", "to": "2024-01-01"}),
        ("income-statement", {"from": "2001-01-01", "to": "2024-01-01", "by": "month"}),
        ("income-statement", {"department": "999999"}),
        ("income-statement", {"compare": "budget"}),
        ("cash-flow", {"to": "9999-12-31"}),
    ],
)
def test_what_cannot_be_shown_is_said_in_the_form(client, accountant, books, name, query):
    page = get(client, name, **query)
    file = client.get(reverse(f"accounting:{name}-export", args=["csv"]), query)

    assert page.status_code == file.status_code == 400
    assert 'role="alert"' in page.content.decode()


def test_as_known_on_a_day_shows_what_was_known(client, accountant, books, monkeypatch):
    books.sell("100", on=date(2024, 3, 31))
    now = timezone.now()
    monkeypatch.setattr(timezone, "now", lambda: now + timedelta(days=40))
    books.sell("50", on=date(2024, 3, 31))
    client.force_login(accountant)  # forty days later

    asked = {"on": "2024-12-31", "known": now.date().isoformat()}
    shown = get(client, "balance-sheet", **asked)

    assert shown.context["statement"].row("assets").amounts == (100,)
    assert "as known on" in shown.content.decode()
    amount, url = shown.context["lines"][0]["cells"][0]
    assert client.get(url).context["page"].total == amount == 100


def test_what_changed_since_names_the_late_entries(client, accountant, books, monkeypatch):
    books.sell("100", on=date(2024, 3, 31))
    now = timezone.now()
    monkeypatch.setattr(timezone, "now", lambda: now + timedelta(days=40))
    late = books.sell("50", on=date(2024, 3, 31), text="Forgotten sale")
    client.force_login(accountant)  # forty days later
    asked = {"since": now.date().isoformat(), "to": "2024-12-31"}

    for statement in ("balance_sheet", "income_statement"):
        shown = get(client, "changes", statement=statement, **asked)

        assert [entry.pk for entry in shown.context["entries"]] == [late.pk]
        changed = [line["cells"][2] for line in shown.context["lines"] if line["row"].code]
        assert [amount for amount, _url in changed] in ([50], [50, 0])
        assert client.get(changed[0][1]).context["page"].total == 50
        assert "Forgotten sale" in shown.content.decode()


def test_nothing_changed_is_said_and_asked_first(client, accountant, books):
    books.sell("100", on=date(2024, 3, 31))

    first = get(client, "changes")
    nothing = get(client, "changes", statement="balance_sheet", since="2090-01-01")
    wrong = get(client, "changes", statement="balance_sheet", since="soon")

    assert "Choose the day" in first.content.decode()
    assert "Nothing changed" in nothing.content.decode()
    assert 'role="alert"' in wrong.content.decode()


# --- Who sees what -----------------------------------------------------------------------------


def test_who_reads_a_department_sees_its_income_statement_alone(client, books):
    quay, dock = DepartmentFactory(name="Quay"), DepartmentFactory(name="Dock")
    spend(books, 30, quay)
    spend(books, 12, dock)
    client.force_login(reader_of(quay))

    own = get(client, "income-statement", **YEAR)
    by_department = get(client, "income-statement", **YEAR, by="department")
    other = get(client, "income-statement", **YEAR, department=dock.pk)

    assert own.context["statement"].row("expenses").amounts == (30,)
    assert [c.label for c in by_department.context["statement"].columns] == ["Quay", "Total"]
    assert other.status_code == 400
    whole = ("balance-sheet", "cash-flow", "changes")
    assert {get(client, name).status_code for name in whole} == {403}


def test_the_lines_behind_a_figure_are_the_readers_departments_alone(client, books):
    quay, dock = DepartmentFactory(name="Quay"), DepartmentFactory(name="Dock")
    spend(books, 30, quay)
    spend(books, 12, dock)
    client.force_login(reader_of(quay))
    asked = {"accounts": books.rent.pk, "to": "2024-12-31"}

    page = get(client, "evidence", **asked)
    file = client.get(reverse("accounting:evidence-export", args=["csv"]), asked)

    assert (page.context["page"].total, len(page.context["page"].rows)) == (30, 1)
    assert [row[-1] for row in rows_of(file)[1:]] == ["30.00"]
    assert get(client, "evidence", **asked, department=dock.pk).status_code == 404


@pytest.mark.parametrize(
    ("query", "status"),
    [
        ({}, 400),
        ({"to": "2024-12-31", "accounts": "x"}, 400),
        ({"to": "2024-12-31", "accounts": "999999"}, 404),
        ({"to": "2024-12-31", "kinds": "magic"}, 400),
        ({"to": "2024-12-31", "known": "2024-01-01"}, 400),
        ({"to": "2024-12-31", "after": "nonsense"}, 400),
        ({"to": "2024-12-31", "kinds": "asset"}, 200),
    ],
)
def test_a_question_that_is_none_is_a_bad_request(client, accountant, books, query, status):
    assert get(client, "evidence", **query).status_code == status


def test_the_lines_of_a_figure_are_paged(client, accountant, books):
    for _n in range(60):
        books.sell("1")

    first = get(client, "evidence", accounts=books.bank.pk, to="2024-12-31")
    second = client.get(reverse("accounting:evidence") + first.context["next_url"])

    assert (first.context["page"].running, first.context["page"].total) == (50, 60)
    assert (second.context["page"].opening, second.context["page"].running) == (50, 60)
    assert second.context["next_url"] == ""


@pytest.mark.parametrize("name", STATEMENTS)
def test_the_page_costs_as_many_queries_however_many_accounts(client, accountant, books, name):
    books.sell()
    get(client, name, **YEAR)

    def queries():
        with CaptureQueriesContext(connection) as found:
            get(client, name, **YEAR)
        return len(found)

    few = queries()
    busy_books(books, entries=20)

    assert queries() == few


def test_headings_stand_over_their_accounts(client, accountant, books):
    costs = AccountFactory(code="70", name="Costs")
    books.rent.parent = costs
    books.rent.save()
    spend(books, 30, books.root)

    page = get(client, "income-statement", **YEAR).content.decode()

    assert re.search(r'class="heading">\s*<th scope="row" class="in-0[^>]*>.*Costs', page)
    assert re.search(r'<th scope="row" class="in-1[^>]*>.*Rent', page)


# --- Budget against actual --------------------------------------------------------------------


def test_budget_against_actual_says_what_is_left(client, accountant, books):
    budget = BudgetFactory()
    plan(budget, books.root, books.rent, *[100] * 12)
    Budget.objects.update(state="in_force")
    spend(books, 130, books.root)

    shown = get(client, "budget", on="2024-06-30")
    by_month = get(client, "budget", on="2024-06-30", by="month")

    line = next(line for line in shown.context["lines"] if line["row"].code == "6000")
    assert [amount for amount, _url in line["cells"]] == [
        *(130, 100, -30),
        *(130, 600, 470),
        *(1200, 1070),
    ]
    actual, planned = line["cells"][0], line["cells"][4]
    assert client.get(actual[1]).context["page"].total == 130
    listed = client.get(planned[1]).context["page"]
    assert sum(Decimal(row.amount) for row in listed.rows) == 600
    assert len(by_month.context["statement"].columns) == 27
    for kind in ("csv", "pdf", "xlsx"):
        file = reverse("accounting:budget-report-export", args=[kind])
        assert client.get(file, {"on": "2024-06-30"}).getvalue()


def test_without_a_budget_the_page_says_how_to_begin(client, accountant, books):
    nothing = get(client, "budget")
    BudgetFactory()
    none_in_force = get(client, "budget")

    assert "No budget yet" in nothing.content.decode()
    assert "No budget is in force" in none_in_force.content.decode()


def test_a_manager_sees_the_budget_of_the_own_department_alone(client, books):
    quay, dock = DepartmentFactory(name="Quay"), DepartmentFactory(name="Dock")
    budget = BudgetFactory()
    plan(budget, quay, books.rent, 10)
    plan(budget, dock, books.rent, 20)
    client.force_login(reader_of(quay))

    shown = get(client, "budget", on="2024-01-31", budget=budget.pk)
    lines = client.get(reverse("accounting:budgetline-list"))
    grid = reverse("accounting:budget-grid", args=[budget.pk])

    assert shown.context["statement"].row("expenses").amounts[1] == 10
    assert [row.record.amount for row in lines.context["page"].rows] == [10]
    assert client.get(grid).context["department"] == quay
    assert client.get(grid, {"department": dock.pk}).status_code == 404
    assert client.post(grid, {}).status_code == 403


@pytest.mark.parametrize("by", ["month", "department"])
@pytest.mark.parametrize("compare", ["year", "budget"])
def test_a_split_income_statement_is_compared_on_screen_too(
    client, accountant, books, by, compare
):
    books.sell("100", on=date(2024, 3, 31))
    budget = BudgetFactory()
    plan(budget, books.root, books.sales, 90)
    put_in_force(budget, by=books.user)

    shown = get(client, "income-statement", **YEAR, by=by, compare=compare)

    line = next(line for line in shown.context["lines"] if line["row"].code == "4000")
    whole, other, difference = line["cells"][-3:]
    assert (whole[0], other[0], difference) == (
        100,
        90 if compare == "budget" else 0,
        (10 if compare == "budget" else 100, ""),
    )
    assert client.get(whole[1]).context["page"].total == 100
    assert "Compared is the total." in shown.content.decode()
