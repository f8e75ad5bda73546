"""A month is proved against the bank, account by account, or says what keeps it from that."""

from datetime import date
from decimal import Decimal

import pytest

from accounting.bank_ties import bank_ties, first_unproved, last_bank_day
from accounting.checks import findings
from accounting.models import Match
from tests.factories.accounting import AccountFactory
from tests.factories.banking import a_line, a_statement, an_own_account

APRIL, MAY, JUNE = date(2024, 4, 30), date(2024, 5, 31), date(2024, 6, 30)
FIRST_OF_MAY, FIRST_OF_JUNE = date(2024, 5, 1), date(2024, 6, 1)


@pytest.fixture
def bank(books):
    return an_own_account(books.bank, name="Current")


def book(line, entry):
    journal_line = entry.lines.get(account=line.own_account.account)
    Match.objects.create(statement_line=line, journal_line=journal_line, amount=line.amount)


def booked_statement(books, bank, amount="100", **facts):
    """A statement of one line that is in the books."""
    facts = {"on": MAY, "starts_on": FIRST_OF_MAY} | facts
    statement = a_statement(bank, amount, **facts)
    book(statement.lines.get(), books.sell(amount, on=statement.ends_on))
    return statement


def tie(books, month=5):
    (found,) = bank_ties(books.period(month))
    return found


def test_a_month_whose_statements_are_booked_is_proved_with_its_balance(books, bank):
    booked_statement(books, bank)

    found = tie(books)

    assert (found.holds, found.title, found.detail) == (True, "Bank: Current", "100.00 EUR")


def test_an_account_nothing_moves_needs_no_statement(books, bank):
    assert tie(books).holds


def test_an_account_the_books_move_needs_a_statement(books, bank):
    books.sell("100", on=MAY)

    found = tie(books)

    assert (found.holds, found.detail) == (False, "no statement, though the books move it")
    assert found.url == bank.get_absolute_url()


def test_money_missing_between_two_statements_is_a_hole_at_the_second(books, bank):
    booked_statement(books, bank, on=APRIL, starts_on=date(2024, 4, 1))
    second = booked_statement(books, bank, opening="90")

    found = tie(books)

    assert (found.holds, found.url) == (False, second.get_absolute_url())
    assert found.detail == "−10.00 EUR is missing before the statement of 2024-05-01"


def test_a_statement_that_contradicts_itself_proves_nothing(books, bank):
    booked_statement(books, bank, closing=Decimal(107))

    assert tie(books).detail == "the statement of 2024-05-31 does not add up"


def test_days_at_the_end_without_a_statement_are_a_hole(books, bank):
    booked_statement(books, bank, on=date(2024, 5, 20))

    assert tie(books).detail == "no statement after 2024-05-20"


def test_the_next_statement_that_goes_on_from_it_fills_those_days(books, bank):
    booked_statement(books, bank, on=date(2024, 5, 20))
    booked_statement(books, bank, opening="100", on=JUNE, starts_on=FIRST_OF_JUNE)

    assert tie(books).holds


def test_a_statement_over_the_end_of_the_month_is_split_by_its_lines(books, bank):
    statement = a_statement(bank, on=JUNE, starts_on=FIRST_OF_MAY, closing=107, entry_sum=107)
    for position, (amount, day) in enumerate([("100", MAY), ("7", JUNE)], start=1):
        line = a_line(statement, amount, on=day, position=position)
        book(line, books.sell(amount, on=day))

    assert (tie(books).holds, tie(books).detail) == (True, "100.00 EUR")
    assert tie(books, 6).detail == "107.00 EUR"


def test_a_line_nobody_booked_is_counted(books, bank):
    statement = a_statement(bank, "100", "-5", on=MAY, starts_on=FIRST_OF_MAY)
    book(statement.lines.get(amount=100), books.sell("100", on=MAY))

    found = tie(books)

    assert (found.holds, found.detail) == (False, "1 line to reconcile")


def test_a_line_of_the_next_month_is_none_of_this_one(books, bank):
    booked_statement(books, bank)
    a_statement(bank, "9", opening="100", on=JUNE, starts_on=FIRST_OF_JUNE)

    assert tie(books).holds
    assert not tie(books, 6).holds


def test_what_neither_side_explains_is_told(books, bank):
    booked_statement(books, bank, opening="500")

    assert tie(books).detail == "500.00 EUR unexplained"


def test_a_payment_on_its_way_at_the_end_of_the_month_is_explained(books, bank):
    booked_statement(books, bank)
    books.sell("40", on=MAY)

    assert tie(books).holds


def test_balances_nobody_states_prove_nothing(books, bank):
    statement = a_statement(
        bank, on=MAY, starts_on=FIRST_OF_MAY, closing=None, entry_sum=100, is_comparable=False
    )
    book(a_line(statement, "100"), books.sell("100", on=MAY))

    assert tie(books).detail == "no statement says what stands on it"


def test_each_account_has_its_own_line_and_a_closed_one_none(books, bank):
    an_own_account(AccountFactory(kind="asset"), name="Savings")
    an_own_account(AccountFactory(kind="asset"), name="Old", is_active=False)

    assert [one.title for one in bank_ties(books.period(5))] == ["Bank: Current", "Bank: Savings"]


@pytest.mark.parametrize(("day", "last"), [(31, 31), (25, 24), (26, 24)])
def test_banks_book_nothing_on_a_weekend(day, last):
    assert last_bank_day(date(2024, 5, day)) == date(2024, 5, last)


def test_verify_proves_the_newest_statement_of_each_account(books, bank):
    statement = booked_statement(books, bank)
    assert first_unproved() == ""

    newer = a_statement(bank, "5", opening="101", on=JUNE)

    assert statement.closing == 100
    broken = [(one.check, one.offender) for one in findings() if not one.holds]
    assert broken == [("bank equals the books", f"{newer}: 1.00 EUR")]
