"""What happened, in a sentence, with a way back where there is one."""

from django.contrib import messages
from django.http import HttpRequest
from django.middleware.csrf import get_token
from django.utils.html import format_html
from django.utils.translation import gettext as _


def say(request: HttpRequest, text: str, undo_url: str = "", undo_label: str = "") -> None:
    """Tell the person what was done; with an address, beside a button that undoes it."""
    if undo_url:
        text = with_undo(request, text, undo_url, undo_label or _("Undo"))
    messages.success(request, text)


def with_undo(request: HttpRequest, text: str, undo_url: str, undo_label: str) -> str:
    """The sentence and a small form, since undoing changes something and must be a POST."""
    return format_html(
        '<span>{}</span><form method="post" action="{}">'
        '<input type="hidden" name="csrfmiddlewaretoken" value="{}">'
        '<button type="submit" class="undo">{}</button></form>',
        text,
        undo_url,
        get_token(request),
        undo_label,
    )
