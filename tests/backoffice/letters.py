"""A mail server of the test's own, which takes letters or says no as it is told."""

from contextlib import contextmanager
from email import message_from_bytes, policy

import pytest
from aiosmtpd.controller import Controller
from django.utils import timezone

from backoffice import outbox
from backoffice.models import Letter
from tests.backoffice.running import free_port


class PostOffice:
    """What arrived, and what the server answers to the steps of a letter."""

    def __init__(self) -> None:
        self.arrived = []
        self.sessions = set()
        self.answers = {}
        self.hangs_up = False

    @property
    def subjects(self):
        return [letter["Subject"] for letter in self.arrived]

    async def handle_MAIL(self, server, session, envelope, address, options):  # noqa: N802
        envelope.mail_from = address
        return self.answers.get("MAIL", "250 OK")

    async def handle_RCPT(self, server, session, envelope, address, options):  # noqa: N802
        answer = self.answers.get(address) or self.answers.get("RCPT", "250 OK")
        if answer.startswith("250"):
            envelope.rcpt_tos.append(address)
        return answer

    async def handle_DATA(self, server, session, envelope):  # noqa: N802
        answer = self.answers.get("DATA", "250 OK")
        if self.hangs_up:
            self.arrived.append(message_from_bytes(envelope.content, policy=policy.default))
            server.transport.close()
        elif answer.startswith("250"):
            self.sessions.add(session)
            self.arrived.append(message_from_bytes(envelope.content, policy=policy.default))
        return answer


@contextmanager
def served(settings):
    settings.EMAIL_BACKEND = "django.core.mail.backends.smtp.EmailBackend"
    settings.EMAIL_HOST, settings.EMAIL_PORT = "127.0.0.1", free_port()
    taken = PostOffice()
    server = Controller(taken, hostname="127.0.0.1", port=settings.EMAIL_PORT)
    server.start()
    try:
        yield taken
    finally:
        server.stop()


@pytest.fixture
def post_office(settings):
    """A mail server on this machine; what it says and what arrives."""
    with served(settings) as taken:
        yield taken


def send(subject="Tea", to=("ada@example.com",), text="At four.", **facts):
    return outbox.send(to=list(to), subject=subject, text=text, **facts)


def state_of(letter) -> str:
    letter.refresh_from_db()
    return letter.state


def claimed(**facts) -> Letter:
    """A letter a worker has in hand."""
    letter = send()
    now = timezone.now()
    Letter.objects.filter(pk=letter.pk).update(
        **{"state": "claimed", "claim": letter.message_id[1:33], "claimed_at": now, **facts}
    )
    return letter
