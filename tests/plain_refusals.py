"""The address book for thousands of refusals: their page is drawn once for each who reads it.

What is refused is decided before; the page says it with the same menu around it each time. So it
is drawn for every person in every function and way of asking, and then only said.
"""

from collections.abc import Callable

from django.http import HttpRequest, HttpResponse

from backoffice.urls import urlpatterns
from backoffice.views import refusals

__all__ = ["handler403", "handler404", "urlpatterns"]
_drawn: set[tuple] = set()


def _drawn_once(status: int, draw: Callable) -> Callable:
    def answer(request: HttpRequest, exception: Exception) -> HttpResponse:
        kind = (status, *_reader(request))
        if kind in _drawn:
            return HttpResponse(status=status)
        page = draw(request, exception)
        _drawn.add(kind)
        return page

    return answer


def _reader(request: HttpRequest) -> tuple:
    """All the page depends on: who reads it, which menu is open, whether htmx asked."""
    match = request.resolver_match
    function = match and (match.namespace, match.kwargs.get("function"))
    return request.user.pk, function, refusals.asks_for_a_part(request)


handler403 = _drawn_once(403, refusals.forbidden)
handler404 = _drawn_once(404, refusals.not_found)
