"""Booking a bank line by hand, by its three forms; what is wrong stands at its field."""

import pytest

from accounting.models import Match
from accounting.open_items import open_items
from tests.accounting.reconciling import LATER, act, bank, line_of, screen, waiting
from tests.factories import PartyFactory
from tests.factories.accounting import AccountFactory, balances
from tests.factories.banking import an_own_account
from tests.factories.open_items import bill, invoice, receipt
from tests.factories.taxes import tax, tax_accounts

assert bank  # used by name, as fixtures are
assert waiting


def test_a_line_is_split_by_hand_and_the_last_part_takes_what_is_left(client, books, bank):
    line = line_of(bank, "-100")
    fees = AccountFactory(code="6500", kind="expense")
    assert 'name="account_1"' in client.get(screen(bank, "?how=split")).content.decode()

    client.post(
        act("split", line),
        {"account_1": books.rent.pk, "amount_1": "70", "account_2": fees.pk, "text": "Rent"},
    )

    assert (balances()["6000"], balances()["6500"]) == (70, 30)


def test_a_part_with_a_tax_is_entered_net_with_its_tax(client, books, bank):
    tax_accounts()
    line, code = line_of(bank, "-123"), tax(23, code="V23")
    assert 'name="tax_code_1"' in client.get(screen(bank, "?how=split")).content.decode()

    client.post(act("split", line), {"account_1": books.rent.pk, "tax_code_1": code.pk})

    assert (balances()["6000"], balances()["1170"]) == (100, 23)


def test_parts_that_do_not_sum_are_refused_in_the_form(client, books, bank):
    line = line_of(bank, "-100")

    answer = client.post(act("split", line), {"account_1": books.rent.pk, "amount_1": "70"})

    assert answer.status_code == 422
    assert answer.context["form"].errors == {
        "amount_1": ["The parts sum to 70.00 EUR, the line is 100.00 EUR."]
    }


@pytest.mark.parametrize(
    ("asked", "field", "why"),
    [
        ({"amount_1": "70", "amount_2": "30"}, "account_2", "Say where this amount belongs."),
        ({"amount_1": "0"}, "amount_1", "Nothing of the line is left for this part."),
        ({"amount_1": "120"}, "amount_1", "The parts sum to 120.00 EUR, the line is 100.00 EUR."),
    ],
)
def test_what_is_wrong_with_a_part_is_told_at_it(client, books, bank, asked, field, why):
    answer = client.post(act("split", line_of(bank, "-100")), {"account_1": books.rent.pk} | asked)

    assert answer.context["form"].errors == {field: [why]}
    assert why in answer.content.decode()


def test_a_payment_is_booked_by_hand_with_a_write_off(client, books, bank):
    ann = PartyFactory(name="Ann Archer Ltd")
    item = invoice(books, ann, "100", due_on=LATER, reference="INV-80")
    line = line_of(bank, "97")
    query = f"?line={line.pk}&how=payment&party={ann.pk}"
    assert "INV-80" in client.get(screen(bank, query)).content.decode()

    client.post(
        act("payment", line) + query,
        {f"pick_{item.pk}": "on", f"write_off_{item.pk}": "3", "write_off_to": "bad_debts"},
    )

    assert line.matches.get().amount == 97
    assert balances()["6900"] == 3


def test_a_write_off_asks_which_account_bears_it(client, books, bank):
    ann = PartyFactory(name="Ann Archer Ltd")
    item = invoice(books, ann, "100", due_on=LATER, reference="INV-80")
    line = line_of(bank, "97")

    answer = client.post(
        act("payment", line) + f"?line={line.pk}&how=payment&party={ann.pk}",
        {f"pick_{item.pk}": "on", f"write_off_{item.pk}": "3", "write_off_to": ""},
    )

    assert answer.context["form"].errors.keys() == {"write_off_to"}
    assert not Match.objects.exists()


