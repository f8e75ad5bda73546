"""Screens of fixed assets: their list, an asset with its history, what can happen to it."""

from datetime import date
from decimal import Decimal
from itertools import groupby
from typing import Any

from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy as _lazy
from django.views.decorators.http import require_http_methods, require_safe

from accounting import assets as acts
from accounting.asset_forms import (
    AdditionForm,
    AssetClassForm,
    ChangeForm,
    DisposalForm,
    FixedAssetForm,
)
from accounting.asset_history import (
    standing_depreciations,
    standing_events,
    sums_of,
    with_cost,
)
from accounting.depreciation_runs import asset_facts
from accounting.models import AssetClass, AssetEvent, FixedAsset, JournalEntry
from backoffice import audit
from backoffice.access import area, row_or_404, rows
from backoffice.messages import say
from backoffice.operations import operation
from backoffice.pages import Pages
from backoffice.shell import company_of
from backoffice.views.forms import form_page
from backoffice.views.pages import record_context

TONES = {"in_use": "ok", "disposed": "mute", "taken_back": "warn"}


def state_of(asset: FixedAsset) -> tuple[str, str]:
    """What has become of the asset, in a word."""
    return (FixedAsset.State(asset.state).label.capitalize(), TONES[asset.state])


def save_asset(form: FixedAssetForm, *, by: Any) -> FixedAsset:
    """Bring a new asset in by its act; of an old one save what may change."""
    if form.instance.pk:
        asset = form.save()
        audit.record("asset saved", asset, by=by, fields=form.changed_data)
        return asset
    said = {name: value for name, value in form.cleaned_data.items() if value not in (None, "")}
    on = said.pop("taken_over_on", None)
    taken = said.pop("taken", Decimal(0))
    if on:
        return acts.take_over(on=on, taken=taken, by=by, **said)
    return acts.capitalise(by=by, **said)


@operation(
    "edit",
    FixedAsset,
    label=_lazy("Undo the last act"),
    icon="arrow-back-up",
    asks=_lazy("Its entry is reversed, and the asset is as it was before. Both stay on record."),
    when=lambda asset: asset.state != FixedAsset.State.TAKEN_BACK,
)
def take_back(request: HttpRequest, asset: FixedAsset) -> str:
    """The way back, one act at a time."""
    acts.take_back(asset, on=timezone.localdate(), by=request.user)
    return _("The last act on %(asset)s is taken back.") % {"asset": asset}


@require_safe
def asset_page(request: HttpRequest, pk: int, *, pages: Pages) -> HttpResponse:
    """An asset with its figures, what happened to it, and its months posted and planned."""
    asset = get_object_or_404(pages.rows(request.user), pk=pk)
    cost, taken = sums_of(asset, on=timezone.localdate())
    events = rows(request.user, AssetEvent).filter(asset=asset)
    standing = list(standing_events(asset))
    context = record_context(request, asset, pages) | {
        "cost": cost,
        "taken": taken,
        "book_value": cost - taken,
        "terms": standing[-1] if standing else None,
        "events": events.select_related("entry", "by").order_by("pk"),
        "standing": {event.pk for event in standing},
        "years": years_of(request, asset),
        "today": timezone.localdate(),
        "may_act": asset.is_in_use and pages.may_edit(request.user, asset),
    }
    return render(request, "accounting/fixedasset_detail.html", context)


def years_of(request: HttpRequest, asset: FixedAsset) -> list[dict[str, Any]]:
    """The months of each year, posted ones with their entry, and the sum of the year."""
    months: list[tuple[date, Decimal, JournalEntry | None]] = [
        (part.month, part.amount, part.entry)
        for part in standing_depreciations(asset).select_related("entry")
    ]
    minor_unit = company_of(request).currency.minor_unit
    for facts in asset_facts(asset):
        months += [(part.month, part.amount, None) for part in facts.plan(minor_unit)]
    return [
        {"year": year, "months": found, "sum": sum(month[1] for month in found)}
        for year, group in groupby(months, key=lambda month: month[0].year)
        for found in [list(group)]
    ]


