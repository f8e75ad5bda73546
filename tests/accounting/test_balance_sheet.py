"""The balance sheet balances on every day, with the results computed."""

from datetime import date, timedelta
from decimal import Decimal
from random import Random

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from accounting.balance_sheet import balance_sheet
from accounting.models import Account
from accounting.posting import credit, debit
from accounting.years import open_year_for
from tests.factories.accounting import AccountFactory
from tests.factories.backoffice import DepartmentFactory
from tests.factories.budgets import busy_books


def amount(statement, name, at=0):
    return statement.row(name).amounts[at]


def names(statement):
    return {row.name for row in statement.rows}


def accounts(statement, at=0):
    return {row.code: row.amounts[at] for row in statement.rows if row.code}


@pytest.fixture
def two_years(books):
    """A result of 70 in 2024 and of 30 in 2025."""
    open_year_for(date(2025, 1, 1), by=books.user)
    books.sell(100, on=date(2024, 5, 1))
    books.sell(lines=[debit(books.rent, 30), credit(books.bank, 30)], on=date(2024, 6, 1))
    books.sell(30, on=date(2025, 2, 1))
    return books


def test_it_balances_every_day(books):
    busy_books(books, entries=80)
    chance = Random(1)
    days = [date(2022, 12, 25) + timedelta(days=chance.randrange(1120)) for _n in range(25)]

    sheets = [balance_sheet(on=day) for day in days]

    assert all(sheet.holds for sheet in sheets)
    assert any(
        amount(sheet, "earlier_results") for sheet in sheets if "earlier_results" in names(sheet)
    )


def test_a_department_alone_need_not_balance_and_the_sheet_says_so(two_years):
    quay = DepartmentFactory()
    bank, sales = debit(two_years.bank, 5, department=quay), credit(two_years.sales, 5)
    two_years.sell(lines=[bank, sales])

    whole = balance_sheet(on=date(2024, 12, 31))
    alone = balance_sheet(on=date(2024, 12, 31), departments=frozenset({quay.pk}))

    assert whole.proofs[0].sentence == "Assets equal liabilities and equity"
    assert alone.proofs[0].sentence == "Assets differ from liabilities and equity"
    assert (whole.holds, alone.holds) == (True, False)


def test_the_result_of_the_year_and_those_before_it_are_lines_of_their_own(two_years):
    first, second = balance_sheet(on=date(2024, 12, 31)), balance_sheet(on=date(2025, 12, 31))

    assert amount(first, "result") == 70
    assert "earlier_results" not in names(first)
    assert (amount(second, "earlier_results"), amount(second, "result")) == (70, 30)
    assert amount(second, "equity") == amount(second, "assets") == 100


def test_a_closing_entry_is_shown_apart_and_the_year_after_opens_at_nothing(two_years):
    retained = AccountFactory(code="3020", kind="equity", role="retained_earnings")
    two_years.sell(
        on=date(2024, 12, 31),
        kind="closing",
        lines=[debit(two_years.sales, 100), credit(two_years.rent, 30), credit(retained, 70)],
    )

    closed, later = balance_sheet(on=date(2024, 12, 31)), balance_sheet(on=date(2025, 1, 31))

    assert (amount(closed, "result"), amount(closed, "taken_over")) == (70, -70)
    assert accounts(closed)["3020"] == accounts(later)["3020"] == 70
    assert "earlier_results" not in names(later)
    assert closed.holds
    assert later.holds


def test_a_day_before_any_open_year_belongs_to_the_companys_year(books):
    books.company.fiscal_year_starts_in = 4
    books.company.save()
    sheet = balance_sheet(on=date(2019, 2, 1))

    assert sheet.row("result").spans[0].first == date(2018, 4, 1)


def test_headings_sum_what_is_below_them(books):
    heading = AccountFactory(code="1", name="Assets", kind="asset")
    current = AccountFactory(code="11", name="Current", kind="asset", parent=heading)
    till = AccountFactory(code="1120", name="Till", kind="asset", parent=current)
    Account.objects.filter(pk__in=[books.bank.pk, books.dollars.pk]).update(parent=current)
    books.sell(10)
    books.sell(lines=[debit(till, 5), credit(books.sales, 5)])

    sheet = balance_sheet(on=date(2024, 12, 31))
    rows = {row.label: (row.amounts[0], row.style, row.depth) for row in sheet.rows}

    # The heading called as its kind is not said twice.
    assert rows["Assets"] == (15, "kind", 0)
    assert rows["Current"] == (15, "heading", 0)
    assert rows["Bank"] == (10, "account", 1)


def test_two_days_stand_beside_each_other_with_the_difference(two_years):
    sheet = balance_sheet(on=date(2025, 12, 31), compare=[date(2024, 5, 31)])

    assert sheet.row("assets").amounts == (100, 100, 0)
    assert sheet.row("result").amounts == (30, 100, -70)
    assert sheet.holds


def test_as_known_leaves_out_later_entries_and_since_shows_them(two_years, monkeypatch):
    known = timezone.now()
    monkeypatch.setattr(timezone, "now", lambda: known + timedelta(days=40))
    two_years.sell(11, on=date(2024, 5, 2))

    then = balance_sheet(on=date(2024, 12, 31), known=known)
    changed = balance_sheet(on=date(2024, 12, 31), since=known)

    assert amount(then, "assets") == 70
    assert changed.row("assets").amounts == (70, 81, 11)
    assert changed.row("result").amounts == (70, 81, 11)
    assert then.holds
    assert changed.holds


def test_it_costs_as_many_queries_however_many_accounts(books):
    books.sell()
    with CaptureQueriesContext(connection) as few:
        balance_sheet(on=date(2024, 12, 15), compare=[date(2023, 12, 31)])
    busy_books(books, entries=20)

    with CaptureQueriesContext(connection) as many:
        balance_sheet(on=date(2024, 12, 15), compare=[date(2023, 12, 31)])

    assert len(many) == len(few) == 4


def test_amounts_stay_decimal(two_years):
    sheet = balance_sheet(on=date(2025, 12, 31))

    assert all(type(a) is Decimal for row in sheet.rows for a in row.amounts)
