"""Budgets on screen and from a file: the grid, copying, growing, importing."""

from datetime import date
from decimal import Decimal

import pytest
from django.apps import apps
from django.urls import reverse

from accounting.budget_grid import ACCOUNTS_A_PAGE
from accounting.budget_importer import BudgetImporter
from accounting.budgets import put_in_force
from accounting.models import Budget
from backoffice.access import Level
from backoffice.models import Assignment, Role
from tests.accounting.test_statement_screens import reader_of, spend
from tests.factories import DepartmentFactory, staff
from tests.factories.accounting import AccountFactory
from tests.factories.budgets import BudgetFactory, plan


def grid_url(budget):
    return reverse("accounting:budget-grid", args=[budget.pk])


def amounts(budget):
    rows = budget.lines.values_list("department__code", "account__code", "month", "amount")
    return {(code, account, month.month): amount for code, account, month, amount in rows}


# --- The grid --------------------------------------------------------------------------------


def test_amounts_typed_in_the_grid_are_stored(client, accountant, books):
    budget = BudgetFactory()
    name = f"{books.rent.pk}-2024-03"

    response = client.post(grid_url(budget), {name: "1,200.50", f"{books.rent.pk}-2024-04": ""})
    page = client.get(grid_url(budget)).content.decode()

    assert response.status_code == 302
    assert amounts(budget) == {(books.root.code, "6000", 3): Decimal("1200.50")}
    assert f'name="{name}" value="1200.50"' in page


def test_a_sum_for_the_year_is_spread_over_its_months(client, accountant, books):
    budget = BudgetFactory()

    client.post(grid_url(budget), {f"{books.rent.pk}-year": "1000"})

    found = amounts(budget)
    assert len(found) == 12
    assert found[books.root.code, "6000", 1] == Decimal("83.33")
    assert found[books.root.code, "6000", 12] == Decimal("83.37")


@pytest.mark.parametrize(
    ("typed", "sentence"),
    [
        ({"2024-03": "10000000000000"}, "too large for a budget"),
        ({"2024-03": "1.005"}, "more decimals than the currency"),
        ({"2024-03": "1.000"}, "more decimals than the currency"),  # meant as a thousand
        ({"year": "1.000"}, "more decimals than the currency"),
        ({"year": "240000000000000"}, "too large for a budget"),
    ],
)
def test_an_amount_no_budget_holds_is_refused_at_its_cell(
    client, accountant, books, typed, sentence
):
    budget = BudgetFactory()
    ((place, amount),) = typed.items()

    answer = client.post(grid_url(budget), {f"{books.rent.pk}-{place}": amount})

    (row,) = (row for row in answer.context["grid"].rows if row.problems)
    (cell,) = (cell for cell in (*row.cells, row.year) if cell.problem)
    assert (row.account, cell.name) == (books.rent, f"{books.rent.pk}-{place}")
    assert sentence in cell.problem
    assert 'aria-invalid="true"' in answer.content.decode()
    assert not amounts(budget)


def test_a_month_typed_beside_the_old_sum_counts_alone(client, accountant, books):
    budget = BudgetFactory()
    plan(budget, books.root, books.rent, 10, 10)

    client.post(
        grid_url(budget), {f"{books.rent.pk}-2024-01": "15", f"{books.rent.pk}-year": "20.00"}
    )

    assert sorted(amounts(budget).values()) == [10, 15]


def test_a_new_sum_beside_months_that_come_to_another_is_refused(client, accountant, books):
    budget = BudgetFactory()
    typed = {f"{books.rent.pk}-2024-01": "15", f"{books.rent.pk}-year": "1,200"}

    other = client.post(grid_url(budget), typed).content.decode()
    same = client.post(grid_url(budget), typed | {f"{books.rent.pk}-year": "15.00"})

    assert "The months come to 15.00, not to 1,200.00: change one or the other." in other
    assert same.status_code == 302
    assert list(amounts(budget).values()) == [15]


@pytest.mark.parametrize(
    ("typed", "sentence"), [(("5",), "1 amount changed"), (("5", "6"), "2 amounts changed")]
)
def test_how_many_amounts_changed_is_said(client, accountant, books, typed, sentence):
    sent = {f"{books.rent.pk}-2024-0{m}": amount for m, amount in enumerate(typed, start=1)}

    page = client.post(grid_url(BudgetFactory()), sent, follow=True)

    assert sentence in page.content.decode()


def test_what_is_no_number_is_said_at_its_row_and_nothing_is_stored(client, accountant, books):
    budget = BudgetFactory()
    typed = {f"{books.rent.pk}-2024-01": "a lot", f"{books.sales.pk}-2024-01": "5"}

    page = client.post(grid_url(budget), typed)

    assert page.status_code == 200
    assert "“a lot” is not a clear number" in page.content.decode()
    assert not budget.lines.exists()
    too_fine = client.post(grid_url(budget), {f"{books.rent.pk}-2024-01": "1.005"})
    assert "more decimals" in too_fine.content.decode()


