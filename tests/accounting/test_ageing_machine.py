"""Whatever is posted, settled, released and reversed: ageing equals the control account."""

from collections import defaultdict
from datetime import date, timedelta
from decimal import Decimal

import pytest
from django.db import transaction
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from accounting import open_pages
from accounting.ageing import ageing
from accounting.allocations import allocate, left_of, release
from accounting.lateness import BUCKETS
from accounting.models import Account, Allocation, JournalEntry, JournalLine
from accounting.open_items import open_items
from accounting.open_pages import Asked, open_page
from accounting.open_sums import Part
from accounting.payments import Settle, record_payment
from accounting.posting import reverse_entry
from backoffice.errors import Refused
from backoffice.models import Currency, Party
from tests.factories.accounting import small_books
from tests.factories.backoffice import PartyFactory
from tests.factories.open_items import control_accounts, owed

FIRST = date(2024, 1, 1)
ACTS = ("post", "post", "post", "allocate", "allocate", "release", "reverse", "pay")
ROLES = ("receivable", "payable")

steps = st.lists(
    st.tuples(
        st.sampled_from(ACTS),
        st.integers(0, 300),  # the day
        st.integers(-500, 500).filter(bool),  # an amount
        st.integers(0, 50),  # which item, party, role and currency
        st.integers(1, 9),  # a share of it
    ),
    min_size=3,
    max_size=16,
)


@pytest.fixture(autouse=True)
def small_steps(monkeypatch):
    """A page looks through two due dates first, so that walking an index is tried as well."""
    monkeypatch.setattr(open_pages, "STEPS", (1, 3))


@pytest.mark.django_db
@settings(
    max_examples=12, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)
@given(steps=steps)
def test_ageing_equals_the_control_account_on_any_day(db, steps):
    with transaction.atomic():
        books = books_of_two_parties()
        for number, step in enumerate(steps):
            do(books, number, *step)
        check_every_day(steps)
        transaction.set_rollback(True)


def books_of_two_parties():
    """Books with the accounts of what is owed, and two parties."""
    books = small_books()
    control_accounts()
    for _n in range(2):
        PartyFactory()
    return books


def do(books, number, act, day, amount, which, share):
    """One act; a refusal is as good an answer as any."""
    on = FIRST + timedelta(days=day)
    try:
        with transaction.atomic():
            {
                "post": post_item,
                "allocate": settle_some,
                "release": release_one,
                "reverse": reverse_one,
                "pay": pay_some,
            }[act](books, number, on, Decimal(amount), which, share)
    except Refused:
        return


def post_item(books, number, on, amount, which, share):
    """An invoice or a receipt, of either party, in euro or in dollars at some rate."""
    foreign = {}
    if which % 3 == 0:
        dollars = Decimal(amount) * (10 + share) / 10
        foreign = {"currency": "USD", "currency_amount": dollars}
    party = Party.objects.order_by("pk")[which % 2]
    role = ROLES[which // 2 % 2]
    owed(role, books, party, amount, "sales", on=on, due_on=on + timedelta(days=share), **foreign)


def items():
    return list(
        JournalLine.objects.filter(account__role__in=ROLES)
        .exclude(currency_amount=0)
        .order_by("pk")
    )


def settle_some(books, number, on, amount, which, share):
    """A part of what is left of a debit by the first credit that fits."""
    debits = [line for line in items() if line.amount > 0]
    if not debits:
        return
    debit = debits[which % len(debits)]
    for credit in items():
        same = (debit.party_id, debit.account_id, debit.currency_id)
        if credit.amount < 0 and same == (
            credit.party_id,
            credit.account_id,
            credit.currency_id,
        ):
            most = min(left_of(debit).amount, left_of(credit).amount)
            part = most if share > 5 else (most * share / 10).quantize(Decimal("0.01"))
            allocate(debit, credit, part, on=max(on, debit.date, credit.date), by=None)
            return


def release_one(books, number, on, amount, which, share):
    found = list(Allocation.objects.filter(releases=None).order_by("pk"))
    if found:
        settled = found[which % len(found)]
        release(settled, on=max(on, settled.on), by=None)


def reverse_one(books, number, on, amount, which, share):
    found = list(JournalEntry.objects.order_by("pk"))
    if found:
        entry = found[which % len(found)]
        reverse_entry(entry, on=max(on, entry.date), by=None)


def pay_some(books, number, on, amount, which, share):
    """A payment of a part of an item, with some of it written off."""
    found = items()
    if not found:
        return
    line = found[which % len(found)]
    left = left_of(line).amount
    part = (left * share / 10).quantize(Decimal("0.01"))
    record_payment(
        direction="in" if line.amount > 0 else "out",
        party=line.party,
        bank=Account.objects.get(role="bank"),
        amount=part + share % 3,
        on=max(on, line.date),
        by=None,
        source_key=f"machine:{number}",
        currency=line.currency and Currency.objects.get(pk=line.currency_id),
        base_amount=(part * Decimal("0.9")).quantize(Decimal("0.01")) + 1,
        settles=[Settle(line, part, write_off=min(left - part, Decimal("0.05")))],
    )


def check_every_day(steps):
    """On each day something happened, and the day before."""
    days = {FIRST + timedelta(days=step[1] - back) for step in steps for back in (0, 1)}
    days.add(date(2024, 12, 31))
    for day in days:
        for role in ROLES:
            found = ageing(on=day, role=role)
            assert found.ties, (day, role, found)
            items = list(open_items(on=day, role=role).order_by("due_on", "pk"))
            assert sums_of(found) == sums_by_item(items, day, role)
            check_first_party(found)
            check_pages(items, day, role)
            for item in items:
                whole = item.amount if item.currency_amount is None else item.currency_amount
                assert abs(item.open_amount) <= abs(whole)
                assert item.open_amount * whole >= 0
                assert item.open_amount or not item.open_base or whole == 0


def keys(page):
    return [item.pk for item in page.items]


def check_first_party(found):
    """A page of one party says the same of it, and of all."""
    first = ageing(on=found.on, role=found.role, part=Part(most=1))
    assert (first.amounts, first.rows) == (found.amounts, found.rows[:1])
    assert first.has_next == (len(found.rows) > 1)


def sums_of(found):
    """The figures of an ageing by party and bucket."""
    return {
        (row.party_id, place): amount
        for row in found.rows
        for place, amount in enumerate(row.amounts)
        if amount
    }


def sums_by_item(items, day, role):
    """The same, from the items one by one."""
    sums = defaultdict(Decimal)
    for item in items:
        late = (day - item.due_on).days
        place = sum(late >= first for _name, _label, first in BUCKETS[1:])
        sums[item.party_id, place] += item.open_base * (-1 if role == "payable" else 1)
    return {key: amount for key, amount in sums.items() if amount}


def check_pages(items, day, role):
    """Pages of what is open hold the items in their order, and their sum, whatever is asked."""
    account = Account.objects.get(role=role)
    for first, last in ((None, None), (None, day), (day, None), (day - timedelta(40), day)):
        asked = Asked(account, day, first=first, last=last)
        within = [i for i in items if (first or i.due_on) <= i.due_on <= (last or i.due_on)]
        pages = [open_page(asked, most=2, after=after) for after in range(0, len(within) + 1, 2)]
        assert [pk for page in pages for pk in keys(page)] == [item.pk for item in within]
        for place, page in enumerate(pages):
            assert page.has_next == (len(within) > 2 * place + 2)
            if page.items or not within:
                assert page.total == sum(item.open_base for item in within)
                assert page.count in (None, len(within))
