"""Payments: posted once, what they settle, and what differs from the money."""

from datetime import date
from decimal import Decimal
from threading import Thread

import pytest
from django.db import connection

from accounting.allocations import allocate
from accounting.models import Allocation, JournalEntry, Payment
from accounting.open_items import open_items
from accounting.payments import Settle, record_payment, take_back
from backoffice.errors import Refused
from tests.factories import staff
from tests.factories.accounting import A_DAY_IN_MAY, AccountFactory, balances, small_books
from tests.factories.backoffice import PartyFactory
from tests.factories.open_items import bill, control_accounts, invoice, receipt

LATER, LAST = date(2024, 6, 3), date(2024, 12, 31)


@pytest.fixture(autouse=True)
def accounts(request):
    if "books" in request.fixturenames:
        request.getfixturevalue("books")
        return control_accounts()
    return None


def pay(books, party, amount, *settles, **facts):
    return record_payment(
        **{"direction": "in", "party": party, "bank": books.bank, "amount": Decimal(amount)}
        | {"on": LATER, "by": books.user, "source_key": "test:1", "settles": settles}
        | facts
    )


def settle(line, amount, **facts):
    return Settle(line, Decimal(amount), **{name: Decimal(value) for name, value in facts.items()})


def left(role="receivable"):
    return [item.open_amount for item in open_items(on=LAST, role=role).order_by("pk")]


def test_a_customer_pays_an_invoice(books):
    customer = PartyFactory()
    owed = invoice(books, customer, "120", reference="R-1", due_on=LAST)

    payment = pay(books, customer, "120", settle(owed, "120"))

    assert left() == []
    assert balances() == {"1000": 120, "1130": 0, "4000": -120}
    assert payment.number == "PAY-2024-00001"
    assert payment.entry.text == "Received: R-1"
    assert not payment.is_taken_back


def test_what_is_refused_is_named_as_people_know_it(books):
    customer = PartyFactory()
    owed = invoice(books, customer, "120", reference="R-1", due_on=LAST)

    with pytest.raises(Refused, match=r"Only 120\.00 of R-1 are left"):
        pay(books, customer, "130", settle(owed, "130"))


def test_one_payment_settles_many_invoices_and_what_is_over_stays_as_credit(books):
    customer = PartyFactory()
    first, second = invoice(books, customer, "100"), invoice(books, customer, "50")

    pay(books, customer, "180", settle(first, "100"), settle(second, "50"))

    assert left() == [Decimal(-30)]


def test_many_payments_settle_one_invoice(books):
    customer = PartyFactory()
    owed = invoice(books, customer, "100")

    pay(books, customer, "40", settle(owed, "40"))
    pay(books, customer, "60", settle(owed, "60"), source_key="test:2")

    assert left() == []
    assert [p.number for p in Payment.objects.order_by("pk")] == [
        "PAY-2024-00001",
        "PAY-2024-00002",
    ]


def test_money_without_an_invoice_is_the_partys_credit(books):
    pay(books, PartyFactory(), "30")

    assert left() == [Decimal(-30)]


def test_a_bill_is_paid_with_discount_and_the_bank_takes_a_fee(books):
    supplier = PartyFactory()
    owed = bill(books, supplier, "100")

    pay(
        books,
        supplier,
        "98",
        settle(owed, "98", discount="2"),
        direction="out",
        fee=Decimal("1.50"),
    )

    assert left("payable") == []
    assert balances() == {
        "6000": Decimal(100),
        "2010": 0,
        "1000": Decimal("-99.50"),
        "6090": Decimal(-2),
        "6800": Decimal("1.50"),
    }


def test_a_fee_is_kept_from_what_comes_in(books):
    customer = PartyFactory()

    pay(books, customer, "100", settle(invoice(books, customer, "100"), "100"), fee=Decimal(3))

    assert balances()["1000"] == Decimal(97)
    assert left() == []


def test_a_small_rest_is_written_off(books):
    customer = PartyFactory()
    owed = invoice(books, customer, "100")

    pay(books, customer, "99.50", settle(owed, "99.50", write_off="0.50"))

    assert left() == []
    assert balances()["6900"] == Decimal("0.50")


def test_a_large_write_off_takes_who_may_approve_payments(books):
    customer = PartyFactory()
    owed = invoice(books, customer, "100")
    facts = (settle(owed, "40", write_off="60"),)

    with pytest.raises(Refused, match="takes somebody who may approve payments"):
        pay(books, customer, "40", *facts, by=staff("Bookkeeper"))
    pay(books, customer, "40", *facts, by=staff("Owner"))

    assert left() == []


def test_a_discount_beyond_the_terms_is_a_write_off(books):
    customer = PartyFactory()
    owed = invoice(books, customer, "1000")
    facts = (settle(owed, "1", discount="999"),)

    with pytest.raises(Refused, match="takes somebody who may approve payments"):
        pay(books, customer, "1", *facts, by=staff("Bookkeeper"))
    pay(books, customer, "1", *facts, by=staff("Owner"))

    assert left() == []


def test_a_credit_note_is_used_up_with_the_payment(books):
    customer = PartyFactory()
    owed, credit_note = invoice(books, customer, "100"), invoice(books, customer, "-20")

    pay(books, customer, "80", settle(owed, "100"), settle(credit_note, "20"))

    assert left() == []


def test_a_customers_credit_is_paid_back(books):
    customer = PartyFactory()
    credit = receipt(books, customer, "30")

    pay(books, customer, "30", settle(credit, "30"), direction="out")

    assert left() == []
    assert balances()["1000"] == 0


