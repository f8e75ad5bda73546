"""What a bank line may be: the evidence is told, the strongest comes first."""

from datetime import date
from decimal import Decimal

import pytest

from accounting.models import BankRule
from accounting.open_items import set_due
from accounting.payments import record_payment
from accounting.proposals import proposals_for
from backoffice.models import BankAccount
from tests.factories import PartyFactory
from tests.factories.accounting import AccountFactory
from tests.factories.banking import IBAN, a_line, a_statement, an_own_account
from tests.factories.open_items import bill, control_accounts, invoice

DUE = date(2024, 5, 16)


@pytest.fixture
def bank(books):
    control_accounts()
    return an_own_account(books.bank)


@pytest.fixture
def ann():
    return PartyFactory(name="Ann Archer Ltd")


def line_of(bank, amount, **facts):
    return a_line(a_statement(bank), amount, **facts)


def proposed(line):
    return proposals_for([line], line.own_account)[line.pk]


def test_amount_reference_party_and_day_speak_for_an_item(books, bank, ann):
    invoice(books, ann, "100", due_on=DUE, reference="INV-2024-17")
    line = line_of(bank, "100", text="Payment inv 2024 17", counterparty="ANN ARCHER LTD")

    (best,) = proposed(line)

    assert best.evidence.is_full
    assert best.evidence.date
    assert best.rest == 0


def test_the_wrong_reference_is_not_called_right(books, bank, ann):
    invoice(books, ann, "100", due_on=DUE, reference="INV-18")
    line = line_of(bank, "100", text="INV-17", counterparty="Ann Archer Ltd")

    (best,) = proposed(line)

    assert (best.evidence.amount, best.evidence.reference, best.evidence.party) == (
        True, False, True,
    )  # fmt: skip
    assert not best.evidence.is_full


def test_the_exact_amount_is_never_missed(books, bank):
    wanted = invoice(books, PartyFactory(), "123.45", due_on=DUE)
    for n in range(30):
        invoice(books, PartyFactory(), str(200 + n), due_on=DUE)

    (best,) = proposed(line_of(bank, "123.45"))

    assert best.settles[0].item.pk == wanted.pk


def test_the_named_item_comes_before_one_of_the_same_amount(books, bank, ann):
    other = invoice(books, PartyFactory(), "100", due_on=DUE, reference="INV-20")
    named = invoice(books, ann, "100", due_on=DUE, reference="INV-21")

    first, second = proposed(line_of(bank, "100", text="for INV-21"))

    assert [first.settles[0].item.pk, second.settles[0].item.pk] == [named.pk, other.pk]


def test_the_account_it_came_from_tells_the_party(books, bank, ann):
    BankAccount.objects.create(party=ann, iban=IBAN)
    invoice(books, ann, "100", due_on=DUE)
    line = line_of(bank, "40", counterparty="A. A.", counterparty_account=IBAN)

    (best,) = proposed(line)

    assert best.evidence.party
    assert best.settles[0].amount == 40


def test_several_named_items_are_paid_by_one_line(books, bank, ann):
    items = [
        invoice(books, ann, amount, due_on=DUE, reference=reference)
        for amount, reference in (("60", "INV-31"), ("40", "INV-32"), ("7", "INV-33"))
    ]

    best = proposed(line_of(bank, "100", text="INV-31, INV-32"))[0]

    assert [s.item.pk for s in best.settles] == [items[0].pk, items[1].pk]
    assert best.evidence.amount
    assert best.evidence.reference


def test_the_oldest_items_of_a_party_are_summed(books, bank, ann):
    for amount in ("60", "40", "7"):
        invoice(books, ann, amount, due_on=DUE)

    best = proposed(line_of(bank, "100", counterparty="Ann Archer Ltd"))[0]

    assert len(best.settles) == 2


def test_the_payments_of_a_batch_are_looked_at(books, bank, ann):
    for amount, reference in (("60", "INV-41"), ("40", "INV-42")):
        invoice(books, ann, amount, due_on=DUE, reference=reference)
    details = [
        {"amount": "60", "reference": "INV-41", "text": "", "counterparty": ""},
        {"amount": "40", "reference": "INV-42", "text": "", "counterparty": ""},
    ]

    best = proposed(line_of(bank, "100", details=details))[0]

    assert len(best.settles) == 2


def test_a_discount_taken_in_time_is_exact(books, bank, ann):
    item = invoice(books, ann, "100", due_on=DUE, reference="INV-51")
    set_due(
        item.entry, due_on=DUE, reference="INV-51", discount_until=date(2024, 5, 20),
        discount_percent=Decimal(2), by=books.user,
    )  # fmt: skip

    best = proposed(line_of(bank, "98", text="INV-51", counterparty="Ann Archer Ltd"))[0]

    assert best.evidence.is_full
    assert (best.settles[0].amount, best.settles[0].discount) == (98, 2)


