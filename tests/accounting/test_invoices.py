"""Invoices: written, issued once, credited."""

from datetime import date, timedelta
from decimal import Decimal

import pytest
from django.urls import reverse
from django.utils import timezone

from accounting.allocations import release
from accounting.invoices import credit_note_for, discard, duplicate, issue
from accounting.models import Allocation, Invoice, InvoiceLine, JournalEntry, TaxRate
from accounting.open_items import open_items
from accounting.origins import settled_with
from accounting.payments import Settle, record_payment
from accounting.posting import reverse_entry
from accounting.views.documents import paid_state, with_open
from backoffice.errors import Refused
from backoffice.models import Currency, NumberSeries
from tests.factories.backoffice import staff
from tests.factories.documents import A_DAY, draft_invoice, moved, trading_books
from tests.factories.taxes import ItemFactory, PartyTermsFactory, tax

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


# --- the screens -----------------------------------------------------------------------------


def written(books, **facts):
    """An invoice as the form sends it."""
    line = {"quantity": "2", "unit_price": "12.50", "text": "Shelf", "discount_percent": "0"}
    line |= {"unit": "C62", "tax_code": books.vat.pk}
    return (
        {"party": books.customer.pk, "kind": "invoice", "date": "2026-03-10", "text": "Shelves"}
        | {"lines-TOTAL_FORMS": "1", "lines-INITIAL_FORMS": "0"}
        | {f"lines-0-{name}": value for name, value in line.items()}
        | facts
    )


def test_an_invoice_says_it_is_paid_once_nothing_of_it_is_open(books, client):
    client.force_login(books.clerk)
    in_time = max(timezone.localdate(), A_DAY)
    invoice = issue(draft_invoice(books, 100, due_on=in_time), by=books.clerk)
    (item,) = open_items(on=A_DAY, party=books.customer)
    assert client.get(invoice.get_absolute_url()).context["state"][0] == "Issued"

    payment = record_payment(
        direction="in",
        party=books.customer,
        bank=books.account("bank"),
        amount=Decimal(123),
        on=A_DAY,
        by=books.clerk,
        source_key="paid",
        settles=[Settle(item, Decimal(123))],
    )

    paid = client.get(invoice.get_absolute_url())
    assert paid.context["state"] == ("Paid", "ok")
    assert ("Settled by", str(payment), payment.get_absolute_url()) in beside(paid)
    of_payment = beside(client.get(payment.get_absolute_url()))
    assert ("Settles", str(invoice), invoice.get_absolute_url()) in of_payment


def test_who_may_not_write_is_led_to_no_form(books, client):
    invoice = issue(draft_invoice(books, 100), by=books.clerk)
    forms = [
        reverse("accounting:payment-receive-of", args=[books.customer.pk]),
        reverse("accounting:invoice-send", args=[invoice.pk]),
    ]
    shown = {}

    for who in (books.clerk, staff("Auditor")):
        client.force_login(who)
        page = client.get(invoice.get_absolute_url()).content.decode()
        shown[who.name] = [f'href="{form}"' in page for form in forms]

    assert list(shown.values()) == [[True, True], [False, False]]


def beside(page) -> list[tuple[str, str, str]]:
    """What stands beside a record."""
    return [row for _heading, rows in page.context["side"] for row in rows]


def test_an_entry_leads_to_what_brought_it_in(books, client):
    invoice = issue(draft_invoice(books, 100), by=books.clerk)
    client.force_login(books.clerk)

    page = client.get(invoice.entry.get_absolute_url())

    assert beside(page) == [("Invoice", "INV-2026-00001", invoice.get_absolute_url())]


def test_what_takes_an_entry_back_does_not_settle_it(books):
    invoice = issue(draft_invoice(books, 100), by=books.clerk)

    reversal = reverse_entry(invoice.entry, on=A_DAY, by=books.clerk)

    assert settled_with(invoice.entry, books.clerk) == []
    assert settled_with(reversal, books.clerk) == []


def test_what_was_released_is_settled_by_nothing(books, client):
    invoice = issue(draft_invoice(books, 100), by=books.clerk)
    note = credit_note_for(invoice, on=A_DAY, by=books.clerk)
    note = issue(note, by=books.clerk)
    assert settled_with(invoice.entry, books.clerk) == [note]

    release(Allocation.objects.get(), on=A_DAY, by=books.clerk)

    assert settled_with(invoice.entry, books.clerk) == []


