"""When invoices and bills are due, and what has paid them: each party's oldest first."""

from collections.abc import Iterator
from datetime import date
from itertools import groupby
from typing import Any

from accounting.demo.trade import TERMS
from accounting.models import Allocation, DueDate
from accounting.open_items import ROLES, open_items
from backoffice.models import User


def settle(on: date, *, by: User) -> None:
    """Give every item its due day, and settle what was paid up to the day."""
    for role in ROLES:
        found = open_items(on=on, role=role).filter(party__isnull=False)
        items = list(found.select_related("entry").order_by("party_id", "date", "pk"))
        owes = [item for item in items if (item.amount > 0) == (role == "receivable")]
        entries = {item.entry_id: item for item in owes}
        known = set(DueDate.objects.filter(entry__in=entries).values_list("entry", flat=True))
        DueDate.objects.bulk_create(
            DueDate(entry_id=pk, due_on=item.date + TERMS)
            for pk, item in entries.items()
            if pk not in known
        )
        for _party, theirs in groupby(items, key=lambda item: item.party_id):
            Allocation.objects.bulk_create(oldest_first(list(theirs), by=by))


def oldest_first(items: list[Any], *, by: User) -> Iterator[Allocation]:
    """The debits of a party settled by its credits, in the order of their days."""
    debits = [[item, item.open_amount] for item in items if item.amount > 0]
    credits_left = [[item, -item.open_amount] for item in items if item.amount < 0]
    while debits and credits_left:
        (debit, owed), (credit, paid) = debits[0], credits_left[0]
        amount = min(owed, paid)
        yield Allocation(
            debit_line=debit,
            credit_line=credit,
            amount=amount,
            debit_base=amount,
            credit_base=amount,
            on=max(debit.date, credit.date),
            by=by,
        )
        for side in (debits, credits_left):
            side[0][1] -= amount
            if not side[0][1]:
                side.pop(0)
