"""A page with one form: asked, refused at its fields, or done."""

from collections.abc import Callable
from typing import Any

from django.db import IntegrityError, transaction
from django.forms import BaseForm
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _

from backoffice.errors import Refused
from backoffice.once import led_to, once
from backoffice.refusals import refusal_of


def form_page(
    request: HttpRequest,
    form: BaseForm,
    save: Callable[[], str],
    *,
    template: str = "pages/form.html",
    **context,
) -> HttpResponse:
    """Draw the form, or save it and go where `save` says; refusals appear in the form."""
    before = led_to(request)
    if before:
        return redirect(before)
    if request.method == "POST" and form.is_valid():
        done = try_to(lambda: once(request, save))
        if not isinstance(done, Refused):
            return redirect(done)
        add_refusal(form, done)
    context.setdefault("submit_label", _("Save"))
    context.setdefault("cancel_url", context.pop("back", None))
    return render(request, template, {"form": form, **context})


def try_to(save: Callable[[], Any]) -> Any:
    """What was saved, or the refusal; nothing is half done."""
    try:
        with transaction.atomic():
            return save()
    except Refused as refusal:
        return refusal
    except IntegrityError as broken:
        return refusal_of(broken)


def add_refusal(form: BaseForm, refusal: Refused) -> None:
    """Show the sentence at its field, or above the form.

    A form whose field is called otherwise than the act calls it says so: `refused_at`.
    """
    field = getattr(form, "refused_at", {}).get(refusal.field, refusal.field)
    form.add_error(field if field in form.fields else None, str(refusal))


def typed(request: HttpRequest, name: str) -> str:
    """What was typed into a field that stands in no form class; a null byte is no text."""
    return request.POST.get(name, "").replace("\x00", "").strip()