def test_a_discount_taken_late_is_a_part_payment(books, bank, ann):
    item = invoice(books, ann, "100", due_on=DUE, reference="INV-51")
    set_due(
        item.entry, due_on=DUE, reference="INV-51", discount_until=date(2024, 5, 15),
        discount_percent=Decimal(2), by=books.user,
    )  # fmt: skip
    line = line_of(bank, "98", text="INV-51", on=date(2024, 5, 30))

    best = proposed(line)[0]

    assert not best.evidence.amount
    assert best.settles[0].discount == 0


def test_money_out_settles_bills_and_never_invoices(books, bank, ann):
    invoice(books, ann, "100", due_on=DUE)
    owed = bill(books, ann, "100", due_on=DUE)

    (best,) = proposed(line_of(bank, "-100"))

    assert best.settles[0].item.pk == owed.pk


def test_more_than_is_owed_leaves_a_rest(books, bank, ann):
    invoice(books, ann, "100", due_on=DUE, reference="INV-61")

    best = proposed(line_of(bank, "130", text="INV-61"))[0]

    assert (best.settles[0].amount, best.rest) == (100, 30)


def test_an_entry_in_the_books_already_is_proposed(books, bank, ann):
    item = invoice(books, ann, "100", due_on=DUE)
    record_payment(
        direction="in", party=ann, bank=books.bank, amount=Decimal(100), on=date(2024, 5, 20),
        by=books.user, source_key="p1", reference="RECEIPT-77",
    )  # fmt: skip

    best = proposed(line_of(bank, "100", on=date(2024, 5, 21), text="receipt 77"))[0]

    assert best.kind == "entry"
    assert best.evidence.reference
    assert best.evidence.date
    assert item


def test_what_was_reversed_is_no_proposal(books, bank):
    from accounting.posting import reverse_entry

    reverse_entry(books.sell("100"), on=date(2024, 5, 20), by=books.user)

    assert proposed(line_of(bank, "100")) == []
    assert proposed(line_of(bank, "-100")) == []


def test_the_other_side_of_a_transfer_is_found(books, bank):
    savings = an_own_account(AccountFactory(kind="asset"))
    line_of(savings, "-100")

    (best,) = proposed(line_of(bank, "100"))

    assert (best.kind, best.other) == ("transfer", savings)


def test_a_rule_proposes_where_its_words_stand(books, bank):
    rule = BankRule.objects.create(name="Rent", contains="Harbour Rent", account=books.rent)

    (best,) = proposed(line_of(bank, "-500", text="HARBOUR-RENT MAY"))

    assert (best.kind, best.rule) == ("rule", rule)


@pytest.mark.parametrize(
    ("facts", "amount", "is_met"),
    [
        ({"direction": "in"}, "-500", False),
        ({"direction": "out"}, "-500", True),
        ({"amount_from": 400, "amount_to": 600}, "-500", True),
        ({"amount_from": 501}, "-500", False),
        ({"amount_to": 499}, "-500", False),
        ({"is_active": False}, "-500", False),
    ],
)
def test_a_rule_asks_for_direction_and_amount(books, bank, facts, amount, is_met):
    BankRule.objects.create(name="Rent", contains="rent", account=books.rent, **facts)

    assert bool(proposed(line_of(bank, amount, text="Rent"))) == is_met


def test_a_rule_of_one_bank_account_is_not_for_others(books, bank):
    other = an_own_account()
    BankRule.objects.create(name="R", contains="rent", account=books.rent, own_account=other)

    assert proposed(line_of(bank, "-500", text="Rent")) == []


def test_nothing_known_means_no_proposal(bank):
    assert proposed(line_of(bank, "100", text="Something")) == []


def test_asking_for_many_lines_costs_the_questions_of_one(
    books, bank, ann, django_assert_num_queries
):
    from django.db import connection
    from django.test.utils import CaptureQueriesContext

    lines = [line_of(bank, str(n)) for n in range(1, 13)]
    for n in range(1, 13):
        invoice(books, ann, str(n), due_on=DUE)
    proposals_for(lines[:1], bank)  # its currency is read once
    proposals_for(lines[:1], bank)  # its currency is read once
    with CaptureQueriesContext(connection) as one:
        proposals_for(lines[:1], bank)

    with django_assert_num_queries(len(one)):
        found = proposals_for(lines, bank)

    assert all(found[line.pk] for line in lines)
