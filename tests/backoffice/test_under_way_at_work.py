"""Jobs with a real worker: seen and stopped while nothing is committed, left by one that died."""

import subprocess
import sys
import threading
import time
from uuid import uuid4

import pytest
from django.conf import settings as project
from django.db import connection
from django.utils import timezone

from backoffice import under_way
from backoffice.models import Job, Party
from benchmarks.office import url_of
from tests.backoffice.running import environment
from tests.backoffice.working import count, work_off
from tests.factories import CompanyFactory, staff


@pytest.fixture
def owner(committed):
    CompanyFactory()
    return staff("Owner")


def begun(*names, by) -> Job:
    facts = {"title": "Count", "area": "directory", "key": uuid4()}
    return under_way.start("tests.count", by=by, names=list(names), **facts)


def test_progress_is_seen_and_a_stop_heard_while_nothing_is_committed(owner, monkeypatch):
    monkeypatch.setattr(under_way, "SECONDS_BETWEEN_REPORTS", 0)
    job = begun("Ann", "wait", "Bob", by=owner)

    def work():
        count(job_id=job.pk, **job.arguments)
        connection.close()

    worker = threading.Thread(target=work)
    worker.start()
    until = time.monotonic() + 15
    while job.done < 2 and time.monotonic() < until:
        job.refresh_from_db()
    seen = (job.state, job.done, job.total, [sentence for _at, sentence in job.log])
    under_way.stop(job)
    worker.join(timeout=30)

    job.refresh_from_db()
    assert seen == ("running", 2, 3, ["Ann is made."])
    assert (job.state, job.sentence) == ("stopped", "Stopped: nothing of it was kept.")
    assert not Party.objects.exists()


def test_a_job_left_by_a_worker_that_died_fails_and_can_be_begun_again(owner):
    job = begun("Ann", "die", by=owner)
    worker = subprocess.run(
        [sys.executable, "-c", DYING],
        cwd=project.BASE_DIR,
        env=environment(DATABASE_URL=url_of(connection.settings_dict["NAME"])),
        check=False,
        timeout=60,
    )
    job.refresh_from_db()
    left = job.state

    found = under_way.end_lost(now=timezone.now() + under_way.HEARTBEAT_IS_OLD)
    job.refresh_from_db()
    ended = (job.state, Party.objects.count())
    Job.objects.update(arguments={"names": ["Ann"]})
    job.refresh_from_db()
    under_way.retry(job, by=owner)
    work_off()

    assert worker.returncode == -9
    assert (left, found, ended) == ("running", 1, ("failed", 0))
    job.refresh_from_db()
    assert (job.state, Party.objects.count()) == ("done", 1)


def test_a_run_that_was_taken_for_dead_keeps_nothing(owner):
    job = begun("Ann", by=owner)
    with under_way.job_under_way(job.pk):
        Party.objects.create(name="Late")
        worker = threading.Thread(target=give_up, daemon=True)
        worker.start()
        worker.join(10)

    job.refresh_from_db()
    assert job.state == "failed"
    assert "The worker stopped" in job.sentence
    assert not Party.objects.exists()


def give_up():
    under_way.end_lost(now=timezone.now())
    connection.close()


DYING = """
import os
os.environ["DJANGO_SETTINGS_MODULE"] = "backoffice.settings"
import django
django.setup()
from backoffice import jobs
from tests.backoffice import working
jobs.run_worker()
"""
