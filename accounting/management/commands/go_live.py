"""manage.py go_live: whether the books of another program are taken over to the last cent."""

from typing import Any

from django.core.management.base import CommandParser
from django.utils.translation import gettext as _

from accounting.opening import go_live
from backoffice.management import base
from backoffice.models import Company
from backoffice.money import as_text


class Command(base.Command):
    """Print both trial balances and the clearing accounts; exit 1 unless all of it agrees."""

    help = "Compare the trial balance taken over with ours; exit 1 where they differ."
    example = "manage.py go_live"

    def add_arguments(self, parser: CommandParser) -> None:
        """How to answer."""
        parser.add_argument("--json", action="store_true")

    def run(self, **options: Any) -> None:
        """Each account with its balance before and here, then what is on the clearing accounts."""
        found = go_live()
        company = Company.objects.select_related("currency").first()
        unit = company.currency.minor_unit if company else 2
        names = ("old", "ours", "difference")
        rows = [
            {"code": row.account.code, **{n: as_text(getattr(row, n), unit) for n in names}}
            for row in found.rows
        ]
        clearing = {account.code: as_text(left, unit) for account, left in found.clearing}
        if options["json"]:
            self.say_json({"ready": found.is_ready, "rows": rows, "clearing": clearing})
        else:
            for row in rows:
                self.say("{code:>10} {old:>16} {ours:>16} {difference:>14}".format(**row))
            for account, left in found.clearing:
                self.say(f"{account}: {as_text(left, unit)}")
        if found.on is None:
            raise base.CheckFailed(_("No opening balances are taken over yet."))
        if not found.is_ready:
            raise base.CheckFailed(_("The books are not taken over completely."))
