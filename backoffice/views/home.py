"""The dashboard, the search, one's own profile."""

from collections.abc import Iterator
from datetime import datetime

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from django.views.decorators.http import require_safe

from backoffice import charts, finding
from backoffice.access import area, may, rows
from backoffice.cells import ways_of_writing
from backoffice.forms import ProfileForm
from backoffice.functions import Attention, functions_for
from backoffice.messages import say
from backoffice.models import Department
from backoffice.setting_up import STEPS
from backoffice.shell import approvals_waiting, company_of
from backoffice.views.forms import form_page

ATTENTION_ON_THE_DASHBOARD, FIGURES_ON_A_CARD = 4, 2


@area("signed_in")
@require_safe
def home(request: HttpRequest) -> HttpResponse:
    """What needs this person, then each function with its figures, then the panels."""
    user, now = request.user, timezone.localtime()
    functions = [function for function, _screens in functions_for(user)]
    attention = [*waiting_decisions(request)]
    attention += [a for f in functions for a in f.attention(user, on=now.date())]
    context = {
        "greeting": greeting(user.short_name, now),
        "today": now.date(),
        "attention": attention[:ATTENTION_ON_THE_DASHBOARD],
        "cards": [card(request, function, now) for function in functions],
        "panels": [panel for f in functions for panel in f.panels(user, on=now.date())],
        "needs_password": not user.has_usable_password(),
        "set_up_url": set_up_url(request),
    }
    return render(request, "office/home.html", context)


def waiting_decisions(request: HttpRequest) -> Iterator[Attention]:
    """What waits for this person's yes or no, in one line."""
    waiting = approvals_waiting(request)
    if waiting:
        yield Attention(
            ngettext("%(n)d approval waits", "%(n)d approvals wait", waiting) % {"n": waiting},
            _("Somebody made it, you decide."),
            reverse("backoffice:approval-list") + "?whose=to-decide",
            "checkbox",
        )


def is_being_set_up(request: HttpRequest) -> bool:
    """Whether this person can finish the set-up of the office."""
    company = company_of(request)
    return bool(company and not company.set_up_at and may(request.user, "office", "manage"))


def set_up_url(request: HttpRequest) -> str:
    """Where the set-up goes on; empty when it is over or another person's to do."""
    if not is_being_set_up(request):
        return ""
    reached = min(company_of(request).set_up_step, len(STEPS) - 1)
    return reverse("backoffice:set-up", args=[STEPS[reached]])


def greeting(name: str, now: datetime) -> str:
    """A word for the time of day."""
    if now.hour < 12:
        return _("Good morning, %(name)s") % {"name": name}
    if now.hour < 18:
        return _("Good afternoon, %(name)s") % {"name": name}
    return _("Good evening, %(name)s") % {"name": name}


def card(request: HttpRequest, function, now: datetime) -> dict:
    """A function's card: its manager, two figures, a trend, a line below."""
    user = request.user
    if not hasattr(request, "_managers"):
        departments = rows(user, Department).exclude(function="").select_related("manager")
        request._managers = {d.function: d.manager for d in departments}
    trend = function.trend(user, on=now.date())
    label = _("%(function)s, last twelve months") % {"function": function.verbose_name}
    return {
        "function": function,
        "url": reverse("backoffice:function", args=[function.label]),
        "manager": request._managers.get(function.label) or "",
        "figures": list(function.figures(user, on=now.date()))[:FIGURES_ON_A_CARD],
        "trend": charts.spark(trend, label=label) if trend else "",
        "footer": function.purpose,
    }


@area("signed_in")
@require_safe
def search(request: HttpRequest) -> HttpResponse:
    """Jump to any page or record; for the palette only its list."""
    text = request.GET.get("q", "")
    found = finding.find(request.user, text, ways_of_writing(request))
    template = "office/_found.html" if request.htmx else "office/search.html"
    return render(request, template, {"q": text, "found": found, "title": _("Search")})


@area("signed_in")
def profile(request: HttpRequest) -> HttpResponse:
    """What people may change about themselves."""
    form = ProfileForm(request.POST or None, instance=request.user)

    def save() -> str:
        form.save()
        say(request, _("Your profile is saved."))
        return reverse("backoffice:profile")

    return form_page(
        request,
        form,
        save,
        template="office/profile.html",
        title=_("Your profile"),
        crumbs=[(_("Your profile"), None)],
        back=reverse("backoffice:home"),
    )
