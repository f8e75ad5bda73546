"""Payment runs on screen."""

from datetime import date

import pytest
from django.urls import reverse

from accounting.models import Payment, PaymentRun
from backoffice.approvals import approve
from backoffice.models import Approval
from tests.accounting.test_payment_runs import OURS, supplier
from tests.factories import PartyFactory, staff
from tests.factories.banking import an_own_account
from tests.factories.open_items import bill, control_accounts

ON, UNTIL = date(2024, 6, 3), date(2024, 6, 10)


@pytest.fixture(autouse=True)
def payer(client, books):
    """Who makes the runs."""
    control_accounts()
    user = staff("Owner")
    client.force_login(user)
    return user


def propose(client, books, **facts):
    return client.post(
        reverse("accounting:paymentrun-add"),
        {"on": "2024-06-03", "due_until": "2024-06-10", "bank": books.bank.pk, "currency": "EUR"}
        | OURS
        | facts,
    )


def url(page, run):
    return reverse(f"accounting:paymentrun-{page}", args=[run.pk])


def proposed(client, books):
    bill(books, supplier(), "100", due_on=UNTIL, reference="B-1")
    bill(books, supplier("Ben", is_approved=False), "40", due_on=UNTIL, reference="B-2")
    propose(client, books)
    return PaymentRun.objects.get()


def test_a_run_is_proposed_and_shows_what_is_held(client, books):
    run = proposed(client, books)

    shown = client.get(run.get_absolute_url()).content.decode()

    assert "B-1" in shown
    assert "Held: bank details not approved" in shown


@pytest.mark.parametrize(
    ("facts", "sentence"),
    [
        ({"iban": "DE00370400440532013000"}, "not a valid IBAN"),
        ({"bic": "NO"}, "not a valid BIC"),
        ({"due_until": "2024-06-01"}, "the payment day or a later"),
        ({}, "Nothing in EUR is due"),
    ],
)
def test_what_is_wrong_is_said_at_its_field(client, books, facts, sentence):
    assert sentence in propose(client, books, **facts).content.decode()
    assert not PaymentRun.objects.exists()


def test_numbers_left_empty_are_those_kept_with_the_bank_account(client, books):
    an_own_account(books.bank, iban=OURS["iban"], bic=OURS["bic"])
    bill(books, supplier(), "100", due_on=UNTIL, reference="B-1")

    propose(client, books, iban="", bic="")

    run = PaymentRun.objects.get()
    assert (run.iban, run.bic) == (OURS["iban"], OURS["bic"])


def test_a_run_goes_from_proposal_to_payments(client, books, payer):
    run = proposed(client, books)

    client.post(url("submit", run))
    refused = client.get(url("file", run))
    approve(Approval.objects.get(verb="payment_run"), by=staff("Owner"), on=ON)
    order = client.get(url("file", run))
    client.post(url("post", run), {"on": "2024-06-03"})
    client.post(url("post", run), {"on": "2024-06-03"})

    assert refused.status_code == 409
    assert b'<InstdAmt Ccy="EUR">100.00</InstdAmt>' in order.content
    assert Payment.objects.get().amount == 100
    assert "Posted" in client.get(run.get_absolute_url()).content.decode()


def test_bills_are_left_out_and_paid_in_part(client, books):
    run = proposed(client, books)
    lines = list(run.lines.order_by("reference"))
    fields = {f"amount_{line.pk}": line.amount for line in lines}
    fields |= {f"discount_{line.pk}": "0" for line in lines}
    fields |= {f"account_{line.pk}": line.bank_account_id for line in lines}

    shown = client.get(url("lines", run)).content.decode()
    client.post(
        url("lines", run), fields | {f"pay_{lines[0].pk}": "on", f"amount_{lines[0].pk}": "60"}
    )

    assert "Held" in shown
    assert [(line.amount, line.is_left_out) for line in run.lines.order_by("reference")] == [
        (60, False),
        (40, True),
    ]


def asked_of(run, **first):
    """What the page of the bills sends, the first bill changed."""
    asked = {}
    for line in run.lines.order_by("reference"):
        asked |= {f"amount_{line.pk}": line.amount, f"discount_{line.pk}": line.discount}
        asked |= {f"account_{line.pk}": line.bank_account_id or ""}
    line = run.lines.order_by("reference").first()
    return asked | {f"pay_{line.pk}": "on"} | {f"{n}_{line.pk}": v for n, v in first.items()}


@pytest.mark.parametrize(
    ("first", "why"),
    [
        ({"amount": "999"}, "Only 100.00 EUR are open."),
        ({"amount": "100", "discount": "1"}, "Only 100.00 EUR are open."),
        ({"amount": "0"}, "Pay more than nothing, or leave it out."),
    ],
)
def test_more_than_is_open_of_a_bill_is_refused_at_its_row(client, books, first, why):
    run = proposed(client, books)
    line = run.lines.order_by("reference").first()

    answer = client.post(url("lines", run), asked_of(run, **first))

    assert answer.context["form"].errors == {f"amount_{line.pk}": [why]}
    assert why in answer.content.decode()
    line.refresh_from_db()
    assert line.amount == 100


def test_a_supplier_without_bank_details_is_held_for_the_lack_of_them(client, books):
    bill(books, PartyFactory(name="Cash Only"), "30", due_on=UNTIL, reference="B-3")
    run = proposed(client, books)

    for page in (run.get_absolute_url(), url("lines", run)):
        shown = client.get(page).content.decode()
        assert "Held: no bank details" in shown
        assert "Held: bank details not approved" in shown


def test_a_run_that_pays_whom_we_have_no_details_of_says_so(client, books):
    bill(books, PartyFactory(name="Cash Only"), "30", due_on=UNTIL, reference="B-0")
    run = proposed(client, books)
    client.post(url("lines", run), asked_of(run))

    answer = client.post(url("submit", run), follow=True)

    assert "Cash Only has no bank details: leave B-0 out until then." in answer.content.decode()


def test_a_dropped_run_pays_nothing(client, books):
    run = proposed(client, books)

    client.post(url("drop", run))

    run.refresh_from_db()
    assert run.state == "dropped"


def test_who_may_not_pay_sees_no_runs(client, books):
    run = proposed(client, books)
    client.force_login(staff("Receptionist"))

    assert client.get(run.get_absolute_url()).status_code == 403
