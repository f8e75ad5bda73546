"""Classes of assets stand on accounts that are theirs, and decline by a rate they have."""

from datetime import date
from decimal import Decimal

import pytest
from django.core.exceptions import ValidationError
from django.urls import reverse

from accounting.asset_importer import FixedAssetImporter
from accounting.assets import capitalise
from accounting.models import Account, AssetClass, FixedAsset, JournalEntry
from backoffice.errors import Refused
from tests.factories.assets import asset_class
from tests.factories.documents import trading_books

MONEY_ON_THE_WAY, FIXED_ASSETS, VEHICLES, SAVINGS = "1125", "1000", "1060", "1115"


@pytest.fixture
def books(client, db):
    found = trading_books()
    client.force_login(found.approver)
    return found


def account(code):
    return Account.objects.get(code=code)


def saved(client, **said):
    known = {"name": "Vans", "method": "monthly", "life_months": 60, "first_month": "full"}
    known |= {"is_active": "on"}
    keys = {name: account(said.pop(name)).pk for name in [*said] if name.endswith("_account")}
    return client.post(reverse("accounting:assetclass-add"), known | keys | said)


WRONG = [
    ("asset_account", MONEY_ON_THE_WAY),
    ("asset_account", FIXED_ASSETS),
    ("asset_account", SAVINGS),
    ("asset_account", "1110"),
    ("asset_account", "1130"),
    ("asset_account", "1170"),
    ("asset_account", "1090"),
    ("asset_account", "7010"),
    ("depreciation_account", MONEY_ON_THE_WAY),
    ("depreciation_account", "1030"),
    ("depreciation_account", "4010"),
    ("expense_account", FIXED_ASSETS),
    ("expense_account", "8000"),
    ("expense_account", "4010"),
]


@pytest.mark.parametrize(("field", "code"), WRONG)
def test_a_class_on_an_account_of_something_else_is_refused_at_its_field(
    books, client, field, code
):
    answer = saved(client, **{field: code})

    assert answer.context["form"].errors.keys() == {field}
    assert not AssetClass.objects.exists()


@pytest.mark.parametrize(("field", "code"), WRONG)
def test_the_record_refuses_what_the_form_does_not_offer(books, field, code):
    with pytest.raises(ValidationError) as wrong:
        AssetClass(name="Vans", **{field: account(code)}).full_clean()

    assert wrong.value.message_dict.keys() == {field}


def test_an_account_of_its_own_is_offered_and_taken(books, client):
    page = client.get(reverse("accounting:assetclass-add")).content.decode()
    saved(client, asset_account=VEHICLES, depreciation_account="1090", expense_account="8010")

    assert "1060 Vehicles" in page
    assert "1125 Money" not in page
    made = AssetClass.objects.get()
    assert (made.asset_account.code, made.depreciation_account.code) == (VEHICLES, "1090")


def test_cost_and_depreciation_on_one_account_are_refused(books, client):
    answer = saved(client, asset_account=VEHICLES, depreciation_account=VEHICLES)

    assert "two accounts" in answer.context["form"].errors["depreciation_account"][0]


@pytest.mark.parametrize(
    ("method", "rate"), [("declining", ""), ("declining", "0"), ("monthly", "20")]
)
def test_a_class_that_declines_has_a_rate_and_no_other(books, client, method, rate):
    answer = saved(client, method=method, declining_rate=rate)

    assert answer.context["form"].errors.keys() == {"declining_rate"}
    assert not AssetClass.objects.exists()


@pytest.fixture
def old_class(books):
    """A class of before the rule, on the account of money on its way."""
    return asset_class(name="Vans", asset_account=account(MONEY_ON_THE_WAY))


def test_nothing_is_capitalised_on_an_account_of_something_else(books, old_class):
    with pytest.raises(Refused, match="1125 Money on the way of the class Vans") as refusal:
        capitalise(
            name="Van", asset_class=old_class, cost=Decimal(500),
            acquired_on=date(2026, 3, 1), against="bank", by=books.clerk,
        )  # fmt: skip

    assert refusal.value.field == "asset_class"
    assert not JournalEntry.objects.exists()


def test_a_file_says_it_at_the_class(books, old_class):
    row = {"reference": "1", "name": "Van", "asset_class": "vans", "acquired_on": "2026-01-01"}
    row |= {"cost": "500"}

    options = {"on": "2026-03-01"}
    seen = FixedAssetImporter(options, by=books.clerk).check(2, row)
    outcome = FixedAssetImporter(options, by=books.clerk).bring_in([(2, row)])

    assert seen.keys() == {"asset_class"}
    assert [(f.row, f.column) for f in outcome.failures] == [(2, "asset_class")]
    assert not FixedAsset.objects.exists()
