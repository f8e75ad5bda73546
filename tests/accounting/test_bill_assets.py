"""A line of a bill on an asset account becomes an asset in the register, once."""

from decimal import Decimal

import pytest
from django.urls import reverse

from accounting.asset_history import sums_of
from accounting.bill_assets import costs_of, put_in_register
from accounting.bills import submit
from accounting.documents import lines_of
from accounting.models import Account, AssetClass, Bill, FixedAsset, JournalEntry, TaxCode
from accounting.posting import reverse_entry
from backoffice.approvals import approve
from backoffice.errors import Refused
from tests.factories.assets import asset_class
from tests.factories.documents import A_DAY, draft_bill, trading_books

pytestmark = pytest.mark.django_db


@pytest.fixture
def books(db):
    return trading_books()


def posted_bill(books, *prices, code="1060", **facts) -> Bill:
    bill = draft_bill(books, *prices, **facts)
    bill.lines.update(account=Account.objects.get(code=code))
    approve(submit(bill, by=books.clerk), by=books.approver, on=A_DAY)
    bill.refresh_from_db()
    return bill


def address(bill, line=None) -> str:
    line = line or bill.lines.first()
    return reverse("accounting:bill-capitalise", args=[bill.pk, line.pk])


def test_a_line_is_put_in_the_register_with_the_cost_and_account_of_the_bill(books, client):
    bill = posted_bill(books, 1200, 300)
    vans = asset_class(name="Vans")
    client.force_login(books.clerk)
    assert address(bill) in client.get(bill.get_absolute_url()).content.decode()
    form = client.get(address(bill)).context["form"]
    assert (form.initial["name"], form.initial["acquired_on"]) == ("Oak 1", A_DAY)

    client.post(
        address(bill), {"name": "Van", "asset_class": vans.pk, "acquired_on": "2026-03-10"}
    )

    asset = FixedAsset.objects.get()
    assert sums_of(asset) == (Decimal(1200), 0)
    assert (asset.party, asset.asset_account.code) == (books.supplier, "1060")
    assert asset.events.get().entry == bill.entry
    assert JournalEntry.objects.count() == 1
    page = client.get(bill.get_absolute_url()).content.decode()
    assert asset.get_absolute_url() in page
    assert address(bill) not in page
    assert address(bill, bill.lines.last()) in page


def test_a_line_becomes_one_asset_however_often_it_is_asked(books):
    bill, vans = posted_bill(books, 1200), asset_class()
    facts = {"name": "Van", "asset_class": vans, "acquired_on": A_DAY, "by": books.clerk}

    first = put_in_register(bill.lines.get(), **facts)
    again = put_in_register(bill.lines.get(), **facts)

    assert first == again
    assert FixedAsset.objects.count() == 1


def test_tax_that_is_not_given_back_is_part_of_the_cost(books):
    TaxCode.objects.filter(pk=books.vat.pk).update(deductible_percent=50)
    bill = posted_bill(books, 1000, 100)

    costs = costs_of(bill, lines_of(bill))

    # Half of 23 % of all: the entry has it with the first line.
    assert list(costs.values()) == [Decimal("1126.50"), Decimal("100.00")]
    posted = bill.entry.lines.filter(account__code="1060")
    assert sum(costs.values()) == sum(line.amount for line in posted)


def test_a_foreign_bill_costs_what_the_books_say(books):
    bill = posted_bill(books, 100, currency=books.usd, rate=Decimal("0.9"))

    assert list(costs_of(bill, lines_of(bill)).values()) == [Decimal("90.00")]


@pytest.mark.parametrize("code", ["7010", "1150", "1110"])
def test_lines_on_other_accounts_offer_nothing(books, client, code):
    bill = draft_bill(books, 100)
    bill.lines.update(account=Account.objects.get(code=code))
    approve(submit(bill, by=books.clerk), by=books.approver, on=A_DAY)
    client.force_login(books.clerk)

    assert address(bill) not in client.get(bill.get_absolute_url()).content.decode()
    assert client.get(address(bill)).status_code == 404


def test_a_draft_a_credit_note_and_what_was_reversed_offer_nothing(books):
    draft = draft_bill(books, 100)
    draft.lines.update(account=Account.objects.get(code="1060"))
    note = posted_bill(books, 100, kind="credit_note")
    reversed_bill = posted_bill(books, 100)
    reverse_entry(reversed_bill.entry, on=A_DAY, by=books.clerk)

    for bill in (draft, note, reversed_bill):
        assert costs_of(bill, lines_of(bill)) == {}
    with pytest.raises(Refused, match="cannot be put"):
        put_in_register(
            draft.lines.get(),
            name="Van",
            asset_class=asset_class(),
            acquired_on=A_DAY,
            by=books.clerk,
        )


def test_a_class_has_to_be_said_and_the_refusal_is_at_its_field(books, client):
    bill = posted_bill(books, 100)
    client.force_login(books.clerk)

    page = client.post(
        address(bill),
        {"name": "Van", "asset_class": "", "acquired_on": "2026-03-10", "residual": "500"},
    )

    assert page.context["form"].errors.keys() == {"asset_class"}
    assert not FixedAsset.objects.exists()
    kind = AssetClass.objects.create(name="Cars")
    page = client.post(
        address(bill),
        {"name": "Van", "asset_class": kind.pk, "acquired_on": "2026-03-10", "residual": "500"},
    )
    assert page.context["form"].errors.keys() == {"residual"}
