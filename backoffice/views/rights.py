"""Who may do what: by role, by person, by page."""

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_safe

from backoffice import rights
from backoffice.access import area, may, row_or_404, rows
from backoffice.models import Role, User
from backoffice.seeing_as import may_see_as_others


@area("office")
@require_safe
def roles_page(request: HttpRequest) -> HttpResponse:
    """Every area against every role."""
    roles = list(rows(request.user, Role))
    context = {
        "title": _("Rights"),
        "crumbs": [(_("Settings"), reverse("backoffice:settings")), (_("Rights"), None)],
        "roles": roles,
        "areas": rights.roles_by_area(roles),
        "may_edit": may(request.user, "office", "edit"),
    }
    return render(request, "office/rights.html", context)


@area("office")
@require_safe
def routes_page(request: HttpRequest) -> HttpResponse:
    """Every page with the right it takes and the roles that have it."""
    words = request.GET.get("q", "").replace("\x00", "").strip().lower()[:80]
    found = rights.roles_by_route(list(rows(request.user, Role)))
    context = {
        "title": _("Who may open which page"),
        "crumbs": [(_("Rights"), reverse("backoffice:rights")), (_("By page"), None)],
        "routes": [pair for pair in found if words in f"{pair[0].path} {pair[0].name}".lower()],
        "q": words,
    }
    return render(request, "office/rights_by_route.html", context)


@area("office")
@require_safe
def person_page(request: HttpRequest, pk: int) -> HttpResponse:
    """Everything one person may do, and through what."""
    person = row_or_404(request.user, User, pk=pk)
    on = timezone.localdate()
    context = {
        "title": _("What %(name)s may do") % {"name": person},
        "crumbs": [
            (_("Staff"), reverse("backoffice:user-list")),
            (str(person), person.get_absolute_url()),
            (_("Rights"), None),
        ],
        "person": person,
        "areas": rights.rights_of(person, on=on),
        "may_see_as": person != request.user
        and person.is_active
        and may_see_as_others(request.user, on=on),
    }
    return render(request, "office/rights_of_person.html", context)
