"""Work done after the answer: queued in the same commit, run by the worker.

The tasks are here, and what they stand on. Work that a person starts and watches is a Job:

    start("payroll.calculate", title=..., by=user, area="payroll.run", key=key, run_id=run.pk)

    @app.task(name="payroll.calculate")
    def calculate(job_id: int, run_id: int) -> None:
        with job_under_way(job_id) as work:
            for done, payslip in enumerate(payslips):
                work.report(done, len(payslips))
"""

from collections.abc import Callable
from datetime import datetime, timedelta
from threading import Event, Lock
from typing import Any, cast

from django.core.management import call_command
from django.db.models import Max, Q
from django.utils import timezone
from procrastinate import JobContext
from procrastinate.contrib.django import app
from procrastinate.contrib.django.django_connector import DjangoConnector
from procrastinate.contrib.django.models import ProcrastinateJob, ProcrastinateWorker
from procrastinate.jobs import Status

from backoffice import export_files, import_runs, notices, once, outbox, under_way
from backoffice.models import OneTimeLink
from backoffice.queueing import queue
from backoffice.signature import acting
from backoffice.under_way import Work, job_under_way, start

__all__ = ["Work", "app", "job_under_way", "queue", "start"]

CONCURRENCY = 4
GRACE = 30  # seconds a job under way gets when the worker is told to stop
HEARTBEAT_IS_OLD = timedelta(minutes=2)
DAYS_IMPORT_FILES_ARE_KEPT = 7
DAYS_SENT_FORMS_ARE_KEPT = 7
DAYS_DONE_JOBS_ARE_KEPT, DAYS_FAILED_JOBS_ARE_KEPT = 7, 90


def run_worker() -> None:
    """Work until told to stop by SIGINT or SIGTERM."""
    queue("outbox.send")  # what a worker that was killed left waiting
    connector = cast(DjangoConnector, app.connector).get_worker_connector()
    with app.replace_connector(connector) as working:
        working.run_worker(
            concurrency=CONCURRENCY, shutdown_graceful_timeout=GRACE, task_middleware=[signed]
        )


def signed(call_next: Callable[[], Any], context: JobContext, worker: Any) -> Any:
    """Sign what a job writes with its name; a job done for somebody names the person itself."""
    with acting(by=None, request=context.job.task_name):
        return call_next()


def worker_seen_at() -> datetime | None:
    """When a worker last gave a sign of life; None when none runs."""
    return ProcrastinateWorker.objects.aggregate(seen=Max("last_heartbeat"))["seen"]


def is_worker_alive() -> bool:
    """Whether a worker gave a sign of life within the last two minutes."""
    seen = worker_seen_at()
    return seen is not None and timezone.now() - seen < HEARTBEAT_IS_OLD


def jobs_left_waiting(*, longer_than: timedelta) -> int:
    """How many jobs should have been begun so long ago."""
    due = timezone.now() - longer_than
    waiting = ProcrastinateJob.objects.filter(status="todo")
    ready = Q(scheduled_at__lt=due) | Q(
        scheduled_at=None, procrastinateevent__type="deferred", procrastinateevent__at__lt=due
    )
    return waiting.filter(ready).distinct().count()


def periodic_jobs() -> int:
    """How many jobs the worker begins by the clock."""
    return len(app.periodic_registry.periodic_tasks)


# --- letters and notices --------------------------------------------------------------------


# A worker sends over one connection, so that its death leaves at most one letter in doubt.
_is_sending, _is_asked = Lock(), Event()


@app.task(name="outbox.send", pass_context=True)
def send_letters(context: JobContext) -> None:
    """Send the letters that are due, or let who is sending them already look once more."""
    _is_asked.set()
    while (
        _is_asked.is_set() and not context.should_abort() and _is_sending.acquire(blocking=False)
    ):
        try:
            _is_asked.clear()
            tried = outbox.deliver(
                worker=context.job.worker_id, goes_on=lambda: not context.should_abort()
            )
        finally:
            _is_sending.release()
        if tried == outbox.LETTERS_AT_ONCE:
            queue("outbox.send")


