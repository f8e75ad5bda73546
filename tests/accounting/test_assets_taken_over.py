"""Assets of earlier books enter the register only with what the ledger holds of them."""

from datetime import date
from decimal import Decimal

import pytest
from django.urls import reverse

from accounting.asset_history import sums_of
from accounting.asset_importer import FixedAssetImporter
from accounting.asset_register import ties
from accounting.assets import take_over
from accounting.models import FixedAsset, JournalEntry
from backoffice.errors import Refused
from tests.accounting.test_assets import broken
from tests.factories import staff
from tests.factories.assets import asset_accounts, asset_class, opening_of_assets

NEW_YEAR = date(2024, 1, 1)


@pytest.fixture(autouse=True)
def accounts(books):
    return asset_accounts()


def a_press(books, **facts):
    """A machine of earlier books, which nothing is posted for."""
    known = {
        "name": "Press", "cost": Decimal(1000), "taken": Decimal(500),
        "acquired_on": date(2023, 1, 1), "on": NEW_YEAR, "by": books.user,
    }  # fmt: skip
    return take_over(asset_class=asset_class(life_months=24), **known | facts)


def test_what_the_opening_balances_hold_posts_nothing(books):
    opening_of_assets(books, 1000, 500)

    a_press(books)

    assert JournalEntry.objects.count() == 1
    assert all(tie.holds for tie in ties(on=NEW_YEAR))
    assert broken() == []


@pytest.mark.parametrize(
    ("cost", "taken", "sentence"),
    [
        (0, 0, r"have 0.00 EUR on 1500 Machines .* not 1,000.00"),
        (999, 500, "have 999.00 EUR on 1500 Machines"),
        (1000, 499, r"have 499.00 EUR on 1590 Depreciation to date .* not 500.00"),
    ],
)
def test_what_the_books_do_not_hold_is_not_taken_over(books, cost, taken, sentence):
    if cost:
        opening_of_assets(books, cost, taken)

    with pytest.raises(Refused, match=sentence) as refusal:
        a_press(books)

    assert refusal.value.field == "against"
    assert not FixedAsset.objects.exists()


def test_what_is_of_another_asset_already_is_not_taken_over(books):
    opening_of_assets(books, 1000, 500)
    a_press(books)

    with pytest.raises(Refused, match=r"have 0.00 EUR on 1500"):
        a_press(books)

    assert broken() == []


def test_the_form_refuses_what_the_books_do_not_hold_or_posts_it(client, books):
    client.force_login(staff("Accountant"))
    address = reverse("accounting:fixedasset-add")
    said = {
        "name": "Press", "asset_class": asset_class().pk, "acquired_on": "2024-01-10",
        "cost": "1200", "taken_over_on": "2024-03-01", "taken": "200", "life_months": "12",
    }  # fmt: skip

    page = client.get(address).content.decode()
    refused = client.post(address, said)
    client.post(address, said | {"against": books.sales.pk})

    assert "have to be in the" in page
    assert "opening balances first" in refused.context["form"].errors["against"][0]
    assert sums_of(FixedAsset.objects.get()) == (1200, 200)
    assert all(tie.holds for tie in ties(on=date(2024, 3, 1)))


def test_a_file_says_at_its_row_what_the_books_do_not_hold(books):
    asset_class(name="Vans", life_months=24)
    opening_of_assets(books, 1500, 500)
    row = {"asset_class": "Vans", "acquired_on": "2023-01-01", "cost": "1000", "taken": "500"}
    rows = [(n, row | {"reference": f"A-{n}", "name": f"Van {n}"}) for n in (2, 3)]

    outcome = FixedAssetImporter({"on": "2024-01-01"}, by=staff("Accountant")).bring_in(rows)

    assert outcome.counts["created"] == 1
    assert [(f.row, f.column) for f in outcome.failures] == [(3, "cost")]
    assert "have 500.00 EUR on 1500 Machines" in outcome.failures[0].sentence
