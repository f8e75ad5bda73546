"""The office with an address that does not say who may enter, as one added in haste."""

from django.http import HttpRequest, HttpResponse
from django.urls import path

from backoffice import urls


def oops(request: HttpRequest) -> HttpResponse:
    return HttpResponse("canary: not for everybody")


urlpatterns = [path("oops/", oops, name="oops"), *urls.urlpatterns]
