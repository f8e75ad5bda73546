"""Booking bank lines, whole and once, and taking it back."""

from datetime import date
from decimal import Decimal
from threading import Barrier, Thread

import pytest
from django.db import connection

from accounting.accepting import accept, accept_all, with_full_evidence
from accounting.bank_proof import proof_of
from accounting.models import BankRule, JournalEntry, Match, Payment
from accounting.open_items import open_items
from accounting.payments import Settle, record_payment
from accounting.proposals import proposals_for
from accounting.reconciliation import (
    Part,
    book_by_rule,
    book_directly,
    book_payment,
    book_transfer,
    match_with,
    undo,
)
from backoffice.errors import Refused
from backoffice.models import AuditEvent
from tests.factories import DepartmentFactory, PartyFactory
from tests.factories.accounting import AccountFactory, balances, small_books
from tests.factories.banking import a_line, a_statement, an_own_account
from tests.factories.open_items import bill, control_accounts, invoice

LATER = date(2024, 5, 20)


@pytest.fixture
def bank(books):
    control_accounts()
    return an_own_account(books.bank)


@pytest.fixture
def ann():
    return PartyFactory(name="Ann Archer Ltd")


def line_of(bank, amount, **facts):
    return a_line(a_statement(bank, ends_on=LATER), amount, **{"on": LATER} | facts)


def still_open(role="receivable"):
    return [item.open_amount for item in open_items(on=LATER, role=role)]


def test_a_payment_settles_items_and_is_matched_with_its_line(books, bank, ann):
    items = [invoice(books, ann, "60"), invoice(books, ann, "40")]
    line = line_of(bank, "100")

    payment = book_payment(
        line, party=ann, settles=[Settle(item, item.amount) for item in items], by=books.user
    )

    (match,) = line.matches.all()
    assert match.journal_line.entry == payment.entry
    assert match.amount == 100
    assert still_open() == []
    assert proof_of(line.statement).bank_only == 0


def test_a_part_leaves_the_rest_open_and_more_stays_the_partys_credit(books, bank, ann):
    item = invoice(books, ann, "100")
    book_payment(
        line_of(bank, "30"), party=ann, settles=[Settle(item, Decimal(30))], by=books.user
    )
    assert still_open() == [70]

    book_payment(
        line_of(bank, "90"), party=ann, settles=[Settle(item, Decimal(70))], by=books.user
    )

    assert still_open() == [-20]


def test_the_difference_is_a_fee_a_discount_or_a_write_off(books, bank, ann):
    item = invoice(books, ann, "100")
    settle = Settle(item, Decimal(97), discount=Decimal(2), write_off=Decimal(1))

    book_payment(line_of(bank, "95"), party=ann, settles=[settle], fee=Decimal(2), by=books.user)

    assert still_open() == []
    assert balances()["1000"] == 95
    assert (balances()["4090"], balances()["6900"], balances()["6800"]) == (2, 1, 2)


def test_money_out_pays_bills(books, bank, ann):
    item = bill(books, ann, "100")

    book_payment(
        line_of(bank, "-100"), party=ann, settles=[Settle(item, Decimal(100))], by=books.user
    )

    assert still_open("payable") == []
    assert balances()["1000"] == -100


def test_one_line_is_split_between_accounts_and_departments(books, bank):
    yard, line = DepartmentFactory(), line_of(bank, "-100")
    parts = [
        Part(books.rent, Decimal(-70), department=yard, text="Yard"),
        Part("bank_charges", Decimal(-30)),
    ]

    entry = book_directly(line, parts, by=books.user)

    rent = entry.lines.get(account=books.rent)
    assert (rent.amount, rent.department, rent.text) == (70, yard, "Yard")
    assert line.matches.get().amount == -100


@pytest.mark.parametrize(
    ("amounts", "why"),
    [(["-70", "-20"], "sum to -90, the line is -100"), ([], "Say where"), (["-100", "0"], "Say")],
)
def test_parts_that_are_not_the_line_are_refused(books, bank, amounts, why):
    parts = [Part(books.rent, Decimal(amount)) for amount in amounts]

    with pytest.raises(Refused, match=why):
        book_directly(line_of(bank, "-100"), parts, by=books.user)


