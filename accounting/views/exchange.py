"""Rates of exchange, and foreign items at the rates of a day."""

from datetime import date, timedelta

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy as _lazy

from accounting.exchange import foreign_items, revalue, source_key
from accounting.exchange_forms import ExchangeRateForm, RevaluationForm
from accounting.models import ExchangeRate, JournalEntry
from accounting.reach import reads_whole_books, writes_whole_books
from backoffice.access import area, rows
from backoffice.errors import Refused
from backoffice.messages import say
from backoffice.money import ZERO
from backoffice.pages import Pages

rates = Pages(
    model=ExchangeRate,
    form=ExchangeRateForm,
    columns=("currency", "date", "rate", "source"),
    filters=("currency", "date"),
    search=("currency__code", "source"),
    ordering=("-date",),
    importer="exchange_rates",
    icon="coin",
    empty=_lazy("What a foreign currency is worth: needed for invoices, bills and month ends."),
)


def last_month_end(today: date) -> date:
    """The last day of the month before."""
    return today.replace(day=1) - timedelta(days=1)


@area("accounting")
def revaluation(request: HttpRequest) -> HttpResponse:
    """What foreign items gained or lost by a day: looked at, then posted."""
    if not reads_whole_books(request.user):
        messages.info(request, _("This needs the whole books: you see those of a department."))
        return redirect("accounting:journalentry-list")
    asked = request.POST or request.GET or {"on": last_month_end(timezone.localdate())}
    form = RevaluationForm(asked)
    items, refusal = [], ""
    if form.is_valid():
        try:
            if request.method == "POST":
                return posted(request, form.cleaned_data["on"])
            items = foreign_items(form.cleaned_data["on"])
        except Refused as refused:
            refusal = str(refused)
    context = {
        "title": _("Revaluation"),
        "crumbs": [(_("Revaluation"), None)],
        "form": form,
        "items": items,
        "refusal": refusal,
        "total": sum((item.difference for item in items), ZERO),
        "done": entry_of(request, form),
        "may_post": writes_whole_books(request.user),
    }
    return render(request, "accounting/revaluation.html", context)


def entry_of(request: HttpRequest, form: RevaluationForm) -> JournalEntry | None:
    """The entry of a day that is revalued already."""
    if not form.is_valid():
        return None
    key = source_key(form.cleaned_data["on"])
    return rows(request.user, JournalEntry).filter(source_key=key).first()


def posted(request: HttpRequest, on: date) -> HttpResponse:
    """Post the difference, and show its entry."""
    if not writes_whole_books(request.user):
        raise Refused(_("You may look at this, not post it."))
    entry = revalue(on=on, by=request.user)
    if entry is None:
        say(request, _("Nothing differs: there is nothing to post."))
        return redirect(f"{reverse('accounting:revaluation')}?on={on}")
    say(request, _("%(entry)s is posted, and taken back the next day.") % {"entry": entry})
    return redirect(entry)