@pytest.mark.parametrize(
    ("asked", "why"),
    [
        ({"amount": "101"}, "Only 100.00 EUR are open."),
        ({"amount": "99"}, "This settles 2.00 EUR more than the line pays."),
        ({"amount": "0"}, "Nothing of the line is left for this item."),
    ],
)
def test_what_is_wrong_with_an_item_is_told_at_it(client, books, bank, asked, why):
    ann = PartyFactory(name="Ann Archer Ltd")
    item = invoice(books, ann, "100", due_on=LATER, reference="INV-80")
    line = line_of(bank, "97")

    answer = client.post(
        act("payment", line) + f"?line={line.pk}&how=payment&party={ann.pk}",
        {f"{name}_{item.pk}": amount for name, amount in asked.items()},
    )

    assert answer.context["form"].errors == {f"amount_{item.pk}": [why]}


def test_the_party_and_the_item_proposed_are_chosen_already(client, books, bank, waiting):
    item = open_items(on=LATER, role="receivable").get()

    page = client.get(screen(bank, f"?line={waiting.pk}&how=payment"), follow=True)

    form = page.context["form"]
    assert f"party={item.party_id}" in page.redirect_chain[-1][0]
    assert form.initial == {f"pick_{item.pk}": True}
    assert f'name="pick_{item.pk}"' in page.content.decode()
    client.post(
        act("payment", waiting) + f"?line={waiting.pk}&how=payment&party={item.party_id}",
        dict.fromkeys(form.initial, "on"),
    )
    assert not open_items(on=LATER).exists()


def test_the_credit_of_the_party_is_used_up_with_its_line(client, books, bank):
    ann = PartyFactory(name="Ann Archer Ltd")
    item = invoice(books, ann, "100", due_on=LATER, reference="INV-80")
    credit = receipt(books, ann, "30")
    line = line_of(bank, "70")
    query = f"?line={line.pk}&how=payment&party={ann.pk}"
    shown = client.get(screen(bank, query))
    assert [(row.item.pk, row.is_credit) for row in shown.context["form"].rows] == [
        (credit.pk, True),
        (item.pk, False),
    ]

    client.post(act("payment", line) + query, {f"pick_{item.pk}": "on", f"pick_{credit.pk}": "on"})

    assert line.matches.get().amount == 70
    assert not open_items(on=LATER).exists()


def test_more_credit_than_there_is_to_settle_is_told_at_the_credit(client, books, bank):
    ann = PartyFactory(name="Ann Archer Ltd")
    item = invoice(books, ann, "20", due_on=LATER, reference="INV-80")
    credit = receipt(books, ann, "30")
    line = line_of(bank, "70")

    answer = client.post(
        act("payment", line) + f"?line={line.pk}&how=payment&party={ann.pk}",
        {f"pick_{item.pk}": "on", f"pick_{credit.pk}": "on"},
    )

    assert answer.context["form"].errors.keys() == {f"amount_{credit.pk}"}


def test_a_fee_within_what_went_out_pays_nothing_of_the_bill(client, books, bank):
    ann = PartyFactory(name="Ann Archer Ltd")
    item = bill(books, ann, "100", due_on=LATER, reference="B-80")
    line = line_of(bank, "-60")

    client.post(
        act("payment", line) + f"?line={line.pk}&how=payment&party={ann.pk}",
        {f"pick_{item.pk}": "on", "fee": "5"},
    )

    assert line.matches.get().amount == -60
    assert balances()["6800"] == 5
    assert [one.open_amount for one in open_items(on=LATER, role="payable")] == [-45]


def test_a_discount_alone_settles_the_rest_of_the_item(client, books, bank):
    ann = PartyFactory(name="Ann Archer Ltd")
    item = invoice(books, ann, "100", due_on=LATER, reference="INV-81")
    line = line_of(bank, "98")

    client.post(
        act("payment", line) + f"?line={line.pk}&how=payment&party={ann.pk}",
        {f"discount_{item.pk}": "2"},
    )

    assert not open_items(on=LATER).exists()


def test_a_payment_asks_whose_it_is_first(client, bank):
    line = line_of(bank, "97")

    page = client.get(screen(bank, f"?line={line.pk}&how=payment")).content.decode()
    answer = client.post(act("payment", line))

    assert "Whose payment it is" in page
    assert answer.status_code == 302
    assert not Match.objects.exists()


def test_a_transfer_is_booked_by_hand(client, bank):
    savings = an_own_account(AccountFactory(code="1010", kind="asset"))
    line = line_of(bank, "-100")

    client.post(act("transfer", line), {"other": savings.pk})

    assert balances()["1010"] == 100
