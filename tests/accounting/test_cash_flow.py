"""The cash flow ties to bank and cash, told from either side."""

from datetime import date, timedelta
from decimal import Decimal
from random import Random

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from accounting.assets import add_to
from accounting.cash_flow import cash_flow
from accounting.depreciation_runs import depreciate
from accounting.disposals import dispose
from accounting.evidence import evidence, question
from accounting.facts import cash_on
from accounting.models import Account
from accounting.posting import credit, debit
from accounting.statement_rows import Chart
from accounting.years import open_year_for
from tests.factories import PartyFactory
from tests.factories.accounting import AccountFactory
from tests.factories.assets import an_asset, asset_class
from tests.factories.budgets import busy_books

YEAR = {"first": date(2024, 1, 1), "last": date(2024, 12, 31)}


def amount(statement, name, at=0):
    return statement.row(name).amounts[at]


def sections(statement, way):
    parts = ("operating", "investing", "financing", "change")
    return [amount(statement, f"{way}_{part}") for part in parts]


def lines_tie(statement):
    """Whether every figure is the sum of the lines it opens."""
    chart = Chart.read()
    return all(
        evidence(question(row.source, statement.span_of(row, 0), chart), size=500).total
        == evidence(question(row.source, statement.span_of(row, 0), chart), size=500).running
        == row.amounts[0]
        for row in statement.rows
    )


def rows_below(statement, name):
    """The rows under a heading, by the code of their account."""
    rows = list(statement.rows)
    found = {}
    for row in rows[rows.index(statement.row(name)) + 1 :]:
        if row.style != "account":
            break
        found[row.code] = row.amounts[0]
    return found


def test_both_ways_tie_to_the_bank_in_any_days(books):
    busy_books(books, entries=120)
    chance = Random(5)

    for _time in range(15):
        first = date(2023, 1, 1) + timedelta(days=chance.randrange(1000))
        last = first + timedelta(days=chance.randrange(400))
        found = cash_flow(first=first, last=last)

        assert found.holds
        assert sections(found, "direct") == sections(found, "indirect")
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


def owned(books, **facts):
    """A thing bought years ago, worn by the acts of the product since."""
    return an_asset(
        books, acquired_on=date(2023, 1, 1), asset_class=asset_class(life_months=60), **facts
    )


@pytest.fixture
def given_up(books):
    """Sold, sold in part, scrapped and added to in May 2024, all of it worn until then."""
    open_year_for(date(2023, 1, 1), by=books.user)
    van, saw, old, press = (owned(books, cost=Decimal(c)) for c in (12000, 40000, 17000, 5000))
    depreciate(through=date(2024, 4, 1), by=books.user)
    facts = {"on": date(2024, 5, 20), "by": books.user}
    dispose(van, proceeds=Decimal(6000), proceeds_account="bank", **facts)
    dispose(saw, proceeds=Decimal(5000), proceeds_account="bank", share=Decimal("0.25"), **facts)
    dispose(old, **facts)
    add_to(press, cost=Decimal(600), against="bank", **facts)
    return books


MAY = {"first": date(2024, 5, 1), "last": date(2024, 5, 31)}


def test_money_for_assets_is_investing_whatever_else_its_entry_says(given_up):
    found = cash_flow(**MAY)

    assert found.holds
    assert sections(found, "direct") == sections(found, "indirect") == [0, 10400, 0, 10400]
    assert rows_below(found, "direct_investing") == {"1500": 10400}
    assert rows_below(found, "direct_operating") == {}
    assert lines_tie(found)


def test_gain_loss_and_what_is_written_off_adjust_the_result(given_up):
    found = cash_flow(**MAY)

    below = rows_below(found, "indirect_operating")
    result = below.pop("")
    assert result < 0
    assert set(below) == {"1500", "1590", "6500", "6600"}
    assert below["1500"] == 17000
    assert sum(below.values()) == -result
    assert found.row("result").amounts[0] == result


def test_tax_on_what_is_sold_is_operating(given_up):
    tax = AccountFactory(code="2200", kind="liability", role="tax_on_sales")
    machines = Account.objects.get(role="fixed_assets")
    gain = Account.objects.get(role="asset_disposal")
    lines = [
        debit(given_up.bank, 1230),
        credit(tax, 230),
        credit(machines, 900),
        credit(gain, 100),
    ]
    given_up.sell(on=date(2024, 6, 3), lines=lines)

    found = cash_flow(first=date(2024, 6, 1), last=date(2024, 6, 30))

    assert sections(found, "direct") == sections(found, "indirect") == [230, 1000, 0, 1230]
    assert lines_tie(found)


def test_an_opening_is_told_account_by_account(books):
    machines = AccountFactory(code="1800", kind="asset", role="fixed_assets")
    capital = AccountFactory(code="3000", kind="equity")
    lines = [debit(books.bank, 100), debit(machines, 50), credit(capital, 150)]
    books.sell(lines=lines, kind="opening")

    found = cash_flow(**YEAR)

    assert sections(found, "direct") == sections(found, "indirect") == [0, -50, 150, 100]


def test_what_is_bought_on_credit_moves_no_money_until_it_is_paid(books):
    machines = AccountFactory(code="1800", kind="asset", role="fixed_assets")
    owed = AccountFactory(code="2100", kind="liability", role="payable")
    party = PartyFactory()
    books.sell(lines=[debit(machines, 70), credit(owed, 70, party=party)])

    found = cash_flow(**YEAR)

    assert sections(found, "direct") == sections(found, "indirect") == [0, 0, 0, 0]
    assert rows_below(found, "indirect_operating") == {"": 0, "1800": -70, "2100": 70}


def test_the_year_before_stands_beside_it(trade):
    found = cash_flow(first=date(2025, 1, 1), last=date(2025, 12, 31), compare="year")

    assert found.row("direct_change").amounts == (0, 330, -330)
    assert found.row("indirect_closing").amounts == (330, 330, 0)
    assert found.row("indirect_opening").amounts == (330, 0, 330)


def test_it_costs_three_queries_and_one_for_each_column(trade):
    with CaptureQueriesContext(connection) as queries:
        cash_flow(**YEAR, compare="year")

    assert len(queries) == 3 + 2
