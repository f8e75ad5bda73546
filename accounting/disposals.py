"""Giving an asset up: sold, scrapped, or a part of it."""

from dataclasses import dataclass
from datetime import date
from decimal import Decimal

from django.db import transaction
from django.utils.translation import gettext as _

from accounting.asset_history import (
    check_money,
    check_party,
    first_open_month,
    following_month,
    last_event,
    next_key,
    standing_depreciations,
    sums_of,
    way_of,
)
from accounting.depreciation import fraction_of, later, month_of, used_of
from accounting.depreciation_runs import (
    Due,
    asset_facts,
    depreciate,
    hold_assets,
    lines_of,
    remember,
)
from accounting.guards import guards_speak
from accounting.models import Account, AssetEvent, FixedAsset
from accounting.posting import Line, credit, debit, post
from accounting.reporting import books_currency
from backoffice import audit
from backoffice.errors import Refused
from backoffice.models import Party, User
from backoffice.money import ZERO, rounded

Kind = AssetEvent.Kind


@dataclass(frozen=True)
class Leaving:
    """What goes out of the books, and what comes in for it."""

    on: date
    share: Decimal  # 1 for the whole asset
    proceeds: Decimal
    proceeds_account: Account | str | None
    party: Party | None

    @property
    def is_whole(self) -> bool:
        """Whether nothing of the asset stays."""
        return self.share == 1

    @property
    def kind(self) -> str:
        """What the event is called."""
        if not self.is_whole:
            return Kind.PART_DISPOSAL
        return Kind.SALE if self.proceeds else Kind.SCRAP


def dispose(
    asset: FixedAsset,
    *,
    on: date,
    by: User | None,
    proceeds: Decimal = ZERO,
    proceeds_account: Account | str | None = None,
    party: Party | None = None,
    share: Decimal = Decimal(1),
    why: str = "",
) -> AssetEvent:
    """Sell the asset, or scrap it where nothing comes in; with `share` below 1 a part of it.

    It is depreciated to the day, cost and depreciation leave the books, and the difference to
    the proceeds (without tax, on the account named) is a gain or a loss. Of a part, the month
    is charged in full, because the rest is used on.
    """
    leaving = Leaving(on, share, proceeds, proceeds_account, party)
    check_leaving(leaving)
    with guards_speak(), transaction.atomic():
        hold_assets()
        asset = FixedAsset.objects.get(pk=asset.pk)
        if not asset.is_in_use:
            raise Refused(
                _("%(asset)s is %(state)s: nothing more happens to it.")
                % {"asset": asset, "state": asset.get_state_display()}
            )
        check_day(asset, on)
        depreciate(through=later(month_of(on), -1), by=by, asset=asset, where_open=True)
        before, parts = last_event(asset), to_date(asset, leaving)
        cost, taken = sums_of(asset)
        event = left(asset, leaving, before, cost, taken + sum(p.amount for p in parts))
        event.by, event.text = by, why[:200]
        event.entry = post(
            on=on,
            text=f"{asset}: {event.get_kind_display()}"[:200],
            lines=[*lines_of(parts), *lines_of_leaving(asset, event, leaving)],
            by=by,
            source_key=next_key(asset),
            payee=party.name[:120] if party else "",
        )
        remember(parts, event.entry)
        event.save()
        asset.refresh_from_db()
        audit.record("asset disposed", asset, by=by, proceeds=str(proceeds), share=str(share))
        return event


def check_leaving(leaving: Leaving) -> None:
    """Refuse a share or proceeds that cannot be."""
    if not 0 < leaving.share <= 1:
        raise Refused(_("The share given up is more than nothing, at most all."), field="share")
    if leaving.proceeds < 0:
        raise Refused(_("Proceeds are not negative."), field="proceeds")
    if leaving.proceeds and leaving.proceeds_account is None:
        raise Refused(_("Say which account the proceeds go to."), field="proceeds_account")
    if leaving.proceeds:
        check_party(leaving.party, leaving.proceeds_account, _("Say who owes the proceeds."))
    check_money(proceeds=leaving.proceeds)


def check_day(asset: FixedAsset, on: date) -> None:
    """Refuse a day before the last thing that happened to the asset."""
    before = last_event(asset)
    if on < max(before.on, asset.acquired_on):
        raise Refused(
            _("The last act on this asset is of %(day)s: this one comes after it.")
            % {"day": before.on},
            field="on",
        )
    last = standing_depreciations(asset).last()
    if last and on < last.on:
        raise Refused(
            _(
                "Depreciation is posted up to %(day)s: give it up on or after that day,"
                " or take that depreciation back first."
            )
            % {"day": last.on},
            field="on",
        )


def to_date(asset: FixedAsset, leaving: Leaving) -> list[Due]:
    """What is still to be borne up to the day: months of closed periods, and the last one."""
    _currency, minor_unit = books_currency()
    month, way = month_of(leaving.on), way_of(asset)
    (facts,) = asset_facts(asset)
    used = used_of(way, month, facts.history[-1].life_months, leaving.on)
    found = []
    for part in facts.plan(minor_unit, until=month):
        is_cut = part.month == month and leaving.is_whole
        amount = fraction_of(part.amount, used, minor_unit) if is_cut else part.amount
        found += [Due(facts, part.month, amount)] if amount else []
    return found


def left(
    asset: FixedAsset, leaving: Leaving, before: AssetEvent, cost: Decimal, taken: Decimal
) -> AssetEvent:
    """The event that takes cost and depreciation out."""
    _currency, minor_unit = books_currency()
    cost_out = cost if leaving.is_whole else rounded(cost * leaving.share, minor_unit)
    taken_out = taken if leaving.is_whole else rounded(taken * leaving.share, minor_unit)
    if not cost_out > 0 or (cost_out == cost and not leaving.is_whole):
        raise Refused(_("That share is nothing, or all of it, once rounded."), field="share")
    residual = rounded(before.residual * (1 - leaving.share), minor_unit)
    return AssetEvent(
        asset=asset,
        kind=leaving.kind,
        on=leaving.on,
        cost=-cost_out,
        taken=-taken_out,
        proceeds=leaving.proceeds,
        from_month=max(following_month(leaving.on), before.from_month, first_open_month(asset)),
        residual=min(residual, cost - cost_out - (taken - taken_out)),
        life_months=before.life_months,
    )


def lines_of_leaving(asset: FixedAsset, event: AssetEvent, leaving: Leaving) -> list[Line]:
    """Cost and depreciation out, proceeds in, the difference as gain or loss."""
    lines = [credit(asset.asset_account, -event.cost)]
    if event.taken:
        lines.append(debit(asset.depreciation_account, -event.taken))
    if leaving.proceeds and leaving.proceeds_account is not None:
        lines.append(debit(leaving.proceeds_account, leaving.proceeds, party=leaving.party))
    loss = -event.cost + event.taken - leaving.proceeds
    if loss:
        lines.append(Line("asset_disposal", loss, department=asset.department))
    return lines
