"""Abuse of the books, case D02: what is final stays as it is, whatever is sent to any address."""

from datetime import timedelta
from decimal import Decimal

import pytest
from django.db import DatabaseError, models, transaction
from django.utils import timezone

from accounting.accepting import accept
from accounting.allocations import allocate
from accounting.bills import submit
from accounting.invoices import issue
from accounting.models import (
    Allocation,
    AssetEvent,
    Bill,
    Invoice,
    Payment,
    StatementLine,
    TaxReturn,
)
from accounting.payments import record_payment
from accounting.tax_returns import file_return
from backoffice import files
from backoffice.approvals import approve
from backoffice.models import Attachment
from backoffice.routes import Route, routes
from tests.abuse.proof import browser_of
from tests.abuse.test_races import bank_line, first_proposal
from tests.access_matrix import address, close, is_about_a_record, subject_of
from tests.backoffice.uploads import attach
from tests.factories import PartyFactory, staff
from tests.factories.accounting import A_DAY_IN_MAY, small_books
from tests.factories.assets import an_asset
from tests.factories.documents import A_DAY, draft_bill, draft_invoice, trading_books
from tests.factories.open_items import control_accounts, invoice, receipt
from tests.factories.taxes import a_return, tax_accounts

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("files_apart")]
# What somebody who wants it otherwise would send: every word forms of these pages know.
COOKED = {
    **dict.fromkeys(("text", "reference", "name", "note", "why", "serial_number"), "cooked"),
    **dict.fromkeys(("amount", "gross", "net", "cost", "fee", "rate", "value"), "9"),
    **dict.fromkeys(("date", "on", "due_on", "starts_on", "acquired_on"), "2030-01-01"),
    "state": "draft",
    "number": "X-1",
    "kind": "credit_note",
    "do": "save",
}


def an_issued_invoice() -> Invoice:
    books = trading_books()
    return issue(draft_invoice(books, 100), by=books.clerk)


def a_posted_bill() -> Bill:
    books = trading_books()
    approve(submit(draft_bill(books, 100), by=books.clerk), by=books.approver, on=A_DAY)
    return Bill.objects.get()


def a_payment() -> Payment:
    books = small_books()
    control_accounts()
    facts = {"party": PartyFactory(), "bank": books.bank, "amount": Decimal(5), "by": books.user}
    return record_payment(direction="in", on=A_DAY_IN_MAY, source_key="x", **facts)


def an_allocation() -> Allocation:
    books, party = small_books(), PartyFactory()
    control_accounts()
    both = invoice(books, party, "100"), receipt(books, party, "60")
    return allocate(*both, Decimal(60), on=A_DAY_IN_MAY, by=books.user)


def a_booked_line() -> StatementLine:
    books = small_books()
    (line,) = bank_line(books)
    accept(line, first_proposal(line), by=books.user)
    return line


def a_filed_return() -> TaxReturn:
    small_books()
    tax_accounts()
    made = a_return()
    file_return(made, on=made.ends_on + timedelta(days=1), by=None)
    return made


def an_event() -> AssetEvent:
    return an_asset(small_books()).events.get()


FINAL = {
    "an issued invoice": an_issued_invoice,
    "a posted bill": a_posted_bill,
    "a payment": a_payment,
    "an allocation": an_allocation,
    "a booked bank line": a_booked_line,
    "a filed tax return": a_filed_return,
    "an event of an asset": an_event,
}


def facts_of(record: models.Model) -> list:
    """The record with its lines, as they are stored."""
    model = type(record)
    found = list(model._base_manager.filter(pk=record.pk).values())
    if model in (Invoice, Bill):
        found += record.lines.order_by("pk").values()
    return found


def doors_of(model: type[models.Model]) -> list[Route]:
    """The addresses that take something about a record of the model, of any kind."""
    return [
        route
        for route in routes()
        if "POST" in route.methods and is_about_a_record(route) and subject_of(route) is model
    ]


@pytest.mark.parametrize("what", FINAL)
def test_no_address_changes_what_is_final(what):
    """D02: each address of the record is sent all the words its forms know."""
    record = FINAL[what]()
    before, browser = facts_of(record), browser_of(staff("Owner"))

    for route in doors_of(type(record)):
        with transaction.atomic():
            answer = browser.post(address(route, record), COOKED)
            close(answer)
            assert answer.status_code < 500
            assert facts_of(record) == before, route.name
            transaction.set_rollback(True)


@pytest.mark.parametrize("what", FINAL)
def test_no_hand_below_the_pages_changes_or_deletes_what_is_final(what):
    """D02"""
    record = FINAL[what]()
    stored, before = type(record)._base_manager.filter(pk=record.pk), facts_of(record)
    name = next(name for name in ("gross", "amount", "ends_on", "cost") if name in before[0])
    cooked = {name: timezone.localdate() if name == "ends_on" else 9}

    for change in (stored.delete, lambda: stored.update(**cooked)):
        with pytest.raises((DatabaseError, models.ProtectedError)), transaction.atomic():
            change()

    assert facts_of(record) == before


@pytest.mark.parametrize("what", ["an issued invoice", "a posted bill"])
def test_what_proves_a_document_stays_with_it(what):
    """D02"""
    record, owner = FINAL[what](), staff("Owner")
    found = attach(record, owner)

    browser_of(owner).post(f"/files/{found.key}/remove/")

    assert files.is_whole(Attachment.objects.get(removed_at=None))
