"""Whether this process lives, and whether the office can work."""

from collections.abc import Callable

from django.http import HttpRequest, HttpResponse, JsonResponse
from django.views.decorators.http import require_safe

from backoffice import doctor
from backoffice.access import PUBLIC, area

# These answers leave before the middleware that gives all others their headers.
SAFE = {
    "Cache-Control": "no-store",
    "Content-Security-Policy": "default-src 'none'; frame-ancestors 'none'",
    "Referrer-Policy": "same-origin",
    "X-Content-Type-Options": "nosniff",
    "X-Frame-Options": "DENY",
}


@area(PUBLIC)
@require_safe
def healthz(request: HttpRequest) -> HttpResponse:
    """The process answers; nothing else is asked."""
    return HttpResponse("ok", content_type="text/plain")


@area(PUBLIC)
@require_safe
def readyz(request: HttpRequest) -> HttpResponse:
    """The names of what does not work, with 503; none, with 200."""
    failed = doctor.not_ready()
    return JsonResponse({"failed": failed}, status=503 if failed else 200)


class HealthMiddleware:
    """Answers before host names, redirects, sessions or the database can stand in the way."""

    answers = {"/healthz": healthz, "/readyz": readyz}

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        answer = self.answers.get(request.path)
        if answer is None:
            return self.get_response(request)
        found = answer(request)
        for name, value in SAFE.items():
            found.headers[name] = value
        return found
