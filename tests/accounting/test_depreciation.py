"""Schedules: every row of the tables of worked cases, and what must hold for any schedule."""

import csv
from collections import Counter
from datetime import date
from decimal import Decimal
from pathlib import Path

import pytest
from django.conf import settings
from hypothesis import HealthCheck, given
from hypothesis import settings as settings_of
from hypothesis import strategies as st

from accounting.assets import add_to, capitalise, change, dispose
from accounting.depreciation import Terms, Way, month_end, planned, used_of
from accounting.depreciation_runs import depreciate
from accounting.models import AssetClass, Depreciation
from tests.factories.accounting import balances
from tests.factories.assets import asset_accounts, asset_class

TABLES = Path(settings.BASE_DIR).parent / "shared/data/books/tables"
with_tables = pytest.mark.skipif(
    not TABLES.exists(), reason="the worked cases are not beside the project (../shared)"
)
JANUARY = date(2023, 1, 1)


def case(name: str) -> dict[str, str]:
    with (TABLES / "depreciation.csv").open() as file:
        return next(row for row in csv.DictReader(file) if row["case"] == name)


@pytest.fixture
def machines(books) -> AssetClass:
    asset_accounts(years=(2023, 2024, 2025))
    return asset_class(name="Machines", life_months=24)


def bought(machines, books, cost, *, on=JANUARY, **facts):
    return capitalise(
        name="Lathe", asset_class=machines, cost=Decimal(cost), acquired_on=on,
        against="bank", by=books.user, **facts,
    )  # fmt: skip


def amounts() -> list[Decimal]:
    return list(Depreciation.objects.order_by("month").values_list("amount", flat=True))


@with_tables
def test_d01_the_last_row_takes_the_remainder(books, machines):
    row = case("D01")
    bought(machines, books, row["cost"], life_months=int(row["periods"]))

    depreciate(through=date(2023, 12, 1), by=books.user)

    assert row["expected_rows"] == "11 x 41.67 then 41.63; total 500.00"
    assert amounts() == [Decimal("41.67")] * 11 + [Decimal("41.63")]
    assert sum(amounts()) == Decimal("500.00")


@with_tables
def test_d02_the_residual_value_stays(books, machines):
    row = case("D02")
    asset = bought(machines, books, row["cost"], residual=Decimal(row["residual"]))

    depreciate(through=date(2023, 12, 1), by=books.user)
    after_a_year = amounts()
    depreciate(through=date(2025, 6, 1), by=books.user)

    assert row["expected_rows"] == "24 x 37.50; after 12 months book value 550.00; end 100.00"
    assert 1000 - sum(after_a_year) == Decimal("550.00")
    assert amounts() == [Decimal("37.50")] * int(row["periods"])
    assert 1000 - sum(amounts()) == Decimal("100.00")
    assert asset.is_in_use


@with_tables
def test_d03_a_change_of_value_leaves_posted_months(books, machines):
    row = case("D03")
    asset = bought(machines, books, 1000, residual=Decimal(row["residual"]))
    depreciate(through=date(2023, 3, 1), by=books.user)

    change(asset, value=Decimal(100), on=date(2023, 4, 1), against=books.sales, by=books.user)
    depreciate(through=date(2024, 12, 1), by=books.user)

    assert row["expected_rows"] == "3 x 37.50; 20 x 42.26; 1 x 42.30"
    assert amounts() == [
        *[Decimal("37.50")] * 3,
        *[Decimal("42.26")] * 20,
        Decimal("42.30"),
    ]


@with_tables
def test_d04_an_addition_before_any_month_is_posted_is_borne_by_all(books, machines):
    row = case("D04")
    asset = bought(machines, books, 500, life_months=int(row["periods"]))

    add_to(asset, cost=Decimal(100), on=date(2023, 1, 20), against="bank", by=books.user)
    depreciate(through=date(2023, 12, 1), by=books.user)

    assert row["expected_rows"] == "12 x 50.00 if nothing is posted yet"
    assert amounts() == [Decimal("50.00")] * 12


def test_an_addition_does_not_touch_posted_months(books, machines):
    asset = bought(machines, books, 500, life_months=12)
    depreciate(through=date(2023, 3, 1), by=books.user)

    add_to(asset, cost=Decimal(100), on=date(2023, 3, 20), against="bank", by=books.user)
    depreciate(through=date(2023, 12, 1), by=books.user)

    assert amounts() == [Decimal("41.67")] * 3 + [Decimal("52.78")] * 8 + [Decimal("52.75")]


@with_tables
def test_d05_what_is_sold_leaves_no_trace_but_its_loss(books, machines):
    row = case("D05")
    asset = bought(machines, books, 1000, residual=Decimal(100))
    depreciate(through=date(2023, 3, 1), by=books.user)
    change(asset, value=Decimal(100), on=date(2023, 4, 1), against=books.sales, by=books.user)
    depreciate(through=date(2023, 6, 1), by=books.user)
    assert sum(amounts()) == Decimal("239.28")

    dispose(
        asset, on=date(2023, 6, 30), proceeds=Decimal(600), proceeds_account="bank", by=books.user
    )

    assert row["rule"] == "book value 860.72; loss 260.72"
    assert row["expected_rows"] == "asset and accumulated accounts end at 0"
    assert balances()["6600"] == Decimal("260.72")
    assert balances()["1500"] == balances()["1590"] == 0


