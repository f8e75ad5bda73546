"""Ageing: by party and lateness, at any day, always equal to the control account."""

from datetime import date
from decimal import Decimal

import pytest

from accounting.ageing import ageing
from accounting.allocations import allocate, release
from accounting.checks import findings
from accounting.lateness import NAMES, days_of_bucket, within_bucket
from accounting.models import Allocation
from accounting.open_items import open_items
from accounting.posting import reverse_entry
from accounting.reporting import Wish
from accounting.reports import report
from backoffice.errors import Refused
from tests.factories.accounting import raw_entry
from tests.factories.backoffice import PartyFactory
from tests.factories.open_items import bill, control_accounts, invoice, receipt

ON = date(2024, 9, 30)


@pytest.fixture(autouse=True)
def accounts(books):
    return control_accounts()


def test_items_fall_into_buckets_by_their_due_day(books):
    customer = PartyFactory()
    for due_on in ("2024-09-30", "2024-09-29", "2024-08-31", "2024-08-30", "2024-07-31"):
        invoice(books, customer, "10", due_on=date.fromisoformat(due_on), reference=due_on)
    for due_on in ("2024-07-02", "2024-07-01", "2024-06-01"):
        invoice(books, customer, "10", due_on=date.fromisoformat(due_on), reference=due_on)

    found = ageing(on=ON)

    (row,) = found.rows
    assert row.amounts == [10, 20, 10, 20, 20]
    assert row.overdue == 70
    assert found.amounts == row.amounts
    assert found.ties
    assert found.control == 80


@pytest.mark.parametrize("name", NAMES)
def test_the_items_of_a_bucket_are_what_its_figure_is_made_of(books, name):
    for days in range(0, 120, 7):
        invoice(books, PartyFactory(), "10", due_on=date(2024, 6, 10 + days % 20), reference="x")
        invoice(books, PartyFactory(), "10", due_on=date(2024, 5 + days // 25, 28), reference="y")

    figure = ageing(on=ON).amounts[NAMES.index(name)]

    found = open_items(on=ON).filter(within_bucket(name, ON))
    assert sum(item.open_base for item in found) == figure


def test_the_buckets_follow_each_other_without_gap():
    assert [days_of_bucket(name, ON) for name in NAMES] == [
        (date(2024, 9, 30), None),
        (date(2024, 8, 31), date(2024, 9, 29)),
        (date(2024, 8, 1), date(2024, 8, 30)),
        (date(2024, 7, 2), date(2024, 7, 31)),
        (None, date(2024, 7, 1)),
    ]


def test_what_we_owe_is_positive_too(books):
    bill(books, PartyFactory(name="Timber & Co"), "80", due_on=ON, reference="B-1")

    found = ageing(on=ON, role="payable")

    assert [(row.name, row.total) for row in found.rows] == [("Timber & Co", 80)]
    assert found.ties


def test_a_past_day_is_as_it_was(books):
    customer = PartyFactory()
    owed, paid = invoice(books, customer, "10"), receipt(books, customer, "10", on=ON)
    settled = allocate(owed, paid, Decimal(10), on=ON, by=books.user)
    release(settled, on=date(2024, 10, 5), by=books.user)
    reverse_entry(paid.entry, on=date(2024, 10, 6), by=books.user)

    assert ageing(on=date(2024, 9, 29)).total == 10
    assert ageing(on=ON).rows == []
    assert ageing(on=date(2024, 10, 5)).total == 0
    assert ageing(on=date(2024, 10, 6)).total == 10


def test_lines_brought_in_without_a_party_are_shown_apart_and_tie(books, accounts):
    raw_entry(books, (accounts["receivable"], 5), (books.sales, -5))
    invoice(books, PartyFactory(name="Zoe"), "10")

    found = ageing(on=ON)

    assert [row.name for row in found.rows] == ["Zoe", "Without a party"]
    assert found.ties


def test_the_number_of_queries_does_not_depend_on_the_items(books, django_assert_num_queries):
    for _n in range(5):
        invoice(books, PartyFactory(), "10")

    with django_assert_num_queries(4):
        ageing(on=ON)


# --- Report and verify --------------------------------------------------------------------------


def test_the_report_says_what_it_ties_to(books):
    invoice(books, PartyFactory(name="Zoe"), "10", due_on=ON, reference="R-1")

    found = report("aged_receivables", Wish(on=ON))

    assert found.details[-1] == "ties to 1130: 10.00 ✔"
    assert found.rows == [("Zoe", "10.00", "", "", "", "", "10.00")]
    assert found.total == ("Total", "10.00", "0.00", "0.00", "0.00", "0.00", "10.00")
    assert found.facts["ties"]


def test_the_report_of_nothing_open_still_ties(books):
    assert report("aged_payables", Wish(on=ON)).details[-1] == "ties to 2010: 0.00 ✔"


def test_the_report_takes_a_day_and_nothing_else(books):
    with pytest.raises(Refused, match="takes a day"):
        report("aged_payables", Wish(on=ON, account=books.bank))


def settled_at_another_rate(books):
    customer = PartyFactory()
    owed = invoice(books, customer, "1100", currency="USD", currency_amount="1210")
    paid = receipt(books, customer, "1120", currency="USD", currency_amount="-1210")
    return owed, paid


def broken_checks():
    return {finding.check for finding in findings() if not finding.holds}


def test_verify_finds_a_settlement_whose_difference_is_not_posted(books):
    owed, paid = settled_at_another_rate(books)
    release(allocate(owed, paid, Decimal(1210), on=ON, by=books.user), on=ON, by=books.user)
    check = "ageing equals its control account on every day"
    before = broken_checks()

    Allocation.objects.create(
        debit_line=owed, credit_line=paid, amount=1210, debit_base=1100, credit_base=1120, on=ON
    )

    assert check not in before
    assert check in broken_checks()
    assert not ageing(on=ON).ties
