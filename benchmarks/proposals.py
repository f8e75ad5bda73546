"""Proposals for bank lines against what is open: seconds, and whether many lines cost many.

python -m benchmarks.proposals [--items 50000] [--lines 1000]
"""

import argparse
import time
from datetime import date, timedelta
from decimal import Decimal
from random import Random

from django.utils import timezone

from accounting.blocks import post_block
from accounting.entry_rules import PlainEntry, PlainLine, whole_books
from accounting.models import (
    Account,
    BankStatement,
    DueDate,
    JournalEntry,
    OwnAccount,
    StatementLine,
)
from accounting.proposals import proposals_for
from backoffice.models import Party
from backoffice.staff import owners
from benchmarks.office import fresh_office

DATABASE = "benchmark_proposals"
FIRST_DAY, CUSTOMERS, GOAL = date(2025, 1, 1), 2000, 2.0
DUE_AFTER = timedelta(days=30)


def make_items(count: int) -> None:
    """So many open invoices of two thousand customers, each with its number."""
    take_roles()
    books = whole_books()
    owed = Account.objects.get(role="receivable").pk
    sales = Account.objects.get(role="sales").pk
    Party.objects.bulk_create(Party(name=f"Customer {n:05} Ltd") for n in range(CUSTOMERS))
    parties = list(Party.objects.order_by("pk").values_list("pk", flat=True))
    chance = Random(7)
    for start in range(0, count, 5000):
        entries = [
            entry_of(n, parties[n % CUSTOMERS], chance, books, owed, sales)
            for n in range(start, min(count, start + 5000))
        ]
        post_block(iter(entries), books=books, by=owners()[0])
    entries = JournalEntry.objects.order_by("pk").values_list("pk", "date", "text")
    DueDate.objects.bulk_create(
        (
            DueDate(entry_id=key, due_on=day + DUE_AFTER, reference=text)
            for key, day, text in entries
        ),
        batch_size=5000,
    )


def take_roles() -> None:
    """Let accounts of the workload be what invoices and banks post to."""
    for kind, roles in (("asset", ("bank", "receivable")), ("income", ("sales",))):
        found = Account.objects.filter(kind=kind, parent__isnull=False).order_by("pk")
        for account, role in zip(found[: len(roles)], roles, strict=True):
            Account.objects.filter(pk=account.pk).update(role=role)


def entry_of(number, party, chance, books, owed, sales) -> PlainEntry:
    """An invoice."""
    amount = Decimal(chance.randrange(1000, 9_999_900)).scaleb(-2)
    root = books.root_department
    on = FIRST_DAY + timedelta(days=number % 360)
    return PlainEntry(
        on=on,
        due_on=on + DUE_AFTER,
        text=f"INV-2025-{number:06}",
        source_key=f"bench:{number}",
        lines=[
            PlainLine(account=owed, department=root, amount=amount, party=party),
            PlainLine(account=sales, department=root, amount=-amount),
        ],
    )


def make_lines(count: int) -> list[StatementLine]:
    """Bank lines of which most pay an invoice by its number, some without, some nothing known."""
    own = OwnAccount.objects.create(
        name="Bank", account=Account.objects.get(role="bank"), currency_id="USD"
    )
    statement = BankStatement.objects.create(
        own_account=own, starts_on=FIRST_DAY, ends_on=date(2026, 1, 31), entry_count=count,
        entry_sum=0, identity="1", file_hash="1", imported_at=timezone.now(),
    )  # fmt: skip
    keys = list(JournalEntry.objects.order_by("pk").values_list("pk", flat=True))[::40][:count]
    entries = JournalEntry.objects.filter(pk__in=keys).order_by("pk")
    lines = []
    for number, entry in enumerate(entries.prefetch_related("lines__party")):
        item = next(line for line in entry.lines.all() if line.party_id)
        text = f"Payment of {entry.text} with thanks" if number % 3 else "Payment"
        lines.append(
            StatementLine.objects.create(
                statement=statement, own_account=own, position=number, date=date(2026, 1, 31),
                amount=item.amount if number % 5 else item.amount + 1, text=text,
                counterparty=item.party.name if number % 2 else "", identity=str(number),
            )
        )  # fmt: skip
    return lines


def main() -> None:
    """Measure it."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--items", type=int, default=50_000)
    parser.add_argument("--lines", type=int, default=1000)
    options = parser.parse_args()
    office = fresh_office(DATABASE)
    with office.entered():
        make_items(options.items)
        lines = make_lines(options.lines)
        own = lines[0].own_account
        for count in (1, len(lines), len(lines)):
            began = time.perf_counter()
            found = proposals_for(lines[:count], own)
            took = time.perf_counter() - began
            with_any = sum(1 for proposals in found.values() if proposals)
            print(
                f"  {count:>5} lines, {options.items:,} open items: {took:.2f} s, {with_any} met"
            )
        print(f"  goal ≤ {GOAL:g} s   {'met' if took <= GOAL else 'MISSED'}")
    office.close()


if __name__ == "__main__":
    main()
