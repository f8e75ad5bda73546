"""Letters over a real SMTP server."""

import mailbox
import signal
import socket
import subprocess
import sys
import time

import pytest
from aiosmtpd.controller import Controller
from aiosmtpd.handlers import Mailbox
from django.conf import settings as project

from backoffice.jobs import send_mail


def free_port() -> int:
    with socket.socket() as trial:
        trial.bind(("127.0.0.1", 0))
        return trial.getsockname()[1]


@pytest.fixture
def letters(tmp_path, settings):
    """What arrives at an SMTP server of this test's own."""
    settings.EMAIL_BACKEND = "django.core.mail.backends.smtp.EmailBackend"
    settings.EMAIL_HOST, settings.EMAIL_PORT = "127.0.0.1", free_port()
    server = Controller(Mailbox(tmp_path / "mail"), hostname="127.0.0.1", port=settings.EMAIL_PORT)
    server.start()
    yield lambda: list(mailbox.Maildir(tmp_path / "mail"))
    server.stop()


def test_a_letter_arrives_with_its_words(letters):
    send_mail(to=["tom@example.com"], subject="Grüße", text="Tall pines in the harbour.")

    (letter,) = letters()
    assert letter["To"] == "tom@example.com"
    assert "Tall pines" in letter.get_payload()


def test_a_line_break_cannot_smuggle_in_another_recipient(letters):
    with pytest.raises(ValueError, match="newlines"):
        send_mail(to=["tom@example.com"], subject="Hello\r\nBcc: all@example.com", text="")

    assert letters() == []


def test_the_offices_own_mail_server_keeps_letters_as_files(tmp_path, settings):
    port = free_port()
    environment = {
        "DATA_DIR": str(tmp_path),
        "PATH": "",
        "DATABASE_URL": "postgres://x@localhost/x",
    }
    server = subprocess.Popen(
        [sys.executable, "manage.py", "mailbox", "--port", str(port)],
        cwd=project.BASE_DIR,
        env=environment,
        stdout=subprocess.PIPE,
    )
    assert b"Letters are kept" in server.stdout.readline()
    settings.EMAIL_BACKEND = "django.core.mail.backends.smtp.EmailBackend"
    settings.EMAIL_HOST, settings.EMAIL_PORT = "127.0.0.1", port

    send_mail(to=["tom@example.com"], subject="Hello", text="Words.")

    deadline = time.monotonic() + 5
    while not (found := list(mailbox.Maildir(tmp_path / "mail"))) and time.monotonic() < deadline:
        time.sleep(0.05)
    server.send_signal(signal.SIGTERM)
    assert server.wait(10) == 0
    server.stdout.close()
    assert found[0]["Subject"] == "Hello"
