import json
import os
import socket

import pytest
from django.db import connection
from django.utils import timezone

from backoffice import doctor, jobs
from backoffice.models import Letter
from tests.backoffice.letters import claimed, send
from tests.backoffice.running import manage
from tests.backoffice.test_health import give_a_sign_of_life


def found() -> dict[str, str]:
    return {result.name: result.status for result in doctor.look_over()}


@pytest.fixture
def fresh(settings, tmp_path):
    """An office nobody has done anything for yet."""
    settings.DATA_DIR = tmp_path
    settings.MAIL_IS_SET = False
    return tmp_path


@pytest.mark.django_db
def test_a_fresh_office_passes_with_notes_of_what_is_not_done_yet(fresh):
    status = found()

    assert doctor.FAILED not in status.values()
    assert {name for name, how in status.items() if how == doctor.WARNING} >= {
        "worker",
        "mail",
        "backup",
    }
    assert status["roles"] == doctor.PASSED


@pytest.mark.django_db
def test_a_worker_is_seen_and_missed_once_work_is_left_lying(fresh):
    give_a_sign_of_life()
    with_worker = found()["worker"]
    with connection.cursor() as cursor:
        cursor.execute("delete from procrastinate_workers")
        cursor.execute(
            "insert into procrastinate_jobs (queue_name, task_name, status, scheduled_at)"
            " values ('default', 'outbox.send', 'todo', now() - interval '1 hour')"
        )

    assert with_worker == doctor.PASSED
    assert found()["worker"] == doctor.FAILED


@pytest.mark.django_db
def test_a_job_that_was_just_queued_is_not_left_lying(fresh):
    send()

    assert jobs.jobs_left_waiting(longer_than=doctor.LONGEST_WAIT) == 0
    assert found()["worker"] == doctor.WARNING


@pytest.mark.django_db
def test_letters_that_failed_or_may_have_arrived_are_a_warning(fresh):
    send()
    before = doctor.letters()[0]
    for how in ("failed", "unknown"):
        letter = claimed()
        Letter.objects.filter(pk=letter.pk).update(state=how)

    assert before == doctor.PASSED
    assert doctor.letters() == (
        doctor.WARNING,
        "1 failed, 1 may have arrived, 0 wait for more than 15 minutes: Settings, Outgoing mail.",
    )


def test_the_mail_server_is_asked(fresh, settings):
    settings.EMAIL_BACKEND = "django.core.mail.backends.smtp.EmailBackend"
    settings.MAIL_IS_SET, settings.EMAIL_HOST = True, "127.0.0.1"
    with socket.socket() as nobody:
        nobody.bind(("127.0.0.1", 0))
        settings.EMAIL_PORT = nobody.getsockname()[1]

        status, sentence = doctor.mail()

    assert status == doctor.FAILED
    assert "Connection refused" in sentence


def test_a_backup_is_good_for_two_days(fresh):
    backups = fresh / "backups"
    backups.mkdir()
    (backups / "monday").write_text("all of it")
    fresh_one = doctor.backup()[0]
    three_days_ago = timezone.now().timestamp() - 3 * 24 * 3600
    os.utime(backups / "monday", (three_days_ago, three_days_ago))

    assert fresh_one == doctor.PASSED
    assert doctor.backup() == (doctor.WARNING, "The last one is 72 hours old.")


def test_keys_that_are_short_or_open_to_others_fail(fresh, settings):
    key = fresh / "secrets" / "secret_key"
    key.parent.mkdir(mode=0o700)
    key.write_text("k" * 50)
    key.chmod(0o600)
    closed = doctor.keys()[0]
    key.chmod(0o640)
    opened = doctor.keys()
    key.chmod(0o600)
    settings.SECRET_KEY = "tea"

    assert closed == doctor.PASSED
    assert opened == (doctor.FAILED, f"Others may read {key}: chmod go= {key}")
    assert doctor.keys()[0] == doctor.FAILED


def test_what_fails_is_named_with_exit_code_1(tmp_path):
    url = "postgres://office:word@127.0.0.1:1/office"

    answer = manage("doctor", "--json", DATABASE_URL=url, DATA_DIR=str(tmp_path))

    assert answer.returncode == 1
    assert json.loads(answer.stdout)["failed"] == ["database"]
    assert answer.stderr == "Failed: database.\n"
