"""Fixed assets come, grow, change and go; the books say the same as the register."""

from datetime import date
from decimal import Decimal

import pytest

from accounting.asset_history import sums_of
from accounting.asset_register import ties
from accounting.assets import add_to, capitalise, change, take_back, take_over
from accounting.checks import findings
from accounting.depreciation_runs import depreciate
from accounting.models import Depreciation, FixedAsset, JournalEntry
from accounting.posting import credit, debit, post, reverse_entry
from backoffice.errors import Refused
from backoffice.models import Department
from tests.factories import DepartmentFactory, PartyFactory
from tests.factories.accounting import balances
from tests.factories.assets import an_asset, asset_accounts, asset_class

NEW_YEAR, END = date(2024, 1, 1), date(2024, 12, 31)


@pytest.fixture
def accounts(books):
    return asset_accounts()


def run(books, month):
    return depreciate(through=date(2024, month, 1), by=books.user)


def broken():
    return [finding for finding in findings() if not finding.holds]


def months_of(asset):
    found = Depreciation.objects.filter(asset=asset).order_by("month")
    return [(d.month.month, d.amount) for d in found]


def test_an_asset_bought_by_hand_posts_its_cost(books, accounts):
    supplier = PartyFactory()

    asset = an_asset(books, party=supplier)

    assert asset.number == "FA-2024-00001"
    assert balances() == {"1500": Decimal(1200), "1000": Decimal(-1200)}
    assert asset.department == books.root
    assert (asset.expense_account.code, asset.depreciation_account.code) == ("6500", "1590")


def test_an_asset_of_a_bill_posts_nothing_of_its_own(books, accounts):
    bill = books.sell(lines=[debit(accounts["fixed_assets"], 1200), credit(books.bank, 1200)])

    facts = {"against": None, "entry": bill, "source_key": "bill:7:line:1"}
    first, again = (an_asset(books, **facts) for _n in range(2))

    assert first == again
    assert JournalEntry.objects.count() == 1
    assert first.events.get().entry == bill
    assert first.events.get().on == bill.date


def test_a_cost_neither_posted_nor_in_the_books_is_refused(books, accounts):
    with pytest.raises(Refused, match="which entry holds it"):
        an_asset(books, against=None)

    assert not FixedAsset.objects.exists()


@pytest.mark.parametrize(
    ("facts", "field"),
    [
        ({"cost": Decimal(0)}, "cost"),
        ({"cost": Decimal("10.001")}, "cost"),
        ({"residual": Decimal(1201)}, "residual"),
        ({"in_service_on": date(2023, 12, 31)}, "in_service_on"),
        ({"method": "declining"}, "declining_rate"),
        ({"method": "monthly", "declining_rate": Decimal(20)}, "declining_rate"),
    ],
)
def test_facts_that_cannot_be_are_refused_at_their_field(books, accounts, facts, field):
    with pytest.raises(Refused) as refusal:
        an_asset(books, **facts)

    assert refusal.value.field == field
    assert not JournalEntry.objects.exists()


def test_what_was_taken_over_spreads_the_rest_over_the_rest_of_its_life(books, accounts):
    asset = take_over(
        name="Press", asset_class=asset_class(life_months=24), cost=Decimal(1000),
        taken=Decimal("451.37"), acquired_on=date(2023, 1, 10), on=NEW_YEAR, by=books.user,
        against="sales",
    )  # fmt: skip

    run(books, 12)

    assert asset.events.get().from_month == NEW_YEAR
    assert [amount for _month, amount in months_of(asset)] == [Decimal("45.72")] * 11 + [
        Decimal("45.71")
    ]
    assert sums_of(asset) == (1000, 1000)
    assert balances()["1500"] == -balances()["1590"] == 1000


def test_a_life_that_is_over_with_value_left_is_refused(books, accounts):
    with pytest.raises(Refused, match="give it a longer one") as refusal:
        take_over(
            name="Press", asset_class=asset_class(life_months=12), cost=Decimal(1000),
            taken=Decimal(500), acquired_on=date(2022, 1, 1), on=NEW_YEAR, by=books.user,
        )  # fmt: skip

    assert refusal.value.field == "life_months"
    assert not FixedAsset.objects.exists()


# --- runs --------------------------------------------------------------------------------------


