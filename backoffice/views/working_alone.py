"""Whether one person works alone here: an owner says so, with the password shown again."""

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _

from backoffice import working_alone
from backoffice.access import area, rows
from backoffice.errors import Refused
from backoffice.messages import say
from backoffice.models import Company
from backoffice.signing_in import asked_for_password


@area("office", "manage")
def working_alone_page(request: HttpRequest) -> HttpResponse:
    """Explain it, and switch it on or off."""
    company = get_object_or_404(rows(request.user, Company))
    if asking := asked_for_password(request):
        return asking
    if request.method == "POST":
        return _switched(request, company)
    is_alone = company.works_alone
    context = {
        "title": _("One person works alone"),
        "crumbs": [
            (_("Settings"), reverse("backoffice:settings")),
            (_("Company"), reverse("backoffice:company")),
            (_("Working alone"), None),
        ],
        "question": _("You work alone: you may approve what you made yourself.")
        if is_alone
        else _("Here, what takes two people waits for a second one."),
        "consequences": _(
            "Alone, you approve with your password and a reason. Each such decision is kept "
            "apart and listed when a period is closed. Only owners decide this."
        ),
        "submit_label": _("We are several again") if is_alone else _("I work alone"),
        "cancel_url": reverse("backoffice:company"),
    }
    return render(request, "pages/confirm.html", context)


def _switched(request: HttpRequest, company: Company) -> HttpResponse:
    switch = working_alone.work_together if company.works_alone else working_alone.work_alone
    try:
        switch(company, by=request.user, on=timezone.localdate())
    except Refused as refusal:
        messages.error(request, str(refusal))
    else:
        say(request, _("Saved: it is on record."))
    return redirect("backoffice:working-alone")
