"""The cash flow ties to bank and cash, told from either side."""

from datetime import date, timedelta
from random import Random

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from accounting.cash_flow import cash_flow
from accounting.facts import cash_on
from accounting.models import Account
from accounting.posting import credit, debit
from tests.factories import PartyFactory
from tests.factories.accounting import AccountFactory
from tests.factories.budgets import busy_books

YEAR = {"first": date(2024, 1, 1), "last": date(2024, 12, 31)}


def amount(statement, name, at=0):
    return statement.row(name).amounts[at]


def test_both_ways_tie_to_the_bank_in_any_days(books):
    busy_books(books, entries=120)
    chance = Random(5)

    for _time in range(15):
        first = date(2023, 1, 1) + timedelta(days=chance.randrange(1000))
        last = first + timedelta(days=chance.randrange(400))
        found = cash_flow(first=first, last=last)

        assert found.holds
        for way in ("direct", "indirect"):
            assert amount(found, f"{way}_opening") == cash_on(first - timedelta(days=1))
            assert amount(found, f"{way}_closing") == cash_on(last)


@pytest.fixture
def trade(books):
    """A sale on credit paid in part, rent, a machine, its wear, a loan."""
    owed = AccountFactory(code="1300", kind="asset", role="receivable")
    things = AccountFactory(code="1800", kind="asset")
    machine = AccountFactory(code="1810", kind="asset", parent=things, role="fixed_assets")
    van = AccountFactory(code="1820", kind="asset", parent=things)
    worn = AccountFactory(code="1890", kind="asset", parent=things, role="depreciation_to_date")
    wear = AccountFactory(code="8010", role="depreciation")
    loan = AccountFactory(code="2500", kind="liability", cash_flow="financing")
    capital = AccountFactory(code="3000", kind="equity")
    for from_, to, how_much in (
        (books.sales, owed, 500),
        (owed, books.bank, 300),
        (books.bank, books.rent, 80),
        (books.bank, machine, 120),
        (books.bank, van, 20),
        (worn, wear, 10),
        (loan, books.bank, 200),
        (capital, books.bank, 50),
    ):
        party = PartyFactory()
        books.sell(lines=[debit(to, how_much, party=party), credit(from_, how_much, party=party)])
    return books


def test_each_movement_stands_in_its_part(trade):
    found = cash_flow(**YEAR)

    parts = ("operating", "investing", "financing", "change", "closing")
    direct, indirect = (
        [amount(found, f"{way}_{part}") for part in parts] for way in ("direct", "indirect")
    )
    assert direct == indirect == [220, -140, 250, 330, 330]


def test_an_account_that_is_marked_stands_where_it_is_marked(trade):
    Account.objects.filter(code="1820").update(cash_flow="operating")

    found = cash_flow(**YEAR)

    assert amount(found, "direct_investing") == amount(found, "indirect_investing") == -120


def test_money_between_bank_and_till_is_no_cash_flow(books):
    till = AccountFactory(code="1120", kind="asset", cash_flow="cash")
    books.sell(100)
    books.sell(lines=[debit(till, 40), credit(books.bank, 40)])

    found = cash_flow(**YEAR)

    assert amount(found, "direct_change") == amount(found, "direct_operating") == 100
    assert {row.code for row in found.rows if row.code} == {"4000"}
    assert cash_on(date(2024, 12, 31)) == 100


def test_a_bank_account_marked_as_something_else_is_no_cash(books):
    Account.objects.filter(pk=books.bank.pk).update(cash_flow="financing")
    books.sell(100)

    found = cash_flow(**YEAR)

    assert found.proofs == ()
    assert "No account is bank or cash" in found.notes[0]
    assert cash_on(date(2024, 12, 31)) == 0


def test_the_year_before_stands_beside_it(trade):
    found = cash_flow(first=date(2025, 1, 1), last=date(2025, 12, 31), compare="year")

    assert found.row("direct_change").amounts == (0, 330, -330)
    assert found.row("indirect_closing").amounts == (330, 330, 0)
    assert found.row("indirect_opening").amounts == (330, 0, 330)


def test_it_costs_four_queries(trade):
    with CaptureQueriesContext(connection) as queries:
        cash_flow(**YEAR, compare="year")

    assert len(queries) == 4
