"""Anything people do in any order leaves the books as a plain dictionary would have them.

LEDGER_EXAMPLES and LEDGER_STEPS ask for more than the few examples of every run.
"""

import os
from collections import defaultdict
from datetime import date, timedelta
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

from accounting.blocks import post_block
from accounting.checks import findings
from accounting.drafts import post_draft, save_draft
from accounting.entry_rules import PlainEntry, PlainLine
from accounting.models import DraftLine, EntryDraft, JournalEntry, Period
from accounting.posting import Line, post, reverse_entry
from accounting.statements import trial_balance, whole_ledger
from accounting.years import close_period, reopen_period
from backoffice.errors import Refused
from tests.factories.accounting import small_books

EXAMPLES = int(os.environ.get("LEDGER_EXAMPLES", "25"))
STEPS = int(os.environ.get("LEDGER_STEPS", "20"))

days = st.dates(date(2024, 1, 1), date(2024, 12, 31))
cents = st.integers(-(10**9), 10**9).filter(bool).map(lambda n: Decimal(n) / 100)
places = st.integers(0, 10**6)


@st.composite
def sides(draw):
    """Accounts and amounts that sum to zero."""
    amounts = draw(st.lists(cents, min_size=1, max_size=5))
    if sum(amounts):
        amounts.append(-sum(amounts))
    else:
        amounts += [Decimal(1), Decimal(-1)]
    codes = draw(st.lists(st.sampled_from(CODES), min_size=len(amounts), max_size=len(amounts)))
    return list(zip(codes, amounts, strict=True))


CODES = ("1000", "4000", "6000")


