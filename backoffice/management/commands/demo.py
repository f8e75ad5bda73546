"""manage.py demo: a believable company to look at."""

from typing import Any

from django.core.management.base import CommandParser
from django.utils import timezone
from django.utils.translation import gettext as _

from backoffice import demo
from backoffice.management import base
from backoffice.models import Party


class Command(base.Command):
    """Make the demo company in an office where there is nothing yet."""

    help = "Make a believable company in an empty office; the same seed gives the same company."
    example = "manage.py demo --country US --employees 120"

    def add_arguments(self, parser: CommandParser) -> None:
        """Which company, how large, how far back."""
        parser.add_argument(
            "--country",
            default="GB",
            choices=sorted(demo.COUNTRIES),
            help="where it is: GB in pounds, US in dollars",
        )
        parser.add_argument("--employees", type=int, default=40, help="5 to 500")
        parser.add_argument("--months", type=int, default=24, help="to look back on, 3 to 60")
        parser.add_argument("--seed", type=int, default=1, help="another number, another company")

    def run(self, *, country: str, employees: int, months: int, seed: int, **options: Any) -> None:
        """Make it, saying how far it is, and print what there is now."""
        story = demo.make_demo(
            on=timezone.localdate(),
            country=country,
            employees=employees,
            months=months,
            seed=seed,
            say=self.show_progress,
        )
        self.show_progress("")
        self.say(
            _("%(company)s: %(people)d people, %(months)d months, %(parties)d parties.")
            % {
                "company": story.company,
                "people": len(story.members),
                "months": months,
                "parties": Party.objects.count(),
            }
        )

    def show_progress(self, sentence: str) -> None:
        """Show how far it is on one line that is written over; nothing in a file or pipe."""
        if self.stdout.isatty():
            self.stdout.write(f"\r{sentence[:60]:<60}\r", ending="")
            self.stdout.flush()
