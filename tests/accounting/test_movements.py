"""What moved in some days is what the lines of these days sum to."""

from datetime import date, timedelta
from decimal import Decimal
from random import Random

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from accounting.models import Account, JournalLine
from accounting.movements import Span, kinds_by_month, moved
from accounting.posting import credit, debit
from backoffice.models import Department
from tests.factories.backoffice import DepartmentFactory
from tests.factories.budgets import busy_books


def plainly(span: Span) -> dict[int, Decimal]:
    """The same sums, line by line."""
    sums: dict[int, Decimal] = {}
    for line in JournalLine.objects.select_related("entry"):
        is_in = (span.first or date.min) <= line.date <= span.last
        if span.departments is not None:
            is_in &= line.department_id in span.departments
        if span.known:
            is_in &= line.entry.posted_at <= span.known
        if span.since:
            is_in &= line.entry.posted_at > span.since
        if is_in:
            sums[line.account_id] = sums.get(line.account_id, Decimal(0)) + line.amount
    return {pk: amount for pk, amount in sums.items() if amount}


def found(spans):
    return [{pk: m.amount for pk, m in part.items() if m.amount} for part in moved(spans)]


def test_any_days_in_any_departments_are_summed_exactly(books):
    busy_books(books)
    chance = Random(3)
    places = list(Department.objects.values_list("pk", flat=True))
    days = [date(2023, 1, 1) + timedelta(days=chance.randrange(1100)) for _n in range(40)]
    spans = [Span(date(2023, 6, 30)), Span(date(2024, 2, 29), date(2024, 2, 1))]
    for a, b in zip(days[::2], days[1::2], strict=True):
        inside = chance.choice([None, frozenset(chance.sample(places, 1)), frozenset()])
        spans.append(Span(max(a, b), min(a, b), inside))

    assert found(spans) == [plainly(span) for span in spans]


def test_what_was_known_between_two_moments(books, monkeypatch):
    busy_books(books, entries=10)
    known = timezone.now()
    monkeypatch.setattr(timezone, "now", lambda: known + timedelta(days=40))
    books.sell(100, on=date(2024, 1, 1))
    spans = [
        Span(date(2025, 12, 31), known=known),
        Span(date(2025, 12, 31), since=known),
        Span(date(2025, 12, 31)),
    ]

    before, between, after = found(spans)

    assert between == {books.bank.pk: 100, books.sales.pk: -100}
    assert [before, between, after] == [plainly(span) for span in spans]


def test_closing_entries_are_told_apart(books):
    books.sell(100, on=date(2024, 5, 1))
    equity = Account.objects.create(code="3020", name="Retained", kind="equity")
    books.sell(
        on=date(2024, 12, 31),
        kind="closing",
        lines=[debit(books.sales, 100), credit(equity, 100)],
    )

    (year,) = moved([Span(date(2024, 12, 31), date(2024, 1, 1))])

    assert year[books.sales.pk] == (0, 100)
    assert year[books.sales.pk].without_closing == -100


def test_however_many_columns_there_is_one_query(books):
    books.sell()
    spans = [Span(date(2024, 12, 31), date(2024, month, 5)) for month in range(1, 13)]

    with CaptureQueriesContext(connection) as queries:
        moved(spans)

    assert len(queries) == 1


def test_kinds_by_month_leave_other_departments_out(books):
    quay = DepartmentFactory()
    bank, sales = debit(books.bank, 70), credit(books.sales, 70, department=quay)
    books.sell(lines=[bank, sales], on=date(2024, 5, 2))
    books.sell(5, on=date(2024, 6, 1))

    every = kinds_by_month(last=date(2024, 5, 31))
    own = kinds_by_month(last=date(2024, 5, 31), departments=frozenset({quay.pk}))

    assert every == {("asset", date(2024, 5, 1)): 70, ("income", date(2024, 5, 1)): -70}
    assert own == {("income", date(2024, 5, 1)): -70}


@pytest.mark.parametrize("first", [None, date(2024, 1, 1), date(2024, 1, 31)])
def test_days_at_the_edges_of_months(books, first):
    for day in (date(2024, 1, 1), date(2024, 1, 31), date(2024, 2, 1), date(2024, 2, 29)):
        books.sell(1, on=day)
    spans = [Span(date(2024, 2, day), first) for day in (1, 28, 29)]

    assert found(spans) == [plainly(span) for span in spans]
