"""Tax accounts say what the lines of the returns say, and returns are filed when they are due."""

from datetime import date

import pytest

from accounting.posting import credit, debit
from accounting.tax_returns import file_return
from accounting.tax_ties import returns_are_filed, taxes_tie
from tests.factories.taxes import a_return, tax, tax_accounts, taxed

JULY_5 = date(2024, 7, 5)


@pytest.fixture
def accounts(books):
    return tax_accounts()


def test_taxes_tie_before_and_after_they_are_filed(books, accounts):
    taxed(books, 100, tax(20))
    taxed(books, 40, tax(20), direction="purchase")
    assert taxes_tie(books.period(6)).holds

    file_return(a_return(), on=JULY_5, by=books.user)

    assert taxes_tie(books.period(5)).holds
    assert taxes_tie(books.period(6)).holds


def test_a_month_stays_tied_when_its_return_is_settled_later(books, accounts):
    taxed(books, 100, tax(20))
    for month in (5, 6):
        period = books.period(month)
        type(period).objects.filter(pk=period.pk).update(closed_at="2024-07-01T00:00Z")

    file_return(a_return(), on=JULY_5, by=books.user)

    assert taxes_tie(books.period(6)).holds
    assert taxes_tie(books.period(7)).holds


def test_an_entry_on_a_tax_account_without_a_tax_is_named(books, accounts):
    taxed(books, 100, tax(20))
    account = accounts["tax_on_sales"]
    books.sell("7", lines=[debit(books.bank, 7), credit(account, 7)])

    found = taxes_tie(books.period(5))

    assert not found.holds
    assert found.detail == (
        "tax on sales: −20.00 EUR by the lines of returns, −27.00 EUR in the books"
    )
    assert f"/accounts/{account.pk}/ledger/" in found.url
    assert taxes_tie(books.period(4)).holds


def test_a_return_is_due_in_the_month_after_its_days(books, accounts):
    found = a_return()

    assert returns_are_filed(books.period(6)).holds
    july = returns_are_filed(books.period(7))

    assert (july.holds, july.url) == (False, found.get_absolute_url())
    assert july.detail == "2024-04-01 – 2024-06-30 is not filed"


def test_once_filed_nothing_is_due_until_the_next_should_be_there(books, accounts):
    file_return(a_return(), on=JULY_5, by=books.user)

    assert returns_are_filed(books.period(9)).holds
    october = returns_are_filed(books.period(10))

    assert (october.holds, october.detail) == (False, "no return from 2024-07-01 to 2024-09-30")


def test_who_never_opened_a_return_owes_none(books, accounts):
    assert returns_are_filed(books.period(12)).holds
