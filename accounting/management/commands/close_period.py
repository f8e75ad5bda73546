"""manage.py close_period: close a month of the books."""

from typing import Any

from django.core.management.base import CommandParser
from django.utils.translation import gettext as _

from accounting.closing import close
from accounting.years import period_named
from backoffice.management import base


class Command(base.Command):
    """Close a period; earlier ones are closed first."""

    help = "Close a period of the books; earlier ones are closed first."
    example = "manage.py close_period 2024-05"

    def add_arguments(self, parser: CommandParser) -> None:
        """The month."""
        parser.add_argument("month", metavar="YYYY-MM")

    def run(self, **options: Any) -> None:
        """Close it and print the head of the chain, an anchor to keep elsewhere."""
        event = close(period_named(options["month"]), by=None)
        self.say(_("%(period)s is closed.") % {"period": event.period})
        if event.head:
            self.say(_("Head of the chain: %(head)s") % {"head": event.head})
