"""Bring a journal into the books from a file."""

from pathlib import Path

from accounting.importers import journal_rows
from accounting.journal_import import JournalImport, import_journal
from accounting.journal_rows import JournalOptions
from backoffice.management.base import CheckFailed, Command
from backoffice.tables import open_table

SHOWN = 20


class Command(Command):
    """Posts the entries of a CSV or XLSX file, all or nothing unless told to skip."""

    help = (
        "Bring a journal into the books: one row per line, with the columns entry, date, account, "
        "amount and, where there are, payee, narration, currency, base_weight, base_currency, "
        "department. The same file twice adds nothing."
    )
    example = "manage.py books_import journal.csv --create-accounts --skip-refused --json"

    def add_arguments(self, parser):
        parser.add_argument("file", type=Path, metavar="FILE")
        parser.add_argument("--dry-run", action="store_true", help="check, post nothing")
        parser.add_argument(
            "--create-accounts",
            action="store_true",
            help="create missing accounts named Assets:…, Liabilities:…, Equity:…, Income:…, "
            "Expenses:…",
        )
        parser.add_argument(
            "--rounding-account",
            metavar="CODE",
            default="",
            help="round amounts with too many decimals; the difference is a line on this account",
        )
        parser.add_argument(
            "--skip-refused", action="store_true", help="post the good entries all the same"
        )
        parser.add_argument("--json", action="store_true")

    def run(self, **options):
        outcome = import_journal(
            journal_rows(open_table(options["file"])),
            by=None,
            options=JournalOptions(
                create_accounts=options["create_accounts"],
                rounding_account=options["rounding_account"],
                skip_refused=options["skip_refused"],
                is_rehearsal=options["dry_run"],
            ),
        )
        if options["json"]:
            self.say_json(as_json(outcome))
        else:
            self.tell(outcome)
        if outcome.refused and not options["skip_refused"]:
            raise CheckFailed(f"{len(outcome.refused)} entries are refused: nothing was posted.")

    def tell(self, outcome: JournalImport) -> None:
        """Say what became of the entries, for people."""
        for refused in outcome.refused[:SHOWN]:
            self.say(f"refused  {refused.entry}: {refused.reason}")
        if len(outcome.refused) > SHOWN:
            self.say(f"refused  and {len(outcome.refused) - SHOWN} more; --json lists them all")
        self.say(
            f"{outcome.read} entries read: {outcome.posted} posted, {outcome.already} already in "
            f"the books, {outcome.held} held back, {len(outcome.refused)} refused."
        )


def as_json(outcome: JournalImport) -> dict:
    """The counts and refusals for a program."""
    return {
        "read": outcome.read,
        "posted": outcome.posted,
        "already": outcome.already,
        "held": outcome.held,
        "refused": [{"entry": r.entry, "reason": r.reason} for r in outcome.refused],
    }
