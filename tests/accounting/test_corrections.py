"""Reversing by hand: what belongs to a record is undone by the act of that."""

from datetime import date
from decimal import Decimal
from pathlib import Path

import pytest
from django.urls import reverse

from accounting.allocations import allocate, release
from accounting.bills import submit, take_back
from accounting.claims import owed_to_staff, pay_claims
from accounting.claims import submit as submit_claim
from accounting.claims import take_back as take_claim_back
from accounting.claims import take_payment_back as take_claim_payment_back
from accounting.corrections import reverse_and_copy, reverse_by_hand
from accounting.exchange import revalue
from accounting.invoices import issue
from accounting.models import ExchangeRate, JournalEntry
from accounting.open_items import open_items
from accounting.payments import record_payment
from accounting.payments import take_back as take_payment_back
from accounting.posting import credit, debit, post
from accounting.tax_returns import file_return
from backoffice.approvals import approve
from backoffice.errors import Refused
from tests.factories import PartyFactory
from tests.factories.accounting import A_DAY_IN_MAY, AccountFactory, small_books
from tests.factories.assets import an_asset
from tests.factories.banking import a_line, a_statement, an_own_account
from tests.factories.documents import (
    A_DAY,
    draft_bill,
    draft_claim,
    draft_invoice,
    trading_books,
)
from tests.factories.open_items import control_accounts, invoice, receipt
from tests.factories.taxes import a_return, tax, tax_accounts, taxed


@pytest.fixture
def trading(db):
    return trading_books()


def a_posted_bill(books):
    bill = draft_bill(books, 100)
    approve(submit(bill, by=books.clerk), by=books.approver, on=A_DAY)
    bill.refresh_from_db()
    return bill


def a_posted_claim(books):
    claim = draft_claim(books.clerk, books, "12.30")
    approve(submit_claim(claim, on=A_DAY, by=books.clerk), by=books.approver, on=A_DAY)
    claim.refresh_from_db()
    return claim


def an_issued_invoice(books):
    return issue(draft_invoice(books, 100), by=books.clerk)


def an_issued_credit_note(books):
    return issue(draft_invoice(books, 100, kind="credit_note"), by=books.clerk)


def a_payment(books):
    return record_payment(
        direction="in",
        party=books.customer,
        bank=books.account("bank"),
        amount=Decimal(5),
        on=A_DAY,
        by=books.clerk,
        source_key="one",
    )


@pytest.mark.parametrize(
    ("make", "sentence"),
    [
        (an_issued_invoice, "write a credit note"),
        (an_issued_credit_note, "by an invoice"),
        (a_posted_bill, "take that back on its page"),
        (a_posted_claim, "of the claim"),
        (a_payment, "of the payment"),
    ],
)
@pytest.mark.parametrize("act", [reverse_by_hand, reverse_and_copy])
def test_what_belongs_to_a_document_or_payment_is_not_reversed_by_hand(
    trading, make, sentence, act
):
    entry = make(trading).entry

    with pytest.raises(Refused, match=sentence):
        act(entry, on=A_DAY, by=trading.clerk)

    assert not JournalEntry.objects.filter(reverses=entry).exists()


def undone_bill(books):
    return take_back(a_posted_bill(books), on=A_DAY, by=books.clerk)


def undone_claim(books):
    return take_claim_back(a_posted_claim(books), on=A_DAY, by=books.clerk)


def unpaid_claim(books):
    claim = a_posted_claim(books)
    pay_claims([claim], bank=books.account("bank"), on=A_DAY, by=books.clerk)
    claim.refresh_from_db()
    return take_claim_payment_back(claim, on=A_DAY, by=books.clerk)


def undone_payment(books):
    return take_payment_back(a_payment(books), on=A_DAY, by=books.clerk)


@pytest.mark.parametrize("undo", [undone_bill, undone_claim, unpaid_claim, undone_payment])
def test_what_took_a_record_back_is_not_reversed_by_hand(trading, client, undo):
    client.force_login(trading.clerk)
    reversal = undo(trading)

    with pytest.raises(Refused, match="enter it anew"):
        reverse_by_hand(reversal, on=A_DAY, by=trading.clerk)

    page = client.get(reversal.get_absolute_url()).content.decode()
    assert "enter it anew" in page
    assert reverse("accounting:journalentry-reverse", args=[reversal.pk]) not in page


def test_the_reversal_of_an_entry_by_hand_is_reversed_as_well(trading):
    sides = [debit(trading.account("bank"), 5), credit(trading.account("sales"), 5)]
    entry = post(on=A_DAY, text="A sale", lines=sides, by=trading.clerk)
    reversal = reverse_by_hand(entry, on=A_DAY, by=trading.clerk)

    again = reverse_by_hand(reversal, on=A_DAY, by=trading.clerk)

    assert again.reverses == reversal


def test_the_journal_says_so_on_its_page(trading, client):
    client.force_login(trading.clerk)
    entry = an_issued_invoice(trading).entry

    page = client.post(
        reverse("accounting:journalentry-reverse", args=[entry.pk]), {"date": A_DAY, "why": ""}
    )

    assert "write a credit note" in page.content.decode()


