"""Bring a list in from a file."""

import json
from pathlib import Path

from backoffice.errors import Refused
from backoffice.exports import write_csv
from backoffice.imports import check_mapping, failed_rows, guess, importer_of, importers
from backoffice.management.base import Command
from backoffice.reading import DATE_FORMATS
from backoffice.tables import Table

SHOWN = 20
BY_COMMAND_OF_ITS_OWN = {"bank": "bank_import", "journal": "books_import"}


def kinds() -> list[str]:
    """What this command brings in."""
    return sorted(importers().keys() - BY_COMMAND_OF_ITS_OWN.keys())


class Command(Command):
    """Does what the import page does, for every list that can be imported."""

    help = "Bring a list in from a CSV or XLSX file; rows that fail come back as CSV."
    example = "manage.py import_list staff people.csv --key email --dry-run"

    def add_arguments(self, parser):
        parser.add_argument("kind", metavar="KIND", help=f"one of: {', '.join(kinds())}")
        parser.add_argument("file", type=Path, metavar="FILE")
        parser.add_argument(
            "--map",
            type=Path,
            metavar="FILE",
            help='JSON that names the heading of each column: {"name": "Full name"}',
        )
        parser.add_argument(
            "--key", metavar="FIELD", default="", help="the column a record is recognised by"
        )
        parser.add_argument("--date-format", choices=list(DATE_FORMATS), default="ymd")
        parser.add_argument(
            "--decimal-comma", action="store_true", help="12,50 is twelve and a half"
        )
        parser.add_argument("--dry-run", action="store_true", help="check, bring nothing in")

    def run(self, **options):
        kind, path = options["kind"], options["file"]
        if kind in BY_COMMAND_OF_ITS_OWN:
            raise Refused(f"The {kind} is brought in by {BY_COMMAND_OF_ITS_OWN[kind]}.")
        importer = importer_of(kind)
        table = importer.open(path)
        importer.check_bytes(path)
        mapping = {**guess(importer, table.header), **chosen(options["map"])}
        mapping = check_mapping(importer, mapping, table.header)
        how = {name: options[name] for name in ("key", "date_format", "decimal_comma")}
        outcome = importer(how, by=None).bring_in_table(
            table, mapping, is_rehearsal=options["dry_run"]
        )
        for failure in outcome.failures[:SHOWN]:
            self.say(f"Row {failure.row} {failure.column}: {failure.sentence}".replace(" :", ":"))
        counts = ", ".join(f"{count} {word}" for word, count in outcome.counts.items())
        self.say(f"{sum(outcome.counts.values())} rows read: {counts}.")
        if outcome.failed_rows:
            self.say(f"Failed rows: {hand_back(table, outcome.failed_rows)}")
        if options["dry_run"]:
            self.say("Dry run: nothing was brought in.")


def chosen(path: Path | None) -> dict[str, str]:
    """The mapping in a file of the caller's."""
    if path is None:
        return {}
    try:
        mapping = json.loads(path.read_text(encoding="utf-8"))
    except ValueError as wrong:
        raise Refused(f"{path} is not JSON: {wrong}.") from None
    if not isinstance(mapping, dict) or not all(isinstance(v, str) for v in mapping.values()):
        raise Refused(f'{path} must map columns to headings: {{"name": "Full name"}}.')
    return mapping


def hand_back(table: Table, reasons: dict[int, str]) -> Path:
    """Write the rows that failed beside where the command runs, each with its reason."""
    path = Path.cwd() / f"{table.path.stem}-failed.csv"
    header, rows = failed_rows(table, reasons)
    with path.open("w", encoding="utf-8", newline="") as file:
        write_csv(file, header, rows)
    return path
