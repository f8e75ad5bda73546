"""Numbers of documents: one after the other in a series and year, without a gap."""

from datetime import date

from django.db import connection, transaction

# The row stays locked until commit: a refused document gives its number back.
NEXT = """
insert into backoffice_numberseries as s (code, year, last_number, head) values (%s, %s, 1, '')
on conflict (code, year) do update set last_number = s.last_number + 1
returning last_number
"""


def next_number(series: str, *, on: date) -> int:
    """The next running number of the series in the year of the day, kept at commit.

    Journal series are numbered by posting alone: this is for documents with a series of their
    own. Taken as late as can be, since others who want one wait.
    """
    if not connection.in_atomic_block:
        raise transaction.TransactionManagementError("A number is taken with its document.")
    with connection.cursor() as cursor:
        cursor.execute(NEXT, [series, on.year])
        return int(cursor.fetchone()[0])


def reference(series: str, *, on: date) -> str:
    """The next number as people quote it: INV-2026-00042."""
    return f"{series}-{on.year}-{next_number(series, on=on):05}"
