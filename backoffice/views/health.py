"""Whether this process lives, and whether the office can work."""

from collections.abc import Callable

from django.http import HttpRequest, HttpResponse, JsonResponse

from backoffice import doctor
from backoffice.access import PUBLIC, area


@area(PUBLIC)
def healthz(request: HttpRequest) -> HttpResponse:
    """The process answers; nothing else is asked."""
    return HttpResponse("ok", content_type="text/plain", headers={"Cache-Control": "no-store"})


@area(PUBLIC)
def readyz(request: HttpRequest) -> HttpResponse:
    """The names of what does not work, with 503; none, with 200."""
    failed = doctor.not_ready()
    answer = JsonResponse({"failed": failed}, status=503 if failed else 200)
    answer.headers["Cache-Control"] = "no-store"
    return answer


class HealthMiddleware:
    """Answers before host names, redirects, sessions or the database can stand in the way."""

    answers = {"/healthz": healthz, "/readyz": readyz}

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        return self.answers.get(request.path, self.get_response)(request)
