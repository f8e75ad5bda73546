"""What a statement is asked for: where it cannot be shown, the page says so at the field."""

from typing import Any

from django.forms import Form
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils.translation import gettext as _


def asked_page(
    request: HttpRequest, template: str, context: dict[str, Any], found: dict[str, Any] | None
) -> HttpResponse:
    """The page with what was found; with its form alone, and 400, where nothing can be."""
    return render(request, template, context | (found or {}), status=400 if found is None else 200)


def refused_file(form: Form, sentence: str = "") -> HttpResponse:
    """Why there is no file: what is wrong in the form, or else the sentence."""
    said = "; ".join(error for errors in form.errors.values() for error in errors) or sentence
    return HttpResponse(
        said or _("That cannot be shown."), status=400, content_type="text/plain; charset=utf-8"
    )
