"""Reminders: who is late, at which level, and the letters that tell them."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from datetime import date
from decimal import Decimal
from itertools import groupby
from typing import NamedTuple

from django.db import transaction
from django.db.models import Max
from django.utils.translation import gettext as _

from accounting.allocations import the_books
from accounting.guards import guards_speak
from accounting.models import JournalEntry, RemindedItem, Reminder, ReminderLevel
from accounting.open_items import OpenItem, open_items, set_due
from accounting.posting import credit, debit, post
from backoffice import audit, outbox
from backoffice.errors import Refused
from backoffice.models import Company, Email, Party, User
from backoffice.money import ZERO, as_text


@dataclass
class Proposal:
    """What one customer would be reminded of, and at which level."""

    party: Party
    level: ReminderLevel
    address: str
    items: list[OpenItem] = field(default_factory=list)

    @property
    def overdue(self) -> Decimal:
        """What is late, in the currency of the books."""
        return sum((item.open_base for item in self.items), ZERO)


class Reached(NamedTuple):
    """The level an item was reminded at, and the day of that letter."""

    level: int
    on: date


def proposals(*, on: date, party: Party | None = None) -> list[Proposal]:
    """Who is to be reminded: customers with items overdue for a level they had no letter of yet.

    A level comes so many days after the one before it, however late an item is by then.
    The level is the highest any of their items has come to; items already reminded of at that
    level are in the letter only beside one that is new to it.
    """
    levels = list(ReminderLevel.objects.order_by("level"))
    if not levels:
        return []
    items = open_items(on=on, party=party).filter(
        open_amount__gt=0, due_on__lt=on, party__isnull=False
    )
    items = items.select_related("party", "entry").order_by("party__name", "party_id", "due_on")
    found = list(items)
    reached = reached_levels(found)
    addresses = addresses_of({item.party_id for item in found})
    return [
        proposal
        for _key, group in groupby(found, key=lambda item: item.party_id)
        if (proposal := proposal_for(list(group), levels, reached, addresses, on=on))
    ]


def reached_levels(items: Iterable[OpenItem]) -> dict[int, Reached]:
    """The highest level each item was reminded at, and when it was last."""
    rows = RemindedItem.objects.filter(item__in=[item.pk for item in items]).order_by()
    found = rows.values_list("item").annotate(level=Max("level"), on=Max("reminder__on"))
    return {item: Reached(level, on) for item, level, on in found}


def addresses_of(parties: set[int]) -> dict[int, str]:
    """Where each party is written to: its first address."""
    found: dict[int, str] = {}
    for party_id, address in (
        Email.objects.filter(party__in=parties).values_list("party", "address").order_by("pk")
    ):
        found.setdefault(party_id, address)
    return found


def proposal_for(
    items: list[OpenItem],
    levels: list[ReminderLevel],
    reached: dict[int, Reached],
    addresses: dict[int, str],
    *,
    on: date,
) -> Proposal | None:
    """The letter to one customer, if one is due."""
    due = [(item, level) for item in items if (level := next_level(item, levels, reached, on=on))]
    if not due:
        return None
    highest = max((level for _item, level in due), key=lambda level: level.level)
    party = items[0].party
    return Proposal(party, highest, addresses.get(party.pk, ""), items)


def next_level(
    item: OpenItem, levels: list[ReminderLevel], reached: dict[int, Reached], *, on: date
) -> ReminderLevel | None:
    """The level after the one the item was reminded at, if it is time for it."""
    had = reached.get(item.pk)
    following = next((one for one in levels if had is None or one.level > had.level), None)
    if following is None or (on - item.due_on).days < following.days_overdue:
        return None
    is_too_soon = had is not None and (on - had.on).days < following.days_after_previous
    return None if is_too_soon else following


def send_reminder(party: Party, *, on: date, by: User | None) -> Reminder:
    """Write to the customer what is overdue; the letter leaves with the commit, once a level."""
    with guards_speak(), transaction.atomic():
        # One at a time for a customer, so that nobody gets two letters.
        Party.objects.select_for_update(no_key=True).get(pk=party.pk)
        found = proposals(on=on, party=party)
        if not found:
            raise Refused(_("%(party)s has nothing to be reminded of.") % {"party": party})
        proposal = found[0]
        if not proposal.address:
            raise Refused(
                _("%(party)s has no e-mail address: enter one first.") % {"party": party}
            )
        fee = charge(proposal, on=on, by=by)
        reminder = Reminder.objects.create(
            party=party,
            level=proposal.level.level,
            on=on,
            address=proposal.address,
            subject=proposal.level.subject,
            text=letter(proposal, on=on),
            fee_entry=fee,
            by=by,
        )
        RemindedItem.objects.bulk_create(reminded(reminder, proposal))
        outbox.send(
            to=[reminder.address],
            subject=reminder.subject,
            text=reminder.text,
            about=party,
            by=by,
        )
        audit.record("reminder sent", party, by=by, level=reminder.level)
        return reminder


def reminded(reminder: Reminder, proposal: Proposal) -> Iterator[RemindedItem]:
    """The items that come to the level of the letter by it."""
    known = set(
        RemindedItem.objects.filter(
            item__in=[item.pk for item in proposal.items], level=reminder.level
        ).values_list("item", flat=True)
    )
    for item in proposal.items:
        if item.pk not in known:
            yield RemindedItem(
                reminder=reminder,
                item=item,
                level=reminder.level,
                reference=item.reference,
                due_on=item.due_on,
                open_amount=item.open_amount,
            )


def charge(proposal: Proposal, *, on: date, by: User | None) -> JournalEntry | None:
    """The entry of the fee of the level, which the customer then owes."""
    fee, party = proposal.level.fee, proposal.party
    if not fee:
        return None
    text = _("Fee of reminder %(level)s") % {"level": proposal.level.level}
    entry = post(
        on=on,
        text=text,
        lines=[debit("receivable", fee, party=party), credit("sales", fee, party=party)],
        by=by,
        payee=party.name,
    )
    set_due(entry, due_on=on, reference=text, by=by)
    return entry


def letter(proposal: Proposal, *, on: date) -> str:
    """The words of the level, what is open, and who writes."""
    books = the_books()
    lines = [
        _("%(reference)s, due %(due)s: %(amount)s %(currency)s")
        % {
            "reference": item.reference,
            "due": item.due_on.isoformat(),
            "amount": as_text(item.open_amount, books.minor_units[item.item_currency]),
            "currency": item.item_currency,
        }
        for item in proposal.items
    ]
    if proposal.level.fee:
        fee = as_text(proposal.level.fee, books.minor_units[books.currency])
        lines.append(_("Fee: %(fee)s %(currency)s") % {"fee": fee, "currency": books.currency})
    company = Company.objects.get()
    return "\n".join(
        [proposal.party.name, "", proposal.level.text.strip(), "", *lines, "", company.name]
    )
