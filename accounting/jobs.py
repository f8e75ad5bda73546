"""Work of the books that goes on without the person who began it, or begins by the clock."""

from collections.abc import Sequence
from datetime import date
from uuid import UUID
from zoneinfo import ZoneInfo

from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from accounting.depreciation_runs import depreciate
from accounting.recurring import post_due
from backoffice.jobs import app, job_under_way, start
from backoffice.models import Company, Department, Job, Notice, User
from backoffice.notices import notify

RUN = "accounting.depreciate"
LONGEST_NOTICE_KEY = 80


def start_run(through: date, *, by: User, key: UUID) -> Job:
    """Queue the run up to a month, once for a key; its page shows how far it is."""
    return start(
        RUN,
        title=_("Depreciation up to %(month)s") % {"month": f"{through:%Y-%m}"},
        by=by,
        area="accounting",
        level="edit",
        key=key,
        through=through.isoformat(),
    )


@app.task(name=RUN)
def run_depreciation(job_id: int, through: str) -> None:
    """Post the depreciation up to a month; what is posted already is passed over."""
    with job_under_way(job_id) as work:
        run = depreciate(through=date.fromisoformat(through), by=work.by, progress=work.report)
        found = ngettext("%(count)s entry posted.", "%(count)s entries posted.", len(run.entries))
        work.sentence = found % {"count": len(run.entries)}
        work.result_url = f"{reverse('accounting:depreciation-run')}?month={through[:7]}"


def runs_under_way() -> list[Job]:
    """The runs that wait or run."""
    return list(Job.objects.filter(kind=RUN, ended_at=None).order_by("pk")[:5])


@app.periodic(cron="23 4 * * *")
@app.task(name="accounting.post_due", queueing_lock="accounting.post_due")
def post_what_is_due(timestamp: int) -> None:
    """Post recurring entries and the parts of what was paid ahead, by the company's calendar."""
    company = Company.objects.first()
    if company is not None:
        today = timezone.localdate(timezone=ZoneInfo(company.time_zone))
        _posted, refused = post_due(on=today, by=None)
        tell_the_manager(refused)


def tell_the_manager(refused: Sequence[str]) -> None:
    """Say to who manages the books what the night could not post, once for each."""
    books = Department.objects.filter(function="accounting").select_related("manager").first()
    if books is None or books.manager is None:
        return
    for sentence in refused:
        notify(
            books.manager,
            kind=Notice.Kind.JOB_FAILED,
            title=_("Not posted: %(what)s") % {"what": sentence},
            url=reverse("accounting:recurringentry-list"),
            key=f"not posted: {sentence}"[:LONGEST_NOTICE_KEY],
        )
