"""Settling one item by another, taking it back, and what exchange rates make of it."""

import csv
from datetime import date
from decimal import Decimal
from threading import Thread

import pytest
from django.conf import settings
from django.db import connection

from accounting.allocations import allocate, release
from accounting.corrections import reverse_and_copy
from accounting.drafts import post_draft
from accounting.models import Allocation, JournalEntry
from accounting.open_items import open_items
from accounting.posting import Line, post, reverse_entry
from backoffice.errors import Refused
from tests.factories.accounting import A_DAY_IN_MAY, balances, small_books
from tests.factories.backoffice import PartyFactory
from tests.factories.open_items import bill, control_accounts, invoice, receipt

LATER, LAST = date(2024, 6, 3), date(2024, 12, 31)
FX = settings.BASE_DIR.parent / "shared" / "data" / "books" / "tables" / "fx.csv"


@pytest.fixture(autouse=True)
def accounts(request):
    if "books" in request.fixturenames:
        request.getfixturevalue("books")
        return control_accounts()
    return None


def left(*, on=LAST, role="receivable"):
    return [item.open_amount for item in open_items(on=on, role=role).order_by("pk")]


def test_a_receipt_settles_an_invoice(books):
    customer = PartyFactory()
    owed, paid = invoice(books, customer, "120"), receipt(books, customer, "120", on=LATER)

    settled = allocate(owed, paid, Decimal(120), on=LATER, by=books.user)

    assert settled.exchange_entry is None
    assert left() == []
    assert left(on=date(2024, 6, 2)) == [Decimal(120)]


def test_a_part_leaves_the_rest_open(books):
    customer = PartyFactory()
    owed, paid = invoice(books, customer, "120"), receipt(books, customer, "50")

    allocate(owed, paid, Decimal(50), on=LATER, by=books.user)

    assert left() == [Decimal(70)]


def test_more_than_is_left_is_refused(books):
    customer = PartyFactory()
    owed, paid = invoice(books, customer, "120"), receipt(books, customer, "500")
    allocate(owed, paid, Decimal(100), on=LATER, by=books.user)

    with pytest.raises(Refused, match=r"Only 20.00 EUR of JE-2024-00001 are left to settle"):
        allocate(owed, paid, Decimal("20.01"), on=LATER, by=books.user)


@pytest.mark.parametrize("amount", ["0", "-5", "1.001"])
def test_an_amount_that_is_no_money_is_refused(books, amount):
    customer = PartyFactory()
    owed, paid = invoice(books, customer, "120"), receipt(books, customer, "120")

    with pytest.raises(Refused):
        allocate(owed, paid, Decimal(amount), on=LATER, by=books.user)


def test_two_parties_do_not_settle_each_other(books):
    owed, paid = invoice(books, PartyFactory(), "5"), receipt(books, PartyFactory(), "5")

    with pytest.raises(Refused, match="same party"):
        allocate(owed, paid, Decimal(5), on=LATER, by=books.user)


def test_two_debits_do_not_settle_each_other(books):
    customer = PartyFactory()

    with pytest.raises(Refused, match="on one side"):
        allocate(
            invoice(books, customer, "5"),
            invoice(books, customer, "5"),
            Decimal(5),
            on=LATER,
            by=books.user,
        )


def test_a_customers_debt_is_not_settled_by_what_we_owe_him(books):
    party = PartyFactory()

    with pytest.raises(Refused, match="same account"):
        allocate(
            invoice(books, party, "5"), bill(books, party, "5"), Decimal(5), on=LATER, by=None
        )


def test_nothing_is_settled_before_it_was_entered(books):
    customer = PartyFactory()
    owed, paid = invoice(books, customer, "5"), receipt(books, customer, "5", on=LATER)

    with pytest.raises(Refused, match="earliest day is 2024-06-03"):
        allocate(owed, paid, Decimal(5), on=A_DAY_IN_MAY, by=books.user)


