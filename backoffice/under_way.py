"""Jobs people start and watch: begun once, seen while they run, stopped, tried again."""

from __future__ import annotations

import json
import time
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

from django.db import connection, transaction
from django.utils import timezone
from django.utils.translation import gettext as _
from procrastinate.contrib.django.models import ProcrastinateJob, ProcrastinateWorker
from procrastinate.exceptions import JobAborted

from backoffice import audit, notices
from backoffice.access import Level, may
from backoffice.errors import Refused
from backoffice.locality import at_home_with
from backoffice.models import Company, Job, Notice, User
from backoffice.queueing import queue
from backoffice.signature import acting

State = Job.State
SECONDS_BETWEEN_REPORTS = 1.0
LINES_KEPT = 200
HEARTBEAT_IS_OLD = timedelta(minutes=2)


class Stopped(Exception):  # noqa: N818 - it reads as a statement
    """The person asked to stop: nothing of the work is kept."""


# --- begin, stop, try again -----------------------------------------------------------------


@transaction.atomic
def start(
    task_name: str,
    *,
    title: str,
    by: User,
    area: str,
    key: UUID,
    level: str = "view",
    **arguments: Any,
) -> Job:
    """Queue work for a person, once for a key; the right is asked for now and when it runs.

    The task gets `job_id` and the arguments, which are words, numbers and lists of them.
    """
    if not may(by, area, level):
        raise Refused(_("You may not do this."))
    job, is_new = Job.objects.get_or_create(
        key=key,
        defaults={
            "title": title[:200],
            "kind": task_name,
            "arguments": arguments,
            "area": area,
            "level": Level[level.upper()],
            "made_by": by,
        },
    )
    if (job.made_by_id, job.kind) != (by.pk, task_name):
        raise Refused(_("This page was used for another job: open it again."))
    if is_new:
        _queue(job)
    return job


def _queue(job: Job) -> None:
    job.queue_id = queue(job.kind, job_id=job.pk, **job.arguments)
    job.save(update_fields=["queue_id"])


@transaction.atomic
def stop(job: Job) -> None:
    """Ask a job to stop at its next step; one that waits ends at once."""
    job = Job.objects.select_for_update().get(pk=job.pk)
    if job.state == State.WAITING:
        job.state, job.ended_at = State.STOPPED, timezone.now()
        job.sentence = _("Stopped before it began.")
    elif job.state != State.RUNNING:
        raise Refused(_("This job is %(state)s.") % {"state": job.get_state_display()})
    job.stop_asked = True
    job.save(update_fields=["state", "ended_at", "sentence", "stop_asked"])


@transaction.atomic
def retry(job: Job, *, by: User) -> None:
    """Begin a job again that failed or was stopped, with the same arguments."""
    job = Job.objects.select_for_update().get(pk=job.pk)
    if job.state not in (State.FAILED, State.STOPPED):
        raise Refused(_("This job is %(state)s.") % {"state": job.get_state_display()})
    if by.pk != job.made_by_id:
        raise Refused(
            _("It works in the name of %(name)s, who alone can begin it again.")
            % {"name": job.made_by}
        )
    if not may(by, job.area, job.level):
        raise Refused(_("You may not do this any more."))
    job.state, job.run, job.stop_asked, job.done, job.total = (
        State.WAITING,
        job.run + 1,
        False,
        0,
        0,
    )
    job.started_at = job.ended_at = None
    job.log, job.sentence, job.result_url = [], "", ""
    job.save()
    _queue(job)


# --- inside the task ------------------------------------------------------------------------