def test_a_run_posts_one_entry_a_month_with_a_line_a_department(books, accounts):
    quay = DepartmentFactory(name="Quay")
    an_asset(books)
    an_asset(books, department=quay)
    an_asset(books, department=quay)

    done = run(books, 1)

    (entry,) = done.entries
    assert (done.parts, done.amount, entry.date) == (3, 300, date(2024, 1, 31))
    assert {
        (line.account.code, line.department.name, line.amount) for line in entry.lines.all()
    } == {
        ("6500", books.root.name, 100),
        ("6500", "Quay", 200),
        ("1590", books.root.name, -300),
    }


def test_a_run_posts_each_month_once(books, accounts):
    asset = an_asset(books)

    first, again = run(books, 2), run(books, 2)

    assert len(first.entries) == 2
    assert (again.entries, again.parts) == ([], 0)
    assert months_of(asset) == [(1, 100), (2, 100)]


def test_an_asset_entered_late_catches_up(books, accounts):
    an_asset(books)
    run(books, 3)
    late = an_asset(books, acquired_on=date(2024, 2, 10))

    done = run(books, 4)

    assert months_of(late) == [(2, 100), (3, 100), (4, 100)]
    assert [entry.date.month for entry in done.entries] == [2, 3, 4]


def test_months_of_closed_periods_are_entered_in_the_first_open_one(books, accounts):
    from accounting.years import close_period

    asset = an_asset(books)
    for month in (1, 2):
        close_period(books.period(month), by=books.user)

    done = run(books, 3)

    assert [entry.date for entry in done.entries] == [date(2024, 3, 31)]
    assert months_of(asset) == [(1, 100), (2, 100), (3, 100)]
    assert broken() == []


def test_a_run_into_closed_periods_alone_is_refused(books, accounts):
    from accounting.years import close_period

    an_asset(books)
    close_period(books.period(1), by=books.user)

    with pytest.raises(Refused, match="no open period"):
        run(books, 1)


def test_a_run_asks_as_much_for_two_assets_as_for_twenty(
    books, accounts, django_assert_num_queries
):
    from django.db import connection
    from django.test.utils import CaptureQueriesContext

    machines = asset_class()
    for _n in range(2):
        an_asset(books, asset_class=machines)
    with CaptureQueriesContext(connection) as for_two:
        run(books, 1)
    for _n in range(18):
        an_asset(books, asset_class=machines, acquired_on=date(2024, 2, 1))

    with CaptureQueriesContext(connection) as for_twenty:
        run(books, 2)

    assert len(for_twenty) == len(for_two)


def test_taking_a_run_back_opens_its_month_again(books, accounts):
    from accounting.depreciation_runs import take_back_run

    asset = an_asset(books)
    first, second = run(books, 2).entries

    with pytest.raises(Refused, match="take back what came later first"):
        take_back_run(first, on=END, by=books.user)
    reversal = take_back_run(second, on=END, by=books.user)

    assert reversal.date == second.date
    assert sums_of(asset) == (1200, 100)
    assert run(books, 2).parts == 1
    assert sums_of(asset) == (1200, 200)
    assert broken() == []


def test_a_run_reversed_in_the_journal_is_taken_back_as_well(books, accounts):
    asset = an_asset(books)
    (entry,) = run(books, 1).entries

    reverse_entry(entry, on=date(2024, 5, 5), by=books.user)

    assert sums_of(asset, on=date(2024, 5, 4)) == (1200, 100)
    assert sums_of(asset, on=date(2024, 5, 5)) == (1200, 0)
    assert all(tie.holds for tie in ties(on=date(2024, 5, 4)))
    assert all(tie.holds for tie in ties(on=date(2024, 5, 5)))


def test_a_part_the_entry_does_not_hold_is_found(books, accounts):
    an_asset(books)
    (entry,) = run(books, 1).entries
    other = an_asset(books)

    Depreciation.objects.create(asset=other, month=NEW_YEAR, amount=5, entry=entry, on=entry.date)

    assert {(f.check, f.offender) for f in broken()} == {
        ("asset register equals the ledger", "1590: -105.0000 / -100.0000"),
        ("each entry of an asset moves what the register says", entry.reference),
    }


# --- changes -----------------------------------------------------------------------------------


def test_a_longer_life_spreads_what_is_left(books, accounts):
    asset = an_asset(books)
    run(books, 6)

    change(asset, life_months=18, on=date(2024, 7, 1), by=books.user)
    run(books, 12)

    assert [amount for _month, amount in months_of(asset)] == [100] * 6 + [50] * 6


