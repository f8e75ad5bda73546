"""Fiscal years and their periods: opened, closed in order, reopened for a reason."""

from datetime import date, timedelta

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST, require_safe

from accounting.forms import ReopenForm
from accounting.models import FiscalYear, Period, PeriodEvent
from accounting.years import close_period, open_year_for, reopen_period
from backoffice.access import area, may, row_or_404, rows
from backoffice.errors import Refused
from backoffice.messages import say
from backoffice.views.forms import form_page

EVENTS_SHOWN = 12


@area("accounting")
@require_safe
def period_list(request: HttpRequest) -> HttpResponse:
    """The years with their periods, and what can be done next."""
    user = request.user
    years = rows(user, FiscalYear).prefetch_related("periods").order_by("-starts_on")
    periods = rows(user, Period)
    events = rows(user, PeriodEvent).select_related("period", "by")
    context = {
        "title": _("Fiscal years"),
        "crumbs": [(_("Fiscal years"), None)],
        "years": years,
        "next_to_close": periods.filter(closed_at=None).order_by("starts_on").first(),
        "closed_last": periods.exclude(closed_at=None).order_by("-starts_on").first(),
        "next_day": day_after(years[0]) if years else timezone.localdate(),
        "events": events[:EVENTS_SHOWN],
        "today": timezone.localdate(),
        "may_close": may(user, "accounting.close", "approve"),
        "may_reopen": may(user, "accounting.close", "manage"),
    }
    return render(request, "accounting/period_list.html", context)


def day_after(year: FiscalYear) -> date:
    """The first day of the year that follows."""
    return year.ends_on + timedelta(days=1)


@area("accounting.close", "approve")
@require_POST
def open_year(request: HttpRequest) -> HttpResponse:
    """Open the fiscal year that comes next, or the first one."""
    newest = rows_of_years(request).last()
    day = day_after(newest) if newest else timezone.localdate()
    try:
        year = open_year_for(day, by=request.user)
    except Refused as refusal:
        messages.error(request, str(refusal))
    else:
        say(request, _("Fiscal year %(year)s is open.") % {"year": year})
    return redirect("accounting:period-list")


def rows_of_years(request: HttpRequest):
    """The fiscal years, oldest first."""
    return rows(request.user, FiscalYear).order_by("starts_on")


@area("accounting.close", "approve")
@require_POST
def close_one(request: HttpRequest, pk: int) -> HttpResponse:
    """Close a period; what is dated in it cannot change any more."""
    period = row_or_404(request.user, Period, pk=pk)
    try:
        close_period(period, by=request.user)
    except Refused as refusal:
        messages.error(request, str(refusal))
    else:
        say(request, _("%(period)s is closed.") % {"period": period})
    return redirect("accounting:period-list")


@area("accounting.close", "manage")
def reopen_one(request: HttpRequest, pk: int) -> HttpResponse:
    """Reopen the period closed last, for a reason that is kept."""
    period = row_or_404(request.user, Period, pk=pk)
    form = ReopenForm(request.POST or None)

    def save() -> str:
        reopen_period(period, by=request.user, why=form.cleaned_data["why"])
        say(request, _("%(period)s is open again.") % {"period": period})
        return reverse("accounting:period-list")

    title = _("Reopen %(period)s") % {"period": period}
    return form_page(
        request,
        form,
        save,
        title=title,
        crumbs=[(_("Fiscal years"), reverse("accounting:period-list")), (title, None)],
        submit_label=_("Reopen"),
        back=reverse("accounting:period-list"),
    )
