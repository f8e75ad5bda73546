"""Recurring entries, and what was paid or received ahead."""

from dataclasses import dataclass, replace
from datetime import date
from decimal import Decimal

from django.contrib import messages
from django.db.models import Sum
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy as _lazy
from django.utils.translation import ngettext
from django.views.decorators.http import require_POST, require_safe

from accounting import recurring as acts
from accounting.exchange_forms import DeferralForm, RecurringEntryForm
from accounting.models import Deferral, JournalEntry, RecurringEntry
from accounting.reach import for_whole_books, writes_whole_books
from backoffice.access import area, rows
from backoffice.listing import Listing
from backoffice.messages import say
from backoffice.operations import operation
from backoffice.pages import Pages
from backoffice.views.pages import list_page as plain_list
from backoffice.views.pages import record_context

MONTHS_SHOWN = 13


@area("accounting", "edit")
@for_whole_books
@require_POST
def post_due(request: HttpRequest) -> HttpResponse:
    """Post now what the night would post."""
    posted, refused = acts.post_due(on=timezone.localdate(), by=request.user)
    for sentence in refused:
        messages.error(request, sentence)
    count = len(posted)
    say(
        request,
        ngettext("%(count)s entry posted.", "%(count)s entries posted.", count) % {"count": count},
    )
    return redirect("accounting:recurringentry-list")


@require_safe
def list_page(request: HttpRequest, *, pages: Pages) -> HttpResponse:
    """The list, with the button that posts what is due."""
    if request.htmx.target == "table":
        return plain_list(request, pages=pages)
    context = Listing(request, pages).context()
    context["may_post"] = writes_whole_books(request.user)
    return render(request, "accounting/recurring_list.html", context)


@require_safe
def recurring_page(request: HttpRequest, pk: int, *, pages: Pages) -> HttpResponse:
    """A recurring entry with what was posted and what comes next."""
    record = get_object_or_404(pages.rows(request.user), pk=pk)
    ahead = acts.month_later(timezone.localdate(), 12)
    days = list(acts.occurrences(record, until=ahead))[-MONTHS_SHOWN:]
    amount = acts.amount_of(record.template)
    planned = [
        Planned(
            key=acts.key_of(record, day),
            day=day,
            amount=amount,
            back_on=acts.back_on(day) if record.reverses_next_month else None,
        )
        for day in days
    ]
    return schedule_page(request, record, pages, planned)


@require_safe
def deferral_page(request: HttpRequest, pk: int, *, pages: Pages) -> HttpResponse:
    """A deferral with its months."""
    record = get_object_or_404(pages.rows(request.user), pk=pk)
    planned = [
        Planned(key=acts.release_key(record, day), day=day, amount=part)
        for day, part in acts.parts_of(record)
    ]
    return schedule_page(request, record, pages, planned)


def schedule_page(request: HttpRequest, record, pages: Pages, planned) -> HttpResponse:
    """The record with each planned day and the entry it has become."""
    found = rows(request.user, JournalEntry).filter(source_key__in=[one.key for one in planned])
    found = found.select_related("reversed_by").annotate(total=Sum("lines__debit"))
    entries = {entry.source_key: entry for entry in found}
    context = record_context(request, record, pages) | {
        "schedule": [one.posted_as(entries.get(one.key)) for one in planned],
        "takes_back": any(one.back_on for one in planned)
        or any(hasattr(entry, "reversed_by") for entry in entries.values()),
    }
    return render(request, "accounting/schedule_detail.html", context)


@dataclass(frozen=True)
class Planned:
    """A day something is posted by itself: how much, taken back when, and its entry if it was."""

    key: str
    day: date
    amount: Decimal
    back_on: date | None = None
    entry: JournalEntry | None = None
    reversal: JournalEntry | None = None

    def posted_as(self, entry: JournalEntry | None) -> "Planned":
        """The same as it stands in the books, if it does."""
        if entry is None:
            return self
        reversal = getattr(entry, "reversed_by", None)
        back_on = reversal.date if reversal else None
        return replace(self, amount=entry.total, entry=entry, reversal=reversal, back_on=back_on)


@operation(
    "edit",
    Deferral,
    label=_lazy("Stop"),
    icon="x",
    asks=_lazy("No more months are entered. What is left stays on its account."),
    when=lambda deferral: deferral.stopped_on is None,
)
def stop(request, deferral):
    """No more months."""
    acts.stop(deferral, on=timezone.localdate(), by=request.user)
    return _("Stopped.")


class DeferralPages(Pages):
    """A deferral stays as it is once a month of it is in the books."""

    def may_edit(self, user, record=None) -> bool:
        """Whether this person may write one, or change this one."""
        begun = record is not None and bool(acts.released(record))
        return not begun and super().may_edit(user, record)


def save_deferral(form, *, by):
    """A deferral written or changed."""
    form.instance.made_by = form.instance.made_by or by
    return form.save()


def save_recurring(form, *, by):
    """A recurring entry written or changed, whose template can be posted as it is."""
    acts.check_template(form.instance.template)
    return form.save()


recurring = Pages(
    model=RecurringEntry,
    form=RecurringEntryForm,
    save=save_recurring,
    list_view=list_page,
    columns=("template", "every_months", "starts_on", "ends_on", "is_active"),
    more_columns=("reverses_next_month",),
    hide_small=("every_months", "is_active"),
    filters=("is_active", "starts_on"),
    search=("template__template_name", "template__text"),
    joined=("template",),
    record_view=recurring_page,
    icon="refresh",
    empty=_lazy(
        "Rent, leases, accruals: save an entry as a template, then let it come by itself."
    ),
)

deferrals = DeferralPages(
    model=Deferral,
    form=DeferralForm,
    list_view=list_page,
    columns=("text", "kind", "amount", "account", "first_month", "months"),
    more_columns=("department", "stopped_on"),
    hide_small=("months",),
    facts=("kind", "amount", "account", "department", "first_month", "months", "stopped_on"),
    filters=("kind", "account", "department", "first_month"),
    search=("text",),
    joined=("account", "department"),
    amount="amount",
    state=lambda deferral: (_("Stopped"), "mute") if deferral.stopped_on else None,
    save=save_deferral,
    record_view=deferral_page,
    icon="calendar",
    empty=_lazy("Insurance paid for a year, a service paid in advance: spread over its months."),
)