def test_reversing_is_offered_only_where_it_is_done(trading, client):
    client.force_login(trading.clerk)
    owned = an_issued_invoice(trading).entry
    sides = [debit(trading.account("bank"), 5), credit(trading.account("sales"), 5)]
    by_hand = post(on=A_DAY, text="A sale", lines=sides, by=trading.clerk)
    ways = [
        [
            reverse("accounting:journalentry-reverse", args=[entry.pk]),
            reverse("accounting:journalentry-reverse-and-copy", args=[entry.pk]),
        ]
        for entry in (owned, by_hand)
    ]

    closed, open_ = (client.get(e.get_absolute_url()).content.decode() for e in (owned, by_hand))

    assert "write a credit note for that" in closed
    assert not any(f'"{way}"' in closed for way in ways[0])
    assert all(f'"{way}"' in open_ for way in ways[1])


def test_nor_what_an_asset_a_depreciation_run_or_a_bank_line_stands_on(db):
    from accounting.bank_parts import Part
    from accounting.depreciation_runs import depreciate
    from accounting.reconciliation import book_directly

    books = small_books()
    asset = an_asset(books)
    line = a_line(a_statement(an_own_account(books.bank)), "-5")
    booked = book_directly(line, [Part(books.rent, Decimal(-5))], by=books.user)
    depreciated = depreciate(through=date(2024, 1, 1), by=books.user).entries[0]

    for entry, sentence in (
        (asset.events.get().entry, "of the asset"),
        (booked, "booked on the bank line"),
        (depreciated, "of a depreciation run"),
    ):
        with pytest.raises(Refused, match=sentence):
            reverse_by_hand(entry, on=entry.date, by=books.user)


def test_nor_what_follows_from_a_settlement_or_its_release(db):
    books, _accounts, party = small_books(), control_accounts(), PartyFactory()
    facts = {"on": A_DAY_IN_MAY, "currency": "USD"}
    item = invoice(books, party, 100, currency_amount=110, **facts)
    money = receipt(books, party, 105, currency_amount=-110, **facts)
    settled = allocate(item, money, Decimal(110), on=A_DAY_IN_MAY, by=None)
    with pytest.raises(Refused, match="follows from a settlement"):
        reverse_by_hand(settled.exchange_entry, on=A_DAY_IN_MAY, by=None)

    released = release(settled, on=A_DAY_IN_MAY, by=None)

    with pytest.raises(Refused, match="settle the items again"):
        reverse_by_hand(released.exchange_entry, on=A_DAY_IN_MAY, by=None)


def test_nor_what_takes_a_revaluation_back(db):
    books, _accounts = small_books(), control_accounts()
    for role in ("revaluation", "exchange_unrealised"):
        AccountFactory(kind="asset", role=role)
    invoice(books, PartyFactory(), 100, currency="USD", currency_amount=110)
    last = date(2024, 5, 31)
    ExchangeRate.objects.create(currency_id="USD", date=last, rate=Decimal(1))
    revalued = revalue(on=last, today=date(2024, 6, 5), by=None)

    with pytest.raises(Refused, match="as every revaluation is"):
        reverse_by_hand(revalued.reversed_by, on=date(2024, 6, 5), by=None)


def test_nor_what_settled_a_filed_tax_return(db):
    books, _accounts = small_books(), tax_accounts()
    taxed(books, 100, tax(20))
    filed = file_return(a_return(), on=date(2024, 7, 20), by=books.user)

    with pytest.raises(Refused, match="which is filed"):
        reverse_by_hand(filed.entry, on=date(2024, 7, 20), by=books.user)


def test_a_bill_entered_by_mistake_is_taken_back_on_its_page(trading, client):
    client.force_login(trading.clerk)
    bill = a_posted_bill(trading)

    client.post(reverse("accounting:bill-take-back", args=[bill.pk]))

    assert not open_items(on=A_DAY, role="payable").exists()
    assert client.get(bill.get_absolute_url()).context["state"] == ("Reversed", "mute")
    with pytest.raises(Refused, match="taken back already"):
        take_back(bill, on=A_DAY, by=trading.clerk)


def test_a_claim_and_its_payment_are_taken_back_on_its_page(trading, client):
    client.force_login(trading.approver)
    claim = a_posted_claim(trading)
    pay_claims([claim], bank=trading.account("bank"), on=A_DAY, by=trading.approver)
    unpay, back = (
        reverse(f"accounting:expenseclaim-{page}", args=[claim.pk])
        for page in ("unpay", "take-back")
    )
    said = {"date": A_DAY, "why": "twice"}

    early = client.post(back, said)
    client.post(unpay, said)
    owed = owed_to_staff(on=date.max)
    client.post(back, said)
    again = client.post(unpay, said)

    assert "is paid" in early.content.decode()
    assert owed == Decimal("12.30")
    assert owed_to_staff(on=date.max) == 0
    assert again.status_code == 200


def test_no_screen_reverses_without_asking_whether_the_entry_is_free():
    views = Path(__file__).parents[2] / "accounting" / "views"

    assert not [v.name for v in views.glob("*.py") if "posting import reverse" in v.read_text()]
