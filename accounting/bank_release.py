"""Bank lines that wait again because what booked them is taken back."""

from __future__ import annotations

from accounting.models import JournalEntry, Match, OwnAccount, StatementLine
from backoffice import audit
from backoffice.models import User


def hold_banks_of(entry: JournalEntry) -> None:
    """Hold the bank accounts whose lines the entry books, before the entry itself is held.

    Whoever books or undoes a bank line takes them in this order as well.
    """
    booked = OwnAccount.objects.filter(
        pk__in=Match.objects.filter(journal_line__entry=entry).values(
            "statement_line__own_account"
        )
    )
    list(booked.order_by("pk").select_for_update(no_key=True))


def open_lines_of(entry: JournalEntry, *, by: User | None) -> list[StatementLine]:
    """The bank lines the entry had booked, each of them open again as a whole."""
    booked = StatementLine.objects.filter(matches__journal_line__entry=entry)
    lines = list(booked.distinct().order_by("pk"))
    if lines:
        Match.objects.filter(statement_line__in=lines).delete()
    for line in lines:
        audit.record("bank line undone", line, by=by, entries=[entry.reference])
    return lines
