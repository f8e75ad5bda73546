"""Days away, and who decides meanwhile: one's own, and anybody's for the office."""

from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST

from backoffice import delegations
from backoffice.access import area, row_or_404, rows
from backoffice.decision_forms import DelegationForm
from backoffice.messages import say
from backoffice.models import Delegation, User
from backoffice.views.forms import form_page


@area("signed_in")
@require_http_methods(["GET", "POST"])
def own(request: HttpRequest) -> HttpResponse:
    """One's own days away."""
    crumbs = [(_("Your profile"), reverse("backoffice:profile")), (_("Days away"), None)]
    return _days_away(request, request.user, crumbs)


@area("office", "manage")
@require_http_methods(["GET", "POST"])
def of_person(request: HttpRequest, pk: int) -> HttpResponse:
    """Somebody else's, who may have left without saying."""
    person = row_or_404(request.user, User, "manage", pk=pk)
    crumbs = [
        (_("Staff"), reverse("backoffice:user-list")),
        (str(person), person.get_absolute_url()),
        (_("Days away"), None),
    ]
    return _days_away(request, person, crumbs)


@area("signed_in")
@require_POST
def end(request: HttpRequest, pk: int) -> HttpResponse:
    """Take a delegation away."""
    delegation = row_or_404(request.user, Delegation, "edit", pk=pk)
    person = delegation.user
    delegations.end(delegation, by=request.user)
    say(request, _("%(name)s decides for nobody else then.") % {"name": delegation.delegate})
    return redirect(_page_of(request, person))


def _days_away(request: HttpRequest, person: User, crumbs: list) -> HttpResponse:
    form = DelegationForm(request.POST or None, instance=Delegation(user=person))
    form.fields["delegate"].queryset = delegations.colleagues_of(person)

    def save() -> str:
        kept = delegations.delegate(form.save(commit=False), by=request.user)
        text = _("%(name)s decides meanwhile.") % {"name": kept.delegate}
        say(request, text)
        return _page_of(request, person)

    found = rows(request.user, Delegation).filter(user=person).select_related("delegate")
    return form_page(
        request,
        form,
        save,
        template="office/days_away.html",
        title=_("Days away: %(name)s") % {"name": person},
        crumbs=crumbs,
        person=person,
        delegations=found[:50],
        today=timezone.localdate(),
        back=person.get_absolute_url()
        if person != request.user
        else reverse("backoffice:profile"),
    )


def _page_of(request: HttpRequest, person: User) -> str:
    if person == request.user:
        return reverse("backoffice:away")
    return reverse("backoffice:user-away", args=[person.pk])
