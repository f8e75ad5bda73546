"""What is in the books stays, whoever writes to the tables; numbers have no gap."""

from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager

import pytest
from django.db import DatabaseError, connection, transaction

from accounting.invoices import issue
from accounting.models import Invoice
from backoffice.errors import Refused
from tests.databases import owner_cursor
from tests.factories.documents import draft_invoice, trading_books

FORBIDDEN = {
    "change_the_total": lambda i: Invoice.objects.filter(pk=i.pk).update(net=1, tax=0, gross=1),
    "delete_it": lambda i: Invoice.objects.filter(pk=i.pk).delete(),
    "change_a_line": lambda i: i.lines.update(unit_price=1),
    "add_a_line": lambda i: i.lines.create(unit_price=5, text="More"),
    "remove_a_line": lambda i: i.lines.all().delete(),
}
GUARDS = {
    "invoice_is_final": "accounting_invoice",
    "invoice_line_is_final": "accounting_invoiceline",
}
every_deed = pytest.mark.parametrize("deed", FORBIDDEN.values(), ids=FORBIDDEN)


@contextmanager
def without_guards() -> Iterator[None]:
    """The tables as they would be without their guards."""
    with owner_cursor() as cursor:
        for guard, table in GUARDS.items():
            cursor.execute(f"alter table {table} disable trigger {guard}")
        try:
            yield
        finally:
            for guard, table in GUARDS.items():
                cursor.execute(f"alter table {table} enable trigger {guard}")


@every_deed
def test_the_database_keeps_what_is_issued(committed, deed):
    issued = issue(draft_invoice(trading_books(), 100), by=None)

    with pytest.raises(DatabaseError, match="credit note"), transaction.atomic():
        deed(issued)


@every_deed
def test_without_the_guards_the_forbidden_succeeds(committed, deed):
    issued = issue(draft_invoice(trading_books(), 100), by=None)

    with without_guards():
        deed(issued)


def test_a_hundred_at_once_have_no_gap_and_no_double(committed):
    books = trading_books()
    drafts = [draft_invoice(books, 10 + n) for n in range(100)]

    def one(draft):
        try:
            for _try in range(20):
                try:
                    return issue(draft, by=books.clerk).number
                except Refused as refusal:
                    if "Try again" not in str(refusal):
                        raise
            return None
        finally:
            connection.close()

    with ThreadPoolExecutor(20) as threads:
        numbers = list(threads.map(one, drafts))

    assert sorted(numbers) == [f"INV-2026-{n:05}" for n in range(1, 101)]
