"""A form does its work once: a second click, or going back and sending it again, leads to the
same page.

The page gives the form a key (`{% sent_key %}`). The same key with other words is another form,
for somebody went back and wrote something else.
"""

from __future__ import annotations

import hashlib
from collections.abc import Callable
from datetime import datetime
from typing import Any
from uuid import UUID, uuid5

from django.db import transaction
from django.http import HttpRequest

from backoffice.models import SentForm

FIELD = "sent_key"
NOT_SAID = ("csrfmiddlewaretoken", FIELD)


def led_to(request: HttpRequest) -> str:
    """Where this form led when it was sent before; empty where it was not."""
    key = _key_of(request)
    sent = key and SentForm.objects.filter(pk=key).first()
    return sent.led_to if sent else ""


@transaction.atomic
def once(request: HttpRequest, act: Callable[[], str]) -> str:
    """Do the act and keep where it leads; who sends the form at the same moment waits for it."""
    key = _key_of(request)
    if key is None:
        return act()
    sent, is_new = SentForm.objects.get_or_create(pk=key)
    if is_new:
        sent.led_to = act()
        sent.save(update_fields=["led_to"])
    return sent.led_to


def forget(*, before: datetime) -> int:
    """Forget the forms sent before then; says how many."""
    return SentForm.objects.filter(at__lt=before).delete()[0]


def key_sent(request: HttpRequest) -> UUID | None:
    """The key the page gave its form; None where it has none, or nobody is signed in."""
    try:
        return UUID(request.POST.get(FIELD, "")) if request.user.is_authenticated else None
    except ValueError:
        return None


def _key_of(request: HttpRequest) -> UUID | None:
    """The key of what was sent: the page's, of this sender, to this address, with these words."""
    given = key_sent(request)
    if given is None:
        return None
    said: list[Any] = [request.user.pk, request.path]
    said += sorted((n, values) for n, values in request.POST.lists() if n not in NOT_SAID)
    sent = ((name, file) for name, files in request.FILES.lists() for file in files)
    said += sorted((name, file.name, file.size) for name, file in sent)
    return uuid5(given, hashlib.sha256(repr(said).encode(errors="replace")).hexdigest())