def test_other_accounts_are_not_settled(books):
    lines = books.sell().lines.order_by("position")

    with pytest.raises(Refused, match="customers and suppliers"):
        allocate(lines[0], lines[1], Decimal(5), on=LATER, by=books.user)


def test_a_release_opens_both_again_and_happens_once(books):
    customer = PartyFactory()
    owed, paid = invoice(books, customer, "5"), receipt(books, customer, "5")
    settled = allocate(owed, paid, Decimal(5), on=LATER, by=books.user)

    release(settled, on=date(2024, 7, 1), by=books.user)

    assert left() == [Decimal(5), Decimal(-5)]
    assert left(on=date(2024, 6, 30)) == []
    with pytest.raises(Refused, match="released already"):
        release(settled, on=date(2024, 7, 2), by=books.user)


def test_a_release_is_not_before_its_settlement_and_has_none_of_its_own(books):
    customer = PartyFactory()
    owed, paid = invoice(books, customer, "5"), receipt(books, customer, "5")
    settled = allocate(owed, paid, Decimal(5), on=LATER, by=books.user)

    with pytest.raises(Refused, match="cannot be released before"):
        release(settled, on=A_DAY_IN_MAY, by=books.user)
    undone = release(settled, on=LATER, by=books.user)
    with pytest.raises(Refused, match="settle the items again"):
        release(undone, on=LATER, by=books.user)


def test_what_was_settled_in_between_stays_settled_on_those_days(books):
    customer = PartyFactory()
    owed = invoice(books, customer, "5")
    first = allocate(owed, receipt(books, customer, "5"), Decimal(5), on=LATER, by=books.user)
    release(first, on=date(2024, 7, 1), by=books.user)

    with pytest.raises(Refused, match="not so much left"):
        allocate(owed, receipt(books, customer, "5"), Decimal(5), on=LATER, by=books.user)


# --- Exchange -----------------------------------------------------------------------------------


def expected(case):
    if not FX.exists():
        pytest.skip("the table of exchange cases is not there")
    with FX.open() as file:
        return next(row["expected"] for row in csv.DictReader(file) if row["case"] == case)


def test_a_bill_paid_at_another_rate_gains_the_difference(books):
    expects = expected("F02")
    supplier = PartyFactory()
    usd = {"currency": "USD", "currency_amount": "-388"}
    owed = bill(books, supplier, "36623.32", **usd)
    assert Decimal("36623.32") == 388 * Decimal("94.39")
    paid = post(
        on=LATER,
        text="Paid",
        by=books.user,
        lines=[
            Line(
                "payable",
                388 * Decimal("94.125"),
                party=supplier,
                currency=books.usd,
                currency_amount=Decimal(388),
            ),
            Line("bank", -388 * Decimal("94.125")),
        ],
    ).lines.get(position=1)

    settled = allocate(paid, owed, Decimal(388), on=LATER, by=books.user)

    gain = -settled.exchange_entry.lines.get(account__role="exchange").amount
    assert f"realised on payment {gain:.2f} gain" in expects
    assert balances()["2010"] == 0
    assert not open_items(on=LAST, role="payable").exists()


def test_an_invoice_paid_at_another_rate_clears_in_both_currencies(books):
    expects = expected("F03")
    customer = PartyFactory()
    owed = invoice(books, customer, "1100", currency="USD", currency_amount="1210")
    paid = receipt(books, customer, "1120", currency="USD", currency_amount="-1210")

    settled = allocate(owed, paid, Decimal(1210), on=LATER, by=books.user)

    gain = -settled.exchange_entry.lines.get(account__role="exchange").amount
    assert f"realised gain {gain:.2f} EUR; receivable zero in both currencies" == expects
    assert balances()["1130"] == 0
    assert not open_items(on=LAST).exists()


