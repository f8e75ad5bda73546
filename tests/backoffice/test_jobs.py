from datetime import timedelta
from uuid import uuid4

import pytest
from django.contrib.sessions.models import Session
from django.db import connection
from django.utils import timezone
from procrastinate.contrib.django.models import ProcrastinateJob

from backoffice import jobs
from backoffice.jobs import queue, start
from backoffice.models import OneTimeLink
from tests.backoffice.letters import send
from tests.backoffice.working import work_off
from tests.factories import CompanyFactory, UserFactory, staff


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


def test_a_letter_is_sent_by_the_worker(committed, post_office):
    send("Tea")

    work_off()

    assert post_office.subjects == ["Tea"]
    assert jobs.worker_seen_at() is None


def test_a_letter_without_a_job_of_its_own_is_found_every_minute(committed, post_office):
    send("Tea")
    ProcrastinateJob.objects.filter(task_name="outbox.send").update(task_name="gone")
    queue("outbox.look", timestamp=0)

    work_off()

    assert post_office.subjects == ["Tea"]


def test_what_a_dead_worker_had_begun_is_taken_up(committed, post_office):
    send("Tea")
    with connection.cursor() as cursor:
        cursor.execute("update procrastinate_jobs set status = 'doing', worker_id = null")
    queue("take_up_left_jobs", timestamp=0)

    work_off()

    assert post_office.subjects == ["Tea"]


def test_jobs_long_done_are_forgotten(committed, post_office):
    send("Old")
    work_off()
    with connection.cursor() as cursor:
        cursor.execute("update procrastinate_events set at = at - interval '8 days'")
    send("New")
    queue("forget_done_jobs", timestamp=0)

    work_off()

    assert ProcrastinateJob.objects.filter(task_name="outbox.send").count() == 1


def test_what_a_job_queues_is_queued_in_its_own_transaction(committed, post_office):
    CompanyFactory()
    user = staff("Owner")
    start("tests.count", title="Count", by=user, area="directory", key=uuid4(), names=["refuse"])

    work_off()

    # The job failed; the letter that says so was queued where it was written, and sent.
    assert post_office.subjects == ["Failed: Count"]


def test_the_worker_knows_every_task_and_when_to_begin_it():
    known = {"outbox.send", "outbox.look", "outbox.forget", "notices.digests", "jobs.look"}
    known |= {"take_up_left_jobs", "forget_done_jobs", "clear_ways_in", "exports.write"}

    assert known <= set(jobs.app.tasks)
    assert jobs.periodic_jobs() >= 3
