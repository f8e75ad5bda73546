"""The worker of a test, and tasks for it."""

import os
import signal
import time

from django.db import connection

from backoffice import jobs
from backoffice.errors import Refused
from backoffice.models import Party


def work_off() -> None:
    """Do all that is queued, as the worker does, whose threads then let go of the database."""
    kept = connection.settings_dict["CONN_MAX_AGE"]
    connection.settings_dict["CONN_MAX_AGE"] = 0
    try:
        with jobs.app.replace_connector(jobs.app.connector.get_worker_connector()) as working:
            working.run_worker(wait=False, listen_notify=False, install_signal_handlers=False)
    finally:
        connection.settings_dict["CONN_MAX_AGE"] = kept


@jobs.app.task(name="tests.count")
def count(job_id: int, names: list[str]) -> None:
    """Make a party of each name, saying how far it is."""
    with jobs.job_under_way(job_id) as work:
        for done, name in enumerate(names, start=1):
            Party.objects.create(name=name)
            if name == "refuse":
                raise Refused("There is no such harbour.")
            if name == "break":
                raise RuntimeError("It broke.")
            if name == "die":
                os.kill(os.getpid(), signal.SIGKILL)
            if name == "wait":
                until = time.monotonic() + 20
                while time.monotonic() < until:
                    work.report(done, len(names))
                    time.sleep(0.01)
            work.report(done, len(names), f"{name} is made.")
        work.result_url, work.sentence = "/directory/parties/", "All are made."
