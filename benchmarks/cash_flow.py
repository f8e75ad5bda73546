"""The cash flow of a year in which all was bought on credit and paid: against one plain sum.

python -m benchmarks.cash_flow [--bills 50000] [--rounds 9]
"""

import argparse
from collections.abc import Iterator
from datetime import date, timedelta
from decimal import Decimal

from django.db import connection

from accounting.blocks import post_block
from accounting.cash_flow import cash_flow
from accounting.entry_rules import Books, PlainEntry, PlainLine, whole_books
from accounting.models import Account, Allocation, JournalLine
from backoffice.models import Party
from backoffice.staff import owners
from benchmarks.common import Contender, ratio, report, show, take_turns
from benchmarks.office import Office, kept_office

A_TURN = 5
FIRST, LAST, SUPPLIERS = date(2025, 1, 1), date(2025, 12, 31), 500
PAID_AFTER, EACH_MACHINE = timedelta(days=20), 100
ROLES = {"asset": ("bank", "fixed_assets"), "liability": ("payable",), "expense": ("purchases",)}
# What moved beside cash, account by account; neither places nor what was paid for.
FLOOR = """
select account_id, sum(amount) from accounting_journalline where account_id <> %(cash)s
    and entry_id in (
      select entry_id from accounting_journalline
        where account_id = %(cash)s and date between %(first)s and %(last)s
    )
  group by account_id
"""


def paid_office(bills: int) -> Office:
    """The office that paid so many bills, every hundredth for a machine; made the first time."""
    return kept_office(f"benchmark_{bills}_paid", lambda: buy_and_pay(bills))


def buy_and_pay(count: int) -> None:
    """Bills, their payments, and what settles what."""
    for kind, roles in ROLES.items():
        found = Account.objects.filter(kind=kind, parent__isnull=False).order_by("pk")
        for account, role in zip(found[: len(roles)], roles, strict=True):
            Account.objects.filter(pk=account.pk).update(role=role)
    Party.objects.bulk_create(Party(name=f"Supplier {n:03} Ltd") for n in range(SUPPLIERS))
    parties = list(Party.objects.order_by("pk").values_list("pk", flat=True)[:SUPPLIERS])
    books, by = whole_books(), owners()[0]
    accounts = dict(Account.objects.exclude(role="").values_list("role", "pk"))
    for start in range(0, count, 5000):
        numbers = range(start, min(count, start + 5000))
        post_block(entries_of(numbers, parties, accounts, books), books=books, by=by)
    owed = JournalLine.objects.filter(account=accounts["payable"])
    lines = owed.values_list("entry__source_key", "pk", "date", "amount")
    found = {key: line for key, *line in lines}
    Allocation.objects.bulk_create(
        (
            Allocation(
                debit_line_id=found[f"paid:{n}"][0],
                credit_line_id=found[f"bill:{n}"][0],
                amount=found[f"paid:{n}"][2],
                debit_base=found[f"paid:{n}"][2],
                credit_base=found[f"paid:{n}"][2],
                on=found[f"paid:{n}"][1],
            )
            for n in range(count)
        ),
        batch_size=5000,
    )


def entries_of(
    numbers: range, parties: list[int], accounts: dict[str, int], books: Books
) -> Iterator[PlainEntry]:
    """Each bill with its payment."""
    root = books.root_department
    for n in numbers:
        cost = "fixed_assets" if n % EACH_MACHINE == 0 else "purchases"
        on, amount = FIRST + timedelta(days=n % 340), Decimal(n % 5000 + 1)
        owed = {
            "account": accounts["payable"],
            "department": root,
            "party": parties[n % SUPPLIERS],
        }
        sides = (
            ("bill", on, accounts[cost], -amount),
            ("paid", on + PAID_AFTER, accounts["bank"], amount),
        )
        for name, day, other, signed in sides:
            yield PlainEntry(
                on=day,
                text=f"{name} {n}",
                source_key=f"{name}:{n}",
                lines=[
                    PlainLine(amount=signed, **owed),
                    PlainLine(account=other, department=root, amount=-signed),
                ],
            )


def plain_sum() -> None:
    """The floor."""
    cash = Account.objects.get(role="bank").pk
    with connection.cursor() as cursor:
        cursor.execute(FLOOR, {"cash": cash, "first": FIRST, "last": LAST})
        cursor.fetchall()


def main() -> None:
    """Take turns between the statement and the floor."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--bills", type=int, default=50_000)
    parser.add_argument("--rounds", type=int, default=9)
    options = parser.parse_args()
    with paid_office(options.bills).entered():
        ours, floor = "cash flow of a year", "plain sum of what moved beside cash"
        acts = {floor: plain_sum, ours: lambda: cash_flow(first=FIRST, last=LAST)}
        seconds = take_turns(
            {name: Contender(act, A_TURN) for name, act in acts.items()}, rounds=options.rounds
        )
        connection.close()
    show(seconds)
    report(
        "cash_flow", [ratio("cash flow, of a plain sum", seconds[ours], seconds[floor], at_most=3)]
    )


if __name__ == "__main__":
    main()
