"""Work done after the answer: queued in the same commit, run by the worker."""

from collections.abc import Callable
from datetime import datetime, timedelta
from typing import Any, cast

from django.core.mail import EmailMessage
from django.core.management import call_command
from django.db.models import Max, Q
from django.utils import timezone
from procrastinate import JobContext
from procrastinate.contrib.django import app
from procrastinate.contrib.django.django_connector import DjangoConnector
from procrastinate.contrib.django.models import ProcrastinateJob, ProcrastinateWorker

from backoffice.signature import acting

CONCURRENCY = 4
GRACE = 30  # seconds a job under way gets when the worker is told to stop
HEARTBEAT_IS_OLD = timedelta(minutes=2)
DAYS_IMPORT_FILES_ARE_KEPT = 7
DAYS_SENT_FORMS_ARE_KEPT = 7
DAYS_DONE_JOBS_ARE_KEPT, DAYS_FAILED_JOBS_ARE_KEPT = 7, 90


def run_worker() -> None:
    """Work until told to stop by SIGINT or SIGTERM."""
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


@app.task(name="send_mail", retry=5)
def send_mail(to: list[str], subject: str, text: str) -> None:
    """Send one letter over SMTP."""
    EmailMessage(subject=subject, body=text, to=to).send()


@app.periodic(cron="*/10 * * * *")
@app.task(name="take_up_left_jobs", queueing_lock="take_up_left_jobs", pass_context=True)
async def take_up_left_jobs(context: JobContext, timestamp: int) -> None:
    """Queue again what a worker that died had begun."""
    jobs = context.app.job_manager
    for job in await jobs.get_stalled_jobs():
        await jobs.retry_job(job)


@app.periodic(cron="17 3 * * *")
@app.task(name="forget_done_jobs", queueing_lock="forget_done_jobs", pass_context=True)
async def forget_done_jobs(context: JobContext, timestamp: int) -> None:
    """Remove jobs long done: their letters hold names, addresses and sign-in links."""
    jobs = context.app.job_manager
    await jobs.delete_old_jobs(nb_hours=DAYS_DONE_JOBS_ARE_KEPT * 24)
    await jobs.delete_old_jobs(
        nb_hours=DAYS_FAILED_JOBS_ARE_KEPT * 24,
        include_failed=True,
        include_cancelled=True,
        include_aborted=True,
    )


@app.periodic(cron="37 3 * * *")
@app.task(name="clear_ways_in", queueing_lock="clear_ways_in")
def clear_ways_in(timestamp: int) -> None:
    """Remove one-time links used or too old, sessions that ended, keys of forms long sent."""
    # Late, because signing_in queues letters through this module.
    from backoffice import once
    from backoffice.models import OneTimeLink

    dead = Q(used_at__isnull=False) | Q(expires_at__lt=timezone.now())
    OneTimeLink.objects.filter(dead).delete()
    call_command("clearsessions")
    once.forget(before=timezone.now() - timedelta(days=DAYS_SENT_FORMS_ARE_KEPT))


@app.task(name="imports.run")
def run_import(key: str) -> None:
    """Bring in the file of an import run."""
    from backoffice import import_runs  # late, because it queues this job

    import_runs.bring_in(key)


@app.periodic(cron="47 3 * * *")
@app.task(name="imports.forget_files", queueing_lock="imports.forget_files")
def forget_import_files(timestamp: int) -> None:
    """Remove the files of imports that ended, or were left, a week ago."""
    from backoffice import import_runs

    import_runs.forget_files(before=timezone.now() - timedelta(days=DAYS_IMPORT_FILES_ARE_KEPT))
