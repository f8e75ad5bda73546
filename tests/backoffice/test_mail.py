"""Letters over a real SMTP server, and a real worker that is killed while it sends."""

import mailbox
import signal
import subprocess
import sys
import threading
import time

import pytest
from django.conf import settings as project
from django.db import connection

from backoffice import outbox
from backoffice.models import Letter
from backoffice.smtp import MailServer, NotTaken, Unreachable
from benchmarks.mail_under_fire import under_fire
from benchmarks.office import url_of
from tests.backoffice.letters import send
from tests.backoffice.running import free_port


@pytest.mark.django_db
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

    send("Hello", text="Words.")
    outbox.deliver(worker=None)

    deadline = time.monotonic() + 5
    while not (found := list(mailbox.Maildir(tmp_path / "mail"))) and time.monotonic() < deadline:
        time.sleep(0.05)
    server.send_signal(signal.SIGTERM)
    assert server.wait(10) == 0
    server.stdout.close()
    assert found[0]["Subject"] == "Hello"


def test_nothing_goes_twice_and_nothing_is_lost_while_workers_are_killed(committed):
    url = url_of(connection.settings_dict["NAME"])

    found = under_fire(letters=120, kills=4, url=url)

    assert (found.twice, found.lost) == (0, 0)
    assert found.kills == 4
    assert found.sent + found.unknown == 120
    # Half of the kills hit where nobody can know; no kill leaves more than one letter in doubt.
    assert 2 <= found.unknown <= 4
    unknown = Letter.objects.filter(state="unknown")
    assert {letter.error for letter in unknown} == {
        "The worker stopped while it sent this letter: it may have arrived."
    }


def test_two_workers_at_once_send_each_letter_once(committed, post_office):
    for number in range(40):
        send(f"Letter {number}")

    def work():
        outbox.deliver(worker=None)
        connection.close()

    workers = [threading.Thread(target=work) for _n in range(2)]
    for worker in workers:
        worker.start()
    for worker in workers:
        worker.join(timeout=30)

    assert sorted(post_office.subjects) == sorted(f"Letter {n}" for n in range(40))
    assert set(Letter.objects.values_list("state", flat=True)) == {"sent"}


def message(**facts):
    return outbox.message_of(
        Letter(**{"recipients": "ada@example.com", "subject": "Tea", "text": "At four.", **facts})
    )


def test_letters_share_one_connection_and_a_dot_at_the_start_of_a_line_stays(post_office):
    with MailServer() as server:
        for _number in range(3):
            server.send(message(text="One.\n.\n..Three."))

    assert len(post_office.sessions) == 1
    assert {letter.get_content() for letter in post_office.arrived} == {
        "One.\r\n.\r\n..Three.\r\n"
    }


def test_after_a_refusal_the_next_letter_goes(post_office):
    post_office.answers["nobody@example.com"] = "550 No such person"
    with MailServer() as server:
        with pytest.raises(NotTaken, match=r"^nobody@example\.com: 550 No such person") as refusal:
            server.send(message(recipients="ada@example.com, nobody@example.com"))
        server.send(message(subject="Next"))

    assert refusal.value.for_good
    assert post_office.subjects == ["Next"]


@pytest.mark.parametrize("step", ["MAIL", "RCPT", "DATA"])
def test_a_server_that_is_busy_may_be_asked_again(post_office, step):
    post_office.answers[step] = "451 Busy"

    with MailServer() as server, pytest.raises(NotTaken, match="451 Busy") as refusal:
        server.send(message())

    assert not refusal.value.for_good


def test_a_server_that_is_not_there_takes_no_letter(settings):
    settings.EMAIL_BACKEND = "django.core.mail.backends.smtp.EmailBackend"
    settings.EMAIL_HOST, settings.EMAIL_PORT = "127.0.0.1", free_port()

    with MailServer() as server, pytest.raises(Unreachable, match="Connection refused"):
        server.send(message())
