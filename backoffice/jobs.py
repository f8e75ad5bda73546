"""Work done after the answer: queued in the same commit, run by the worker."""

import logging

from django.core.mail import EmailMessage
from procrastinate import App
from procrastinate.contrib.django import app

log = logging.getLogger(__name__)


def on_app_ready(ready: App) -> None:
    """Hook for procrastinate: tasks register themselves when this module is imported."""


@app.task(name="send_mail", retry=5)
def send_mail(to: list[str], subject: str, text: str) -> None:
    """Send one letter over SMTP."""
    EmailMessage(subject=subject, body=text, to=to).send()
