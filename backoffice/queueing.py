"""Work is queued in the commit of its cause: not seen before it, taken back with it.

Also from inside a job, where procrastinate would queue over a connection of its own.
"""

from typing import Any

from procrastinate.contrib.django import app
from procrastinate.contrib.django.django_connector import DjangoConnector
from procrastinate.manager import JobManager

_through_django = JobManager(DjangoConnector())


def queue(task_name: str, **arguments: Any) -> int:
    """Queue a task by its name; its number in the queue."""
    deferrer = app.configure_task(task_name, allow_unknown=False)
    deferrer.job_manager = _through_django
    return deferrer.defer(**arguments)
