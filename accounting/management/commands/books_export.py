"""manage.py books_export: the journal for hledger, beancount, or as CSV."""

from pathlib import Path
from typing import Any

from django.core.management.base import CommandParser
from django.utils.translation import gettext as _

from accounting.journal_export import FORMATS, export_journal
from accounting.management.days import day
from backoffice.management import base


class Command(base.Command):
    """Write the journal so that hledger and beancount accept it, or as CSV."""

    help = "Write the journal for hledger or beancount, or as CSV that books_import reads."
    example = "manage.py books_export --format hledger -o books.journal"

    def add_arguments(self, parser: CommandParser) -> None:
        """The format, the days, the file."""
        parser.add_argument("--format", required=True, choices=list(FORMATS))
        parser.add_argument("--from", dest="starts_on", type=day, metavar="D")
        parser.add_argument("--to", dest="ends_on", type=day, metavar="D")
        parser.add_argument("-o", "--output", type=Path, metavar="FILE")

    def run(self, **options: Any) -> None:
        """Write to the file, or to stdout alone."""
        choice = {"to": options["format"]} | {
            name: options[name] for name in ("starts_on", "ends_on")
        }
        if options["output"] is None:
            self.stdout.ending = ""
            export_journal(self.stdout, **choice)
            return
        with options["output"].open("w", encoding="utf-8", newline="") as file:
            count = export_journal(file, **choice)
        self.say(
            _("%(count)s entries written to %(file)s.")
            % {"count": count, "file": options["output"]}
        )
