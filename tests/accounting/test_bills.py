"""Bills: entered by one, approved by another, then in the books."""

from datetime import timedelta
from decimal import Decimal

import pytest
from django.db import IntegrityError, transaction
from django.urls import reverse

from accounting.bills import Bought, record_bill, submit
from accounting.models import Bill, JournalEntry
from backoffice.approvals import approve, refuse
from backoffice.errors import Refused
from backoffice.models import Approval
from tests.factories.documents import A_DAY, draft_bill, moved, trading_books
from tests.factories.taxes import PartyTermsFactory

pytestmark = pytest.mark.django_db


@pytest.fixture
def books(db):
    return trading_books()


def test_an_approved_bill_is_in_the_books(books):
    bill = draft_bill(books, 200)

    approve(submit(bill, by=books.clerk), by=books.approver, on=A_DAY)

    bill.refresh_from_db()
    assert bill.state == "posted"
    assert moved(bill.entry) == {
        "purchases": Decimal("200.00"),
        "tax_on_purchases": Decimal("46.00"),
        "payable": Decimal("-246.00"),
    }
    assert bill.entry.due.reference == bill.reference


def test_who_entered_it_does_not_approve_it(books):
    approval = submit(draft_bill(books, 200), by=books.approver)

    with pytest.raises(Refused):
        approve(approval, by=books.approver, on=A_DAY)

    assert not JournalEntry.objects.exists()


def test_its_page_leads_to_the_request_while_it_waits(books, client):
    bill = draft_bill(books, 200)
    approval = submit(bill, by=books.clerk)
    link = f'href="{approval.get_absolute_url()}"'
    client.force_login(books.approver)

    waiting = client.get(bill.get_absolute_url()).content.decode()
    approve(approval, by=books.approver, on=A_DAY)
    decided = client.get(bill.get_absolute_url()).content.decode()

    assert link in waiting
    assert link not in decided


def test_what_waits_for_approval_shows_its_total_in_the_list(books, client):
    bill = draft_bill(books, 1234)
    submit(bill, by=books.clerk)
    client.force_login(books.approver)

    page = client.get(reverse("accounting:bill-list")).content.decode()

    bill.refresh_from_db()
    assert bill.gross == bill.net + bill.tax > 0
    assert f"{bill.gross:,.2f}" in page


def test_a_bill_changed_meanwhile_is_not_approved(books):
    bill = draft_bill(books, 200)
    approval = submit(bill, by=books.clerk)
    bill.lines.update(unit_price=2000)

    with pytest.raises(Refused, match="changed"):
        approve(approval, by=books.approver, on=A_DAY)

    assert not JournalEntry.objects.exists()


def test_editing_takes_it_back_from_who_was_to_approve(books, client):
    bill = draft_bill(books, 200)
    approval = submit(bill, by=books.clerk)
    client.force_login(books.clerk)

    client.post(
        reverse("accounting:bill-edit", args=[bill.pk]),
        {"party": books.supplier.pk, "kind": "bill", "reference": "R-9", "date": "2026-03-10"}
        | {"lines-TOTAL_FORMS": "0", "lines-INITIAL_FORMS": "0"},
    )

    bill.refresh_from_db()
    approval.refresh_from_db()
    assert (bill.state, bill.reference, approval.state) == ("draft", "R-9", Approval.State.CLEARED)
    assert bill.gross is None


def test_a_refused_bill_goes_back_and_may_be_submitted_again(books):
    bill = draft_bill(books, 200)
    refuse(submit(bill, by=books.clerk), by=books.approver, on=A_DAY, why="Whose is this?")

    bill.refresh_from_db()
    assert bill.state == "refused"
    approve(submit(bill, by=books.clerk), by=books.approver, on=A_DAY)
    bill.refresh_from_db()
    assert bill.state == "posted"


def test_the_database_refuses_a_number_of_a_supplier_twice(books):
    draft_bill(books, 1, reference="RE 2026-17")

    with (
        pytest.raises(IntegrityError, match="supplier_bill_is_entered_once"),
        transaction.atomic(),
    ):
        draft_bill(books, 1, reference="re2026/17")