class Work:
    """A job while it runs: what it says, over a connection of its own, is seen at once."""

    def __init__(self, job: Job) -> None:
        self.job, self.by = job, job.made_by
        self.result_url = self.sentence = ""
        self._log: list[list[str]] = []
        self._told_at = time.monotonic() - SECONDS_BETWEEN_REPORTS
        self._done = self._total = 0
        self._beside = connection.copy()

    def report(self, done: int, total: int, sentence: str = "") -> None:
        """Say how far the work is, and stop it where that was asked. Raises Stopped."""
        self._done, self._total = min(done, total), total
        if sentence:
            now = timezone.now().isoformat(timespec="seconds")
            self._log = [*self._log, [now, sentence]][-LINES_KEPT:]
        if sentence or self._is_due():
            self._tell()

    def check_stop(self) -> None:
        """Stop the work where that was asked. Raises Stopped."""
        if self._is_due():
            self._tell()

    def _is_due(self) -> bool:
        return time.monotonic() - self._told_at >= SECONDS_BETWEEN_REPORTS

    def _tell(self) -> None:
        self._told_at = time.monotonic()
        with self._beside.cursor() as cursor:
            cursor.execute(
                "update backoffice_job set done = %s, total = %s, log = %s"
                " where id = %s and run = %s and state = 'running' returning stop_asked",
                [self._done, self._total, json.dumps(self._log), self.job.pk, self.job.run],
            )
            found = cursor.fetchone()
        if found and found[0]:
            raise Stopped

    def facts(self) -> dict[str, Any]:
        """How far it came and what it said, for the record."""
        return {"log": self._log, "done": self._done, "total": self._total}

    def close(self) -> None:
        """Let the connection of its own go."""
        self._beside.close()


@contextmanager
def job_under_way(job_id: int) -> Iterator[Work]:
    """The body of a job's task: one transaction, in the name and by the rights of its maker.

    Where it is stopped or refuses, all it did is taken back and the sentence stands on its page.
    """
    job = _begun(job_id)
    company = Company.objects.first()
    work = Work(job)
    with acting(by=job.made_by_id, request=job.kind), at_home_with(job.made_by, company):
        try:
            with transaction.atomic():
                _let_it_think()
                yield work
                _end(job, State.DONE, work.sentence, **work.facts(), result_url=work.result_url)
        except Stopped:
            _end(job, State.STOPPED, _("Stopped: nothing of it was kept."))
        except Refused as refusal:
            _end(job, State.FAILED, str(refusal))
        except BaseException:
            _end(job, State.FAILED, _("A fault: nothing of it was kept."))
            raise
        finally:
            work.close()


def _begun(job_id: int) -> Job:
    """The job, now running. Raises JobAborted where there is nothing to begin, or no right to."""
    job = Job.objects.select_related("made_by").get(pk=job_id)
    waiting = Job.objects.filter(pk=job.pk, state=State.WAITING)
    if not waiting.update(state=State.RUNNING, started_at=timezone.now()):
        raise JobAborted
    if not may(job.made_by, job.area, job.level):
        with transaction.atomic():
            audit.record("job refused", job, by=job.made_by, area=job.area)
            name = {"name": job.made_by}
            _end(job, State.FAILED, _("%(name)s may not do this any more.") % name)
        raise JobAborted
    return job


def _let_it_think() -> None:
    """A job may work for a while without a word to the database."""
    with connection.cursor() as cursor:
        cursor.execute("set local idle_in_transaction_session_timeout = 0")


@transaction.atomic
def _end(job: Job, state: str, sentence: str, **facts: Any) -> None:
    """Write down how this run of the job ended, and tell its maker.

    A run that was taken for dead meanwhile, and perhaps begun again, keeps nothing.
    """
    mine = Job.objects.filter(pk=job.pk, state=State.RUNNING, run=job.run)
    facts = {"state": state, "sentence": sentence[:500], "ended_at": timezone.now(), **facts}
    if not mine.update(**facts):
        if state == State.DONE:
            raise Refused(_("This run was taken for dead: nothing of it was kept."))
        return
    kinds: dict[str, str] = {
        State.DONE: Notice.Kind.JOB_DONE,
        State.FAILED: Notice.Kind.JOB_FAILED,
    }
    titles: dict[str, str] = {State.DONE: _("Done: %(job)s"), State.FAILED: _("Failed: %(job)s")}
    if state in kinds:
        notices.notify(
            job.made_by,
            kind=kinds[state],
            title=titles[state] % {"job": job.title},
            url=job.get_absolute_url(),
            about=job,
            key=f"job:{job.pk}:{job.run}",
        )


def end_lost(*, now: datetime) -> int:
    """Say of running jobs whose worker died that they failed; say how many."""
    alive = ProcrastinateWorker.objects.filter(last_heartbeat__gt=now - HEARTBEAT_IS_OLD)
    doing = ProcrastinateJob.objects.filter(status="doing", worker__in=alive)
    lost = Job.objects.filter(state=State.RUNNING).exclude(queue_id__in=doing.values("pk"))
    found = list(lost.select_related("made_by"))
    for job in found:
        _end(job, State.FAILED, _("The worker stopped: nothing of it was kept. Begin it again."))
    return len(found)
