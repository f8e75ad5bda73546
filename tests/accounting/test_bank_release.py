"""Taking back what booked a bank line: the line waits again, and the proof still holds."""

from datetime import date
from decimal import Decimal

import pytest

from accounting.bank_proof import proof_of
from accounting.models import JournalEntry, Match
from accounting.open_items import open_items
from accounting.payments import Settle, take_back
from accounting.posting import reverse_entry
from accounting.reconciliation import Part, book_directly, book_payment, match_with, undo
from accounting.years import close_period
from backoffice.errors import Refused
from backoffice.models import AuditEvent
from tests.factories import PartyFactory
from tests.factories.banking import a_statement, an_own_account
from tests.factories.open_items import control_accounts, invoice

LATER = date(2024, 5, 20)


@pytest.fixture
def bank(books):
    control_accounts()
    return an_own_account(books.bank)


@pytest.fixture
def ann():
    return PartyFactory(name="Ann Archer Ltd")


def proved_line(bank, amount):
    """The one line of a statement that adds up."""
    return a_statement(bank, amount, on=LATER).lines.get()


def still_open():
    return [item.open_amount for item in open_items(on=LATER, role="receivable")]


def test_taking_a_payment_back_opens_the_bank_line_it_booked(books, bank, ann):
    item = invoice(books, ann, "100")
    line = proved_line(bank, "100")
    payment = book_payment(line, party=ann, settles=[Settle(item, Decimal(100))], by=books.user)

    reversal = take_back(payment, on=date(2024, 6, 3), by=books.user)

    assert not line.matches.exists()
    assert reversal.date == LATER
    assert still_open() == [100]
    proof = proof_of(line.statement)
    assert (proof.bank_only, proof.books_only_count, proof.is_proved) == (100, 0, True)
    assert AuditEvent.objects.filter(action="bank line undone").exists()
    book_payment(line, party=ann, settles=[Settle(item, Decimal(100))], by=books.user)
    assert proof_of(line.statement).is_proved
    assert still_open() == []


def test_a_payment_of_a_closed_period_is_taken_back_on_the_day_given(books, bank, ann):
    line, today = proved_line(bank, "100"), date(2024, 6, 3)
    payment = book_payment(line, party=ann, by=books.user)
    for month in range(1, 6):
        close_period(books.period(month), by=books.user)

    assert take_back(payment, on=today, by=books.user).date == today

    assert not line.matches.exists()
    assert proof_of(line.statement).is_proved


def test_reversing_an_entry_opens_the_bank_lines_matched_with_it(books, bank):
    first, second = books.sell("60", on=LATER), books.sell("40", on=LATER)
    line = proved_line(bank, "100")
    match_with(line, [e.lines.get(account=books.bank) for e in (first, second)], by=books.user)

    reverse_entry(first, on=LATER, by=books.user)

    assert not Match.objects.exists()
    assert proof_of(line.statement).is_proved
    with pytest.raises(Refused, match="reversed already"):
        match_with(line, [first.lines.get(account=books.bank)], by=books.user)


def test_an_entry_reversed_by_hand_has_nothing_left_to_undo(books, bank):
    line = proved_line(bank, "-5")
    entry = book_directly(line, [Part(books.rent, Decimal(-5))], by=books.user)
    reverse_entry(entry, on=LATER, by=books.user)

    with pytest.raises(Refused, match="not booked"):
        undo(line, on=LATER, by=books.user)

    assert JournalEntry.objects.count() == 2


def test_a_line_left_booked_by_a_reversed_entry_is_undone_without_another_reversal(books, bank):
    line = proved_line(bank, "-5")
    entry = book_directly(line, [Part(books.rent, Decimal(-5))], by=books.user)
    match = line.matches.get()
    reverse_entry(entry, on=LATER, by=books.user)
    match.pk = None
    match.save(force_insert=True)

    undo(line, on=LATER, by=books.user)

    assert not line.matches.exists()
    assert JournalEntry.objects.count() == 2
