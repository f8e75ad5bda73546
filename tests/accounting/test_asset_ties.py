"""The register ties to the ledger at the end of the month, and its depreciation is posted."""

from datetime import date

import pytest

from accounting.asset_ties import assets_tie, depreciation_is_posted
from accounting.depreciation_runs import depreciate
from accounting.posting import credit, debit
from tests.factories.assets import an_asset, asset_accounts


@pytest.fixture
def accounts(books):
    return asset_accounts()


def test_register_and_ledger_tie_after_a_run(books, accounts):
    an_asset(books)
    depreciate(through=date(2024, 2, 1), by=books.user)

    assert assets_tie(books.period(2)).holds


def test_an_entry_past_the_register_is_named_from_its_month_on(books, accounts):
    an_asset(books)
    lines = [debit(accounts["fixed_assets"], 50), credit(books.bank, 50)]
    books.sell("50", on=date(2024, 3, 5), lines=lines)

    assert assets_tie(books.period(2)).holds
    found = assets_tie(books.period(3))

    assert not found.holds
    said = "1500 Machines: 1,200.00 EUR in the register, 1,250.00 EUR in the books"
    assert found.detail == said
    assert found.url.endswith("?on=2024-03-31")


def test_depreciation_up_to_the_month_must_be_posted(books, accounts):
    an_asset(books)
    depreciate(through=date(2024, 1, 1), by=books.user)

    assert depreciation_is_posted(books.period(1)).holds
    found = depreciation_is_posted(books.period(3))

    assert (found.holds, found.detail) == (False, "2 parts, 200.00 EUR")
    assert found.url.endswith("?month=2024-03")


def test_without_assets_nothing_is_due(books):
    assert assets_tie(books.period(1)).holds
    assert depreciation_is_posted(books.period(1)).holds
