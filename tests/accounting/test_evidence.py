"""Every figure of every statement is the sum of the lines it opens."""

from datetime import date, timedelta

import pytest
from django.utils import timezone

from accounting.balance_sheet import balance_sheet
from accounting.cash_flow import cash_flow
from accounting.evidence import all_evidence, evidence, question
from accounting.income_statement import income_statement
from accounting.movements import Span
from accounting.posting import credit, debit
from accounting.statement_rows import Chart, Source
from backoffice.models import Department
from tests.factories.accounting import AccountFactory
from tests.factories.budgets import busy_books

DAYS = {"first": date(2024, 2, 10), "last": date(2025, 3, 20)}


def statements(known=None):
    quay = frozenset(Department.objects.order_by("pk").values_list("pk", flat=True)[1:2])
    yield balance_sheet(on=date(2024, 8, 17), compare=[date(2023, 12, 31)], known=known)
    yield balance_sheet(on=date(2025, 8, 17), departments=quay)
    yield income_statement(**DAYS, compare="year", known=known)
    yield income_statement(**DAYS, by="month")
    yield income_statement(**DAYS, by="department")
    yield cash_flow(**DAYS, compare="year", known=known)


def figures(statement):
    for row in statement.rows:
        for at, amount in enumerate(row.amounts):
            span = statement.span_of(row, at)
            if span:
                yield row, span, amount


@pytest.fixture
def closed(books):
    """Busy books with a closing entry, and one entry that came forty days later."""
    busy_books(books, entries=50)
    retained = AccountFactory(code="3020", kind="equity", role="retained_earnings")
    lines = [debit(books.sales, 9), credit(books.rent, 4), credit(retained, 5)]
    books.sell(on=date(2024, 12, 31), kind="closing", lines=lines)
    return books


def test_every_figure_is_the_sum_of_its_lines(closed):
    chart = Chart.read()
    checked = 0

    for statement in statements():
        for row, span, amount in figures(statement):
            assert row.source is not None, row.label
            page = evidence(question(row.source, span, chart), size=2000)
            assert page.total == amount == page.running, (statement.title, row.label)
            checked += 1

    assert checked > 200


def test_what_was_known_is_the_sum_of_the_lines_known(closed, monkeypatch):
    known = timezone.now()
    monkeypatch.setattr(timezone, "now", lambda: known + timedelta(days=40))
    closed.sell(1000, on=date(2024, 3, 1))
    chart = Chart.read()
    found = [*statements(known=known), balance_sheet(on=date(2025, 1, 1), since=known)]

    for statement in found:
        for row, span, amount in figures(statement):
            page = evidence(question(row.source, span, chart), size=2000)
            assert page.total == amount == page.running, (statement.title, row.label)


def test_pages_follow_each_other_with_the_sum_carried_on(closed):
    chart = Chart.read()
    asked = question(Source(kinds=("income", "expense"), sign=-1), Span(date(2025, 12, 31)), chart)
    pages = [evidence(asked, size=7)]
    while pages[-1].has_next:
        pages.append(evidence(asked, after=pages[-1].last_key, size=7))

    rows = [row for page in pages for row in page.rows]
    assert len(rows) > 20
    assert [page.opening for page in pages[1:]] == [page.running for page in pages[:-1]]
    assert pages[-1].running == pages[0].total == sum(row.amount for row in rows)
    assert [row.key for row in rows] == sorted({row.key for row in rows})
    assert [row.key for row in all_evidence(asked)] == [row.key for row in rows]


def test_a_figure_of_nothing_has_no_lines(books):
    asked = question(Source(accounts=(books.rent.pk,)), Span(date(2024, 1, 1)), Chart.read())
    page = evidence(asked)

    assert (page.total, page.rows, page.has_next, page.last_key) == (0, [], False, None)
