"""The books of the story as they grow: what is due when, and what was booked."""

from collections import defaultdict
from collections.abc import Callable
from datetime import date
from decimal import Decimal
from heapq import heappop, heappush
from itertools import count
from typing import Any, NamedTuple

from accounting.blocks import post_block
from accounting.entry_rules import PlainEntry, PlainLine
from accounting.models import Account, JournalEntry
from accounting.posting import reverse_entry
from backoffice.demo.story import Story
from backoffice.models import Party, User
from backoffice.money import ZERO, rounded

# Accounts without a role, by their codes in the chart of each country.
CODES = {
    "vehicles": {"GB": "1060", "US": "1540"},
    "computers": {"GB": "1050", "US": "1530"},
    "stock": {"GB": "1150", "US": "1200"},
    "deposits": {"GB": "1180", "US": "1310"},
    "tax_settlement": {"GB": "2040", "US": "2100"},
    "employer_payable": {"GB": "2060", "US": "2220"},
    "pension_payable": {"GB": "2065", "US": "2230"},
    "profit_tax_payable": {"GB": "2070", "US": "2300"},
    "loan": {"GB": "2110", "US": "2610"},
    "accrued": {"GB": "2080", "US": "2400"},
    "capital": {"GB": "3010", "US": "3010"},
    "dividends": {"GB": "3030", "US": "3200"},
    "services": {"GB": "4020", "US": "4020"},
    "sales_abroad": {"GB": "4030", "US": "4010"},
    "subcontractors": {"GB": "5020", "US": "5020"},
    "freight": {"GB": "5030", "US": "5030"},
    "pension": {"GB": "6030", "US": "6030"},
    "rent": {"GB": "7010", "US": "7010"},
    "energy": {"GB": "7020", "US": "7020"},
    "insurance": {"GB": "7040", "US": "7040"},
    "repairs": {"GB": "7050", "US": "7050"},
    "office": {"GB": "7060", "US": "7060"},
    "phones": {"GB": "7070", "US": "7030"},
    "software": {"GB": "7080", "US": "7080"},
    "travel": {"GB": "7090", "US": "7100"},
    "marketing": {"GB": "7110", "US": "7090"},
    "advice": {"GB": "7120", "US": "7120"},
    "vehicle_costs": {"GB": "7130", "US": "7140"},
    "bank_charges": {"GB": "8020", "US": "8020"},
    "interest": {"GB": "8030", "US": "8030"},
    "profit_tax": {"GB": "9010", "US": "9010"},
}
RESULT_KINDS = (Account.Kind.INCOME, Account.Kind.EXPENSE)


class Part(NamedTuple):
    """A line to be: an account by its name in the story, a debit if positive."""

    account: str
    amount: Decimal
    department: str = "company"
    party: Party | None = None


class Bill(NamedTuple):
    """A supplier's bill not yet paid."""

    due: date
    party: Party
    gross: Decimal


class Due(NamedTuple):
    """Something to do on a day; what has the higher order comes later on it."""

    day: date
    order: int
    turn: int
    act: Callable[..., None]
    facts: tuple[Any, ...]


class Diary:
    """Does what is due, day by day, and keeps the books of it."""

    def __init__(self, story: Story) -> None:
        self.story = story
        self.random = story.random("accounting")
        self.accounts = accounts_of(story.country.code)
        self.result_accounts = set(
            Account.objects.filter(kind__in=RESULT_KINDS).values_list("pk", flat=True)
        )
        self.departments = {key: found.pk for key, found in story.departments.items()}
        self.balances: dict[int, Decimal] = defaultdict(Decimal)
        self.open_bills: list[Bill] = []
        self.profit_tax_due: dict[date, Decimal] = {}
        self.taxed_result = ZERO
        self.agenda: list[Due] = []
        self.entries: list[PlainEntry] = []
        self.turns, self.sources, self.invoices = count(), count(1), count(2301)

    def at(self, day: date, act: Callable[..., None], *facts: Any, order: int = 0) -> None:
        """Remember to do something on a day."""
        heappush(self.agenda, Due(day, order, next(self.turns), act, facts))

    def live_until(self, day: date) -> None:
        """Do what is due up to the day, and post what came of it."""
        while self.agenda and self.agenda[0].day <= day:
            due = heappop(self.agenda)
            due.act(self, due.day, *due.facts)
        self.post(day)

    def book(
        self, day: date, text: str, *parts: Part, payee: str = "", kind: str = "normal"
    ) -> PlainEntry:
        """Put down an entry; it is posted with the others of its month."""
        entry = PlainEntry(
            on=day,
            text=text,
            source_key=f"demo:{next(self.sources)}",
            lines=[self.line(part) for part in parts if part.amount],
            payee=payee,
            kind=kind,
        )
        for line in entry.lines:
            self.balances[line.account] += line.amount
        self.entries.append(entry)
        return entry

    def line(self, part: Part) -> PlainLine:
        """The part with its references resolved."""
        return PlainLine(
            account=self.accounts[part.account],
            department=self.departments[part.department],
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
        for line in entry.lines:
            self.balances[line.account] -= line.amount

    def bookkeeper(self, day: date) -> User:
        """Who keeps the books in the month of the day."""
        people = self.story.holders("Bookkeeper")
        return people[day.month % len(people)]

    def balance(self, account: str) -> Decimal:
        """What stands on an account: positive if it is a debit."""
        return self.balances[self.accounts[account]]

    def owed(self, account: str) -> Decimal:
        """What is owed on an account, if anything."""
        return max(-self.balance(account), ZERO)

    def result(self) -> Decimal:
        """Income less expense since the books began."""
        return -sum((self.balances[pk] for pk in self.result_accounts), ZERO)


def accounts_of(country: str) -> dict[str, int]:
    """The keys of accounts by role, and by what the story calls those without one."""
    found = dict(Account.objects.exclude(role="").values_list("role", "pk"))
    by_code = dict(Account.objects.values_list("code", "pk"))
    return found | {name: by_code[codes[country]] for name, codes in CODES.items()}


def cents(amount: Decimal) -> Decimal:
    """The amount as pounds and pence, or dollars and cents."""
    return rounded(amount, 2)