def test_a_dollar_invoice_is_paid_from_a_euro_account(books):
    customer = PartyFactory()
    owed = invoice(books, customer, "1100", currency="USD", currency_amount="1210")

    pay(
        books,
        customer,
        "1210",
        settle(owed, "1210"),
        currency=books.usd,
        base_amount=Decimal(1120),
    )

    assert left() == []
    assert balances() == {"4000": -1100, "1130": 0, "1000": 1120, "7100": -20}


def test_a_dollar_bill_is_paid_from_a_dollar_account_with_discount_and_fee(books):
    supplier = PartyFactory()
    owed = bill(books, supplier, "900", currency="USD", currency_amount="-1000")

    pay(
        books,
        supplier,
        "980",
        settle(owed, "980", discount="20"),
        direction="out",
        bank=books.dollars,
        currency=books.usd,
        base_amount=Decimal(931),
        fee=Decimal(10),
    )

    assert left("payable") == []
    found = balances()
    assert found["2010"] == 0
    assert (found["1090"], found["6800"]) == (Decimal("-940.50"), Decimal("9.50"))
    # 931 for 980 is 19 for the discount of 20: 950 for what was booked at 900.
    assert (found["6090"], found["7100"]) == (Decimal(-19), Decimal(50))


@pytest.mark.parametrize(
    ("facts", "sentence"),
    [
        ({"amount": "0"}, "more than nothing"),
        ({"amount": "1.001"}, "more decimals"),
        ({"amount": "10", "fee": Decimal(-1)}, "not negative"),
        ({"amount": "10", "fee": Decimal(10)}, "more than what came in"),
        ({"amount": "50"}, "10.00 more than is paid"),
    ],
)
def test_a_payment_that_cannot_be_is_refused_and_leaves_nothing(books, facts, sentence):
    customer = PartyFactory()
    owed = invoice(books, customer, "100")
    more = {**facts}
    amount = more.pop("amount")
    asked = settle(owed, "60") if amount == "50" else settle(owed, "10")

    with pytest.raises(Refused, match=sentence):
        pay(books, customer, amount, asked, **more)

    assert not Payment.objects.exists()
    assert JournalEntry.objects.count() == 1


def test_what_it_settles_is_the_partys_in_its_currency_and_still_open(books):
    customer = PartyFactory()
    dollars = invoice(books, customer, "90", currency="USD", currency_amount="100")
    other = invoice(books, PartyFactory(), "10")
    own = invoice(books, customer, "10")
    credit_note = invoice(books, customer, "-5")

    for asked, sentence in (
        ([settle(dollars, "5")], "is in USD"),
        ([settle(other, "5")], "is not of"),
        ([settle(own, "10.01")], "Only 10.00 of"),
        ([settle(own, "0")], "more than nothing"),
        ([settle(own, "1"), settle(credit_note, "5")], "More credit is used"),
        ([settle(own, "9"), settle(credit_note, "4", discount="1")], "used up as it is"),
    ):
        with pytest.raises(Refused, match=sentence):
            pay(books, customer, "50", *asked)
    with pytest.raises(Refused, match="Say what it is worth in EUR"):
        pay(books, customer, "50", currency=books.usd)
    with pytest.raises(Refused, match="kept in USD"):
        pay(books, customer, "50", bank=books.dollars)


def test_customers_and_suppliers_are_not_mixed(books):
    party = PartyFactory()

    with pytest.raises(Refused, match="not of both"):
        pay(
            books,
            party,
            "9",
            settle(invoice(books, party, "5"), "5"),
            settle(bill(books, party, "5"), "4"),
        )


def test_a_payment_recorded_twice_is_one(books):
    customer = PartyFactory()
    owed = invoice(books, customer, "100")

    assert pay(books, customer, "100", settle(owed, "100")) == pay(
        books, customer, "100", settle(owed, "100")
    )

    assert Payment.objects.count() == Allocation.objects.count() == 1


def test_a_payment_taken_back_opens_what_it_settled(books):
    customer = PartyFactory()
    owed = invoice(books, customer, "100")
    payment = pay(books, customer, "100", settle(owed, "100"))

    take_back(payment, on=LATER, by=books.user, why="bounced")

    assert left() == [Decimal(100)]
    assert Payment.objects.get().is_taken_back
    assert balances()["1000"] == 0


def test_the_credit_left_settles_the_next_invoice(books):
    customer = PartyFactory()
    payment = pay(books, customer, "30")
    owed = invoice(books, customer, "50")

    credit = payment.entry.lines.get(account__role="receivable")
    allocate(owed, credit, Decimal(30), on=LATER, by=books.user)

    assert left() == [Decimal(20)]


@pytest.mark.parametrize("same_source", [True, False])
def test_two_who_pay_one_bill_at_once_pay_it_once(committed, same_source):
    books = small_books()
    control_accounts()
    supplier = PartyFactory()
    owed = bill(books, supplier, "100")
    refusals = []

    def work(number):
        try:
            pay(
                books,
                supplier,
                "100",
                settle(owed, "100"),
                direction="out",
                by=None,
                source_key="run:1" if same_source else f"run:{number}",
            )
        except Refused as refusal:
            refusals.append(str(refusal))
        finally:
            connection.close()

    threads = [Thread(target=work, args=(number,)) for number in range(2)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()

    assert Payment.objects.count() == 1
    assert len(refusals) == (0 if same_source else 1)


def test_the_bank_account_of_another_kind_still_takes_the_money(books):
    till = AccountFactory(code="1010", name="Till", kind="asset", role="cash")

    pay(books, PartyFactory(), "5", bank=till, on=A_DAY_IN_MAY, method="cash")

    assert balances()["1010"] == 5
