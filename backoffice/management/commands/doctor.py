"""manage.py doctor: looks the installation over."""

from typing import Any

from django.core.management.base import CommandParser
from django.utils.translation import gettext as _

from backoffice import doctor
from backoffice.management import base

MARKS = {doctor.PASSED: "ok", doctor.WARNING: "note", doctor.FAILED: "FAILED"}


class Command(base.Command):
    """Check the installation; what is merely not done yet is a note."""

    help = "Check database, migrations, worker, disk, mail, backup and keys."
    example = "manage.py doctor --json"
    starts_database = False

    def add_arguments(self, parser: CommandParser) -> None:
        """For people or for programs."""
        parser.add_argument("--json", action="store_true", help="answer for a program")

    def run(self, *, json: bool, **options: Any) -> None:
        """Print every check; exit 1 with the names of those that failed."""
        trouble = doctor.start_database()
        results = list(doctor.look_over())
        failed = [result.name for result in results if result.status == doctor.FAILED]
        if json:
            self.say_json({"failed": failed, "checks": [r.as_json() for r in results]})
        else:
            for result in results:
                self.say(f"{MARKS[result.status]:<7} {result.name:<11} {result.sentence}")
        if failed:
            names = ", ".join(failed)
            raise base.CheckFailed(" ".join([trouble, _("Failed: %s.") % names]).strip())
