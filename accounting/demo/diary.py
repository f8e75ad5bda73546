"""The books of the story as they grow: what is due when, and what was put down to be posted."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from heapq import heappop, heappush
from itertools import count
from typing import Any, NamedTuple

from django.db.models import F, Sum

from accounting.blocks import post_block
from accounting.demo.accounts import accounts_of
from accounting.entry_rules import PlainEntry, PlainLine
from accounting.models import Account, JournalEntry, JournalLine, MonthlyBalance
from accounting.posting import reverse_entry
from backoffice.demo.story import Story
from backoffice.models import Party, User
from backoffice.money import ZERO, rounded

RESULT_KINDS = (Account.Kind.INCOME, Account.Kind.EXPENSE)


class Part(NamedTuple):
    """A line to be: an account by its name in the story, a debit if positive."""

    account: str
    amount: Decimal
    department: str = "company"
    party: Party | None = None


@dataclass(frozen=True)
class Owed:
    """What a supplier is owed and was not paid yet."""

    due: date
    party: Party
    amount: Decimal
    line: JournalLine


class OnlyAtBank(NamedTuple):
    """Money the bank has seen and nobody has entered yet."""

    day: date
    amount: Decimal
    text: str
    party: Party | None = None


class Due(NamedTuple):
    """Something to do on a day; what has the higher order comes later on it."""

    day: date
    order: int
    turn: int
    act: Callable[..., object]
    facts: tuple[Any, ...]


class Diary:
    """Does what is due, day by day, and keeps the books of it."""

    def __init__(self, story: Story) -> None:
        self.story = story
        self.random = story.random("accounting")
        self.accounts = accounts_of(story.country.code)
        self.agenda: list[Due] = []
        self.entries: list[PlainEntry] = []
        self.owed_to_suppliers: list[Owed] = []
        self.only_at_bank: list[OnlyAtBank] = []
        self.profit_tax_due: dict[date, Decimal] = {}
        self.taxed_result = ZERO
        self.turns, self.sources, self.bill_numbers = count(), count(1), count(4107, 13)

    def at(self, day: date, act: Callable[..., object], *facts: Any, order: int = 0) -> None:
        """Remember to do something on a day."""
        heappush(self.agenda, Due(day, order, next(self.turns), act, facts))

    def live_until(self, day: date) -> None:
        """Do what is due up to the day, and post what was put down."""
        while self.agenda and self.agenda[0].day <= day:
            due = heappop(self.agenda)
            due.act(self, due.day, *due.facts)
        self.post(day)

    def source(self) -> str:
        """A key for something that happens once."""
        return f"demo:{next(self.sources)}"

    def book(self, day: date, text: str, *parts: Part, payee: str = "") -> PlainEntry:
        """Put down an entry no document stands behind; it is posted with others of its month."""
        entry = PlainEntry(
            on=day,
            text=text,
            source_key=self.source(),
            lines=[self.line(part) for part in parts if part.amount],
            payee=payee,
        )
        self.entries.append(entry)
        return entry

    def line(self, part: Part) -> PlainLine:
        """The part with its references resolved."""
        return PlainLine(
            account=self.accounts[part.account].pk,
            department=self.story.departments[part.department].pk,
            amount=cents(part.amount),
            party=part.party.pk if part.party else None,
        )

    def post(self, day: date) -> None:
        """Post what was put down."""
        post_block(self.entries, by=self.bookkeeper(day))
        self.entries = []

    def take_back(self, day: date, entry: PlainEntry, why: str) -> None:
        """Reverse an entry that should not have been made."""
        self.post(day)
        mistake = JournalEntry.objects.get(source_key=entry.source_key)
        reverse_entry(mistake, on=day, by=self.bookkeeper(day), why=why)

    def bookkeeper(self, day: date) -> User:
        """Who keeps the books in the month of the day."""
        people = [
            member.user
            for member in self.story.members
            if member.role == "Bookkeeper" and member.since <= day
        ]
        people = people or [self.story.members[0].user]
        return people[day.month % len(people)]

    @property
    def accountant(self) -> User:
        """Who approves what others enter."""
        return self.story.holders("Accountant")[0]

    def balance(self, account: str) -> Decimal:
        """What stands on an account: positive if it is a debit."""
        pk = self.accounts[account].pk
        put_down = (line.amount for e in self.entries for line in e.lines if line.account == pk)
        return balance_of(MonthlyBalance.objects.filter(account=pk)) + sum(put_down, ZERO)

    def owed(self, account: str) -> Decimal:
        """What is owed on an account, if anything."""
        return max(-self.balance(account), ZERO)

    def result(self, day: date) -> Decimal:
        """Income less expense since the books began; posts what was put down."""
        self.post(day)
        return -balance_of(MonthlyBalance.objects.filter(account__kind__in=RESULT_KINDS))


def balance_of(balances: Any) -> Decimal:
    """Debits less credits of the months."""
    return balances.aggregate(total=Sum(F("debit") - F("credit")))["total"] or ZERO


def cents(amount: Decimal) -> Decimal:
    """The amount as pounds and pence, or dollars and cents."""
    return rounded(amount, 2)
