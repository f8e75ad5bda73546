"""Taking over the books of another program: its balances, what was open, and whether all is here.

The balances owed by customers and to suppliers enter on a clearing account for each kind; the
open invoices and bills, brought in one by one, take them off it again. Both must be empty.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from typing import Any

from django.db import transaction
from django.db.models import Q, Sum
from django.utils.translation import gettext as _

from accounting.guards import guards_speak
from accounting.models import Account, JournalEntry, JournalLine
from accounting.models.marks import mark_of
from accounting.open_items import set_due
from accounting.posting import Line, post
from backoffice import audit
from backoffice.errors import Refused
from backoffice.models import Company, Currency, Party, User
from backoffice.money import ZERO, has_too_many_decimals, rounded

CLEARING = {"receivable": "opening_receivables", "payable": "opening_payables"}
BALANCES, ITEM = "opening:balances", "opening:item"
OPENING = JournalEntry.Kind.OPENING
LONGEST = 60  # characters of a number


@dataclass(frozen=True)
class OpenItem:
    """An invoice or bill that was open elsewhere: positive as usual, negative for a credit.

    `base` is what the other books had it at; in their own currency it is the amount.
    """

    role: str
    party: Party
    number: str
    dated: date
    due_on: date
    amount: Decimal
    base: Decimal
    currency: Currency | None = None

    @property
    def source(self) -> str:
        """What it is known by: our own number, or a supplier's."""
        if self.role == "payable":
            return bill_source(self.party, self.number)
        return f"{ITEM}:{self.role}:{self.number.strip().casefold()}"


def bill_source(supplier: Party, number: str) -> str:
    """What an open bill is known by: its supplier and the letters and digits of its number."""
    return f"{ITEM}:payable:{supplier.pk}:{mark_of(number).upper()}"


def standing(source: str) -> JournalEntry | None:
    """The entry of a source that was not reversed."""
    found = JournalEntry.objects.filter(source_key__startswith=f"{source}#")
    return found.filter(reversed_by=None).first()


def next_key(source: str) -> str:
    """A key for the source; after a reversal a new one, or the reversed entry would answer."""
    before = JournalEntry.objects.filter(source_key__startswith=f"{source}#").count()
    return f"{source}#{before + 1}"


# --- balances ---------------------------------------------------------------------------------


def take_over_balances(lines: Sequence[Line], *, on: date, by: User | None) -> JournalEntry:
    """The balances of the other books in one entry; the same again changes nothing.

    What customers and suppliers owe goes on the clearing accounts.
    """
    with guards_speak(), transaction.atomic():
        moved = [on_clearing(line) for line in lines if line.amount]
        total = sum((line.amount for line in moved), ZERO)
        if total:
            debits = sum((line.amount for line in moved if line.amount > 0), ZERO)
            words = {"debits": debits, "credits": debits - total, "difference": total}
            raise Refused(
                _("Debits are %(debits)s, credits %(credits)s: %(difference)s too much.")
                % {name: f"{amount.normalize():f}" for name, amount in words.items()}
            )
        source = f"{BALANCES}:{on}"
        known = standing(source)
        if known is not None:
            if sums(known) != added(moved):
                raise Refused(
                    _("%(day)s has other balances in the books: reverse %(entry)s first.")
                    % {"day": on, "entry": known}
                )
            return known
        entry = post(
            on=on,
            text=_("Opening balances"),
            lines=moved,
            by=by,
            kind=OPENING,
            source_key=next_key(source),
        )
        audit.record("balances taken over", entry, by=by, lines=len(moved))
        return entry


def on_clearing(line: Line) -> Line:
    """The line, on the clearing account where it is owed by or to somebody."""
    role = line.account.role if isinstance(line.account, Account) else line.account
    if role not in CLEARING:
        return line
    return Line(clearing_account(role), line.amount, department=line.department, text=line.text)


def clearing_account(role: str) -> Account:
    """The clearing account of what is owed, or a refusal."""
    found = Account.objects.filter(role=CLEARING[role]).first()
    if found is None:
        label = Account.Role(CLEARING[role]).label
        raise Refused(_("No account has the role “%(role)s”: give it to one.") % {"role": label})
    return found


def sums(entry: JournalEntry) -> dict[int, Decimal]:
    """What an entry moved on each account."""
    rows = entry.lines.order_by().values("account").annotate(total=Sum("amount"))
    return {account: total for account, total in rows.values_list("account", "total") if total}


def added(lines: Sequence[Line]) -> dict[int, Decimal]:
    """The same of lines not yet posted."""
    found: dict[int, Decimal] = {}
    for line in lines:
        key = line.account.pk if isinstance(line.account, Account) else 0
        found[key] = found.get(key, ZERO) + line.amount
    return {key: amount for key, amount in found.items() if amount}


# --- open items -------------------------------------------------------------------------------


def take_over_item(item: OpenItem, *, on: date, by: User | None) -> tuple[JournalEntry, bool]:
    """The entry of an open invoice or bill, and whether it is new; each number comes once."""
    with guards_speak(), transaction.atomic():
        check_item(item, on=on)
        Account.objects.select_for_update(no_key=True).get(pk=clearing_account(item.role).pk)
        known = standing(item.source)
        if known is not None:
            check_same(item, known)
            return known, False
        entry = post(
            on=on,
            text=_("%(number)s of %(day)s, open at the take-over")
            % {"number": item.number, "day": item.dated},
            lines=lines_of(item),
            by=by,
            kind=OPENING,
            source_key=next_key(item.source),
            payee=item.party.name[:120],
            due_on=item.due_on,
        )
        set_due(entry, due_on=item.due_on, reference=item.number, by=by)
        return entry, True


