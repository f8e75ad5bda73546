"""Settling without money: credit of a party used for what it owes, and that taken back."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal

from django.db import transaction
from django.db.models import QuerySet
from django.utils.translation import gettext as _

from accounting.allocations import allocate_held, currency_of, locked, release, the_books
from accounting.guards import guards_speak
from accounting.models import Allocation, JournalEntry, JournalLine
from accounting.open_items import ROLES, OpenItem, open_items
from accounting.posting import exact
from backoffice import audit
from backoffice.errors import Refused
from backoffice.models import Party, User
from backoffice.money import ZERO, in_sentence


@dataclass(frozen=True)
class Part:
    """So much of an open item."""

    line: JournalLine
    amount: Decimal


def settle_each_other(parts: Sequence[Part], *, on: date, by: User | None) -> list[Allocation]:
    """Settle the debits by the credits, in their order; they must come to the same.

    Nothing enters the books but differences of exchange rates.
    """
    with guards_speak(), transaction.atomic():
        held = {line.pk: line for line in locked(*(part.line for part in parts))}
        asked = [Part(held[part.line.pk], exact(part.amount)) for part in parts]
        books = the_books()
        currencies = {currency_of(part.line, books) for part in asked}
        if len(currencies) > 1:
            raise Refused(_("Both must be on the same account and in the same currency."))
        debits = [part for part in asked if part.line.amount > 0]
        credits_ = [part for part in asked if part.line.amount < 0]
        check_balance(debits, credits_, books.minor_units[currencies.pop()] if currencies else 0)
        made = [
            allocate_held(debit, credit, amount, books, on=on, by=by)
            for debit, credit, amount in pairs(debits, credits_)
        ]
        for debit in debits:
            audit.record("credit used", debit.line.entry, by=by, on=str(on))
        return made


def check_balance(debits: Sequence[Part], credits_: Sequence[Part], places: int) -> None:
    """Refuse to settle more by credit than there is to settle, or less."""
    owed = sum((part.amount for part in debits), ZERO)
    given = sum((part.amount for part in credits_), ZERO)
    if owed != given:
        raise Refused(
            _(
                "Without money, what is settled must come to as much as the credit used for it:"
                " here %(owed)s against %(given)s."
            )
            % {"owed": in_sentence(owed, places), "given": in_sentence(given, places)}
        )
    if not owed:
        raise Refused(_("Say how much is settled."))


def pairs(
    debits: Sequence[Part], credits_: Sequence[Part]
) -> list[tuple[JournalLine, JournalLine, Decimal]]:
    """Each debit with the credits that settle it, the first with the first."""
    found = []
    left = {part.line.pk: part.amount for part in credits_}
    for debit in debits:
        wanted = debit.amount
        for credit in credits_:
            amount = min(wanted, left[credit.line.pk])
            if amount > 0:
                found.append((debit.line, credit.line, amount))
                wanted -= amount
                left[credit.line.pk] -= amount
    return found


def take_back_settlement(allocation: Allocation, *, on: date, by: User | None) -> Allocation:
    """Open again what a settlement had settled; a reversal stays settled by what it reverses."""
    debit, credit = allocation.debit_line.entry, allocation.credit_line.entry
    if debit.pk == credit.reverses_id or credit.pk == debit.reverses_id:
        raise Refused(_("An entry and its reversal settle each other for good."))
    return release(allocation, on=on, by=by)


# --- What there is to settle with ---------------------------------------------------------------


def item_of(entry: JournalEntry) -> JournalLine | None:
    """The line of a document's entry that its party owes or is owed."""
    lines = entry.lines.filter(account__role__in=ROLES, party__isnull=False)
    return lines.exclude(currency_amount=0).select_related("account", "party").first()


def settles_with(
    party: Party, role: str, currency: str, *, is_debit: bool, on: date
) -> QuerySet[OpenItem]:
    """The open items that can settle a debit or credit of the party, oldest first."""
    found = open_items(on=on, role=role, party=party).filter(item_currency=currency)
    side = {"open_amount__lt": 0} if is_debit else {"open_amount__gt": 0}
    return found.filter(**side).select_related("entry__due", "account").order_by("date", "pk")


def open_sum_of(items: QuerySet[OpenItem]) -> Decimal:
    """What the items come to, without sign."""
    return abs(sum((item.open_amount for item in items), ZERO))
