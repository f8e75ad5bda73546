"""Invoices on the screen: written, listed, led to and from."""

from datetime import timedelta
from decimal import Decimal

import pytest
from django.urls import reverse
from django.utils import timezone

from accounting.allocations import release
from accounting.invoices import credit_note_for, issue
from accounting.models import Allocation, Invoice, InvoiceLine
from accounting.open_items import open_items
from accounting.origins import settled_with
from accounting.payments import Settle, record_payment
from accounting.posting import reverse_entry
from accounting.views.documents import paid_state, with_open
from tests.factories.backoffice import staff
from tests.factories.documents import A_DAY, draft_bill, draft_invoice, trading_books
from tests.factories.taxes import ItemFactory, PartyTermsFactory

pytestmark = pytest.mark.django_db


@pytest.fixture
def books(db):
    return trading_books()


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
        reverse("accounting:payment-receive-of", args=[books.customer.pk])
        + f"?entry={invoice.entry_id}",
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


def test_a_currency_left_empty_is_the_one_agreed_with_the_customer(books, client):
    PartyTermsFactory(party=books.customer, currency_id="USD")
    client.force_login(books.clerk)

    client.post(reverse("accounting:invoice-add"), written(books, currency=""))
    client.post(reverse("accounting:invoice-add"), written(books, currency="EUR"))

    assert [invoice.currency_id for invoice in Invoice.objects.order_by("pk")] == ["USD", "EUR"]


def test_its_writer_chooses_how_tax_is_rounded(books, client):
    """Twice 0.10 at 23 %: 0.05 on their sum, 0.02 on each."""
    client.force_login(books.clerk)
    first = written(books, **{"lines-TOTAL_FORMS": "2", "lines-0-unit_price": "0.05"})
    lines = {key.replace("-0-", "-1-"): value for key, value in first.items() if "-0-" in key}

    for mode in ("", "line"):
        client.post(reverse("accounting:invoice-add"), first | lines | {"tax_mode": mode})

    drafts = Invoice.objects.order_by("pk")
    assert [issue(one, by=books.clerk).tax for one in drafts] == [Decimal("0.05"), Decimal("0.04")]


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


def test_a_party_leads_to_its_documents_payments_and_terms(books, client):
    terms = PartyTermsFactory(party=books.customer, vat_id="DE136695976")
    draft, issued = draft_invoice(books, 80), issue(draft_invoice(books, 100), by=books.clerk)
    payment = record_payment(
        direction="in",
        party=books.customer,
        bank=books.account("bank"),
        amount=Decimal(50),
        on=A_DAY,
        by=books.clerk,
        source_key="part",
    )
    client.force_login(books.clerk)

    page = client.get(books.customer.get_absolute_url()).content.decode()
    every = client.get(reverse("accounting:payment-list"), {"party": books.customer.pk})

    for record in (terms, draft, issued, payment):
        assert f'href="{record.get_absolute_url()}"' in page
    assert f'href="{reverse("accounting:payment-list")}?party={books.customer.pk}"' in page
    assert str(payment) in every.content.decode()


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


def test_an_invoice_due_before_its_date_is_refused_at_its_field(books, client):
    client.force_login(books.clerk)

    page = client.post(reverse("accounting:invoice-add"), written(books, due_on="2026-03-09"))

    assert "not due before" in str(page.context["form"].errors["due_on"])
    assert not Invoice.objects.exists()


@pytest.mark.parametrize(("name", "value"), [("discount_percent", "150"), ("quantity", "0")])
def test_what_a_line_cannot_be_is_refused_at_its_field(books, client, name, value):
    client.force_login(books.clerk)

    page = client.post(
        reverse("accounting:invoice-add"), written(books, **{f"lines-0-{name}": value})
    )

    (row,) = page.context["formsets"][0]["formset"].forms
    assert row.errors.keys() == {name}


def test_a_rate_and_a_number_of_a_supplier_are_refused_at_their_fields(books, client):
    client.force_login(books.clerk)
    draft_bill(books, 100, reference="R-9")
    sent = written(books, party=books.supplier.pk, kind="bill", reference="r 9")

    twice = client.post(reverse("accounting:bill-add"), sent)
    rate = client.post(
        reverse("accounting:bill-add"),
        sent | {"reference": "R-10", "rate": "0", "currency": "USD"},
    )

    assert twice.context["form"].errors.keys() == {"reference"}
    assert rate.context["form"].errors.keys() == {"rate"}


def test_a_negative_price_of_an_item_is_refused_at_its_field(books, client):
    client.force_login(books.clerk)

    page = client.post(
        reverse("accounting:item-add"),
        {"code": "X", "name": "X", "unit": "C62", "price": "-1", "is_active": "on"},
    )

    assert page.context["form"].errors.keys() == {"price"}
