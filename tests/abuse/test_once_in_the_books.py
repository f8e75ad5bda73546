"""Abuse of the books, case D05: what moves money is done once, however often it is pressed."""

from datetime import date
from decimal import Decimal
from uuid import uuid4

import pytest
from django.urls import reverse

from accounting.bills import submit
from accounting.models import Depreciation, JournalEntry, Match, Payment, PeriodEvent
from backoffice.models import Job
from backoffice.once import FIELD
from tests.abuse.proof import browser_of
from tests.abuse.test_once import at_once
from tests.abuse.test_races import bank_line, first_proposal
from tests.factories import PartyFactory, staff
from tests.factories.accounting import small_books
from tests.factories.documents import draft_bill, draft_invoice, trading_books
from tests.factories.open_items import bill, control_accounts

pytestmark = pytest.mark.usefixtures("committed")


def press(user, path: str, sent: dict) -> set[str]:
    """Where it leads: two tabs at the same moment, then going back and sending it again."""
    led = at_once(user, lambda browser: browser.post(path, sent), times=2)
    return led | {browser_of(user).post(path, sent).url}


def key() -> dict[str, str]:
    return {FIELD: str(uuid4())}


def test_an_invoice_is_issued_once():
    draft = draft_invoice(trading_books(), 100)
    path = reverse("accounting:invoice-issue", args=[draft.pk])

    led = press(staff("Bookkeeper"), path, key())

    draft.refresh_from_db()
    assert led == {draft.get_absolute_url()}
    assert (draft.number, JournalEntry.objects.count()) == ("INV-2026-00001", 1)


def test_a_bill_is_approved_once():
    books = trading_books()
    asked = submit(draft_bill(books, 100), by=books.clerk)
    path = reverse("backoffice:approval-approve", args=[asked.pk])

    led = press(books.approver, path, {"why": "", **key()})

    assert led == {asked.get_absolute_url()}
    assert JournalEntry.objects.count() == 1


@pytest.mark.parametrize("amount", ["100", ""])
def test_a_bill_is_paid_once(amount):
    """D05: by its amount, or ticked."""
    books, party = small_books(), PartyFactory()
    control_accounts()
    item = bill(books, party, "100", due_on=date(2024, 6, 1), reference="B-1")
    path = reverse("accounting:payment-pay-of", args=[party.pk])
    sent = {"on": "2024-06-01", "bank": books.bank.pk, "amount": amount, "currency": "EUR"}
    sent |= {"method": "transfer", "key": str(uuid4()), f"pick_{item.pk}": "on", **key()}

    led = press(staff("Owner"), path, sent)

    assert led == {Payment.objects.get().get_absolute_url()}
    assert Payment.objects.get().amount == Decimal(100)


def test_a_bank_line_is_booked_once():
    books = small_books()
    (line,) = bank_line(books)
    path = reverse("accounting:reconcile-accept", args=[line.pk])
    before = JournalEntry.objects.count()

    press(staff("Bookkeeper"), path, {"key": first_proposal(line), **key()})

    assert Match.objects.count() == 1
    assert JournalEntry.objects.count() == before + 1


def test_a_month_is_closed_once():
    month = small_books().period(1)

    press(staff("Owner"), reverse("accounting:period-close", args=[month.pk]), key())

    assert PeriodEvent.objects.filter(period=month, kind="closed").count() == 1


def test_a_run_of_depreciation_is_begun_once():
    small_books()
    path = reverse("accounting:depreciation-post")

    led = press(staff("Owner"), path, {"month": "2024-05", "key": str(uuid4())})

    assert led == {Job.objects.get().get_absolute_url()}
    assert not Depreciation.objects.exists()