def test_a_line_does_not_belong_on_its_own_bank(books, bank):
    with pytest.raises(Refused, match="its own bank account"):
        book_directly(line_of(bank, "5"), [Part(books.bank, Decimal(5))], by=books.user)


def test_a_transfer_is_one_entry_for_the_lines_of_both_accounts(books, bank):
    savings = an_own_account(AccountFactory(code="1010", kind="asset"))
    out, into = line_of(bank, "-100"), line_of(savings, "100")

    entry = book_transfer(out, savings, by=books.user)
    (best,) = proposals_for([into], savings)[into.pk]
    accept(into, best.key, by=books.user)

    assert {m.journal_line.entry for m in Match.objects.all()} == {entry}
    assert (balances()["1000"], balances()["1010"]) == (-100, 100)
    assert proof_of(into.statement).bank_only == 0


def test_a_transfer_needs_another_account_in_the_same_currency(books, bank):
    dollars = an_own_account(books.dollars, currency_id="USD")
    line = line_of(bank, "-100")

    with pytest.raises(Refused, match="choose the other one"):
        book_transfer(line, bank, by=books.user)
    with pytest.raises(Refused, match="is in USD"):
        book_transfer(line, dollars, by=books.user)


def test_a_line_is_matched_with_what_is_in_the_books(books, bank):
    first, second = books.sell("60"), books.sell("40")
    line = line_of(bank, "100")

    match_with(line, [e.lines.get(account=books.bank) for e in (first, second)], by=books.user)

    assert sorted(line.matches.values_list("amount", flat=True)) == [40, 60]
    assert not line.matches.filter(is_made_here=True).exists()


def test_many_lines_may_be_one_entry(books, bank):
    journal_line = books.sell("100").lines.get(account=books.bank)

    for amount in ("60", "40"):
        match_with(line_of(bank, amount), [journal_line], by=books.user)

    assert journal_line.matches.count() == 2
    with pytest.raises(Refused, match="matched already"):
        match_with(line_of(bank, "5"), [journal_line], by=books.user)


def test_what_does_not_explain_the_whole_line_is_refused(books, bank):
    journal_line = books.sell("60").lines.get(account=books.bank)

    with pytest.raises(Refused, match="all but 40 EUR"):
        match_with(line_of(bank, "100"), [journal_line], by=books.user)


def test_a_line_is_booked_once(books, bank):
    line = line_of(bank, "-5")
    book_directly(line, [Part(books.rent, Decimal(-5))], by=books.user)

    with pytest.raises(Refused, match="booked already"):
        book_directly(line, [Part(books.rent, Decimal(-5))], by=books.user)

    assert JournalEntry.objects.count() == 1


def test_a_rule_books_and_counts_its_hits(books, bank):
    rule = BankRule.objects.create(name="Rent", contains="rent", account=books.rent)

    for _turn in range(2):
        book_by_rule(line_of(bank, "-5", text="Rent"), rule, by=books.user)

    assert rule.matches.count() == 2
    assert balances()["6000"] == 10


def test_an_account_in_another_currency_asks_what_it_is_worth(books):
    control_accounts()
    own = an_own_account(books.dollars, currency_id="USD")
    line = line_of(own, "-110")

    with pytest.raises(Refused, match="Say what -110 USD are worth"):
        book_directly(line, [Part(books.rent, Decimal(-110))], by=books.user)
    entry = book_directly(
        line, [Part(books.rent, Decimal(-110))], base_amount=Decimal(100), by=books.user
    )

    bank_line = entry.lines.get(account=books.dollars)
    assert (bank_line.amount, bank_line.currency_amount) == (-100, -110)
    assert line.matches.get().amount == -110


# --- and back -------------------------------------------------------------------------------


def test_undo_reverses_what_was_posted_and_opens_the_item_again(books, bank, ann):
    item = invoice(books, ann, "100")
    line = line_of(bank, "100")
    book_payment(line, party=ann, settles=[Settle(item, Decimal(100))], by=books.user)

    undo(line, on=LATER, by=books.user)

    assert not line.matches.exists()
    assert still_open() == [100]
    assert balances()["1000"] == 0
    proof = proof_of(line.statement)
    assert (proof.books_only_count, proof.bank_only) == (0, 100)
    assert AuditEvent.objects.filter(action="bank line undone").exists()


