"""Settling: a debit against a credit of the same party, and taking that back."""

from collections.abc import Iterable
from datetime import date
from decimal import Decimal
from typing import NamedTuple

from django.db import connection, transaction
from django.db.models import Q
from django.utils.translation import gettext as _

from accounting.guards import guards_speak
from accounting.models import Allocation, JournalEntry, JournalLine
from accounting.open_items import ROLES
from accounting.posting import Line, post, swapped_entry
from backoffice import audit
from backoffice.errors import Refused
from backoffice.models import Company, User
from backoffice.money import ZERO, has_too_many_decimals, in_sentence, minor_units, rounded

# Asked for each item of each payment.
SETTLED = """
select coalesce(sum(amount), 0), coalesce(sum(debit_base), 0), coalesce(sum(credit_base), 0)
  from accounting_allocation where debit_line_id = %s or credit_line_id = %s
"""


class Left(NamedTuple):
    """What is left of an item to settle, without sign: in its currency and in the books'."""

    amount: Decimal
    base: Decimal


class Books(NamedTuple):
    """The currency of the books and the decimals of all currencies."""

    currency: str
    minor_units: dict[str, int]


def allocate(
    debit_line: JournalLine,
    credit_line: JournalLine,
    amount: Decimal,
    *,
    on: date,
    by: User | None,
) -> Allocation:
    """Settle so much of the debit by the credit; a difference of exchange rates is posted.

    The amount is in the currency of both items. What settles the last of an item takes all
    that is left of it in the books.
    """
    with guards_speak(), transaction.atomic():
        debit, credit = locked(debit_line, credit_line)
        return allocate_held(debit, credit, amount, the_books(), on=on, by=by)


def allocate_held(
    debit: JournalLine,
    credit: JournalLine,
    amount: Decimal,
    books: Books,
    *,
    on: date,
    by: User | None,
) -> Allocation:
    """The same of lines the caller holds as they stand, or has just posted."""
    check_pair(debit, credit, books, on=on)
    debit_base = released_base(debit, amount, books)
    credit_base = released_base(credit, amount, books)
    return Allocation.objects.create(
        debit_line=debit,
        credit_line=credit,
        amount=amount,
        debit_base=debit_base,
        credit_base=credit_base,
        on=on,
        by=by,
        exchange_entry=exchange_entry(debit, debit_base - credit_base, on=on, by=by),
    )


def release(allocation: Allocation, *, on: date, by: User | None) -> Allocation:
    """Take a settlement back, once: both items are open again, its exchange entry reversed."""
    with guards_speak(), transaction.atomic():
        locked(allocation.debit_line, allocation.credit_line)
        check_release(allocation, on=on)
        difference = allocation.exchange_entry
        undone = Allocation.objects.create(
            debit_line_id=allocation.debit_line_id,
            credit_line_id=allocation.credit_line_id,
            amount=-allocation.amount,
            debit_base=-allocation.debit_base,
            credit_base=-allocation.credit_base,
            on=on,
            by=by,
            exchange_entry=difference and swapped_entry(difference, on=on, by=by),
            releases=allocation,
        )
        audit.record("settlement released", allocation.debit_line.entry, by=by, on=str(on))
        return undone


def the_books() -> Books:
    """The currency of the books, with all currencies."""
    return Books(Company.objects.values_list("currency_id", flat=True).get(), minor_units())


def locked(*lines: JournalLine) -> list[JournalLine]:
    """The lines as they stand, debits first, held until commit against others who settle them."""
    found = list(
        JournalLine.objects.select_for_update(of=("self",), no_key=True)
        .select_related("account", "party", "currency", "entry__due")
        .filter(pk__in=[line.pk for line in lines])
        .order_by("pk")
    )
    return sorted(found, key=lambda line: line.amount < 0)


def currency_of(line: JournalLine, books: Books) -> str:
    """The currency the item is kept in."""
    return line.currency_id or books.currency


def left_of(line: JournalLine) -> Left:
    """What is left of the item, whatever the day."""
    with connection.cursor() as cursor:
        cursor.execute(SETTLED, [line.pk, line.pk])
        amount, debit_base, credit_base = cursor.fetchone()
    whole = line.amount if line.currency_amount is None else line.currency_amount
    base = debit_base if line.amount > 0 else credit_base
    return Left(abs(whole) - amount, abs(line.amount) - base)


def released_base(line: JournalLine, amount: Decimal, books: Books) -> Decimal:
    """What leaves the books with so much of the item: its share; with the last of it, the rest."""
    currency = currency_of(line, books)
    places = books.minor_units[currency]
    if amount <= 0:
        raise Refused(_("Settle more than nothing."), field="amount")
    if has_too_many_decimals(amount, places):
        raise Refused(
            _("%(amount)s has more decimals than %(currency)s has.")
            % {"amount": f"{amount.normalize():f}", "currency": currency},
            field="amount",
        )
    left = left_of(line)
    if amount > left.amount:
        raise Refused(
            _("Only %(left)s %(currency)s of %(item)s are left to settle.")
            % {
                "left": in_sentence(left.amount, places),
                "currency": currency,
                "item": line.entry.reference,
            },
            field="amount",
        )
    if amount == left.amount:
        return left.base
    if line.currency_amount is None:
        return amount
    share = abs(line.amount) * amount / abs(line.currency_amount)
    return min(rounded(share, books.minor_units[books.currency]), left.base)


