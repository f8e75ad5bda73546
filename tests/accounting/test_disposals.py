"""Assets given up: sold, scrapped, in part, and the way back."""

from datetime import date
from decimal import Decimal

import pytest

from accounting.asset_history import sums_of
from accounting.assets import add_to, dispose, take_back
from accounting.checks import findings
from accounting.depreciation_runs import depreciate
from accounting.models import Depreciation
from accounting.years import close_period
from backoffice.errors import Refused
from tests.factories import PartyFactory
from tests.factories.accounting import AccountFactory, balances
from tests.factories.assets import an_asset, asset_accounts, asset_class


@pytest.fixture
def accounts(books):
    return asset_accounts()


def sell(asset, books, proceeds=600, on=date(2024, 3, 10), **facts):
    return dispose(
        asset, on=on, proceeds=Decimal(proceeds), proceeds_account="bank", by=books.user, **facts
    )


def amounts():
    return list(Depreciation.objects.order_by("month").values_list("amount", flat=True))


def broken():
    return [finding for finding in findings() if not finding.holds]


def test_a_sale_depreciates_to_date_and_clears_both_accounts(books, accounts):
    asset = an_asset(books)

    event = sell(asset, books, 1000)

    asset.refresh_from_db()
    assert (event.kind, asset.state) == ("sale", "disposed")
    assert amounts() == [100, 100, 100]
    assert balances() == {
        "1000": Decimal(-200),
        "1500": 0,
        "1590": 0,
        "6500": 300,
        "6600": -100,
    }
    assert broken() == []


def test_by_days_the_last_month_is_charged_up_to_the_day(books, accounts):
    asset = an_asset(books, first_month="pro_rata", method="monthly")

    sell(asset, books)

    assert amounts() == [100, 100, Decimal("32.26")]
    assert balances()["6600"] == Decimal("367.74")


def test_what_is_scrapped_is_a_loss(books, accounts):
    asset = an_asset(books)
    depreciate(through=date(2024, 3, 1), by=books.user)

    event = dispose(asset, on=date(2024, 3, 31), by=books.user, why="Broken")

    assert (event.kind, event.text) == ("scrap", "Broken")
    assert balances()["6600"] == 900
    assert broken() == []


def test_of_a_part_its_share_goes_and_the_rest_is_used_on(books, accounts):
    asset = an_asset(books, residual=Decimal(120))

    event = sell(asset, books, 100, share=Decimal("0.25"))
    depreciate(through=date(2024, 12, 1), by=books.user)

    asset.refresh_from_db()
    assert (event.kind, asset.state) == ("part_disposal", "in_use")
    assert (event.cost, event.taken, event.residual) == (-300, Decimal("-67.50"), 90)
    assert amounts() == [90, 90, 90, *[Decimal("67.50")] * 9]
    assert sums_of(asset) == (900, 810)
    assert broken() == []


def test_a_disposal_before_posted_depreciation_says_what_to_do(books, accounts):
    asset = an_asset(books)
    depreciate(through=date(2024, 3, 1), by=books.user)

    with pytest.raises(Refused, match="take that depreciation back first") as refusal:
        sell(asset, books)

    assert refusal.value.field == "on"


@pytest.mark.parametrize(
    ("facts", "field"),
    [
        ({"share": Decimal(0)}, "share"),
        ({"share": Decimal("1.01")}, "share"),
        ({"share": Decimal("0.000001")}, "share"),
        ({"proceeds": Decimal(-1)}, "proceeds"),
        ({"proceeds": Decimal(5)}, "proceeds_account"),
        ({"on": date(2023, 12, 31)}, "on"),
    ],
)
def test_what_cannot_be_is_refused_at_its_field(books, accounts, facts, field):
    asset = an_asset(books)

    with pytest.raises(Refused) as refusal:
        dispose(asset, **{"on": date(2024, 3, 10), "by": books.user} | facts)

    assert refusal.value.field == field
    asset.refresh_from_db()
    assert asset.is_in_use


def test_months_of_closed_periods_are_borne_by_the_disposal(books, accounts):
    asset = an_asset(books)
    for month in (1, 2):
        close_period(books.period(month), by=books.user)

    event = sell(asset, books)

    assert amounts() == [100, 100, 100]
    assert set(Depreciation.objects.values_list("entry", flat=True)) == {event.entry_id}
    assert broken() == []


def test_a_disposal_taken_back_leaves_the_asset_as_it_was(books, accounts):
    asset = an_asset(books)
    sell(asset, books)

    asset = take_back(asset, on=date(2024, 4, 1), by=books.user)
    depreciate(through=date(2024, 3, 1), by=books.user)

    assert asset.is_in_use
    assert sums_of(asset) == (1200, 300)
    assert balances()["6600"] == 0
    assert broken() == []


def test_nothing_happens_to_what_is_given_up(books, accounts):
    asset = an_asset(books)
    sell(asset, books)

    with pytest.raises(Refused, match="given up"):
        sell(asset, books)


def test_what_is_not_depreciated_is_sold_at_its_cost(books, accounts):
    land = an_asset(books, asset_class=asset_class(name="Land", method="none"))

    sell(land, books, 1200)

    assert amounts() == []
    assert "6600" not in balances()


def test_who_owes_the_proceeds_is_asked_for_at_its_field(books, accounts):
    owed_by = AccountFactory(code="1300", role="receivable")

    with pytest.raises(Refused, match="who owes the proceeds") as refusal:
        dispose(
            an_asset(books), on=date(2024, 3, 10), proceeds=Decimal(5), proceeds_account=owed_by,
            by=books.user,
        )  # fmt: skip

    assert refusal.value.field == "party"


def test_who_an_asset_is_owed_to_is_asked_for_at_its_field(books, accounts):
    owed_to = AccountFactory(code="2300", role="payable", kind="liability")

    with pytest.raises(Refused, match="who it is owed to") as refusal:
        an_asset(books, against=owed_to)

    assert refusal.value.field == "party"


def test_more_cost_may_be_owed_to_a_supplier(books, accounts):
    owed_to = AccountFactory(code="2300", role="payable", kind="liability")
    asset, supplier = an_asset(books), PartyFactory()
    facts = {"cost": Decimal(120), "on": date(2024, 2, 1), "against": owed_to, "by": books.user}

    with pytest.raises(Refused, match="who it is owed to") as refusal:
        add_to(asset, **facts)
    event = add_to(asset, party=supplier, **facts)

    assert refusal.value.field == "party"
    assert event.entry.lines.get(account=owed_to).party == supplier