def test_the_last_part_takes_what_is_left_in_the_books(books):
    customer = PartyFactory()
    owed = invoice(books, customer, "100", currency="USD", currency_amount="99")
    parts = [
        allocate(
            owed,
            receipt(books, customer, "33.33", currency="USD", currency_amount="-33"),
            Decimal(33),
            on=LATER,
            by=books.user,
        )
        for _n in range(3)
    ]

    assert [part.debit_base for part in parts] == [Decimal(a) for a in ("33.33", "33.33", "33.34")]
    assert balances()["1130"] == 0


def test_a_release_reverses_the_exchange_difference(books):
    customer = PartyFactory()
    owed = invoice(books, customer, "1100", currency="USD", currency_amount="1210")
    paid = receipt(books, customer, "1120", currency="USD", currency_amount="-1210")
    settled = allocate(owed, paid, Decimal(1210), on=LATER, by=books.user)

    undone = release(settled, on=LATER, by=books.user)

    assert undone.exchange_entry.reverses == settled.exchange_entry
    assert balances()["7100"] == 0
    assert [item.open_base for item in open_items(on=LAST).order_by("pk")] == [1100, -1120]


def test_an_exchange_difference_is_not_reversed_by_itself(books):
    customer = PartyFactory()
    owed = invoice(books, customer, "1100", currency="USD", currency_amount="1210")
    paid = receipt(books, customer, "1120", currency="USD", currency_amount="-1210")
    settled = allocate(owed, paid, Decimal(1210), on=LATER, by=books.user)

    with pytest.raises(Refused, match="follows from a settlement"):
        reverse_entry(settled.exchange_entry, on=LATER, by=books.user)


# --- Reversal -----------------------------------------------------------------------------------


def test_an_entry_and_its_reversal_settle_each_other(books):
    owed = invoice(books, PartyFactory(), "5")

    reverse_entry(owed.entry, on=LATER, by=books.user)
    reverse_entry(owed.entry, on=LATER, by=books.user)

    assert left() == []
    assert Allocation.objects.count() == 1


def test_reversing_a_receipt_opens_what_it_had_settled(books):
    customer = PartyFactory()
    owed, paid = invoice(books, customer, "5"), receipt(books, customer, "5")
    allocate(owed, paid, Decimal(5), on=LATER, by=books.user)

    reverse_entry(paid.entry, on=A_DAY_IN_MAY, by=books.user)

    assert left() == [Decimal(5)]
    assert left(on=LATER) == [Decimal(5)]


def test_a_corrected_copy_is_settled_by_what_had_settled_the_original(books):
    customer = PartyFactory()
    owed, paid = invoice(books, customer, "5"), receipt(books, customer, "5")
    mistaken = receipt(books, customer, "5")
    release(allocate(owed, mistaken, Decimal(5), on=LATER, by=books.user), on=LATER, by=books.user)
    allocate(owed, paid, Decimal(5), on=LATER, by=books.user)

    draft = reverse_and_copy(owed.entry, on=LATER, by=books.user)
    assert left() == [Decimal(-5), Decimal(-5)]
    copy = post_draft(draft, by=books.user)

    assert [item.pk for item in open_items(on=LAST)] == [mistaken.pk]
    assert Allocation.objects.get(debit_line__entry=copy, releases=None).credit_line == paid


# --- Two at once --------------------------------------------------------------------------------


def test_of_two_who_settle_one_credit_at_once_exactly_one_does(committed):
    books = small_books()
    control_accounts()
    customer = PartyFactory()
    invoices = [invoice(books, customer, "5"), invoice(books, customer, "5")]
    paid = receipt(books, customer, "5")
    refusals = []

    def settle(owed):
        try:
            allocate(owed, paid, Decimal(5), on=LATER, by=None)
        except Refused as refusal:
            refusals.append(str(refusal))
        finally:
            connection.close()

    threads = [Thread(target=settle, args=(owed,)) for owed in invoices]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()

    assert len(refusals) == 1
    assert Allocation.objects.count() == 1
    assert JournalEntry.objects.count() == 3