@with_tables
def test_every_row_of_the_daily_table(books, machines):
    with (TABLES / "depreciation_daily_24m.csv").open() as file:
        rows = list(csv.DictReader(line for line in file if not line.startswith("#")))
    asset_accounts(years=(2020, 2021, 2022))
    bought(machines, books, 100_000, on=date(2020, 1, 1), method="daily")

    depreciate(through=date(2021, 12, 1), by=books.user)

    posted = Depreciation.objects.order_by("month").select_related("entry")
    found = [(month_end(p.month), p.entry.date, p.amount) for p in posted]
    expected = [date.fromisoformat(row["date"]) for row in rows]
    assert found == [
        (day, day, Decimal(row["amount"])) for day, row in zip(expected, rows, strict=True)
    ]
    assert len(rows) == 24
    running = Decimal(0)
    for row, (_month, _day, amount) in zip(rows, found, strict=True):
        running += amount
        assert running == Decimal(row["accumulated"])


# --- any schedule ------------------------------------------------------------------------------


ways = st.builds(
    Way,
    st.sampled_from(["monthly", "daily"]),
    st.dates(date(2020, 1, 1), date(2024, 12, 31)),
    st.sampled_from(["full", "pro_rata"]),
) | st.builds(
    Way,
    st.just("declining"),
    st.dates(date(2020, 1, 1), date(2024, 12, 31)),
    st.sampled_from(["full", "pro_rata"]),
    st.integers(1, 10_000).map(lambda n: Decimal(n) / 100),
    st.booleans(),
)


@settings_of(deadline=None, suppress_health_check=list(HealthCheck))
@given(
    ways,
    st.integers(1, 10**8).map(lambda n: Decimal(n) / 100),
    st.integers(0, 100),
    st.integers(1, 130),
)
def test_the_parts_sum_to_the_value_and_none_is_negative(way, cost, percent, life):
    residual = (cost * percent / 100).quantize(Decimal("0.01"))
    history = [Terms(way.in_service_on.replace(day=1), cost, Decimal(0), residual, life)]

    parts = planned(way, history, minor_unit=2)

    assert sum((part.amount for part in parts), Decimal(0)) == cost - residual
    assert all(part.amount > 0 for part in parts)
    months = [part.month for part in parts]
    assert months == sorted(set(months))
    assert len(months) <= life + 1


def test_small_amounts_end_early_rather_than_below_zero():
    way = Way("monthly", JANUARY)

    parts = planned(
        way, [Terms(JANUARY, Decimal("0.10"), Decimal(0), Decimal(0), 12)], minor_unit=2
    )

    assert [part.amount for part in parts] == [Decimal("0.01")] * 10


def test_a_life_begun_within_a_month_ends_within_one():
    way = Way("monthly", date(2023, 1, 15), "pro_rata")

    parts = planned(way, [Terms(JANUARY, Decimal(500), Decimal(0), Decimal(0), 12)], minor_unit=2)

    assert [part.amount for part in parts] == [
        Decimal("22.85"), *[Decimal("41.67")] * 11, Decimal("18.78"),
    ]  # fmt: skip


def test_declining_balance_switches_where_a_straight_line_takes_more():
    way = Way("declining", JANUARY, declining_rate=Decimal(40))
    terms = [Terms(JANUARY, Decimal(1000), Decimal(0), Decimal(0), 36)]

    parts = planned(way, terms, minor_unit=2)

    assert Counter(part.amount for part in parts) == {
        Decimal("33.33"): 12,
        Decimal("25.00"): 23,
        Decimal("25.04"): 1,
    }


def test_declining_balance_without_switch_takes_the_rest_in_the_last_month():
    way = Way("declining", JANUARY, declining_rate=Decimal(24), switches=False)
    terms = [Terms(JANUARY, Decimal(1000), Decimal(0), Decimal(100), 24)]

    parts = planned(way, terms, minor_unit=2)

    assert [part.amount for part in parts[:13]] == [*[Decimal("20.00")] * 12, Decimal("15.20")]
    assert sum(part.amount for part in parts) == Decimal(900)
    assert parts[-1].amount == Decimal(900) - 240 - 11 * Decimal("15.20")


def test_what_is_not_depreciated_has_no_schedule():
    terms = [Terms(JANUARY, Decimal(1000), Decimal(0), Decimal(0), 24)]

    assert planned(Way("none", JANUARY), terms, minor_unit=2) == []


@pytest.mark.parametrize(
    ("first_month", "on", "share"),
    [("full", 3, "1"), ("pro_rata", 3, "3/31"), ("pro_rata", 31, "1")],
)
def test_the_month_of_leaving_is_charged_as_the_first_one_is(first_month, on, share):
    way = Way("monthly", date(2023, 1, 1), first_month)

    assert str(used_of(way, date(2023, 5, 1), 24, date(2023, 5, on))) == share
