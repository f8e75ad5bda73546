"""manage.py reopen_period: reopen the month closed last."""

from typing import Any

from django.core.management.base import CommandParser
from django.utils import timezone
from django.utils.translation import gettext as _

from accounting.closing import ask_to_reopen
from accounting.years import period_named
from backoffice.management import base


class Command(base.Command):
    """Reopen the period closed last, for a reason that is kept."""

    help = "Reopen the period closed last, for a reason that is kept."
    example = 'manage.py reopen_period 2024-05 --why "The bank corrected its statement"'

    def add_arguments(self, parser: CommandParser) -> None:
        """The month and the reason."""
        parser.add_argument("month", metavar="YYYY-MM")
        parser.add_argument("--why", required=True)

    def run(self, **options: Any) -> None:
        """Reopen it."""
        period = period_named(options["month"])
        ask_to_reopen(period, by=None, why=options["why"], on=timezone.localdate())
        self.say(_("%(period)s is open again.") % {"period": period})
