"""The trial balance and the general ledger say what the lines add up to."""

from datetime import date, timedelta
from decimal import Decimal

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from accounting.models import JournalEntry
from accounting.posting import credit, debit
from accounting.statements import (
    Key,
    balance_at,
    general_ledger,
    trial_balance,
    whole_ledger,
)
from backoffice.errors import Refused
from tests.factories.accounting import AccountFactory
from tests.factories.backoffice import DepartmentFactory


def shown(balances):
    return {row.code: row.balance for row in balances.rows}


@pytest.fixture
def year(books):
    """Sales of 1, 2, 4 … on days in three months."""
    days = [(1, 31), (2, 1), (2, 15), (2, 29), (3, 1)]
    for power, (month, day) in enumerate(days):
        books.sell(2**power, on=date(2024, month, day))
    return books


@pytest.mark.parametrize(
    ("on", "balance"),
    [
        (date(2024, 1, 30), None),
        (date(2024, 1, 31), 1),
        (date(2024, 2, 1), 3),
        (date(2024, 2, 14), 3),
        (date(2024, 2, 15), 7),
        (date(2024, 2, 28), 7),
        (date(2024, 2, 29), 15),
        (date(2024, 3, 1), 31),
        (date(2030, 1, 1), 31),
    ],
)
def test_the_trial_balance_is_that_of_the_end_of_the_day(year, on, balance):
    found = trial_balance(on=on)

    assert shown(found).get("1000") == balance
    assert found.debit == found.credit == (balance or 0)


def test_a_row_says_account_kind_and_side(year):
    AccountFactory(code="9", name="Never used")
    bank, sales = trial_balance(on=date(2024, 12, 31)).rows

    assert (bank.code, bank.name, bank.kind, bank.debit, bank.credit) == (
        "1000",
        "Bank",
        "asset",
        31,
        0,
    )
    assert (sales.balance, sales.debit, sales.credit) == (-31, 0, 31)


def test_a_name_is_the_full_path(books):
    heading = AccountFactory(name="Assets", kind="asset")
    books.bank.parent = AccountFactory(name="Cash", kind="asset", parent=heading)
    books.bank.save()
    books.sell()

    assert trial_balance(on=date(2024, 12, 31)).rows[0].name == "Assets:Cash:Bank"


def test_a_department_is_shown_with_those_below_it(books):
    sales = DepartmentFactory()
    export, other = DepartmentFactory(parent=sales), DepartmentFactory()
    for amount, department in ((1, sales), (2, export), (4, other)):
        where = {"department": department}
        lines = [debit(books.bank, amount, **where), credit(books.sales, amount, **where)]
        books.sell(on=date(2024, 1, 10), lines=lines)
        books.sell(on=date(2024, 2, 10), lines=lines)

    def of(department, day):
        return shown(trial_balance(on=day, department=department)).get("1000")

    assert [of(d, date(2024, 2, 20)) for d in (sales, export, other)] == [6, 4, 8]
    assert [of(d, date(2024, 1, 31)) for d in (books.root, None)] == [7, 7]
    ledger = general_ledger(books.bank, department=sales)
    assert [row.balance for row in ledger.rows] == [1, 3, 4, 6]


def test_as_known_leaves_out_what_was_posted_later(year, monkeypatch):
    known = timezone.now()
    monkeypatch.setattr(timezone, "now", lambda: known + timedelta(days=40))
    year.sell(100, on=date(2024, 1, 1))

    assert shown(trial_balance(on=date(2024, 12, 31)))["1000"] == 131
    assert shown(trial_balance(on=date(2024, 12, 31), as_known=known))["1000"] == 31
    assert shown(trial_balance(on=date(2024, 2, 1), as_known=known))["1000"] == 3


def test_the_trial_balance_takes_two_queries(year):
    with CaptureQueriesContext(connection) as queries:
        trial_balance(on=date(2024, 2, 15))

    assert len(queries) == 2  # and one of them asks for the currency


@pytest.fixture
def busy(books):
    """Twelve sales of 1, three on the same day now and then."""
    for day in (1, 5, 5, 5, 9, 31):
        books.sell(1, on=date(2024, 1, day))
        books.sell(1, on=date(2024, 3, min(day, 30)))
    return books


