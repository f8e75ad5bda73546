"""Whatever is posted, settled, released and reversed: ageing equals the control account."""

from datetime import date, timedelta
from decimal import Decimal

import pytest
from django.db import transaction
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from accounting.ageing import ageing
from accounting.allocations import allocate, left_of, release
from accounting.models import Account, Allocation, JournalEntry, JournalLine
from accounting.open_items import open_items
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
            for item in open_items(on=day, role=role):
                whole = item.amount if item.currency_amount is None else item.currency_amount
                assert abs(item.open_amount) <= abs(whole)
                assert item.open_amount * whole >= 0
                assert item.open_amount or not item.open_base or whole == 0
