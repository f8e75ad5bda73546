"""What a refused request is answered with: a page, or a note where htmx asked for a part."""

from typing import Any

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils.translation import gettext as _
from django.views import defaults


def forbidden(request: HttpRequest, exception: Any) -> HttpResponse:
    """403: the area is out of reach."""
    if not asks_for_a_part(request):
        return defaults.permission_denied(request, exception)
    return note(request, 403, _("This is outside what you may see or do."))


def not_found(request: HttpRequest, exception: Any) -> HttpResponse:
    """404: nothing is there, or nothing this person may see."""
    if not asks_for_a_part(request):
        return defaults.page_not_found(request, exception)
    return note(request, 404, _("This is not here any more, or you may not see it."))


def asks_for_a_part(request: HttpRequest) -> bool:
    """Whether htmx asks; no page is left around what it is given."""
    return "HX-Request" in request.headers


def note(request: HttpRequest, status: int, text: str) -> HttpResponse:
    """The sentence, for the place of messages on the page that asked."""
    return render(request, "shell/_refused.html", {"text": text}, status=status)
