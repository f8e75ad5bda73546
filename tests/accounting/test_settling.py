"""Credit of a party used for what it owes, without money, and taken back."""

from datetime import timedelta
from decimal import Decimal

import pytest
from django.urls import reverse
from django.utils import timezone

from accounting.allocations import left_of
from accounting.invoices import issue
from accounting.models import Allocation, JournalEntry, Payment
from accounting.payments import record_payment
from accounting.posting import reverse_entry
from accounting.settling import Part, item_of, settle_each_other, take_back_settlement
from backoffice.errors import Refused
from tests.factories import staff
from tests.factories.accounting import A_DAY_IN_MAY
from tests.factories.backoffice import PartyFactory
from tests.factories.documents import A_DAY, draft_invoice, trading_books
from tests.factories.open_items import bill, control_accounts, receipt
from tests.factories.open_items import invoice as owed_by

KEY = "7f0ad2ad-cf4e-4a43-b0b2-14f4ba2f6e1e"


def advance(books, amount, *, on=A_DAY, key="advance"):
    """Money of the customer that pays nothing yet; its line."""
    payment = record_payment(
        direction="in",
        party=books.customer,
        bank=books.account("bank"),
        amount=Decimal(amount),
        on=on,
        by=books.clerk,
        source_key=key,
    )
    return item_of(payment.entry)


@pytest.fixture
def trading(db):
    return trading_books()


def test_an_invoice_says_its_customer_has_open_credit_and_uses_it(trading, client):
    client.force_login(trading.clerk)
    old = advance(trading, 50, on=A_DAY - timedelta(days=3))
    new = advance(trading, 100, key="second")
    draft = draft_invoice(trading, 100)
    waiting = client.get(draft.get_absolute_url()).content.decode()

    said = client.post(
        reverse("accounting:invoice-issue", args=[draft.pk]), follow=True
    ).content.decode()
    draft.refresh_from_db()
    use = reverse("accounting:invoice-use-credit", args=[draft.pk])
    form = client.get(use).context["form"]
    before = JournalEntry.objects.count()
    client.post(use, {"on": timezone.localdate(), **{n: form[n].value() for n in form.fields}})

    assert "open credit of 150.00 EUR: it can be used once" in waiting
    assert said.count(f'href="{use}"') == 1
    assert "PAY-" in form[f"amount_{old.pk}"].label
    assert [form[f"amount_{line.pk}"].value() for line in (old, new)] == [50, 73]
    assert left_of(item_of(draft.entry)).amount == 0
    assert [left_of(line).amount for line in (old, new)] == [0, 27]
    assert JournalEntry.objects.count() == before
    after = client.get(draft.get_absolute_url())
    assert f'href="{use}"' not in after.content.decode()
    assert len(after.context["settlements"]) == 2


def test_a_bill_uses_the_credit_of_its_supplier(trading, client):
    from tests.factories.documents import draft_bill

    client.force_login(trading.clerk)
    posted = draft_bill(trading, 100)
    from accounting.bills import submit
    from backoffice.approvals import approve

    record_payment(
        direction="out",
        party=trading.supplier,
        bank=trading.account("bank"),
        amount=Decimal(30),
        on=A_DAY,
        by=trading.clerk,
        source_key="ahead",
    )
    approve(submit(posted, by=trading.clerk), by=trading.approver, on=A_DAY)
    posted.refresh_from_db()
    page = client.get(posted.get_absolute_url()).content.decode()
    use = reverse("accounting:bill-use-credit", args=[posted.pk])
    form = client.get(use).context["form"]

    client.post(use, {n: form[n].value() for n in form.fields})

    assert "open credit of 30.00 EUR" in page
    assert left_of(item_of(posted.entry)).amount == 93


def test_more_than_is_open_or_nothing_is_refused(trading, client):
    client.force_login(trading.clerk)
    credit = advance(trading, 500)
    issued = issue(draft_invoice(trading, 100), by=trading.clerk)
    use = reverse("accounting:invoice-use-credit", args=[issued.pk])

    for amount, sentence in (("124", "more than is open"), ("", "how much"), ("501", "500")):
        sent = {"on": timezone.localdate(), f"amount_{credit.pk}": amount}
        assert sentence in client.post(use, sent).content.decode()

    assert not Allocation.objects.exists()


def test_who_only_reads_sees_the_credit_and_no_way_to_use_it(trading, client):
    advance(trading, 50)
    issued = issue(draft_invoice(trading, 100), by=trading.clerk)
    client.force_login(staff("Auditor"))

    page = client.get(issued.get_absolute_url()).content.decode()

    assert "open credit of 50.00 EUR" in page
    assert "use-credit" not in page


def test_a_settlement_is_taken_back_where_it_is_listed(trading, client):
    client.force_login(trading.clerk)
    credit = advance(trading, 50)
    issued = issue(draft_invoice(trading, 100), by=trading.clerk)
    item = item_of(issued.entry)
    parts = [Part(item, Decimal(50)), Part(credit, Decimal(50))]
    (made,) = settle_each_other(parts, on=A_DAY, by=trading.clerk)
    undo = reverse("accounting:settlement-take-back", args=[made.pk])
    pages = [issued.get_absolute_url(), Payment.objects.get().get_absolute_url()]
    shown = [f'href="{undo}"' in client.get(page).content.decode() for page in pages]

    asked = client.get(undo)
    client.post(undo, {"on": timezone.localdate()})

    assert shown == [True, True]
    assert asked.status_code == 200
    assert left_of(item).amount == 123
    assert left_of(credit).amount == 50
    assert Allocation.objects.filter(releases=made).count() == 1


