"""manage.py verify: everything that must hold, recomputed."""

from dataclasses import asdict
from typing import Any

from django.core.management.base import CommandParser
from django.utils.translation import gettext as _

from backoffice.functions import all_functions
from backoffice.management import base
from backoffice.office_checks import all_checks


class Command(base.Command):
    """Ask every function for its checks; exit 1 and name the first offender if one fails."""

    help = "Recompute everything that must hold; exit 1 naming the first offender."
    example = "manage.py verify --json"

    def add_arguments(self, parser: CommandParser) -> None:
        """How to answer, and whether to rebuild what is derived first."""
        parser.add_argument("--json", action="store_true")
        parser.add_argument(
            "--rebuild-balances",
            action="store_true",
            help="first replace the monthly balances by what the lines add up to",
        )

    def run(self, **options: Any) -> None:
        """Print each finding; leave with the first that does not hold."""
        if options["rebuild_balances"]:
            for function in all_functions():
                function.rebuild()
        findings = []
        for room, finding in all_checks():
            findings.append({"function": room.label, **asdict(finding)})
            if not options["json"]:
                mark = "✔" if finding.holds else "✘"
                line = f"{mark} {room.verbose_name}: {finding.check}"
                self.say(f"{line}: {finding.offender}" if finding.offender else line)
        broken = [finding for finding in findings if not finding["holds"]]
        if options["json"]:
            self.say_json({"holds": not broken, "findings": findings})
        if broken:
            raise base.CheckFailed(
                _("Does not hold: %(check)s. First offender: %(offender)s.") % broken[0]
            )
