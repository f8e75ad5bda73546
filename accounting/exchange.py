"""Rates of exchange, and what foreign items are worth at the end of a month."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, timedelta
from decimal import Decimal

from django.db import connection, transaction
from django.db.models import Q, QuerySet, Sum
from django.utils.translation import gettext as _

from accounting.guards import guards_speak
from accounting.models import Account, ExchangeRate, JournalEntry, JournalLine
from accounting.open_items import ROLES, open_items
from accounting.posting import Line, post, reverse_entry
from accounting.years import open_year_for
from backoffice import audit
from backoffice.errors import Refused
from backoffice.models import Company, Party, User
from backoffice.money import ZERO, rounded

OLDEST = timedelta(days=7)  # weekends and holidays have no rate of their own
A_DAY = timedelta(days=1)


def rate_on(currency: str, on: date) -> Decimal:
    """What one unit is worth in the books on the day: the last rate, at most a week old.

    Refuses where there is none: a missing rate is never one.
    """
    found = ExchangeRate.objects.filter(
        currency=currency, date__lte=on, date__gte=on - OLDEST
    ).order_by("-date")
    rate = found.values_list("rate", flat=True).first()
    if rate is None:
        raise Refused(
            _("There is no rate of %(currency)s for %(day)s: enter it first.")
            % {"currency": currency, "day": on},
            field="rate",
        )
    return rate


@dataclass(frozen=True)
class Revalued:
    """A foreign item or account at the rate of a day: what the books say, what it is worth."""

    account: Account
    party: Party | None
    what: str
    currency: str
    amount: Decimal
    booked: Decimal
    rate: Decimal
    worth: Decimal

    @property
    def difference(self) -> Decimal:
        """Gained if positive."""
        return self.worth - self.booked

    @property
    def line_text(self) -> str:
        """What its line in the books says."""
        amount, rate = (f"{number.normalize():f}" for number in (self.amount, self.rate))
        return f"{self.what} {amount} {self.currency} @ {rate}"[:200]


def foreign_items(on: date) -> list[Revalued]:
    """Every open foreign item and foreign account at the rate of the day."""
    company = Company.objects.select_related("currency").get()
    books, unit = company.currency_id, company.currency.minor_unit
    rates: dict[str, Decimal] = {}
    found: list[Revalued] = []
    for account, party, what, currency, amount, booked in foreign_amounts(on, books):
        if currency not in rates:
            rates[currency] = rate_on(currency, on)
        worth = rounded(amount * rates[currency], unit)
        found.append(
            Revalued(account, party, what, currency, amount, booked, rates[currency], worth)
        )
    return found


def foreign_amounts(on: date, books: str) -> list[tuple]:
    """Account, party, name, currency, open amount and booked amount of what is foreign."""
    found = []
    for role in ROLES:
        items = open_items(on=on, role=role).exclude(item_currency=books)
        for item in items.select_related("account", "party").order_by("pk"):
            facts = (item.item_currency, item.open_amount, item.open_base)
            found.append((item.account, item.party, item.reference, *facts))
    foreign = Account.objects.exclude(currency=None).exclude(currency=books)
    kept = foreign.exclude(role__in=ROLES).order_by("code")  # those are looked at item by item
    sums = {
        pk: (amount, base)
        for pk, amount, base in JournalLine.objects.filter(account__in=kept, date__lte=on)
        .order_by()
        .values("account")
        .annotate(own=Sum("currency_amount"), base=Sum("amount"))
        .values_list("account", "own", "base")
    }
    for account in kept:
        amount, base = sums.get(account.pk, (ZERO, ZERO))
        if amount or base:
            found.append((account, None, account.name, account.currency_id, amount, base))
    return found


# What was gained, by whom it is owed or owing and by which item.
Gains = dict[tuple[Party | None, str], Decimal]


@dataclass(frozen=True)
class Revaluation:
    """What foreign items gained or lost by a day, and what the books hold of it."""

    on: date
    items: list[Revalued]
    entries: list[JournalEntry]
    posted: Gains

    @property
    def total(self) -> Decimal:
        """Gained by all items, if positive."""
        return sum((item.difference for item in self.items), ZERO)

    @property
    def total_posted(self) -> Decimal:
        """The same as posted."""
        return sum(self.posted.values(), ZERO)

    @property
    def missing(self) -> Gains:
        """What is still to be posted, item by item, of each party whose sum differs.

        The name of an item may change; as long as the sums agree, so do the books.
        """
        found: Gains = defaultdict(lambda: ZERO, {key: -gain for key, gain in self.posted.items()})
        for item in self.items:
            found[item.party, item.line_text] += item.difference
        differs = by_party(found)
        return {key: gain for key, gain in found.items() if gain and differs[key[0]]}

    @property
    def differing(self) -> Decimal:
        """How much the books are out, gains and losses alike; zero where they hold."""
        return sum((abs(gain) for gain in by_party(self.missing).values()), ZERO)


def by_party(gains: Gains) -> dict[Party | None, Decimal]:
    """What was gained with each party."""
    sums: dict[Party | None, Decimal] = defaultdict(lambda: ZERO)
    for (party, _text), gain in gains.items():
        sums[party] += gain
    return sums


def revaluation_of(on: date) -> Revaluation:
    """The foreign items at the rates of the day beside what is posted for it."""
    entries = list(revaluation_entries(on))
    return Revaluation(on, foreign_items(on), entries, posted_gains(entries))


def revaluation_entries(on: date) -> QuerySet[JournalEntry]:
    """The entry of the day and those that put it right, oldest first."""
    key = source_key(on)
    mine = Q(source_key=key) | Q(source_key__startswith=f"{key}:")
    return JournalEntry.objects.filter(mine).order_by("pk")


def posted_gains(entries: Iterable[JournalEntry]) -> Gains:
    """What these entries say was gained."""
    lines = JournalLine.objects.filter(entry__in=entries, account__role="revaluation")
    found: Gains = defaultdict(lambda: ZERO)
    for line in lines.select_related("party"):
        found[line.party, line.text] += line.amount
    return found


def revalue(*, on: date, today: date, by: User | None) -> JournalEntry | None:
    """The entry of what foreign items gained or lost, taken back by itself the next day.

    The control accounts are left alone, so that they always tie to their items: the difference
    stands on an account beside them. Where items or rates changed since it was posted, another
    entry brings the difference. None where nothing ever differed; again gets the last entry.
    """
    check_has_ended(on, today)
    with guards_speak(), transaction.atomic():
        hold_revaluation()
        found = revaluation_of(on)
        missing = found.missing
        if not missing:
            return found.entries[-1] if found.entries else None
        open_year_for(on + A_DAY, by=by)
        entry = post(
            on=on,
            text=text_of(found),
            lines=[line for key, gain in missing.items() for line in lines_of(*key, gain)],
            by=by,
            source_key=source_key(on, len(found.entries) + 1),
        )
        reverse_entry(entry, on=on + A_DAY, by=by)
        audit.record("foreign items revalued", entry, by=by, on=str(on))
        return entry


def check_has_ended(on: date, today: date) -> None:
    """Refuse a day that goes on: what is paid or entered on it would not be in the figure."""
    if on >= today:
        raise Refused(
            _("%(day)s has not ended: it can be posted from %(next)s on.")
            % {"day": on, "next": on + A_DAY},
            field="on",
        )


def hold_revaluation() -> None:
    """Let nobody else revalue until this is committed: what is missing depends on it."""
    with connection.cursor() as cursor:
        cursor.execute("select pg_advisory_xact_lock(hashtext('accounting.revaluation'))")


def source_key(on: date, number: int = 1) -> str:
    """What keeps a day from being revalued twice, and each time it is put right."""
    return f"revaluation:{on}" if number == 1 else f"revaluation:{on}:{number}"


def text_of(found: Revaluation) -> str:
    """What the next entry of the day is called."""
    if found.entries:
        return _("Foreign items at the rates of %(day)s, put right") % {"day": found.on}
    return _("Foreign items at the rates of %(day)s") % {"day": found.on}


def lines_of(party: Party | None, text: str, gain: Decimal) -> list[Line]:
    """Gain or loss not realised, against the account beside the control accounts."""
    return [
        Line(account, amount, party=party, text=text)
        for account, amount in (("revaluation", gain), ("exchange_unrealised", -gain))
    ]
