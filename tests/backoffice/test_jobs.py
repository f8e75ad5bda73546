from datetime import timedelta

import pytest
from django.contrib.sessions.models import Session
from django.core import mail
from django.db import connection
from django.utils import timezone
from procrastinate.contrib.django.models import ProcrastinateJob

from backoffice import jobs
from backoffice.models import OneTimeLink
from tests.factories import UserFactory


def work_off() -> None:
    """Do all that is queued, as the worker does."""
    with jobs.app.replace_connector(jobs.app.connector.get_worker_connector()) as working:
        working.run_worker(wait=False, listen_notify=False, install_signal_handlers=False)


def link(**facts) -> OneTimeLink:
    number = OneTimeLink.objects.count()
    return OneTimeLink.objects.create(
        **{
            "user": UserFactory(),
            "purpose": "sign_in",
            "secret_hash": f"{number:064}",
            "expires_at": timezone.now() + timedelta(hours=1),
            **facts,
        }
    )


@pytest.mark.django_db
def test_links_that_were_used_or_are_too_old_are_removed_and_others_kept():
    link(used_at=timezone.now())
    link(expires_at=timezone.now() - timedelta(minutes=1))
    good = link()

    jobs.clear_ways_in(timestamp=0)

    assert list(OneTimeLink.objects.all()) == [good]


@pytest.mark.django_db
def test_sessions_that_ended_are_removed():
    for key, days in (("old", -1), ("new", 1)):
        expires = timezone.now() + timedelta(days=days)
        Session.objects.create(session_key=key, session_data="", expire_date=expires)

    jobs.clear_ways_in(timestamp=0)

    assert [session.session_key for session in Session.objects.all()] == ["new"]


def test_a_queued_letter_is_sent_by_the_worker(committed):
    jobs.send_mail.defer(to=["ada@example.com"], subject="Tea", text="At four.")

    work_off()

    assert [(letter.to, letter.subject) for letter in mail.outbox] == [
        (["ada@example.com"], "Tea")
    ]
    assert jobs.worker_seen_at() is None


def test_what_a_dead_worker_had_begun_is_taken_up(committed):
    jobs.send_mail.defer(to=["ada@example.com"], subject="Tea", text="At four.")
    with connection.cursor() as cursor:
        cursor.execute("update procrastinate_jobs set status = 'doing', worker_id = null")
    jobs.take_up_left_jobs.defer(timestamp=0)

    work_off()

    assert [letter.subject for letter in mail.outbox] == ["Tea"]


def test_letters_long_sent_are_forgotten(committed):
    jobs.send_mail.defer(to=["ada@example.com"], subject="Old", text="")
    work_off()
    with connection.cursor() as cursor:
        cursor.execute("update procrastinate_events set at = at - interval '8 days'")
    jobs.send_mail.defer(to=["ada@example.com"], subject="New", text="")
    jobs.forget_done_jobs.defer(timestamp=0)

    work_off()

    left = ProcrastinateJob.objects.filter(task_name="send_mail")
    assert [job.args["subject"] for job in left] == ["New"]


def test_the_worker_knows_every_task_and_when_to_begin_it():
    assert {"send_mail", "take_up_left_jobs", "forget_done_jobs", "clear_ways_in"} <= set(
        jobs.app.tasks
    )
    assert jobs.periodic_jobs() >= 3
