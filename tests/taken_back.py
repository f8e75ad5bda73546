"""What an address is asked leaves nothing behind: no row, no drawing, no open file."""

import logging
from collections.abc import Iterator
from contextlib import contextmanager

from django.core import signals
from django.db import close_old_connections, transaction
from django.http import HttpResponseBase
from django.template.backends.django import Template


@contextmanager
def taken_back() -> Iterator[None]:
    """Whatever is done meanwhile is undone; thousands of refusals are no news to the log."""
    logging.disable(logging.WARNING)
    try:
        with transaction.atomic():
            yield
            transaction.set_rollback(True)
    finally:
        logging.disable(logging.NOTSET)


def close(answer: HttpResponseBase) -> None:
    """Close the answer's files; not as a server does, which lets the connection go too."""
    signals.request_finished.disconnect(close_old_connections)
    try:
        answer.close()
    finally:
        signals.request_finished.connect(close_old_connections)


@contextmanager
def undrawn() -> Iterator[None]:
    """Meanwhile views decide, but nothing is drawn of what they show."""
    drawing = Template.render
    Template.render = lambda self, context=None, request=None: ""
    try:
        yield
    finally:
        Template.render = drawing