def test_a_list_says_what_is_paid_in_part_late_or_given_back(books):
    facts = {"due_on": A_DAY + timedelta(days=30)}
    _open, paid, part = (
        issue(draft_invoice(books, 100, **facts), by=books.clerk) for _ in range(3)
    )
    given_back = issue(draft_invoice(books, 100, **facts), by=books.clerk)
    reverse_entry(given_back.entry, on=A_DAY, by=books.clerk)
    items = {item.reference: item for item in open_items(on=A_DAY, party=books.customer)}
    for invoice, amount in ((paid, Decimal(123)), (part, Decimal(23))):
        record_payment(
            direction="in",
            party=books.customer,
            bank=books.account("bank"),
            amount=amount,
            on=A_DAY,
            by=books.clerk,
            source_key=invoice.number,
            settles=[Settle(items[invoice.number], amount)],
        )
    draft_invoice(books, 100)

    listed = with_open(Invoice.objects.order_by("pk"))
    in_time = [paid_state(one, on=facts["due_on"]) for one in listed]
    late = [paid_state(one, on=facts["due_on"] + timedelta(days=1)) for one in listed]

    words = [state and state[0] for state in in_time]
    assert words == [None, "Paid", "Part paid", "Reversed", None]
    assert [state and state[0] for state in late] == [
        "Overdue", "Paid", "Overdue", "Reversed", None,
    ]  # fmt: skip


def test_an_invoice_is_written_and_issued_in_the_browser(books, client):
    client.force_login(books.clerk)

    client.post(reverse("accounting:invoice-add"), written(books))
    draft = Invoice.objects.get()
    client.post(reverse("accounting:invoice-issue", args=[draft.pk]))

    draft.refresh_from_db()
    assert (draft.number, draft.gross) == ("INV-2026-00001", Decimal("30.75"))


def test_price_words_and_tax_come_from_the_item(books, client):
    item = ItemFactory(name="Stool", price=Decimal("80"), sales_tax_code=books.vat)
    client.force_login(books.clerk)

    client.post(
        reverse("accounting:invoice-add"),
        written(
            books,
            **{"lines-0-item": item.pk, "lines-0-unit_price": "", "lines-0-text": ""},
            **{"lines-0-tax_code": ""},
        ),
    )

    line = Invoice.objects.get().lines.get()
    assert (line.text, line.unit_price, line.tax_code) == ("Stool", Decimal(80), books.vat)


def test_a_tax_left_empty_is_the_one_agreed_with_the_customer(books, client):
    PartyTermsFactory(party=books.customer, sales_tax_code=books.vat)
    client.force_login(books.clerk)

    client.post(reverse("accounting:invoice-add"), written(books, **{"lines-0-tax_code": ""}))

    assert Invoice.objects.get().lines.get().tax_code == books.vat


def test_the_price_of_an_item_is_never_taken_for_one_in_another_currency(books, client):
    item = ItemFactory(name="Stool", price=Decimal("80"))
    client.force_login(books.clerk)
    from_the_item = {"lines-0-item": item.pk, "lines-0-unit_price": ""}

    page = client.post(
        reverse("accounting:invoice-add"), written(books, currency="USD", **from_the_item)
    )
    client.post(reverse("accounting:invoice-add"), written(books, currency="EUR", **from_the_item))

    assert "the price of the item is in EUR" in page.content.decode()
    assert [line.unit_price for line in InvoiceLine.objects.all()] == [Decimal(80)]


def test_an_issued_invoice_is_not_edited(books, client):
    issued = issue(draft_invoice(books, 100), by=books.clerk)
    client.force_login(books.clerk)

    answer = client.post(
        reverse("accounting:invoice-edit", args=[issued.pk]), written(books), follow=True
    )

    assert "INV-2026-00001" in answer.content.decode()
    issued.refresh_from_db()
    assert issued.gross == Decimal("123.00")


def test_the_paper_is_a_pdf(books, client):
    issued = issue(draft_invoice(books, 100), by=books.clerk)
    client.force_login(books.clerk)

    answer = client.get(reverse("accounting:invoice-paper", args=[issued.pk]))

    assert answer.content.startswith(b"%PDF-")
    assert answer.headers["Content-Disposition"] == 'attachment; filename="INV-2026-00001.pdf"'


@pytest.mark.parametrize("rate", ["0", "-1", "NaN", "1e400"])
def test_a_rate_that_is_none_is_refused_at_its_field(books, client, rate):
    client.force_login(books.clerk)

    answer = client.post(
        reverse("accounting:invoice-add"), written(books, currency="USD", rate=rate)
    )

    assert answer.context["form"].errors.keys() & {"rate", "__all__"}
    assert not Invoice.objects.exists()


@pytest.mark.parametrize("prices", [(1000, 1), (1, 1000), ("1000", "-1")])
def test_what_is_worth_nothing_in_the_books_is_owed_all_the_same(books, prices):
    rupiah = Currency.objects.get(code="IDR")
    facts = {"currency": rupiah, "rate": Decimal("0.0006"), "tax_code": None}

    issued = issue(draft_invoice(books, *prices, **facts), by=books.clerk)

    lines = issued.entry.lines.order_by("-amount")
    owed = sum(map(Decimal, prices))
    assert [line.currency_amount for line in lines] == [owed, -owed]
