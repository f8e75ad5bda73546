"""An owner looks at the office through somebody else's eyes: reading only, on record.

What is shown is what both may see; in the demo office, which is nobody's, all the other sees.
"""

from __future__ import annotations

from collections.abc import Callable
from datetime import date
from typing import Any

from django.core.exceptions import PermissionDenied
from django.db import transaction
from django.http import HttpRequest, HttpResponse
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _

from backoffice import audit
from backoffice.access import standing
from backoffice.errors import Refused
from backoffice.models import Company, User
from backoffice.owners import is_owner

SESSION_KEY = "seeing_as"
READING = ("GET", "HEAD", "OPTIONS")


def may_see_as_others(user: User, *, on: date) -> bool:
    """Whether this person is an owner on the day."""
    return is_owner(user, on=on)


@transaction.atomic
def start(request: HttpRequest, person: User, *, by: User, on: date) -> None:
    """Show the office to the owner as this person sees it, from the next page on."""
    if not may_see_as_others(by, on=on):
        raise Refused(_("Only owners see the office as somebody else does."))
    if person == by or not person.is_active:
        raise Refused(_("Choose somebody else who has access."))
    request.session[SESSION_KEY] = person.pk
    audit.record("seeing_as_started", person, by=by)


@transaction.atomic
def stop(request: HttpRequest, *, by: User) -> None:
    """See the office with one's own eyes again."""
    person = User.objects.filter(pk=request.session.pop(SESSION_KEY, None)).first()
    if person:
        audit.record("seeing_as_stopped", person, by=by)


class SeeingAsMiddleware:
    """Puts the other person in the owner's place for requests that only read."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: Any) -> HttpResponse:
        request.seen_by = None
        is_leaving = request.path == reverse("backoffice:seeing-as-stop")
        if SESSION_KEY in request.session and request.user.is_authenticated and not is_leaving:
            self._look_through(request)
        return self.get_response(request)

    def process_view(self, request: Any, view, args, kwargs) -> None:
        """Refuse whatever could change something."""
        if request.seen_by and request.method not in READING:
            raise PermissionDenied(_("You are only looking: stop seeing as somebody else first."))

    def _look_through(self, request: Any) -> None:
        owner, on = request.user, timezone.localdate()
        person = User.objects.filter(pk=request.session[SESSION_KEY], is_active=True).first()
        if person is None or not may_see_as_others(owner, on=on):
            stop(request, by=owner)
            return
        if not Company.objects.filter(is_demo=True).exists():
            standing(person).clip_to(standing(owner))
        person.seen_by = owner
        request.seen_by, request.user = owner, person
