"""What waits for a second person: the list, a request, and the decisions about it."""

from collections.abc import Callable
from typing import Any

from django.contrib import messages
from django.http import HttpRequest, HttpResponse, QueryDict
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy as _lazy
from django.views.decorators.http import require_POST, require_safe

from backoffice import approvals
from backoffice.access import area, row_or_404, rows
from backoffice.decision_forms import AloneForm
from backoffice.errors import Refused
from backoffice.messages import say
from backoffice.models import Approval
from backoffice.owners import is_owner
from backoffice.pages import Pages
from backoffice.shell import company_of
from backoffice.signing_in import asked_for_password
from backoffice.views.forms import form_page, typed
from backoffice.views.pages import record_context

TONES = {
    Approval.State.WAITING: "warn",
    Approval.State.APPROVED: "ok",
    Approval.State.REFUSED: "bad",
}


class ApprovalPages(Pages):
    """The list, narrowed to what waits for the reader or was made by the reader."""

    def filter_for(self, user: Any, query: QueryDict):
        """The filters over the rows asked for."""
        found = super().filter_for(user, query)
        if query.get("whose") == "to-decide":
            waiting = approvals.waiting_for(user, on=timezone.localdate())
            found.queryset = found.queryset.filter(pk__in=waiting.values("pk"))
        elif query.get("whose") == "mine":
            found.queryset = found.queryset.filter(made_by=user)
        return found


def _state(approval: Approval) -> tuple[str, str]:
    return Approval.State(approval.state).label, TONES.get(approval.state, "mute")


@require_safe
def approval_page(request: HttpRequest, pk: int, *, pages: Pages) -> HttpResponse:
    """A request: what it is, what it changes, who decided, and the decision where it is open."""
    approval = get_object_or_404(pages.rows(request.user), pk=pk)
    on, is_waiting = timezone.localdate(), approval.state == Approval.State.WAITING
    is_mine = approval.made_by_id == request.user.pk
    company = company_of(request)
    context = record_context(request, approval, pages) | {
        "may_decide": approvals.waiting_for(request.user, on=on).filter(pk=pk).exists(),
        "may_withdraw": is_waiting and is_mine,
        "may_decide_alone": is_waiting and is_mine and company and company.works_alone,
        "may_work_alone": is_waiting and is_mine and is_owner(request.user, on=on),
    }
    return render(request, "office/approval.html", context)


listed = ApprovalPages(
    model=Approval,
    columns=("title", "made_by", "made_at", "decided_at"),
    more_columns=("area", "verb", "level", "state", "decided_by", "why"),
    facts=("made_by", "made_at", "area", "level", "decided_by", "for_whom", "decided_at", "why"),
    filters=("state", "area", "made_at"),
    search=("title",),
    tabs=((_lazy("Waiting for me"), "whose=to-decide"), (_lazy("Made by me"), "whose=mine")),
    ordering=("-pk",),
    joined=("made_by", "approved_by", "alone_by", "refused_by", "for_whom"),
    labels={"decided_by": _lazy("decided by"), "level": _lazy("takes the level")},
    hide_small=("decided_at",),
    state=_state,
    record_view=approval_page,
    icon="checkbox",
    empty=_lazy("What takes two people, such as rights and bank details, waits here."),
)


@area("signed_in")
@require_POST
def approve(request: HttpRequest, pk: int) -> HttpResponse:
    """Agree as a second person."""
    why = typed(request, "why")
    return _decided(
        request,
        pk,
        lambda approval: approvals.approve(
            approval, by=request.user, on=timezone.localdate(), why=why
        ),
        _("“%(what)s” is approved."),
    )


@area("signed_in")
@require_POST
def refuse(request: HttpRequest, pk: int) -> HttpResponse:
    """Say no, and why."""
    why = typed(request, "why")
    return _decided(
        request,
        pk,
        lambda approval: approvals.refuse(
            approval, by=request.user, on=timezone.localdate(), why=why
        ),
        _("“%(what)s” is refused."),
    )


@area("signed_in")
@require_POST
def withdraw(request: HttpRequest, pk: int) -> HttpResponse:
    """Take one's own request back."""
    return _decided(
        request,
        pk,
        lambda approval: approvals.withdraw(approval, by=request.user),
        _("“%(what)s” is withdrawn."),
    )


def _decided(request: HttpRequest, pk: int, decide: Callable, sentence: str) -> HttpResponse:
    known = rows(request.user, Approval).exclude(state=Approval.State.WAITING).filter(pk=pk)
    approval = known.first() or row_or_404(request.user, Approval, "edit", pk=pk)
    try:
        decide(approval)
    except Refused as refusal:
        messages.error(request, str(refusal))
    else:
        say(request, sentence % {"what": approval})
    return redirect(approval)


@area("signed_in")
def alone(request: HttpRequest, pk: int) -> HttpResponse:
    """The maker approves, in a one-person office: with the password shown again and a reason."""
    approval = row_or_404(request.user, Approval, "edit", pk=pk)
    if asking := asked_for_password(request):
        return asking
    form = AloneForm(request.POST or None)

    def save() -> str:
        why = form.cleaned_data["why"]
        approvals.approve(approval, by=request.user, on=timezone.localdate(), why=why, alone=True)
        say(request, _("“%(what)s” is approved, by you alone.") % {"what": approval})
        return approval.get_absolute_url()

    return form_page(
        request,
        form,
        save,
        title=_("Approve alone: %(what)s") % {"what": approval},
        note=_("It is kept apart, with your reason, and listed when a period is closed."),
        submit_label=_("Approve alone"),
        back=approval.get_absolute_url(),
        crumbs=[(_("Approvals"), reverse("backoffice:approval-list")), (str(approval), None)],
    )