@app.periodic(cron="* * * * *")
@app.task(name="outbox.look", queueing_lock="outbox.look", pass_context=True)
def look_after_letters(context: JobContext, timestamp: int) -> None:
    """Say of letters lost with their worker that nobody knows, and try again what is due."""
    outbox.give_up_lost_claims(now=timezone.now())
    send_letters(context)


@app.periodic(cron="* * * * *")
@app.task(name="jobs.look", queueing_lock="jobs.look")
def look_after_jobs(timestamp: int) -> None:
    """Say of jobs whose worker died that they failed."""
    under_way.end_lost(now=timezone.now())


@app.periodic(cron="*/15 * * * *")
@app.task(name="notices.digests", queueing_lock="notices.digests")
def send_digests(timestamp: int) -> None:
    """Send each person's daily summary once their hour has come."""
    notices.send_digests(now=timezone.now())


# --- keeping house --------------------------------------------------------------------------


@app.periodic(cron="*/10 * * * *")
@app.task(name="take_up_left_jobs", queueing_lock="take_up_left_jobs", pass_context=True)
async def take_up_left_jobs(context: JobContext, timestamp: int) -> None:
    """Queue again what a worker that died had begun; work people watch is theirs to retry."""
    manager = context.app.job_manager
    for job in await manager.get_stalled_jobs():
        if "job_id" in job.task_kwargs:
            await manager.finish_job(job, status=Status.FAILED, delete_job=False)
        else:
            await manager.retry_job(job)


@app.periodic(cron="17 3 * * *")
@app.task(name="forget_done_jobs", queueing_lock="forget_done_jobs", pass_context=True)
async def forget_done_jobs(context: JobContext, timestamp: int) -> None:
    """Remove from the queue what is long done."""
    jobs = context.app.job_manager
    await jobs.delete_old_jobs(nb_hours=DAYS_DONE_JOBS_ARE_KEPT * 24)
    await jobs.delete_old_jobs(
        nb_hours=DAYS_FAILED_JOBS_ARE_KEPT * 24,
        include_failed=True,
        include_cancelled=True,
        include_aborted=True,
    )


@app.periodic(cron="27 3 * * *")
@app.task(name="outbox.forget", queueing_lock="outbox.forget")
def forget_letters(timestamp: int) -> None:
    """Remove the words of letters long sent, and files nobody will fetch any more."""
    outbox.forget(now=timezone.now())
    export_files.forget(now=timezone.now())


@app.periodic(cron="37 3 * * *")
@app.task(name="clear_ways_in", queueing_lock="clear_ways_in")
def clear_ways_in(timestamp: int) -> None:
    """Remove one-time links used or too old, sessions that ended, keys of forms long sent."""
    dead = Q(used_at__isnull=False) | Q(expires_at__lt=timezone.now())
    OneTimeLink.objects.filter(dead).delete()
    call_command("clearsessions")
    once.forget(before=timezone.now() - timedelta(days=DAYS_SENT_FORMS_ARE_KEPT))


@app.task(name="imports.run")
def run_import(key: str) -> None:
    """Bring in the file of an import run."""
    import_runs.bring_in(key)


@app.periodic(cron="47 3 * * *")
@app.task(name="imports.forget_files", queueing_lock="imports.forget_files")
def forget_import_files(timestamp: int) -> None:
    """Remove the files of imports that ended, or were left, a week ago."""
    import_runs.forget_files(before=timezone.now() - timedelta(days=DAYS_IMPORT_FILES_ARE_KEPT))


@app.task(name="exports.write")
def write_export(job_id: int, list_name: str, format: str, query: str, ways: dict) -> None:
    """Write the rows of a list into a file for the person who asked."""
    with job_under_way(job_id) as work:
        export_files.write(work, list_name=list_name, format=format, query=query, ways=ways)
