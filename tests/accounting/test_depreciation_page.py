"""The page of the depreciation run says up to which month all of it is posted."""

from datetime import date

import pytest
from django.urls import reverse

from accounting.depreciation_runs import depreciate, take_back_run
from tests.factories.assets import an_asset, asset_accounts


@pytest.fixture
def accounts(books):
    return asset_accounts()


@pytest.mark.parametrize(
    ("others", "month"), [([], "March 2024"), ([date(2024, 3, 1)], "February 2024")]
)
def test_what_is_complete_is_said_up_to_the_last_month_posted(
    client, accountant, books, accounts, others, month
):
    an_asset(books)
    depreciate(through=date(2024, 3, 1), by=books.user)
    for bought in others:  # one that March still lacks
        an_asset(books, acquired_on=bought)

    page = client.get(reverse("accounting:depreciation-run"), {"month": "2024-02"})

    assert f"Every asset in use is depreciated up to {month}." in page.content.decode()


def test_a_run_that_is_taken_back_is_not_said_to_be_complete(client, accountant, books, accounts):
    an_asset(books)
    depreciate(through=date(2024, 2, 1), by=books.user)
    (entry,) = depreciate(through=date(2024, 3, 1), by=books.user).entries
    take_back_run(entry, on=date(2024, 6, 1), by=accountant, why="Too early")

    page = client.get(reverse("accounting:depreciation-run"), {"month": "2024-02"})

    assert "depreciated up to February 2024." in page.content.decode()