def test_numbers_of_every_script_are_told_apart(books):
    draft_bill(books, 1, reference="А-1")
    draft_bill(books, 1, reference="Б-1")

    with (
        pytest.raises(IntegrityError, match="supplier_bill_is_entered_once"),
        transaction.atomic(),
    ):
        draft_bill(books, 1, reference="б 1")


def test_whoever_enters_a_number_twice_is_told_so(books, client):
    draft_bill(books, 1, reference="RE 2026-17")
    client.force_login(books.clerk)

    page = client.post(
        reverse("accounting:bill-add"),
        {"party": books.supplier.pk, "kind": "bill", "reference": "re2026/17"}
        | {"date": "2026-03-10", "lines-TOTAL_FORMS": "0", "lines-INITIAL_FORMS": "0"},
    )

    assert "A bill of this supplier with this number is here already" in page.content.decode()
    assert "duplicate key" not in page.content.decode()
    assert Bill.objects.count() == 1


def test_the_number_of_a_refused_bill_may_come_again(books, client):
    draft_bill(books, 1, reference="17", state="refused")
    client.force_login(books.clerk)

    client.post(
        reverse("accounting:bill-add"),
        {"party": books.supplier.pk, "kind": "bill", "reference": "17"}
        | {"date": "2026-03-10", "lines-TOTAL_FORMS": "0", "lines-INITIAL_FORMS": "0"},
    )

    assert Bill.objects.filter(state="draft", reference="17").exists()


def test_another_function_is_told_of_a_number_used_twice(books):
    draft_bill(books, 1, reference="17")
    lines = [Bought("Oak", Decimal(10))]

    with pytest.raises(Refused, match="is here already"):
        record_bill(
            supplier=books.supplier,
            reference="17",
            on=A_DAY,
            lines=lines,
            by=books.clerk,
            source_key="order:1",
        )


def test_a_reason_lets_the_same_number_in_again(books):
    draft_bill(books, 1, reference="17")

    again = draft_bill(books, 1, reference="17", duplicate_reason="They number by year.")

    assert again.pk


def test_another_function_owes_a_supplier_once(books):
    facts = {
        "supplier": books.supplier,
        "reference": "A-1",
        "on": A_DAY,
        "lines": [Bought("Laptop", Decimal("1200.00"), tax_code=books.vat)],
        "by": books.clerk,
        "source_key": "it_assets.order:1",
    }

    first, second = record_bill(**facts), record_bill(**facts)

    assert first == second
    assert (first.state, first.lines.get().account.role) == ("submitted", "purchases")


def test_a_credit_note_of_a_supplier_goes_the_other_way(books):
    bill = draft_bill(books, 100, kind="credit_note")

    approve(submit(bill, by=books.clerk), by=books.approver, on=A_DAY)

    bill.refresh_from_db()
    assert moved(bill.entry)["payable"] == Decimal("123.00")


def test_two_approvals_at_once_post_once(books):
    bill = draft_bill(books, 100)
    approval = submit(bill, by=books.clerk)
    approve(approval, by=books.approver, on=A_DAY)

    with pytest.raises(Refused):
        approve(approval, by=books.approver, on=A_DAY)

    assert JournalEntry.objects.count() == 1
    assert Bill.objects.get().entry is not None


def test_a_bill_takes_the_discount_agreed_with_its_supplier(books):
    PartyTermsFactory(party=books.supplier, discount_days=10, discount_percent=Decimal(2))
    bill = draft_bill(books, 200)
    note = draft_bill(books, 200, kind="credit_note")

    for one in (bill, note):
        approve(submit(one, by=books.clerk), by=books.approver, on=A_DAY)
        one.refresh_from_db()

    due = bill.entry.due
    assert (due.discount_until, due.discount_percent) == (A_DAY + timedelta(days=10), Decimal(2))
    assert note.entry.due.discount_until is None
