"""manage.py worker: does the work that was queued."""

from typing import Any

from backoffice import jobs
from backoffice.management import base


class Command(base.Command):
    """Run the job worker in the foreground."""

    help = "Run the job worker: letters, imports, periodic jobs. One or many, on any machine."
    example = "manage.py worker"

    def run(self, **options: Any) -> None:
        """Work until told to stop."""
        jobs.run_worker()