def test_a_reader_who_writes_commas_types_commas(client, accountant, books):
    accountant.language = "de-DE"
    accountant.save()
    budget = BudgetFactory()

    client.post(grid_url(budget), {f"{books.rent.pk}-2024-01": "1.200,50"})

    assert list(amounts(budget).values()) == [Decimal("1200.50")]
    assert 'value="1200,50"' in client.get(grid_url(budget)).content.decode()


def test_a_budget_in_force_is_shown_and_not_written(client, accountant, books):
    budget = BudgetFactory()
    plan(budget, books.root, books.rent, 10)
    put_in_force(budget, by=books.user)

    page = client.get(grid_url(budget)).content.decode()

    assert "take it back to a draft" in page
    assert client.post(grid_url(budget), {f"{books.rent.pk}-2024-01": "5"}).status_code == 403


def test_many_accounts_take_several_pages(client, accountant, books):
    AccountFactory.create_batch(ACCOUNTS_A_PAGE)
    budget = BudgetFactory()

    first, second = (client.get(grid_url(budget), {"page": n}).context["grid"] for n in (1, 2))

    assert (len(first.rows), first.pages) == (ACCOUNTS_A_PAGE, 2)
    assert len(second.rows) == 2
    assert client.get(grid_url(budget), {"page": "x"}).status_code == 400


def test_who_edits_one_department_plans_that_one_alone(client, books):
    quay, dock = DepartmentFactory(), DepartmentFactory()
    budget = BudgetFactory()
    client.force_login(reader_of(quay, Level.EDIT))
    typed = {f"{books.rent.pk}-2024-01": "5"}

    own = client.post(f"{grid_url(budget)}?department={quay.pk}", typed)
    other = client.post(f"{grid_url(budget)}?department={dock.pk}", typed)

    assert (own.status_code, other.status_code) == (302, 404)
    assert list(amounts(budget)) == [(quay.code, "6000", 1)]


# --- Making budgets --------------------------------------------------------------------------


def test_a_budget_is_started_from_last_year(client, accountant, books):
    spend(books, 80, books.root)
    (year,) = {b.fiscal_year for b in [BudgetFactory()]}
    asked = {"source": f"year-{year.pk}", "to": year.pk, "name": "Plan", "percent": "10"}

    response = client.post(reverse("accounting:budget-copy"), asked)

    made = Budget.objects.get(name="Plan")
    assert response.url == made.get_absolute_url()
    assert amounts(made) == {(books.root.code, "6000", 6): 88}


def test_a_budget_is_copied_grown_put_in_force_and_taken_back(client, accountant, books):
    budget = BudgetFactory(name="Plan")
    plan(budget, books.root, books.rent, 100)
    asked = {"source": f"budget-{budget.pk}", "to": budget.fiscal_year_id, "name": "Higher"}
    client.post(reverse("accounting:budget-copy"), asked)
    higher = Budget.objects.get(name="Higher")

    client.post(reverse("accounting:budget-grow", args=[higher.pk]), {"percent": "5"})
    client.post(reverse("accounting:budget-put", args=[higher.pk]))
    higher.refresh_from_db()
    assert (higher.state, list(amounts(higher).values())) == ("in_force", [105])

    client.post(reverse("accounting:budget-back", args=[higher.pk]))
    higher.refresh_from_db()
    assert higher.state == "draft"


def test_a_name_that_is_taken_is_said_in_the_form(client, accountant, books):
    budget = BudgetFactory(name="Plan")
    asked = {"source": f"budget-{budget.pk}", "to": budget.fiscal_year_id, "name": "Plan"}

    page = client.post(reverse("accounting:budget-copy"), asked)

    assert page.status_code == 200
    assert "of this name already" in page.content.decode()


def test_who_edits_one_department_makes_no_budgets(client, books):
    budget = BudgetFactory()
    user = reader_of(DepartmentFactory(), Level.APPROVE)
    auditor = Role.objects.get(name="Auditor")
    Assignment.objects.create(
        user=user, role=auditor, department=books.root, starts_on=date(2020, 1, 1)
    )
    client.force_login(user)
    asked = {"fiscal_year": budget.fiscal_year_id, "name": "Mine", "overspending": "warn"}

    answers = [
        client.post(reverse("accounting:budget-add"), asked),
        client.get(reverse("accounting:budget-copy")),
        client.get(reverse("accounting:budget-grow", args=[budget.pk])),
        client.get(reverse("accounting:budget-edit", args=[budget.pk])),
        client.post(reverse("accounting:budget-put", args=[budget.pk])),
    ]

    assert [answer.status_code for answer in answers] == [403, 403, 403, 404, 404]
    assert Budget.objects.count() == 1


