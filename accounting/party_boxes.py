"""What the books know of a party, for its page: what is open, the latest, what was agreed."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from datetime import date
from typing import Any

from django.db.models import Sum
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy as _lazy

from accounting.models import Bill, Invoice, PartyTerms, Payment
from accounting.open_items import open_items
from accounting.panels import OWED, locale_for
from accounting.reach import reads_whole_books
from backoffice.access import rows
from backoffice.models import Company, Party, User
from backoffice.money import ZERO, for_people

Box = tuple[str, list[tuple[str, Any, str]]]

LATEST = 4
KINDS = (
    (Invoice, _lazy("Invoices"), "accounting:invoice-list", "date", "gross"),
    (Bill, _lazy("Bills"), "accounting:bill-list", "date", "gross"),
    (Payment, _lazy("Payments"), "accounting:payment-list", "on", "amount"),
)


def about_party(user: User, party: Party, *, on: date) -> Iterable[Box]:
    """What the party owes and is owed, its latest documents and payments, and its terms."""
    company = Company.objects.first()
    if company is None or not reads_whole_books(user):
        return
    locale = locale_for(user, company)
    yield from what_is_open(party, on, locale=locale, currency=company.currency_id)
    yield from latest(user, party, locale=locale, currency=company.currency_id)
    yield from agreed(user, party)


def what_is_open(party: Party, on: date, *, locale: str, currency: str) -> Iterator[Box]:
    """The balances of the party with its oldest open items, each leading to the list."""
    for role, sign, title, page in OWED:
        found = open_items(on=on, role=role, party=party)
        items = list(found.order_by("due_on", "pk")[:LATEST])
        if not items:
            continue
        balance = found.aggregate(sum=Sum("open_base"))["sum"] or ZERO
        shown = [
            (
                item.reference,
                for_people(sign * item.open_amount, locale=locale, currency=item.item_currency),
                reverse("accounting:journalentry-detail", args=[item.entry_id]),
            )
            for item in items
        ]
        whole = for_people(sign * balance, locale=locale, currency=currency)
        yield str(title), [(_("Balance"), whole, f"{reverse(page)}?party={party.pk}"), *shown]


def latest(user: User, party: Party, *, locale: str, currency: str) -> Iterator[Box]:
    """The newest of each kind, and the way to all of them."""
    for model, title, page, day, amount in KINDS:
        found = rows(user, model).filter(party=party)
        newest = list(found.order_by(f"-{day}", "-pk")[:LATEST])
        if not newest:
            continue
        shown = [
            (str(one), written(one, amount, locale, currency), one.get_absolute_url())
            for one in newest
        ]
        yield str(title), [*shown, (_("All"), found.count(), f"{reverse(page)}?party={party.pk}")]


def written(record: Any, name: str, locale: str, currency: str) -> str:
    """What a document comes to; nothing before it is summed up."""
    amount = getattr(record, name)
    if amount is None:
        return ""
    return for_people(amount, locale=locale, currency=record.currency_id or currency)


def agreed(user: User, party: Party) -> Iterator[Box]:
    """The way to what was agreed with it."""
    for terms in rows(user, PartyTerms).filter(party=party):
        yield _("Agreed with it"), [(_("Terms"), terms.vat_id, terms.get_absolute_url())]
