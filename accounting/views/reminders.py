"""Reminders on screen: the levels, who is late, what was sent."""

from __future__ import annotations

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy as _lazy
from django.utils.translation import ngettext
from django.views.decorators.http import require_POST, require_safe

from accounting.models import Reminder, ReminderLevel
from accounting.reach import for_whole_books, of_whole_books, writes_whole_books
from accounting.reminders import proposals, send_reminder
from backoffice.access import area, rows
from backoffice.errors import Refused
from backoffice.messages import say
from backoffice.models import Party
from backoffice.number_fields import ModelForm
from backoffice.pages import Pages, Related
from backoffice.views.office import save_recorded


class ReminderLevelForm(ModelForm):
    """A level of reminding."""

    class Meta:
        model = ReminderLevel
        fields = ("level", "days_overdue", "days_after_previous", "subject", "text", "fee")


levels = Pages(
    model=ReminderLevel,
    form=ReminderLevelForm,
    columns=("level", "days_overdue", "days_after_previous", "subject", "fee"),
    hide_small=("days_overdue", "days_after_previous", "fee"),
    facts=("level", "days_overdue", "days_after_previous", "subject", "text", "fee"),
    ordering=("level",),
    save=save_recorded,
    icon="bell",
    empty=_lazy("Say after how many days a customer is reminded, and in which words."),
)

sent = Pages(
    model=Reminder,
    columns=("on", "party", "level", "address", "by"),
    facts=("party", "level", "on", "address", "subject", "text", "fee_entry", "by"),
    filters=("level", "on"),
    search=("party__name", "address"),
    ordering=("-on",),
    joined=("party", "by"),
    related=(Related("items", ("reference", "due_on", "open_amount")),),
    icon="bell",
    empty=_lazy("Every reminder that was sent is listed here, with what it was about."),
)


@area("accounting")
@require_safe
@of_whole_books
def due(request: HttpRequest) -> HttpResponse:
    """Who is to be reminded today."""
    context = {
        "title": _("Reminders"),
        "crumbs": [(_("Reminders"), None)],
        "proposals": proposals(on=timezone.localdate()),
        "has_levels": rows(request.user, ReminderLevel).exists(),
        "may_send": writes_whole_books(request.user),
        "levels_url": levels.url("list"),
        "sent_url": sent.url("list"),
    }
    return render(request, "accounting/reminders.html", context)


@area("accounting", "edit")
@for_whole_books
@require_POST
def send(request: HttpRequest) -> HttpResponse:
    """Write to the customers that are ticked."""
    chosen = [key for key in request.POST.getlist("party") if key.isdecimal()]
    written = 0
    for party in rows(request.user, Party).filter(pk__in=chosen).order_by("name", "pk"):
        try:
            send_reminder(party, on=timezone.localdate(), by=request.user)
            written += 1
        except Refused as refusal:
            messages.error(request, str(refusal))
    if written:
        said = ngettext(
            "%(count)s reminder is on its way.", "%(count)s reminders are on their way.", written
        )
        say(request, said % {"count": written})
    elif not chosen:
        messages.error(request, _("Tick who is to be reminded."))
    return redirect("accounting:reminders-due")
