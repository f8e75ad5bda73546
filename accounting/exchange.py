"""Rates of exchange, and what foreign items are worth at the end of a month."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, timedelta
from decimal import Decimal

from django.db import transaction
from django.db.models import Sum
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


def revalue(*, on: date, by: User | None) -> JournalEntry | None:
    """The entry of what foreign items gained or lost, taken back by itself the next day.

    The control accounts are left alone, so that they always tie to their items: the difference
    stands on an account beside them. None where nothing differs; again gets the same entry.
    """
    with guards_speak(), transaction.atomic():
        done = JournalEntry.objects.filter(source_key=source_key(on)).first()
        if done:
            return done
        lines = [line for item in foreign_items(on) if item.difference for line in lines_of(item)]
        if not lines:
            return None
        open_year_for(on + A_DAY, by=by)
        text = _("Foreign items at the rates of %(day)s") % {"day": on}
        entry = post(on=on, text=text, lines=lines, by=by, source_key=source_key(on))
        reverse_entry(entry, on=on + A_DAY, by=by)
        audit.record("foreign items revalued", entry, by=by, on=str(on))
        return entry


def source_key(on: date) -> str:
    """What keeps a day from being revalued twice."""
    return f"revaluation:{on}"


def lines_of(item: Revalued) -> list[Line]:
    """Gain or loss not realised, against the account beside the control accounts."""
    text = f"{item.what} {item.amount.normalize():f} {item.currency} @ {item.rate.normalize():f}"
    return [
        Line(account, amount, party=item.party, text=text[:200])
        for account, amount in (
            ("revaluation", item.difference),
            ("exchange_unrealised", -item.difference),
        )
    ]