# --- The act -----------------------------------------------------------------------------------


def test_debits_and_credits_settle_each_other_in_their_order(books):
    control_accounts()
    ann = PartyFactory()
    owed = [owed_by(books, ann, amount) for amount in ("70", "50")]
    given = [receipt(books, ann, amount) for amount in ("100", "20")]
    parts = [Part(line, abs(line.amount)) for line in (*given, *owed)]

    made = settle_each_other(parts, on=A_DAY_IN_MAY, by=books.user)

    assert [a.amount for a in made] == [70, 30, 20]
    assert {left_of(line).amount for line in (*owed, *given)} == {0}


def test_what_does_not_balance_is_refused(books):
    control_accounts()
    ann = PartyFactory()
    parts = [Part(owed_by(books, ann, "70"), Decimal(70)), Part(receipt(books, ann, "60"), 60)]

    with pytest.raises(Refused, match=r"70\.00 against 60\.00"):
        settle_each_other(parts, on=A_DAY_IN_MAY, by=books.user)


def test_a_difference_of_rates_is_posted(books):
    control_accounts()
    ann = PartyFactory()
    owed = owed_by(books, ann, "90", currency="USD", currency_amount="100")
    given = receipt(books, ann, "92", currency="USD", currency_amount="-100")

    parts = [Part(owed, Decimal(100)), Part(given, Decimal(100))]
    (made,) = settle_each_other(parts, on=A_DAY_IN_MAY, by=books.user)

    assert made.exchange_entry is not None


def test_a_reversal_stays_settled_by_what_it_reverses(books):
    control_accounts()
    owed = owed_by(books, PartyFactory(), "70")
    reverse_entry(owed.entry, on=A_DAY_IN_MAY, by=books.user)

    with pytest.raises(Refused, match="for good"):
        take_back_settlement(Allocation.objects.get(), on=A_DAY_IN_MAY, by=books.user)


# --- The payment form --------------------------------------------------------------------------


@pytest.fixture
def paying(client, books):
    """Send the form of a customer's payment, with 120 owed and a credit of 120."""
    control_accounts()
    client.force_login(staff("Accountant"))
    ann = PartyFactory()
    lines = owed_by(books, ann, "120"), receipt(books, ann, "120")

    def send(**fields):
        facts = {"on": "2024-06-03", "method": "transfer", "currency": "EUR", "key": KEY}
        facts |= {"bank": books.bank.pk} | {f"pick_{line.pk}": "on" for line in lines}
        given = {name.format(*(line.pk for line in lines)): v for name, v in fields.items()}
        url = reverse("accounting:payment-receive-of", args=[ann.pk])
        return client.post(url, facts | given)

    return send


@pytest.mark.parametrize("amount", ["", "0"])
def test_ticked_credit_and_debt_settle_each_other_without_money(paying, amount):
    assert paying(amount=amount).status_code == 302

    assert Allocation.objects.get().amount == 120
    assert not Payment.objects.exists()


@pytest.mark.parametrize(
    ("fields", "name", "sentence"),
    [
        ({"amount": "0", "amount_{1}": "20"}, None, "120.00 against 20.00"),
        ({"amount_{0}": "20"}, None, "20.00 against 120.00"),
        ({"fee": "1"}, "fee", "no fee"),
        (
            {"amount_{0}": "110", "write_off_{0}": "10", "write_off_to": "bad_debts",
             "amount_{1}": "110"},
            "write_off_{0}",
            "neither discount nor write-off",
        ),
        ({"amount": "1", "amount_{0}": "121"}, "amount_{0}", "Only 120.00 of"),
        ({"amount": "10", "write_off_{0}": "1"}, "write_off_to", "where the write-off goes"),
        ({"on": "2079-01-01"}, "on", "still to come"),
    ],
)  # fmt: skip
def test_what_cannot_be_paid_or_settled_is_said_at_its_field(paying, fields, name, sentence):
    page = paying(**fields)

    errors = page.context["form"].errors
    items = page.context["form"].items
    pks = sorted(item.pk for item in items)
    where = name.format(*pks) if name else "__all__"
    assert sentence in str(errors.get(where)), errors
    assert not Payment.objects.exists()
    assert not Allocation.objects.exists()


def test_the_invoice_come_from_is_ticked_in_its_currency(client, books):
    control_accounts()
    client.force_login(staff("Accountant"))
    ann = PartyFactory()
    owed = owed_by(books, ann, "90", currency="USD", currency_amount="100")
    other = owed_by(books, ann, "30")
    url = reverse("accounting:payment-receive-of", args=[ann.pk])

    form = client.get(url, {"entry": owed.entry_id}).context["form"]

    assert form[f"pick_{owed.pk}"].value() is True
    assert form[f"amount_{owed.pk}"].value() == 100
    assert not form[f"pick_{other.pk}"].value()
    assert form["currency"].value() == "USD"


def test_a_credit_ahead_of_a_bill_is_offered_to_suppliers_alone(books, client):
    control_accounts()
    client.force_login(staff("Accountant"))
    ann = PartyFactory()
    bill(books, ann, "-30")

    form = client.get(reverse("accounting:payment-receive-of", args=[ann.pk])).context["form"]

    assert form.items == []
