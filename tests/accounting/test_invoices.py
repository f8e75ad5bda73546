"""Invoices: written, issued once, credited."""

from datetime import date, timedelta
from decimal import Decimal

import pytest
from django.utils import timezone

from accounting.invoices import credit_note_for, discard, duplicate, issue
from accounting.models import Allocation, Invoice, JournalEntry, TaxRate
from accounting.open_items import open_items
from accounting.payments import Settle, record_payment
from accounting.posting import reverse_entry
from backoffice.errors import Refused
from backoffice.models import Currency, NumberSeries
from tests.factories.documents import A_DAY, draft_invoice, moved, trading_books
from tests.factories.taxes import PartyTermsFactory, tax

pytestmark = pytest.mark.django_db


@pytest.fixture
def books(db):
    return trading_books()


def test_issuing_gives_the_number_and_enters_the_books(books):
    draft = draft_invoice(books, "55.55", "11.11")

    issued = issue(draft, by=books.clerk)

    assert (issued.number, issued.net, issued.tax, issued.gross) == (
        "INV-2026-00001",
        Decimal("66.66"),
        Decimal("15.33"),
        Decimal("81.99"),
    )
    assert moved(issued.entry) == {
        "receivable": Decimal("81.99"),
        "sales": Decimal("-66.66"),
        "tax_on_sales": Decimal("-15.33"),
    }


def test_issuing_twice_is_one_invoice(books):
    draft = draft_invoice(books, 100)

    first, second = issue(draft, by=books.clerk), issue(draft, by=books.clerk)

    assert first.number == second.number
    assert JournalEntry.objects.count() == 1


def test_it_is_due_by_the_terms_of_the_customer(books):
    PartyTermsFactory(
        party=books.customer, customer_days=14, discount_days=7, discount_percent=Decimal(2)
    )

    issued = issue(draft_invoice(books, 100), by=books.clerk)

    assert issued.due_on == A_DAY + timedelta(days=14)
    assert issued.entry.due.reference == issued.number
    assert issued.entry.due.discount_until == A_DAY + timedelta(days=7)


def test_a_credit_note_gives_back_and_settles_what_it_credits(books):
    issued = issue(draft_invoice(books, 100), by=books.clerk)

    note = issue(credit_note_for(issued, on=A_DAY, by=books.clerk), by=books.clerk)

    assert note.number == "CN-2026-00001"
    assert moved(note.entry)["receivable"] == Decimal("-123.00")
    assert Allocation.objects.get().amount == Decimal("123.00")
    assert not open_items(on=A_DAY, party=books.customer).exists()


def test_a_credit_note_dated_before_a_payment_settles_no_more_than_is_left(books):
    issued = issue(draft_invoice(books, 100), by=books.clerk)
    charged = open_items(on=A_DAY, party=books.customer).get()
    record_payment(
        direction="in",
        party=books.customer,
        bank=books.account("bank"),
        amount=Decimal(100),
        on=A_DAY + timedelta(days=5),
        by=books.clerk,
        source_key="paid",
        settles=[Settle(charged, Decimal(100))],
    )

    issue(credit_note_for(issued, on=A_DAY, by=books.clerk), by=books.clerk)

    later = A_DAY + timedelta(days=5)
    assert [item.open_amount for item in open_items(on=later, party=books.customer)] == [-100]
    assert Allocation.objects.order_by("pk").last().amount == 23


def test_a_credit_note_gives_back_the_tax_at_the_rate_of_its_invoice(books):
    invoiced = issue(draft_invoice(books, 100), by=books.clerk)
    rate = books.vat.rates.get()
    rate.ends_on = A_DAY + timedelta(days=20)
    rate.save()
    later = A_DAY + timedelta(days=21)
    TaxRate.objects.create(code=books.vat, percent=Decimal(21), starts_on=later)

    note = issue(credit_note_for(invoiced, on=later, by=books.clerk), by=books.clerk)

    assert note.gross == invoiced.gross == 123
    assert note.entry.tax_lines.get().tax_date == later
    assert not open_items(on=later, party=books.customer).exists()


def test_no_more_is_credited_than_was_charged(books):
    invoiced = issue(draft_invoice(books, 100), by=books.clerk)
    second = credit_note_for(invoiced, on=A_DAY, by=books.clerk)
    issue(credit_note_for(invoiced, on=A_DAY, by=books.clerk), by=books.clerk)

    with pytest.raises(Refused, match=r"comes to 123.00, of which 123.00 is credited"):
        issue(second, by=books.clerk)


