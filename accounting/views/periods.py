"""Fiscal years and their periods: opened, closed in order, reopened for a reason."""

from datetime import date, timedelta

from django.contrib import messages
from django.core.exceptions import PermissionDenied
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST, require_safe

from accounting import closing
from accounting.close_paper import close_paper_of
from accounting.forms import ReopenForm, WaiverForm
from accounting.models import FiscalYear, Period, PeriodEvent
from accounting.reach import reads_whole_books
from accounting.years import open_year_for
from backoffice.access import area, may, row_or_404, rows
from backoffice.errors import Refused
from backoffice.messages import say
from backoffice.views.forms import form_page, typed

EVENTS_SHOWN = 12


@area("accounting")
@require_safe
def period_list(request: HttpRequest) -> HttpResponse:
    """The years with their periods, and what can be done next."""
    user = request.user
    years = rows(user, FiscalYear).prefetch_related("periods").order_by("-starts_on")
    periods = rows(user, Period)
    closed_last = periods.exclude(closed_at=None).order_by("-starts_on").first()
    events = rows(user, PeriodEvent).select_related("period", "by")
    context = {
        "title": _("Fiscal years"),
        "crumbs": [(_("Fiscal years"), None)],
        "years": years,
        "next_to_close": periods.filter(closed_at=None).order_by("starts_on").first(),
        "closed_last": closed_last,
        "asked": closed_last and closing.reopening_asked(closed_last),
        "next_day": day_after(years[0]) if years else timezone.localdate(),
        "log": closing.logged(events[:EVENTS_SHOWN]),
        "today": timezone.localdate(),
        "may_close": may(user, "accounting.close", "approve"),
        "may_reopen": may(user, "accounting.close", "approve"),
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


@area("accounting")
def close_one(request: HttpRequest, pk: int) -> HttpResponse:
    """What must tie out before a period is closed, and the button that closes it."""
    period = row_or_404(request.user, Period, pk=pk)
    if not reads_whole_books(request.user):
        messages.info(request, _("This needs the whole books: you see those of a department."))
        return redirect("accounting:period-list")
    if request.method == "POST":
        return closed(request, period)
    may_close = may(request.user, "accounting.close", "approve")
    context = closing.close_report(period) | {
        "title": _("Close %(period)s") % {"period": period},
        "crumbs": [(_("Fiscal years"), reverse("accounting:period-list")), (str(period), None)],
        "may_close": may_close,
        "who_may": [] if may_close else closing.who_may_close(),
        "waiver_form": WaiverForm(),
    }
    context["settled"] = sum(checked.is_settled for checked in context["checklist"])
    context["all_settled"] = context["settled"] == len(context["checklist"])
    return render(request, "accounting/close.html", context)


def closed(request: HttpRequest, period: Period) -> HttpResponse:
    """Close the period, or say what does not tie out yet."""
    if not may(request.user, "accounting.close", "approve"):
        raise PermissionDenied
    try:
        closing.close(period, by=request.user)
    except Refused as refusal:
        messages.error(request, str(refusal))
        return redirect("accounting:period-close", period.pk)
    say(request, _("%(period)s is closed.") % {"period": period})
    return redirect("accounting:period-list")


@area("accounting.close", "approve")
@require_POST
def waive_one(request: HttpRequest, pk: int, name: str) -> HttpResponse:
    """Let a check pass, with the reason."""
    period = row_or_404(request.user, Period, pk=pk)
    try:
        closing.waive(period, name, why=typed(request, "why"), by=request.user)
    except Refused as refusal:
        messages.error(request, str(refusal))
    else:
        say(request, _("It may pass; the reason stands in the close report."))
    return redirect("accounting:period-close", period.pk)


@area("accounting")
@require_safe
def close_paper(request: HttpRequest, pk: int) -> HttpResponse:
    """The close report as PDF: checks, waivers, the head of the chain."""
    period = row_or_404(request.user, Period, pk=pk)
    if not reads_whole_books(request.user):
        raise PermissionDenied
    answer = HttpResponse(close_paper_of(period), content_type="application/pdf")
    answer.headers["Content-Disposition"] = f'attachment; filename="close-{period}.pdf"'
    return answer


@area("accounting.close", "approve")
def reopen_one(request: HttpRequest, pk: int) -> HttpResponse:
    """Ask a second person to reopen the period closed last, for a reason that is kept."""
    period = row_or_404(request.user, Period, pk=pk)
    asked = closing.reopening_asked(period)
    if asked:
        waits = _("%(who)s asked for this already: it waits for a second person.")
        messages.info(request, waits % {"who": asked.made_by})
        return redirect(asked)
    form = ReopenForm(request.POST or None)

    def save() -> str:
        closing.ask_to_reopen(
            period, by=request.user, why=form.cleaned_data["why"], on=timezone.localdate()
        )
        say(request, _("A second person is asked to reopen %(period)s.") % {"period": period})
        return reverse("accounting:period-list")

    title = _("Reopen %(period)s") % {"period": period}
    return form_page(
        request,
        form,
        save,
        title=title,
        crumbs=[(_("Fiscal years"), reverse("accounting:period-list")), (title, None)],
        submit_label=_("Ask to reopen"),
        back=reverse("accounting:period-list"),
    )