def check_pair(debit: JournalLine, credit: JournalLine, books: Books, *, on: date) -> None:
    """Refuse two lines that cannot settle each other."""
    if debit.account.role not in ROLES:
        raise Refused(_("Only what customers and suppliers owe is settled."))
    if debit.amount < 0 or credit.amount > 0:
        raise Refused(_("A debit is settled by a credit; these are on one side."))
    if debit.account_id != credit.account_id or currency_of(debit, books) != currency_of(
        credit, books
    ):
        raise Refused(_("Both must be on the same account and in the same currency."))
    if debit.party_id is None or debit.party_id != credit.party_id:
        raise Refused(_("Both must be of the same party."))
    first = max(debit.date, credit.date)
    if on < first:
        raise Refused(
            _("Nothing is settled before it was entered: the earliest day is %(day)s.")
            % {"day": first},
            field="on",
        )


def check_release(allocation: Allocation, *, on: date) -> None:
    """Refuse to take back a release, or what is taken back already."""
    if allocation.releases_id:
        raise Refused(_("This is a release: settle the items again instead."))
    if Allocation.objects.filter(releases=allocation).exists():
        raise Refused(_("This is released already."))
    if on < allocation.on:
        raise Refused(
            _("It was settled on %(day)s and cannot be released before.") % {"day": allocation.on},
            field="on",
        )


def exchange_entry(
    debit: JournalLine, difference: Decimal, *, on: date, by: User | None
) -> JournalEntry | None:
    """The entry of what a settlement gains or loses, by which both items clear in the books too.

    The difference is what leaves the debit less what leaves the credit; a positive one is a loss.
    """
    if not difference:
        return None
    return post(
        on=on,
        text=_("Exchange difference, %(item)s") % {"item": debit.entry.reference},
        lines=[
            Line(
                debit.account,
                -difference,
                department=debit.department,
                party=debit.party,
                currency=debit.currency,
                currency_amount=ZERO,
            ),
            Line("exchange", difference, department=debit.department, party=debit.party),
        ],
        by=by,
        payee=debit.entry.payee,
    )


# --- What is reversed, and put right -----------------------------------------------------------


def standing(lines: Iterable[JournalLine]) -> list[Allocation]:
    """The settlements of the lines that are not taken back, in the order they were made."""
    keys = [line.pk for line in lines]
    return list(
        Allocation.objects.filter(Q(debit_line__in=keys) | Q(credit_line__in=keys))
        .filter(releases=None, released_by=None)
        .select_related("debit_line__entry", "credit_line", "exchange_entry")
        .order_by("pk")
    )


def items_of(entry: JournalEntry) -> list[JournalLine]:
    """The lines of an entry that can be settled, held until commit."""
    return list(
        JournalLine.objects.select_for_update(of=("self",), no_key=True)
        .filter(entry=entry, account__role__in=ROLES, party__isnull=False)
        .exclude(currency_amount=0)
        .order_by("pk")
    )


def settlements_held(entry: JournalEntry) -> list[Allocation]:
    """The settlements of an entry about to be reversed, with their lines held until commit."""
    if Allocation.objects.filter(exchange_entry=entry, releases=None, released_by=None).exists():
        raise Refused(
            _("%(entry)s follows from a settlement: release that instead.") % {"entry": entry}
        )
    lines = items_of(entry)
    found = standing(lines) if lines else []
    locked(*(line for a in found for line in (a.debit_line, a.credit_line)))
    return found


def settle_reversal(
    entry: JournalEntry, reversal: JournalEntry, held: list[Allocation], *, by: User | None
) -> None:
    """Release what had settled the entry, and let it and its reversal settle each other."""
    for allocation in held:
        release(allocation, on=max(reversal.date, allocation.on), by=by)
    day = max([reversal.date, *(allocation.on for allocation in held)])
    opposite = {line.position: line for line in items_of(reversal)}
    for line in items_of(entry):
        left = left_of(line).amount
        if left and line.position in opposite:
            debit, credit = locked(line, opposite[line.position])
            allocate(debit, credit, left, on=day, by=by)


def settle_as_before(
    original: JournalEntry, corrected: JournalEntry, *, on: date, by: User | None
) -> int:
    """Settle the corrected copy by what had settled the original; how often that was possible."""
    again = 0
    for line in items_of(corrected):
        for counter in counters_of(original, line):
            amount = min(left_of(line).amount, left_of(counter).amount)
            if amount > 0:
                day = max(on, line.date, counter.date)
                debit, credit = locked(line, counter)
                allocate(debit, credit, amount, on=day, by=by)
                again += 1
    return again


def counters_of(original: JournalEntry, line: JournalLine) -> list[JournalLine]:
    """What had settled lines of the original like this one, until the original was reversed."""
    released = Allocation.objects.filter(
        releases__isnull=False, made_at__gte=original.reversed_by.posted_at
    ).order_by("pk")
    own, other = (
        ("debit_line", "credit_line") if line.amount > 0 else ("credit_line", "debit_line")
    )
    return [
        getattr(allocation, other)
        for allocation in released.filter(
            **{
                f"{own}__entry": original,
                f"{own}__account": line.account_id,
                f"{own}__party": line.party_id,
                f"{own}__currency": line.currency_id,
            }
        ).select_related(other)
    ]