def test_an_invoice_that_was_reversed_is_neither_paid_nor_credited(books, client):
    client.force_login(books.clerk)
    invoiced = issue(draft_invoice(books, 100), by=books.clerk)
    reverse_entry(invoiced.entry, on=A_DAY, by=books.clerk)

    assert client.get(invoiced.get_absolute_url()).context["state"] == ("Reversed", "mute")
    with pytest.raises(Refused, match="reversed"):
        credit_note_for(Invoice.objects.get(), on=A_DAY, by=books.clerk)


def test_a_foreign_invoice_balances_in_both_currencies(books):
    draft = draft_invoice(
        books, "333.33", "333.34", currency=books.usd, rate=Decimal("0.9171"), tax_code=None
    )

    issued = issue(draft, by=books.clerk)

    control = issued.entry.lines.get(account__role="receivable")
    assert (control.currency_amount, control.amount) == (Decimal("666.67"), Decimal("611.41"))


def test_a_foreign_invoice_without_a_rate_is_refused(books):
    draft = draft_invoice(books, 100, currency=books.usd)

    with pytest.raises(Refused, match="rate of USD"):
        issue(draft, by=books.clerk)

    assert not NumberSeries.objects.filter(code="INV").exists()


def test_an_invoice_that_comes_to_nothing_keeps_its_number_and_posts_nothing(books):
    draft = draft_invoice(books, 0)

    issued = issue(draft, by=books.clerk)

    assert (issued.number, issued.entry, issued.gross) == ("INV-2026-00001", None, 0)


@pytest.mark.parametrize(
    ("prices", "sentence"), [((), "at least one line"), (("-5",), "credit note")]
)
def test_what_is_no_invoice_is_refused_and_takes_no_number(books, prices, sentence):
    draft = draft_invoice(books, *prices)

    with pytest.raises(Refused, match=sentence):
        issue(draft, by=books.clerk)

    assert not NumberSeries.objects.filter(code="INV").exists()


def test_a_closed_period_takes_no_invoice(books):
    draft = draft_invoice(books, 100, date=date(1990, 1, 1))

    with pytest.raises(Refused):
        issue(draft, by=books.clerk)


def test_the_rate_of_the_day_of_supply_counts(books):
    code = tax(16, code="OLD")
    code.rates.update(ends_on=date(2026, 2, 28))
    code.rates.create(starts_on=date(2026, 3, 1), percent=Decimal(19))

    issued = issue(
        draft_invoice(books, 100, tax_code=code, tax_date=date(2026, 2, 20)), by=books.clerk
    )

    assert issued.tax == Decimal("16.00")


def test_later_corrections_of_a_rate_leave_issued_invoices_as_they_were(books, client):
    issued = issue(draft_invoice(books, 100), by=books.clerk)
    books.vat.rates.update(percent=Decimal(5))
    client.force_login(books.clerk)

    page = client.get(issued.get_absolute_url())

    assert page.context["totals"].gross == Decimal("123.00")


def test_a_draft_can_be_discarded_an_issued_one_cannot(books):
    draft, issued = draft_invoice(books, 1), issue(draft_invoice(books, 2), by=books.clerk)

    discard(draft, by=books.clerk)

    assert list(Invoice.objects.all()) == [issued]
    with pytest.raises(Refused, match="credit it instead"):
        discard(issued, by=books.clerk)


def test_a_duplicate_is_a_draft_of_its_own(books):
    issued = issue(draft_invoice(books, 7, 8), by=books.clerk)

    copy = duplicate(issued, on=date(2026, 4, 1), by=books.clerk)

    assert (copy.number, copy.lines.count(), copy.date) == ("", 2, date(2026, 4, 1))


def test_the_words_of_an_issued_invoice_may_be_put_right(books):
    issued = issue(draft_invoice(books, 100), by=books.clerk)

    Invoice.objects.filter(pk=issued.pk).update(text="For March", sent_at=timezone.now())

    issued.refresh_from_db()
    assert issued.text == "For March"


@pytest.mark.parametrize("prices", [(1000, 1), (1, 1000), ("1000", "-1")])
def test_what_is_worth_nothing_in_the_books_is_owed_all_the_same(books, prices):
    rupiah = Currency.objects.get(code="IDR")
    facts = {"currency": rupiah, "rate": Decimal("0.0006"), "tax_code": None}

    issued = issue(draft_invoice(books, *prices, **facts), by=books.clerk)

    lines = issued.entry.lines.order_by("-amount")
    owed = sum(map(Decimal, prices))
    assert [line.currency_amount for line in lines] == [owed, -owed]
