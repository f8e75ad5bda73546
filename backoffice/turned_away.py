"""Who was turned away from what: a line in the trail for each refusal, a bounded number of them.

The line names the page, never its address: a query may hold what somebody searched for, a path
the secret of a link. Strangers count as one person.
"""

from __future__ import annotations

from datetime import timedelta
from typing import Any

from django.contrib.auth.views import redirect_to_login
from django.http import HttpRequest, HttpResponse
from django.shortcuts import resolve_url
from django.urls import ResolverMatch
from django.utils import timezone

from backoffice import audit
from backoffice.access import ROUTES_OF_OTHERS
from backoffice.models import AuditEvent

ACTION = AuditEvent.TURNED_AWAY
REFUSALS = {401, 403, 404, 405}
# Whoever hammers at one door cannot fill the trail, nor make it deaf to the other doors.
MOST_AT_A_PAGE, MOST_BY_ONE, WITHIN = 5, 100, timedelta(hours=1)
LONGEST_KEY = 20


def area_of(match: ResolverMatch) -> tuple[str, str] | None:
    """What the page says about who may enter."""
    return getattr(match.func, "area", None) or ROUTES_OF_OTHERS.get(match.view_name)


def ask_to_sign_in(request: HttpRequest) -> HttpResponse:
    """Lead a stranger to the sign-in, and back here afterwards."""
    if request.headers.get("HX-Request"):
        return HttpResponse(status=401, headers={"HX-Refresh": "true"})
    return redirect_to_login(request.get_full_path())


def note(request: HttpRequest, response: Any) -> None:
    """Write down a refusal, unless this person's last hour holds enough of them."""
    match = request.resolver_match
    if match is None or not _is_refusal(request, response):
        return
    page, by = (match.view_name or match.route)[:200], _who(request)
    if _is_told_enough(page, by):
        return
    area, level = area_of(match) or ("", "")
    detail: dict[str, Any] = {"area": area, "level": level}
    detail |= {"method": str(request.method)[:10], "status": response.status_code}
    if "pk" in match.kwargs:
        detail["key"] = str(match.kwargs["pk"])[:LONGEST_KEY]
    audit.record(ACTION, page, by=by, **detail)


def _is_refusal(request: HttpRequest, response: Any) -> bool:
    """A stranger who opens a page is asked to sign in; one who sends something is refused."""
    if response.status_code in REFUSALS:
        return True
    leads_to = response.headers.get("Location", "").partition("?")[0]
    is_asked = leads_to == resolve_url("account_login") and not request.user.is_authenticated
    return is_asked and request.method not in ("GET", "HEAD", "OPTIONS", "TRACE")


def _who(request: Any) -> Any:
    return request.user if request.user.is_authenticated else None


def _is_told_enough(page: str, by: Any) -> bool:
    actor = by and (by.seen_by or by)
    lately = AuditEvent.objects.filter(
        action=ACTION, actor=actor, at__gte=timezone.now() - WITHIN
    ).order_by()
    pages = list(lately.values_list("subject", flat=True)[:MOST_BY_ONE])
    return len(pages) >= MOST_BY_ONE or pages.count(page) >= MOST_AT_A_PAGE
