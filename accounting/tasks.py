"""Work of the books that goes on without the person who began it."""

from datetime import date

from django.utils.translation import gettext as _
from procrastinate.contrib.django import app
from procrastinate.contrib.django.models import ProcrastinateJob
from procrastinate.exceptions import AlreadyEnqueued

from accounting.depreciation_runs import depreciate
from backoffice.errors import Refused
from backoffice.models import User
from backoffice.signature import acting

RUN = "accounting.depreciate"


@app.task(name=RUN, queueing_lock=RUN)
def run_depreciation(month: str, by: int) -> None:
    """Post the depreciation up to a month; what is posted already is passed over."""
    with acting(by=by, request=RUN):
        depreciate(through=date.fromisoformat(month), by=User.objects.get(pk=by))


def start_run(through: date, *, by: User) -> None:
    """Queue the run up to a month."""
    try:
        run_depreciation.defer(month=through.isoformat(), by=by.pk)
    except AlreadyEnqueued:
        raise Refused(_("A run is waiting already.")) from None


def is_under_way() -> bool:
    """Whether a run waits or runs."""
    return ProcrastinateJob.objects.filter(task_name=RUN, status__in=("todo", "doing")).exists()
