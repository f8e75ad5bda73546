"""Looking at the office through somebody else's eyes, and stopping."""

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST

from backoffice import seeing_as
from backoffice.access import area, row_or_404
from backoffice.errors import Refused
from backoffice.messages import say
from backoffice.models import User


@area("office", "manage")
@require_POST
def start(request: HttpRequest, pk: int) -> HttpResponse:
    """Go home as the other person."""
    person = row_or_404(request.user, User, "manage", pk=pk)
    try:
        seeing_as.start(request, person, by=request.user, on=timezone.localdate())
    except Refused as refusal:
        messages.error(request, str(refusal))
        return redirect("backoffice:user-rights", pk)
    return redirect("backoffice:home")


@area("signed_in")
@require_POST
def stop(request: HttpRequest) -> HttpResponse:
    """Come back."""
    seeing_as.stop(request, by=request.user)
    say(request, _("You see the office with your own eyes again."))
    return redirect("backoffice:home")