class LedgerMachine(RuleBasedStateMachine):
    """The books, and beside them a dictionary of what was accepted."""

    def __init__(self):
        super().__init__()
        self.rolled_back = transaction.atomic()
        self.rolled_back.__enter__()
        self.books = small_books()
        self.accounts = {
            account.code: account
            for account in (self.books.bank, self.books.sales, self.books.rent)
        }
        self.months = list(Period.objects.order_by("starts_on"))
        self.closed = 0  # so many months, from the first
        self.accepted = {}  # source key: (day, sides)
        self.order = []  # source keys in the order they were numbered
        self.reversed = {}  # source key: that of its reversal
        self.count = 0

    def teardown(self):
        try:
            assert [finding for finding in findings() if not finding.holds] == []
        finally:
            transaction.set_rollback(True)
            self.rolled_back.__exit__(None, None, None)

    # --- what the dictionary knows -------------------------------------------------------

    def new_key(self):
        self.count += 1
        return f"key:{self.count}"

    def is_closed(self, day):
        return day.month <= self.closed

    def accept(self, key, day, pairs):
        self.accepted[key] = (day, pairs)
        self.order.append(key)

    def some_key(self, place):
        return self.order[place % len(self.order)]

    def lines(self, pairs):
        return [Line(self.accounts[code], amount) for code, amount in pairs]

    def try_to(self, act, *, allowed):
        """Do it; it happens exactly if it is allowed."""
        try:
            with transaction.atomic():
                result = act()
                with connection.cursor() as cursor:  # as at a commit
                    cursor.execute("set constraints all immediate")
                    cursor.execute("set constraints all deferred")
        except Refused:
            assert not allowed
            return None
        assert allowed
        return result

    # --- what people do ------------------------------------------------------------------

    @rule(day=days, pairs=sides())
    def post_an_entry(self, day, pairs):
        key = self.new_key()
        entry = self.try_to(
            lambda: post(on=day, text="x", lines=self.lines(pairs), by=None, source_key=key),
            allowed=not self.is_closed(day),
        )
        if entry:
            self.accept(key, day, pairs)
            assert entry.number == len(self.order)

    @rule(day=days, pairs=sides(), out=cents)
    def post_what_is_out_of_balance(self, day, pairs, out):
        (code, amount), *rest = pairs
        wrong = [(code, amount + out), *rest]
        self.try_to(
            lambda: post(on=day, text="x", lines=self.lines(wrong), by=None), allowed=False
        )

    @precondition(lambda self: self.order)
    @rule(day=days, pairs=sides(), place=places)
    def retry_with_the_same_key(self, day, pairs, place):
        key = self.some_key(place)
        again = post(on=day, text="y", lines=self.lines(pairs), by=None, source_key=key)
        assert again == JournalEntry.objects.get(source_key=key)

    @precondition(lambda self: self.order)
    @rule(place=places, wait=st.integers(-20, 90))
    def reverse_an_entry(self, place, wait):
        key = self.some_key(place)
        entry = JournalEntry.objects.get(source_key=key)
        day = min(entry.date + timedelta(days=wait), date(2024, 12, 31))
        known = self.reversed.get(key)
        reversal = self.try_to(
            lambda: reverse_entry(entry, on=day, by=None),
            allowed=known is not None or (wait >= 0 and not self.is_closed(day)),
        )
        if reversal and known:
            assert reversal.source_key == known
        elif reversal:
            self.reversed[key] = reversal.source_key
            _day, pairs = self.accepted[key]
            self.accept(reversal.source_key, day, [(code, -amount) for code, amount in pairs])

    @rule(day=days, pairs=sides())
    def post_a_draft_twice(self, day, pairs):
        draft = save_draft(
            EntryDraft(date=day, text="d"),
            by=self.books.user,
            lines=[DraftLine(account=self.accounts[c], amount=amount) for c, amount in pairs],
        )
        entry = self.try_to(
            lambda: post_draft(draft, by=self.books.user), allowed=not self.is_closed(day)
        )
        if entry:
            self.accept(entry.source_key, day, pairs)
            assert post_draft(EntryDraft(key=draft.key), by=self.books.user) == entry

    @rule(rows=st.lists(st.tuples(days, sides()), max_size=4), place=places)
    def import_a_block(self, rows, place):
        new = {self.new_key(): row for row in rows}
        old = {self.some_key(place): rows[0]} if self.order and rows else {}
        entries = [self.plain(key, *row) for key, row in {**old, **new}.items()]
        block = self.try_to(
            lambda: post_block(iter(entries), by=None),
            allowed=not any(self.is_closed(day) for day, _pairs in new.values()),
        )
        if block:
            assert (block.posted, block.already) == (len(new), len(old))
            for key, (day, pairs) in new.items():
                self.accept(key, day, pairs)

    def plain(self, key, day, pairs):
        root = self.books.root.pk
        lines = [PlainLine(self.accounts[code].pk, root, amount) for code, amount in pairs]
        return PlainEntry(day, "block", key, lines)

    @rule(ahead=st.sampled_from([0, 0, 0, 1, -1]))
    def close_a_period(self, ahead):
        place = self.closed + ahead
        if not 0 <= place < 12:
            return
        event = self.try_to(lambda: close_period(self.months[place], by=None), allowed=ahead == 0)
        if event:
            self.closed += 1

    @rule(back=st.sampled_from([1, 1, 2, 0]))
    def reopen_a_period(self, back):
        place = self.closed - back
        if not 0 <= place < 12:
            return
        event = self.try_to(
            lambda: reopen_period(self.months[place], by=None, why="late bill"),
            allowed=back == 1,
        )
        if event:
            self.closed -= 1

    # --- what holds after each step --------------------------------------------------------

    def sums(self, until):
        sums = defaultdict(Decimal)
        for day, pairs in self.accepted.values():
            if day <= until:
                for code, amount in pairs:
                    sums[code] += amount
        return dict(sums)

    @invariant()
    def the_trial_balance_is_that_of_the_dictionary(self):
        for until in (date(2024, 2, 29), date(2024, 6, 15), date(2024, 12, 31)):
            shown = {row.code: row.balance for row in trial_balance(on=until).rows}
            assert shown == self.sums(until)

    @invariant()
    def the_ledger_of_an_account_ends_with_its_balance(self):
        *_before, page = whole_ledger(self.books.bank, size=7)
        assert page.closing == self.sums(date.max).get("1000", 0)

    @invariant()
    def numbers_follow_the_order_of_posting(self):
        journal = JournalEntry.objects.order_by("number")
        assert list(journal.values_list("number", "source_key")) == list(
            enumerate(self.order, start=1)
        )


def test_the_books_are_those_of_a_plain_dictionary(db):
    run_state_machine_as_test(
        LedgerMachine,
        settings=settings(
            max_examples=EXAMPLES,
            stateful_step_count=STEPS,
            deadline=None,
            database=None,
            derandomize="LEDGER_EXAMPLES" not in os.environ,
            suppress_health_check=list(HealthCheck),
        ),
    )