def lines_of(item: OpenItem) -> list[Line]:
    """What is owed, against the clearing account of its kind."""
    sign = 1 if item.role == "receivable" else -1
    owed = Line(
        item.role,
        sign * item.base,
        party=item.party,
        currency=item.currency,
        currency_amount=sign * item.amount if item.currency else None,
        text=item.number,
    )
    return [owed, Line(CLEARING[item.role], -sign * item.base, text=item.number)]


def check_item(item: OpenItem, *, on: date) -> None:
    """Refuse what cannot have been open on the day."""
    number = item.number.strip()
    refusals = [
        (not number, _("Give its number."), "number"),
        (len(number) > LONGEST, _("At most %(most)s characters.") % {"most": LONGEST}, "number"),
        (not item.amount, _("Nothing is open of it."), "amount"),
        (item.amount * item.base <= 0, _("Say what it was worth in the books."), "rate"),
        (item.dated > on, _("It is dated after the take-over."), "date"),
        (item.due_on < item.dated, _("It is due before its own date."), "due_on"),
    ]
    for is_so, sentence, field in refusals:
        if is_so:
            raise Refused(sentence, field=field)
    books = Company.objects.select_related("currency").get().currency
    check_decimals(item.amount, item.currency or books, "amount")
    check_decimals(item.base, books, "base_amount")


def check_decimals(amount: Decimal, currency: Currency, field: str) -> None:
    """Refuse an amount finer than its currency."""
    if has_too_many_decimals(amount, currency.minor_unit):
        words = {"currency": currency.code, "count": currency.minor_unit}
        raise Refused(_("%(currency)s has %(count)s decimals.") % words, field=field)


def check_same(item: OpenItem, known: JournalEntry) -> None:
    """Refuse a number that is here already with another amount or for somebody else."""
    line = known.lines.get(account__role=item.role)
    asked = lines_of(item)[0]
    currency = item.currency.code if item.currency else None
    here = (line.party_id, line.amount, line.currency_id, line.currency_amount)
    if here != (item.party.pk, asked.amount, currency, asked.currency_amount):
        raise Refused(
            _("%(number)s is here already by %(entry)s, with another amount or party.")
            % {"number": item.number, "entry": known},
            field="number",
        )


def base_of(amount: Decimal, rate: Decimal) -> Decimal:
    """What a foreign amount was worth at the rate it was booked at."""
    unit = Company.objects.select_related("currency").get().currency.minor_unit
    return rounded(amount * rate, unit)


# --- ready to go live? ------------------------------------------------------------------------


@dataclass(frozen=True)
class Compared:
    """An account with its balance in the other books and in these."""

    account: Account
    old: Decimal
    ours: Decimal

    @property
    def difference(self) -> Decimal:
        """What these books have more."""
        return self.ours - self.old


@dataclass(frozen=True)
class GoLive:
    """Whether everything is taken over: nothing on the clearing accounts, balances the same."""

    on: date | None
    clearing: Sequence[tuple[Account, Decimal]]
    rows: Sequence[Compared]
    items: Mapping[str, int]

    @property
    def is_clear(self) -> bool:
        """Whether both clearing accounts are empty."""
        return not any(balance for _account, balance in self.clearing)

    @property
    def agrees(self) -> bool:
        """Whether every balance is that of the other books."""
        return not any(row.difference for row in self.rows)

    @property
    def is_ready(self) -> bool:
        """Whether the books may go live."""
        return self.on is not None and self.is_clear and self.agrees


def go_live() -> GoLive:
    """The other trial balance beside ours, and what is left on the clearing accounts."""
    balances = JournalEntry.objects.filter(
        source_key__startswith=f"{BALANCES}:", reversed_by=None
    ).order_by("-date", "-pk")
    newest = balances.first()
    kept = JournalEntry.objects.filter(source_key__startswith=f"{ITEM}:", reversed_by=None)
    counts = {
        role: kept.filter(source_key__startswith=f"{ITEM}:{role}:").count() for role in CLEARING
    }
    on = newest.date if newest else None
    return GoLive(on, left_on_clearing(), compared(newest) if newest else [], counts)


def left_on_clearing() -> list[tuple[Account, Decimal]]:
    """What stands on each clearing account."""
    found = Account.objects.filter(role__in=CLEARING.values()).order_by("code")
    return [(account, total_of(Q(account=account)).get(account.pk, ZERO)) for account in found]


def compared(entry: JournalEntry) -> list[Compared]:
    """Each account of the other trial balance, or with a balance of ours on that day.

    Ours is what stands on the day: all that is older, and all that opens the books.
    """
    accounts = {account.role or account.code: account for account in Account.objects.all()}
    back = {
        accounts[clearing].pk: accounts[role].pk
        for role, clearing in CLEARING.items()
        if clearing in accounts and role in accounts
    }
    old = {back.get(key, key): amount for key, amount in sums(entry).items()}
    ours = total_of(
        Q(date__lt=entry.date) | Q(date=entry.date, entry__kind=OPENING),
        Q(entry__reverses=None, entry__reversed_by=None),
    )
    by_key = {account.pk: account for account in accounts.values()}
    keys = {*old, *(key for key, amount in ours.items() if amount)}
    rows = [Compared(by_key[key], old.get(key, ZERO), ours.get(key, ZERO)) for key in keys]
    return sorted(rows, key=lambda row: row.account.code)


def total_of(*which: Q) -> dict[int, Decimal]:
    """What lines sum to, by account."""
    rows = JournalLine.objects.filter(*which).order_by().values("account")
    found: Any = rows.annotate(total=Sum("amount")).values_list("account", "total")
    return dict(found)