# --- From a file -----------------------------------------------------------------------------


def brought_in(by, *rows, **options):
    names = ("department", "account", "month", "amount")
    read = [(n, dict(zip(names, row, strict=True))) for n, row in enumerate(rows, start=2)]
    importer = BudgetImporter(options, by=by)
    return importer.bring_in(read), [importer.check(n, row) for n, row in read]


def test_amounts_come_in_from_a_file_and_again_change_nothing(books, accountant):
    budget = BudgetFactory()
    rows = [("", "6000", "2024-01", "5"), (books.root.name, "4000", "2024-02-29", "1,000.50")]

    first, _problems = brought_in(accountant, *rows)
    again, _problems = brought_in(accountant, *rows)

    assert first.counts == {"created": 2, "updated": 0, "unchanged": 0, "failed": 0}
    assert again.counts == {"created": 0, "updated": 0, "unchanged": 2, "failed": 0}
    assert amounts(budget) == {
        (books.root.code, "6000", 1): 5,
        (books.root.code, "4000", 2): Decimal("1000.50"),
    }


def test_rows_that_cannot_come_in_are_named(books, accountant):
    budget = BudgetFactory()
    rows = [
        ("", "6000", "2024-01", "5"),
        ("", "6000", "2024-01", "6"),
        ("Nowhere", "1000", "2031-01", "1.005"),
    ]

    outcome, problems = brought_in(accountant, *rows)

    assert outcome.counts["created"] == 1
    assert outcome.counts["failed"] == 2
    assert "Another row" in outcome.failed_rows[3]
    assert set(problems[2]) == {"department", "account", "month", "amount"}
    assert list(amounts(budget).values()) == [5]


def test_a_rehearsal_stores_nothing(books, accountant):
    budget = BudgetFactory()
    row = {"department": "", "account": "6000", "month": "2024-01", "amount": "5"}

    outcome = BudgetImporter({}, by=accountant).bring_in([(2, row)], is_rehearsal=True)

    assert (outcome.counts["created"], outcome.is_kept) == (1, False)
    assert not budget.lines.exists()


def test_which_budget_must_be_clear(books, accountant):
    BudgetFactory(name="Plan")
    BudgetFactory(name="Other")
    row = ("", "6000", "2024-01", "5")

    unclear, _problems = brought_in(accountant, row)
    named, _problems = brought_in(accountant, row, budget="plan")

    assert "Name the budget" in unclear.failed_rows[2]
    assert named.counts["created"] == 1


def test_a_file_reaches_no_further_than_its_reader(books):
    quay = DepartmentFactory()
    BudgetFactory()
    rows = [(quay.code, "6000", "2024-01", "5"), ("", "6000", "2024-01", "5")]

    outcome, _problems = brought_in(reader_of(quay, Level.EDIT), *rows)

    assert (outcome.counts["created"], outcome.counts["failed"]) == (1, 1)
    assert "outside your reach" in outcome.failed_rows[3]


# --- The dashboard ---------------------------------------------------------------------------


def test_the_dashboard_names_departments_over_budget_to_who_may_see_them(books):
    quay = DepartmentFactory(name="Quay")
    budget = BudgetFactory()
    plan(budget, quay, books.rent, *[10] * 12)
    put_in_force(budget, by=books.user)
    spend(books, 90, quay)
    accounting = apps.get_app_config("accounting")

    def told(user):
        found = accounting.attention(user, on=date(2024, 6, 30))
        return [a.title for a in found if "over budget" in a.title]

    assert told(staff("Accountant")) == ["Quay is over budget"]
    assert told(reader_of(quay)) == ["Quay is over budget"]
    assert told(reader_of(DepartmentFactory())) == []
    assert told(staff()) == []


@pytest.mark.parametrize("name", ["budget-list", "budgetline-list", "budget"])
def test_pages_of_budgets_are_turned_away_from_strangers(client, books, name):
    client.force_login(staff())

    assert client.get(reverse(f"accounting:{name}")).status_code == 403


# --- In force --------------------------------------------------------------------------------


def test_putting_one_in_force_names_the_one_it_replaces(client, accountant, books):
    first, second = (BudgetFactory(name=name) for name in ("Plan A", "Plan B"))
    for budget in (first, second):
        plan(budget, books.root, books.rent, 10)

    alone = client.get(second.get_absolute_url()).content.decode()
    put_in_force(first, by=accountant)
    asked = client.get(second.get_absolute_url()).content.decode()
    done = client.post(reverse("accounting:budget-put", args=[second.pk]), follow=True)

    assert "becomes a draft" not in alone
    assert f"“{first}”, in force until now, becomes a draft." in asked
    assert f"{first} is a draft again." in done.content.decode()
    first.refresh_from_db()
    assert not first.is_in_force
