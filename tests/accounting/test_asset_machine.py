"""Anything that happens to assets in any order: the register equals the ledger on every day.

ASSET_EXAMPLES and ASSET_STEPS ask for more than the few examples of every run.
"""

import os
from datetime import date
from decimal import Decimal

from django.db import connection, transaction
from hypothesis import HealthCheck, settings
from hypothesis import strategies as st
from hypothesis.stateful import (
    RuleBasedStateMachine,
    invariant,
    precondition,
    rule,
    run_state_machine_as_test,
)

from accounting.asset_history import sums_of
from accounting.asset_register import questions, register_rows, ties
from accounting.assets import add_to, capitalise, change, dispose, take_back, take_over
from accounting.checks import first_offender
from accounting.depreciation_runs import depreciate, take_back_run
from accounting.models import Depreciation, FixedAsset, JournalEntry
from accounting.posting import reverse_entry
from accounting.years import close_period
from backoffice.errors import Refused
from tests.factories.accounting import small_books
from tests.factories.assets import asset_accounts, asset_class

EXAMPLES = int(os.environ.get("ASSET_EXAMPLES", "10"))
STEPS = int(os.environ.get("ASSET_STEPS", "20"))

days = st.dates(date(2024, 1, 1), date(2025, 6, 30))
months = st.dates(date(2024, 1, 1), date(2025, 12, 31)).map(lambda day: day.replace(day=1))
money = st.integers(1, 10**7).map(lambda n: Decimal(n) / 100)
places = st.integers(0, 10**6)
ways = st.sampled_from(
    [
        {"method": "monthly"},
        {"method": "monthly", "first_month": "pro_rata"},
        {"method": "daily", "first_month": "pro_rata"},
        {"method": "declining", "declining_rate": Decimal(30)},
        {"method": "none"},
    ]
)


class AssetMachine(RuleBasedStateMachine):
    """The assets of a small office, and everything people do to them."""

    def __init__(self):
        super().__init__()
        self.rolled_back = transaction.atomic()
        self.rolled_back.__enter__()
        self.books = small_books()
        asset_accounts(years=(2023, 2024, 2025, 2026))
        self.kind = asset_class(life_months=18)
        self.closed = 0

    def teardown(self):
        try:
            self.everything_ties()
        finally:
            transaction.set_rollback(True)
            self.rolled_back.__exit__(None, None, None)

    def everything_ties(self):
        """On every day on which anything is dated, and the day before."""
        for _name, question, *_about in questions():
            assert first_offender(question) == ""
        for day in sorted(set(JournalEntry.objects.values_list("date", flat=True))):
            assert [tie for tie in ties(on=day) if not tie.holds] == []
            for row in register_rows(on=day):
                assert row.cost >= 0

    def try_to(self, act):
        """Do it, or be refused with a sentence and change nothing."""
        try:
            with transaction.atomic():
                act()
                with connection.cursor() as cursor:
                    cursor.execute("set constraints all immediate")
                    cursor.execute("set constraints all deferred")
        except Refused:
            return

    def some_asset(self, place):
        found = list(FixedAsset.objects.order_by("pk"))
        return found[place % len(found)]

    @rule(cost=money, day=days, way=ways, percent=st.integers(0, 100))
    def buy(self, cost, day, way, percent):
        residual = (cost * percent / 100).quantize(Decimal("0.01"))
        self.try_to(
            lambda: capitalise(
                name="Lathe", asset_class=self.kind, cost=cost, acquired_on=day,
                against="bank", by=self.books.user, residual=residual, **way,
            )
        )  # fmt: skip

    @rule(cost=money, percent=st.integers(0, 100), day=days)
    def take_over_one(self, cost, percent, day):
        taken = (cost * percent / 100).quantize(Decimal("0.01"))
        self.try_to(
            lambda: take_over(
                name="Press", asset_class=self.kind, cost=cost, taken=taken,
                acquired_on=date(2023, 6, 15), on=day, against="sales", by=self.books.user,
            )
        )  # fmt: skip

    @rule(month=months)
    def run(self, month):
        self.try_to(lambda: depreciate(through=month, by=self.books.user))

    @precondition(lambda self: FixedAsset.objects.exists())
    @rule(place=places, cost=money, day=days)
    def add(self, place, cost, day):
        asset = self.some_asset(place)
        self.try_to(lambda: add_to(asset, cost=cost, on=day, against="bank", by=self.books.user))

    @precondition(lambda self: FixedAsset.objects.exists())
    @rule(
        place=places,
        value=money,
        sign=st.sampled_from([1, -1, 0]),
        day=days,
        life=st.integers(1, 40),
    )
    def revalue(self, place, value, sign, day, life):
        asset = self.some_asset(place)
        against = "sales" if sign > 0 else None
        self.try_to(
            lambda: change(
                asset, value=value * sign, on=day, against=against, life_months=life,
                by=self.books.user,
            )
        )  # fmt: skip

    @precondition(lambda self: FixedAsset.objects.exists())
    @rule(place=places, day=days, proceeds=money | st.just(Decimal(0)), share=st.integers(1, 100))
    def give_up(self, place, day, proceeds, share):
        asset = self.some_asset(place)
        self.try_to(
            lambda: dispose(
                asset, on=day, proceeds=proceeds, proceeds_account="bank",
                share=Decimal(share) / 100, by=self.books.user,
            )
        )  # fmt: skip

    @precondition(lambda self: FixedAsset.objects.exists())
    @rule(place=places, day=days)
    def undo(self, place, day):
        asset = self.some_asset(place)
        self.try_to(lambda: take_back(asset, on=day, by=self.books.user))

    @precondition(lambda self: JournalEntry.objects.exists())
    @rule(place=places, day=days)
    def reverse_in_the_journal(self, place, day):
        entries = list(JournalEntry.objects.filter(reverses=None).order_by("pk"))
        entry = entries[place % len(entries)]
        self.try_to(lambda: reverse_entry(entry, on=day, by=self.books.user))

    @precondition(lambda self: Depreciation.objects.exists())
    @rule(day=days)
    def take_the_last_run_back(self, day):
        entry = Depreciation.objects.order_by("pk").last().entry
        self.try_to(lambda: take_back_run(entry, on=day, by=self.books.user))

    @rule()
    def close_a_month(self):
        if self.closed < 4:
            self.closed += 1
            self.try_to(lambda: close_period(self.first_open(), by=self.books.user))

    def first_open(self):
        from accounting.models import Period

        return Period.objects.filter(closed_at=None).order_by("starts_on").first()

    @invariant()
    def no_asset_loses_more_than_its_cost(self):
        for asset in FixedAsset.objects.all():
            cost, taken = sums_of(asset)
            assert 0 <= taken <= cost
            assert asset.state != "disposed" or (cost, taken) == (0, 0)


def test_the_register_equals_the_ledger_whatever_happens(db):
    run_state_machine_as_test(
        AssetMachine,
        settings=settings(
            max_examples=EXAMPLES,
            stateful_step_count=STEPS,
            deadline=None,
            suppress_health_check=list(HealthCheck),
        ),
    )