def test_a_lower_value_is_depreciation_at_once(books, accounts):
    asset = an_asset(books)
    run(books, 6)

    change(asset, value=Decimal(-300), on=date(2024, 7, 1), by=books.user)
    run(books, 7)

    assert sums_of(asset) == (1200, 950)
    assert balances()["6500"] == 950


def test_a_change_of_nothing_and_one_below_the_residual_value_are_refused(books, accounts):
    asset = an_asset(books, residual=Decimal(1000))

    with pytest.raises(Refused, match="Say what changes"):
        change(asset, on=NEW_YEAR, by=books.user)
    with pytest.raises(Refused, match="less than its residual value"):
        change(asset, value=Decimal(-300), on=NEW_YEAR, by=books.user)


def test_an_act_before_the_last_one_is_refused(books, accounts):
    asset = an_asset(books)
    add_to(asset, cost=Decimal(120), on=date(2024, 5, 1), against="bank", by=books.user)

    with pytest.raises(Refused, match="The last act on this asset") as refusal:
        add_to(asset, cost=Decimal(10), on=date(2024, 4, 1), against="bank", by=books.user)

    assert refusal.value.field == "on"


def test_the_last_act_is_taken_back_and_the_one_before_holds_again(books, accounts):
    asset = an_asset(books)
    run(books, 1)
    add_to(asset, cost=Decimal(110), on=date(2024, 2, 1), against="bank", by=books.user)

    take_back(asset, on=END, by=books.user)
    run(books, 2)

    assert sums_of(asset) == (1200, 200)
    assert balances()["1500"] == 1200
    assert broken() == []


def test_a_change_of_life_is_taken_back_too(books, accounts):
    asset = an_asset(books)
    change(asset, life_months=24, on=date(2024, 2, 1), by=books.user)

    take_back(asset, on=END, by=books.user)
    run(books, 2)

    assert months_of(asset) == [(1, 100), (2, 100)]


def test_an_asset_entered_by_mistake_is_taken_back(books, accounts):
    asset = an_asset(books)

    asset = take_back(asset, on=END, by=books.user)

    assert asset.state == "taken_back"
    assert balances()["1500"] == 0
    assert run(books, 12).parts == 0
    with pytest.raises(Refused, match="entered by mistake"):
        take_back(asset, on=END, by=books.user)


def test_cost_of_a_bill_is_taken_back_with_the_bill(books, accounts):
    bill = books.sell(lines=[debit(accounts["fixed_assets"], 1200), credit(books.bank, 1200)])
    asset = an_asset(books, against=None, entry=bill)

    with pytest.raises(Refused, match=bill.reference):
        take_back(asset, on=END, by=books.user)
    reverse_entry(bill, on=END, by=books.user)

    asset.refresh_from_db()
    assert asset.state == "taken_back"
    assert sums_of(asset) == (0, 0)


def test_each_department_bears_its_own_asset(books, accounts):
    quay = DepartmentFactory(name="Quay")
    asset = capitalise(
        name="Crane", asset_class=asset_class(), cost=Decimal(1200), acquired_on=NEW_YEAR,
        against="bank", by=books.user, department=quay,
    )  # fmt: skip
    run(books, 1)
    FixedAsset.objects.filter(pk=asset.pk).update(department=books.root)

    run(books, 2)

    borne = [
        (entry.date.month, line.department)
        for entry in JournalEntry.objects.filter(text__startswith="Depreciation").order_by("date")
        for line in entry.lines.filter(amount__gt=0)
    ]
    assert borne == [(1, quay), (2, Department.objects.get(pk=books.root.pk))]


def test_what_an_entry_brought_comes_to_assets_once(books, accounts):
    bill = post(
        on=NEW_YEAR,
        text="Two looms",
        lines=[debit("fixed_assets", 2400), credit("bank", 2400)],
        by=books.user,
    )
    first = an_asset(books, cost=Decimal(1200), entry=bill, against=None)
    second = an_asset(books, cost=Decimal(1000), entry=bill, against=None)

    with pytest.raises(Refused, match=r"no more than 200\.00 EUR"):
        an_asset(books, cost=Decimal(1200), entry=bill, against=None)
    with pytest.raises(Refused, match=r"no more than 200\.00 EUR"):
        add_to(second, cost=Decimal(201), on=NEW_YEAR, by=books.user, entry=bill)
    add_to(second, cost=Decimal(200), on=NEW_YEAR, by=books.user, entry=bill)

    assert [sums_of(asset)[0] for asset in (first, second)] == [1200, 1200]