asset_classes = Pages(
    model=AssetClass,
    form=AssetClassForm,
    columns=("name", "method", "life_months", "is_active"),
    more_columns=("first_month", "asset_account", "depreciation_account", "expense_account"),
    hide_small=("life_months", "is_active"),
    facts=(
        "method",
        "life_months",
        "first_month",
        "declining_rate",
        "switches",
        "asset_account",
        "depreciation_account",
        "expense_account",
    ),
    filters=("method", "is_active"),
    search=("name",),
    joined=("asset_account", "depreciation_account", "expense_account"),
    state=lambda kind: None if kind.is_active else (_("Inactive"), "mute"),
    icon="list-tree",
    empty=_lazy("Machines, vehicles, computers: how long they last and where they stand."),
)

fixed_assets = Pages(
    model=FixedAsset,
    form=FixedAssetForm,
    columns=("number", "name", "asset_class", "acquired_on", "department", "cost"),
    more_columns=("in_service_on", "party", "serial_number", "tag", "method", "state"),
    facts=(
        "asset_class",
        "acquired_on",
        "in_service_on",
        "method",
        "first_month",
        "department",
        "party",
        "serial_number",
        "tag",
        "asset_account",
        "depreciation_account",
        "expense_account",
    ),
    filters=("asset_class", "state", "method", "acquired_on", "department"),
    search=("number", "name", "serial_number", "tag"),
    ordering=("-number",),
    joined=(
        "asset_class",
        "department",
        "party",
        "asset_account",
        "depreciation_account",
        "expense_account",
    ),
    annotate=with_cost,
    labels={"cost": _lazy("cost")},
    hide_small=("asset_class", "acquired_on", "department"),
    amount="cost",
    state=state_of,
    save=save_asset,
    importer="fixed_assets",
    record_view=asset_page,
    icon="package",
    empty=_lazy("What is bought for years: its cost is spread over them, month by month."),
)


# --- What can happen to an asset ---------------------------------------------------------------


def act_page(request: HttpRequest, pk: int, form_class: type, act: Any, **words: Any) -> Any:
    """Ask what an act needs, do it, and show the asset."""
    asset = row_or_404(request.user, FixedAsset, "edit", pk=pk)
    first = {"on": timezone.localdate()}
    form = form_class(request.POST or None, user=request.user, initial=first)

    def save() -> str:
        event = act(asset, by=request.user, **words.pop("read", said)(form.cleaned_data))
        text = _("%(asset)s: %(what)s.")
        say(request, text % {"asset": asset, "what": event.get_kind_display()})
        return asset.get_absolute_url()

    return form_page(
        request,
        form,
        save,
        crumbs=[*fixed_assets.trail, (str(asset), asset.get_absolute_url())],
        back=asset.get_absolute_url(),
        title=f"{words['title']}: {asset.name}",
        note=words["note"],
        submit_label=words["title"],
    )


def said(cleaned: dict[str, Any]) -> dict[str, Any]:
    """What was filled in."""
    return {name: value for name, value in cleaned.items() if value not in (None, "")}


def said_of_disposal(cleaned: dict[str, Any]) -> dict[str, Any]:
    """What was filled in, the share as a part of one."""
    facts = said(cleaned)
    return facts | {"share": facts.pop("percent") / 100}


@area("accounting", "edit")
@require_http_methods(["GET", "HEAD", "POST"])
def add_to_one(request: HttpRequest, pk: int) -> HttpResponse:
    """More cost on an asset."""
    note = _("Months already posted stay; those to come bear the cost.")
    return act_page(request, pk, AdditionForm, acts.add_to, title=_("Add cost"), note=note)


@area("accounting", "edit")
@require_http_methods(["GET", "HEAD", "POST"])
def change_one(request: HttpRequest, pk: int) -> HttpResponse:
    """Another value, residual value or life."""
    note = _("Months already posted stay; those to come follow the new value and life.")
    return act_page(request, pk, ChangeForm, acts.change, title=_("Change value"), note=note)


@area("accounting", "edit")
@require_http_methods(["GET", "HEAD", "POST"])
def dispose_one(request: HttpRequest, pk: int) -> HttpResponse:
    """An asset sold or scrapped."""
    note = _("It is depreciated to the day; the difference to the proceeds is gain or loss.")
    return act_page(
        request,
        pk,
        DisposalForm,
        acts.dispose,
        title=_("Sell or scrap"),
        note=note,
        read=said_of_disposal,
    )