def test_after_undo_it_may_be_booked_anew_and_undone_again(books, bank):
    line = line_of(bank, "-5")
    for _turn in range(3):
        book_directly(line, [Part(books.rent, Decimal(-5))], by=books.user)
        undo(line, on=LATER, by=books.user)

    assert balances()["6000"] == 0
    assert JournalEntry.objects.count() == 6


def test_undoing_a_match_leaves_entries_that_were_there_before(books, bank):
    entry, line = books.sell("100"), line_of(bank, "100")
    match_with(line, [entry.lines.get(account=books.bank)], by=books.user)

    undo(line, on=LATER, by=books.user)

    assert JournalEntry.objects.count() == 1


def test_an_entry_that_books_two_lines_is_undone_from_the_other_first(books, bank):
    savings = an_own_account(AccountFactory(kind="asset"))
    out, into = line_of(bank, "-100"), line_of(savings, "100")
    entry = book_transfer(out, savings, by=books.user)
    match_with(into, [entry.lines.get(account=savings.account)], by=books.user)

    with pytest.raises(Refused, match="undo that one first"):
        undo(out, on=LATER, by=books.user)
    undo(into, on=LATER, by=books.user)
    undo(out, on=LATER, by=books.user)

    assert not Match.objects.exists()


def test_nothing_is_undone_where_nothing_is_booked(books, bank):
    with pytest.raises(Refused, match="not booked"):
        undo(line_of(bank, "5"), on=LATER, by=books.user)


# --- accepting ------------------------------------------------------------------------------


def test_accepting_does_what_was_proposed(books, bank, ann):
    invoice(books, ann, "100", due_on=LATER, reference="INV-1")
    line = line_of(bank, "100", text="INV-1", counterparty="Ann Archer Ltd")
    (best,) = proposals_for([line], bank)[line.pk]

    said = accept(line, best.key, by=books.user)

    assert "PAY-2024-00001" in said
    assert still_open() == []


def test_what_was_settled_meanwhile_is_not_accepted(books, bank, ann):
    item = invoice(books, ann, "100", due_on=LATER, reference="INV-1")
    line = line_of(bank, "100", text="INV-1")
    (best,) = proposals_for([line], bank)[line.pk]
    record_payment(
        direction="in", party=ann, bank=AccountFactory(kind="asset"), amount=Decimal(100),
        on=LATER, by=books.user, source_key="x", settles=[Settle(item, Decimal(100))],
    )  # fmt: skip

    with pytest.raises(Refused, match="not proposed any more"):
        accept(line, best.key, by=books.user)


def test_all_with_full_evidence_are_accepted_and_no_other(books, bank, ann):
    for number in range(1, 4):
        invoice(books, ann, str(100 + number), due_on=LATER, reference=f"INV-0{number}")
    full = line_of(bank, "101", text="INV-01", counterparty="Ann Archer Ltd")
    line_of(bank, "102", text="no number", counterparty="Ann Archer Ltd")
    line_of(bank, "100", text="INV-03", counterparty="Ann Archer Ltd")

    assert accept_all(bank, by=books.user) == 1

    assert full.matches.exists()
    assert Match.objects.count() == 1


def test_one_item_is_accepted_for_one_line_alone(books, bank, ann):
    invoice(books, ann, "100", due_on=LATER, reference="INV-01")
    lines = [
        line_of(bank, "100", text="INV-01", counterparty="Ann Archer Ltd") for _turn in range(2)
    ]

    found = with_full_evidence(lines, bank)

    assert len(found) == 1  # the second may be a double payment


def test_two_people_book_a_line_once(committed):
    books = small_books()
    own = an_own_account(books.bank)
    line, start, said = line_of(own, "-5"), Barrier(2), []

    def book():
        start.wait()
        try:
            book_directly(line, [Part(books.rent, Decimal(-5))], by=books.user)
            said.append("done")
        except Refused as refusal:
            said.append(str(refusal))
        finally:
            connection.close()

    threads = [Thread(target=book) for _turn in range(2)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()

    assert sorted(said) == ["This line is booked already.", "done"]
    assert JournalEntry.objects.count() == 1
    assert not Payment.objects.exists()
