"""Screens of jobs: how far they are, and how they ended."""

from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, render
from django.utils.dateparse import parse_datetime
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy as _lazy
from django.views.decorators.http import require_safe

from backoffice import under_way
from backoffice.jobs import is_worker_alive
from backoffice.models import Job
from backoffice.operations import operation
from backoffice.pages import Pages
from backoffice.views.pages import record_context

State = Job.State
TONES = {
    State.WAITING: "info",
    State.RUNNING: "info",
    State.DONE: "ok",
    State.FAILED: "bad",
    State.STOPPED: "warn",
}


@operation("edit", Job, label=_lazy("Stop"), icon="x", when=lambda job: job.is_on_its_way)
def stop(request, job):
    """It stops at its next step."""
    under_way.stop(job)
    return _("The job stops; nothing of it is kept.")


@operation(
    "edit",
    Job,
    label=_lazy("Begin again"),
    icon="refresh",
    primary=True,
    when=lambda job: job.state in (State.FAILED, State.STOPPED),
)
def retry(request, job):
    """The same work, from the start."""
    under_way.retry(job, by=request.user)
    return _("The job begins again.")


@require_safe
def job_page(request: HttpRequest, pk: int, *, pages: Pages) -> HttpResponse:
    """A job: its progress while it runs, asked for every two seconds, and its end."""
    job = get_object_or_404(pages.rows(request.user), pk=pk)
    standing = standing_of(job)
    if not request.htmx:
        context = record_context(request, job, pages) | standing
        # While it goes on, its state stands where it is drawn anew.
        context["state"] = None if job.is_on_its_way else context["state"]
        return render(request, "jobs/detail.html", context)
    response = render(request, "jobs/_progress.html", standing)
    if not job.is_on_its_way:
        response.headers["HX-Refresh"] = "true"
    return response


def standing_of(job: Job) -> dict:
    """How far the job is, and what it said."""
    return {
        "job": job,
        "tone": TONES[job.state],
        "percent": min(99, 100 * job.done // job.total) if job.total else 0,
        "lines": [(parse_datetime(at), sentence) for at, sentence in job.log],
        "has_worker": not job.is_on_its_way or is_worker_alive(),
    }


jobs = Pages(
    model=Job,
    columns=("title", "made_by", "made_at", "ended_at"),
    more_columns=("state", "kind", "started_at", "done", "total", "sentence"),
    facts=("made_by", "made_at", "started_at", "ended_at"),
    filters=("state", "made_by", "made_at"),
    search=("title", "sentence"),
    joined=("made_by",),
    hide_small=("made_by", "ended_at"),
    state=lambda job: (Job.State(job.state).label, TONES[job.state]),
    record_view=job_page,
    has_timeline=False,
    icon="clock",
    empty=_lazy("What takes longer than a page works on here: long exports, for one."),
)
