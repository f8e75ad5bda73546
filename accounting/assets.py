"""What happens to fixed assets: they come, grow, change, and go. The door for other functions.

Each act posts its entry and keeps the fact beside it, in one transaction.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from typing import Any

from django.db import transaction
from django.utils.translation import gettext as _

from accounting.asset_history import (
    accounts_of,
    check_books_hold,
    check_entry_holds,
    check_money,
    check_party,
    first_open_month,
    following_month,
    last_event,
    next_key,
    sums_of,
    way_of,
)
from accounting.depreciation import life_ends_on, month_of
from accounting.depreciation_runs import hold_assets
from accounting.disposals import dispose
from accounting.guards import guards_speak
from accounting.models import Account, AssetClass, AssetEvent, FixedAsset, JournalEntry
from accounting.posting import Line, credit, debit, post, reverse_entry
from accounting.years import is_day_of_books, no_day_of_books
from backoffice import audit, numbering
from backoffice.errors import Refused
from backoffice.models import Department, Party, User
from backoffice.money import ZERO

__all__ = ["add_to", "capitalise", "change", "dispose", "take_back", "take_over"]

Kind = AssetEvent.Kind
WAY = ("method", "declining_rate", "switches", "first_month")


@dataclass(frozen=True)
class Arrival:
    """How the cost of an asset came into the books."""

    kind: str
    on: date
    cost: Decimal
    taken: Decimal = ZERO
    entry: JournalEntry | None = None  # it holds the cost already: a bill
    against: Account | str | None = None  # what is credited; nothing is posted without it


def capitalise(
    *,
    name: str,
    asset_class: AssetClass,
    cost: Decimal,
    acquired_on: date,
    by: User | None,
    entry: JournalEntry | None = None,
    against: Account | str | None = None,
    **facts: Any,
) -> FixedAsset:
    """A new asset. Its cost is in `entry` (a bill) already, or is posted against an account.

    Facts: in_service_on, residual, life_months, method, declining_rate, switches, first_month,
    department, party, serial_number, tag, source_key, and asset_account where the cost stands
    elsewhere than its class says. The same source again gets the same asset.
    """
    if (entry is None) == (against is None):
        raise Refused(
            _("Say what the cost is posted against, or which entry holds it."), field="against"
        )
    on = entry.date if entry else acquired_on
    arrival = Arrival(Kind.ACQUIRED, on, cost, entry=entry, against=against)
    return arrived(arrival, name, asset_class, acquired_on, facts, by=by)


def take_over(
    *,
    name: str,
    asset_class: AssetClass,
    cost: Decimal,
    taken: Decimal,
    acquired_on: date,
    on: date,
    by: User | None,
    against: Account | str | None = None,
    **facts: Any,
) -> FixedAsset:
    """An asset from other books, with what it lost there before the day it is taken over.

    The rest is spread over the months that are left. Without `against` nothing is posted: the
    opening balances hold cost and depreciation already, or it is refused, because from then on
    the register would say more than the ledger.
    """
    arrival = Arrival(Kind.TAKEN_OVER, on, cost, taken=taken, against=against)
    return arrived(arrival, name, asset_class, acquired_on, facts, by=by)


def arrived(
    arrival: Arrival,
    name: str,
    asset_class: AssetClass,
    acquired_on: date,
    facts: Mapping[str, Any],
    *,
    by: User | None,
) -> FixedAsset:
    """The asset with its first event; one that has this source already comes back as it is."""
    key = facts.get("source_key") or None
    residual = facts.get("residual") or ZERO
    check_money(cost=arrival.cost, taken=arrival.taken, residual=residual)
    if arrival.cost <= 0:
        raise Refused(_("An asset costs something."), field="cost")
    if arrival.taken < 0 or arrival.taken + residual > arrival.cost:
        raise Refused(
            _("Depreciation and residual value are together no more than the cost."),
            field="taken" if arrival.taken else "residual",
        )
    for field, day in (("acquired_on", acquired_on), ("on", arrival.on)):
        if not is_day_of_books(day):
            raise Refused(no_day_of_books(day), field=field)
    if arrival.on < acquired_on:
        raise Refused(_("It is not taken over before it is acquired."), field="on")
    with guards_speak(), transaction.atomic():
        hold_assets()
        known = key and FixedAsset.objects.filter(source_key=key).first()
        if known:
            return known
        asset = made(name, asset_class, acquired_on, facts, key)
        if arrival.entry:
            check_entry_holds(arrival.entry, arrival.cost, asset)
        life = facts.get("life_months") or asset_class.life_months
        entry = arrival.entry or posted_arrival(asset, arrival, by=by)
        event = AssetEvent.objects.create(
            asset=asset,
            kind=arrival.kind,
            on=arrival.on,
            cost=arrival.cost,
            taken=arrival.taken,
            from_month=first_month(asset, arrival),
            residual=residual,
            life_months=life,
            entry=entry,
            by=by,
        )
        check_life(asset, event)
        check_books_hold(event)
        audit.record("asset capitalised", asset, by=by, cost=str(arrival.cost))
        return asset


def made(
    name: str,
    asset_class: AssetClass,
    acquired_on: date,
    facts: Mapping[str, Any],
    source_key: str | None,
) -> FixedAsset:
    """The asset itself, numbered in the year it was acquired."""
    used = facts.get("in_service_on") or acquired_on
    if used < acquired_on:
        raise Refused(_("It is not in service before it is acquired."), field="in_service_on")
    department = facts.get("department") or Department.objects.get(parent=None)
    # A method that is said is said as a whole: a rate of the class belongs to its own method.
    usual = {} if facts.get("method") else {name: getattr(asset_class, name) for name in WAY}
    way = {**usual, **{name: facts[name] for name in WAY if name in facts}}
    way = {name: value for name, value in way.items() if value not in (None, "")}
    if (way.get("method") == "declining") != ("declining_rate" in way):
        raise Refused(
            _("Declining balance takes a rate up to 100, others none."),
            field="declining_rate",
        )
    return FixedAsset.objects.create(
        number=numbering.reference("FA", on=acquired_on),
        name=name,
        asset_class=asset_class,
        **accounts_of(asset_class, facts.get("asset_account")),
        acquired_on=acquired_on,
        in_service_on=used,
        department=department,
        party=facts.get("party"),
        serial_number=facts.get("serial_number") or "",
        tag=facts.get("tag") or "",
        source_key=source_key,
        **way,
    )


def first_month(asset: FixedAsset, arrival: Arrival) -> date:
    """The first month that is depreciated here."""
    used = month_of(asset.in_service_on)
    if arrival.kind == Kind.ACQUIRED:
        return used
    is_first = arrival.on.day == 1
    return max(used, arrival.on if is_first else following_month(arrival.on))


def check_life(asset: FixedAsset, event: AssetEvent) -> None:
    """Refuse value that is left when the life is over: no month would ever take it."""
    cost, taken = sums_of(asset)
    way = way_of(asset)
    if way.method != "none" and cost - taken > event.residual:
        last = life_ends_on(way, event.life_months)
        if last < event.from_month:
            raise Refused(
                _("Its life ends on %(last)s with value left: give it a longer one.")
                % {"last": last},
                field="life_months",
            )


def posted_arrival(asset: FixedAsset, arrival: Arrival, *, by: User | None) -> JournalEntry | None:
    """The entry that brings cost and depreciation in; none where the books hold them."""
    if arrival.against is None:
        return None
    check_party(asset.party, arrival.against, _("Say who it is owed to."))
    lines = [debit(asset.asset_account, arrival.cost)]
    if arrival.taken:
        lines.append(credit(asset.depreciation_account, arrival.taken))
    if arrival.cost - arrival.taken:
        lines.append(credit(arrival.against, arrival.cost - arrival.taken, party=asset.party))
    return post(
        on=arrival.on,
        text=str(asset),
        lines=lines,
        by=by,
        source_key=next_key(asset),
        payee=asset.party.name[:120] if asset.party else "",
    )


def add_to(
    asset: FixedAsset,
    *,
    cost: Decimal,
    on: date,
    by: User | None,
    entry: JournalEntry | None = None,
    against: Account | str | None = None,
    party: Party | None = None,
    life_months: int | None = None,
    text: str = "",
) -> AssetEvent:
    """More cost on an asset: a repair that improves it. Months not yet posted bear it."""
    if (entry is None) == (against is None):
        raise Refused(
            _("Say what the cost is posted against, or which entry holds it."), field="against"
        )
    if cost <= 0:
        raise Refused(_("An addition costs something."), field="cost")
    lines = []
    if against is not None:
        check_party(party, against, _("Say who it is owed to."))
        lines = [debit(asset.asset_account, cost), credit(against, cost, party=party)]
    return happened(
        asset,
        AssetEvent(kind=Kind.ADDITION, on=on, cost=cost, entry=entry, text=text),
        lines,
        {"life_months": life_months},
        by=by,
    )


def change(
    asset: FixedAsset,
    *,
    on: date,
    by: User | None,
    value: Decimal = ZERO,
    against: Account | str | None = None,
    residual: Decimal | None = None,
    life_months: int | None = None,
    text: str = "",
) -> AssetEvent:
    """Another value, residual value or life, for the months not yet posted.

    A higher value is more cost, credited to `against`. A lower one is depreciation at once, on
    the expense account of the asset unless `against` names another.
    """
    if value > 0 and against is None:
        raise Refused(_("Say what the higher value is posted against."), field="against")
    if not value and residual is None and life_months is None:
        raise Refused(_("Say what changes: the value, the residual value or the life."))
    lines: list[Line] = []
    if value > 0:
        lines = [debit(asset.asset_account, value), credit(against or "", value)]
    elif value < 0:
        bears = against or asset.expense_account
        lines = [
            debit(bears, -value, department=asset.department),
            credit(asset.depreciation_account, -value),
        ]
    event = AssetEvent(
        kind=Kind.CHANGE, on=on, cost=max(value, ZERO), taken=max(-value, ZERO), text=text
    )
    return happened(asset, event, lines, {"residual": residual, "life_months": life_months}, by=by)


def happened(
    asset: FixedAsset,
    event: AssetEvent,
    lines: list[Line],
    terms: Mapping[str, Any],
    *,
    by: User | None,
) -> AssetEvent:
    """Post and keep an event; what its terms leave open is as before."""
    check_money(cost=event.cost, taken=event.taken, residual=terms.get("residual") or ZERO)
    with guards_speak(), transaction.atomic():
        hold_assets()
        asset = in_use(asset)
        before = last_event(asset)
        event.asset, event.by = asset, by
        event.on = event.entry.date if event.entry else event.on
        check_order(event, before)
        if event.entry:
            check_entry_holds(event.entry, event.cost, asset)
        event.from_month = max(month_of(event.on), before.from_month, first_open_month(asset))
        for name in ("residual", "life_months"):
            said = terms.get(name)
            setattr(event, name, getattr(before, name) if said is None else said)
        if lines:
            event.entry = post(
                on=event.on,
                text=f"{asset}: {event.text or event.get_kind_display()}"[:200],
                lines=lines,
                by=by,
                source_key=next_key(asset),
            )
        cost, taken = sums_of(asset)
        if cost + event.cost - taken - event.taken < event.residual:
            raise Refused(_("That would leave less than its residual value."), field="value")
        event.save()
        check_life(asset, event)
        audit.record("asset changed", asset, by=by, what=event.kind, on=str(event.on))
        return event


def in_use(asset: FixedAsset) -> FixedAsset:
    """The asset as it is now; refused where it is given up."""
    found = FixedAsset.objects.get(pk=asset.pk)
    if not found.is_in_use:
        raise Refused(
            _("%(asset)s is %(state)s: nothing more happens to it.")
            % {"asset": found, "state": found.get_state_display()}
        )
    return found


def check_order(event: AssetEvent, before: AssetEvent) -> None:
    """Refuse an event dated before the last one."""
    if event.on < before.on:
        raise Refused(
            _("The last act on this asset is of %(day)s: this one comes after it.")
            % {"day": before.on},
            field="on",
        )


def take_back(asset: FixedAsset, *, on: date, by: User | None, why: str = "") -> FixedAsset:
    """Undo the last thing that happened to the asset: its entry is reversed, it counts no more.

    Cost that came by another's entry, a bill, is undone by reversing that entry.
    """
    with guards_speak(), transaction.atomic():
        hold_assets()
        event = last_event(asset)
        if event.entry is None:
            AssetEvent.objects.create(
                asset=asset,
                kind=Kind.TAKEN_BACK,
                on=max(on, event.on),
                cost=-event.cost,
                taken=-event.taken,
                from_month=event.from_month,
                residual=event.residual,
                life_months=event.life_months,
                takes_back=event,
                text=why[:200],
                by=by,
            )
        elif not event.entry.source_key.startswith(f"asset:{asset.pk}:"):
            raise Refused(
                _("This came with %(entry)s: take that entry back.") % {"entry": event.entry}
            )
        else:
            is_closed = event.entry.period.is_closed
            day = max(on, event.on) if is_closed else event.on
            reverse_entry(event.entry, on=day, by=by, why=why)
        audit.record("asset act taken back", asset, by=by, what=event.kind, why=why)
        return FixedAsset.objects.get(pk=asset.pk)
