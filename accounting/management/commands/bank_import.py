"""manage.py bank_import: store what a bank file holds."""

from pathlib import Path

from accounting.bank_accounts import own_account_for
from accounting.bank_files import open_bank_file
from accounting.bank_files.opening import hash_of
from accounting.bank_import import import_bank_file
from backoffice.management.base import Command


class Command(Command):
    """Stores a bank file; the same lines again add nothing."""

    help = (
        "Bring in a bank file: CAMT.053, MT940, OFX 1 or 2, CSV or XLSX. Lines that are there "
        "already, however the file is ordered or encoded, are not added again."
    )
    example = "manage.py bank_import statement.xml --account 1000"

    def add_arguments(self, parser):
        parser.add_argument("file", type=Path, metavar="FILE")
        parser.add_argument(
            "--account",
            metavar="CODE",
            default="",
            help="the code of the account in the books; without it the file says whose it is",
        )

    def run(self, **options):
        path, code = options["file"], options["account"]
        file = open_bank_file(path)
        found = import_bank_file(
            file,
            name=path.name,
            file_hash=hash_of(path),
            own_account=own_account_for(code, by=None) if code else None,
            by=None,
        )
        self.say(f"{found.read} entries read: {found.added} added, {found.already} already there.")
        if found.empty:
            self.say(f"{found.empty} entries of no amount are left out.")
        for name in found.breaks:
            self.say(f"{name}: opening and entries do not give the closing balance.")
        for sentence, _url in found.gaps:
            self.say(sentence)