def walk(page_of, account, size):
    pages = [page_of(account, size=size)]
    while pages[-1].has_next:
        pages.append(general_ledger(account, size=size, after=pages[-1].last_key))
    return pages


def test_pages_forwards_show_every_line_once_with_its_balance(busy):
    rows = [row for page in walk(general_ledger, busy.bank, 5) for row in page.rows]

    assert [row.balance for row in rows] == list(range(1, 13))
    assert [row.date for row in rows] == sorted(row.date for row in rows)
    assert len({row.key for row in rows}) == 12


@pytest.mark.parametrize("size", [1, 4, 5, 12, 50])
def test_pages_backwards_are_the_same_lines(busy, size):
    page = general_ledger(busy.bank, last=True, size=size)
    rows = list(page.rows)
    while page.has_previous:
        page = general_ledger(busy.bank, before=page.first_key, size=size)
        rows = [*page.rows, *rows]

    assert [row.balance for row in rows] == list(range(1, 13))


def test_a_page_joins_the_one_before(busy):
    first = general_ledger(busy.bank, size=5)
    second = general_ledger(busy.bank, size=5, after=first.last_key)

    assert (first.has_previous, first.has_next) == (False, True)
    assert (second.has_previous, second.has_next) == (True, True)
    assert second.opening == first.closing == 5
    back = general_ledger(busy.bank, size=5, before=second.first_key)
    assert (back.rows, back.opening) == (first.rows, 0)


def test_some_days_open_with_what_came_before(busy):
    page = general_ledger(busy.bank, starts_on=date(2024, 1, 5), ends_on=date(2024, 1, 9))

    assert (page.opening, page.closing, len(page.rows)) == (1, 5, 4)
    quiet = general_ledger(busy.bank, starts_on=date(2024, 2, 1), ends_on=date(2024, 2, 28))
    assert (quiet.opening, quiet.closing, quiet.rows) == (6, 6, [])


def test_a_line_says_where_it_comes_from(books):
    entry = books.sell(
        payee="Bluefin",
        lines=[
            debit(
                books.dollars, 9, currency=books.usd, currency_amount=Decimal(10), text="deposit"
            ),
            credit(books.bank, 9),
        ],
    )

    (row,) = general_ledger(books.dollars).rows

    assert (row.entry_id, row.reference, row.text) == (entry.pk, "JE-2024-00001", "deposit")
    assert (row.payee, row.department) == ("Bluefin", books.root.name)
    assert (row.debit, row.credit, row.currency, row.currency_amount) == (9, 0, "USD", 10)
    assert general_ledger(books.bank).rows[0].text == "Sale"


def test_an_account_without_lines_has_an_empty_page(books):
    page = general_ledger(books.rent)

    assert (page.rows, page.opening, page.closing) == ([], 0, 0)
    assert (page.has_previous, page.has_next, page.first_key) == (False, False, None)


def test_a_page_costs_two_queries_and_no_count(busy):
    with CaptureQueriesContext(connection) as queries:
        general_ledger(busy.bank, last=True, size=5)

    assert len(queries) == 2
    assert not any("count(" in query["sql"].lower() for query in queries)


def test_the_whole_ledger_is_read_page_by_page(busy):
    pages = list(whole_ledger(busy.bank, size=5))

    assert [len(page.rows) for page in pages] == [5, 5, 2]


def test_a_key_goes_into_an_address_and_back(busy):
    key = general_ledger(busy.bank).last_key

    assert Key.read(str(key)) == key
    for nonsense in ("", "2024-01-01", "x.y", "2024-01-01.x", "99999-01-01.1"):
        with pytest.raises(Refused, match="no place in the ledger"):
            Key.read(nonsense)


def test_the_balance_of_one_account_on_a_day(busy):
    assert balance_at(busy.bank, on=date(2024, 1, 5)) == 4
    assert balance_at(busy.bank, on=date(2024, 12, 31)) == 12
    assert JournalEntry.objects.count() == 12
