"""Rates of exchange, and foreign items at the rates of a day."""

from datetime import date, timedelta

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy as _lazy

from accounting.exchange import revaluation_of, revalue
from accounting.exchange_forms import ExchangeRateForm, RevaluationForm
from accounting.models import ExchangeRate
from accounting.reach import reads_whole_books, writes_whole_books
from backoffice.access import area
from backoffice.errors import Refused
from backoffice.messages import say
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
    today = timezone.localdate()
    asked = request.POST or request.GET or {"on": last_month_end(today)}
    form = RevaluationForm(asked)
    found, refusal = None, None
    if form.is_valid():
        try:
            if request.method == "POST":
                return posted(request, form.cleaned_data["on"])
            found = revaluation_of(form.cleaned_data["on"])
        except Refused as refused:
            refusal = refused
    context = {
        "title": _("Revaluation"),
        "crumbs": [(_("Revaluation"), None)],
        "form": form,
        "found": found,
        "refusal": refusal,
        "goes_on": found is not None and found.on >= today,
        "may_post": writes_whole_books(request.user),
    }
    return render(request, "accounting/revaluation.html", context)


def posted(request: HttpRequest, on: date) -> HttpResponse:
    """Post the difference, and show its entry."""
    if not writes_whole_books(request.user):
        raise Refused(_("You may look at this, not post it."))
    entry = revalue(on=on, today=timezone.localdate(), by=request.user)
    if entry is None:
        say(request, _("Nothing differs: there is nothing to post."))
        return redirect(f"{reverse('accounting:revaluation')}?on={on}")
    say(request, _("%(entry)s is posted, and taken back the next day.") % {"entry": entry})
    return redirect(entry)
