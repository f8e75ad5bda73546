"""Who may pass, what every answer carries, the language and zone it is written in."""

from collections.abc import Callable
from uuid import uuid4

from django.core.exceptions import PermissionDenied
from django.http import HttpRequest, HttpResponse, HttpResponseNotAllowed
from django.utils import timezone, translation

from backoffice import turned_away
from backoffice.access import may
from backoffice.reading import written_in
from backoffice.shell import company_of, locale_of
from backoffice.signature import acting

# What forms and links send; nothing here is asked for in another way.
METHODS = ("GET", "HEAD", "OPTIONS", "POST")


class GuardHeadersMiddleware:
    """Private pages are not kept by shared caches or left in the browser's."""

    def __init__(self, get_response):
        self.get_response = get_response

    def __call__(self, request):
        response = self.get_response(request)
        if not request.path.startswith("/static/"):
            response.headers.setdefault("Cache-Control", "no-store")
        return response


class BoundsMiddleware:
    """Refuses what no browser sends: an endless query, a null byte where words are expected."""

    LONGEST_QUERY = 8_000

    def __init__(self, get_response):
        self.get_response = get_response

    def __call__(self, request):
        if len(request.META.get("QUERY_STRING", "")) > self.LONGEST_QUERY:
            return HttpResponse(status=414)
        words = (request.path_info, *request.COOKIES.values())
        if "%00" in request.META.get("QUERY_STRING", "") or any("\x00" in word for word in words):
            return HttpResponse(status=400)
        return self.get_response(request)


class SignatureMiddleware:
    """Signs what the request writes with its person and a number of its own."""

    def __init__(self, get_response):
        self.get_response = get_response

    def __call__(self, request):
        request.id = uuid4().hex
        with acting(by=request.user.pk, request=request.id):
            return self.get_response(request)


class LocalMiddleware:
    """Times, words and numbers are those of the viewer's zone and language."""

    def __init__(self, get_response):
        self.get_response = get_response

    def __call__(self, request):
        user, company = request.user, company_of(request)
        zone = (user.is_authenticated and user.time_zone) or (company and company.time_zone)
        language = (user.is_authenticated and user.language) or (company and company.language)
        with (
            timezone.override(zone or "UTC"),
            translation.override((language or "en")[:2]),
            written_in(locale_of(request)),
        ):
            return self.get_response(request)


class AccessMiddleware:
    """Lets a request through to a view only where its area allows; undeclared answers 403."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        response = self.get_response(request)
        turned_away.note(request, response)
        return response

    def process_view(self, request, view, args, kwargs) -> HttpResponse | None:
        """Decide by the view's declaration alone."""
        declared = turned_away.area_of(request.resolver_match)
        if declared is None:
            raise PermissionDenied("This address does not say who may use it.")
        if may(request.user, *declared):
            return None if request.method in METHODS else HttpResponseNotAllowed(METHODS)
        if request.user.is_authenticated:
            raise PermissionDenied
        return turned_away.ask_to_sign_in(request)
