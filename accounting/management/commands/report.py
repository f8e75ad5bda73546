"""manage.py report: a statement of the books, for people or programs."""

import sys
from datetime import date
from io import BytesIO
from pathlib import Path
from typing import Any

from django.core.management.base import CommandParser
from django.utils import timezone
from django.utils.translation import gettext as _

from accounting.management.days import day
from accounting.models import Account
from accounting.reporting import Report, Sheet, Wish, end_of
from accounting.reports import REPORTS, as_json, paper, report, sheet
from backoffice import exports
from backoffice.documents import pdf
from backoffice.errors import Refused
from backoffice.management import base
from backoffice.models import Department

FORMATS = ("table", "json", "csv", "xlsx", "pdf")


class Command(base.Command):
    """Print a report, or write it to a file."""

    help = f"Print a report of the books: {', '.join(REPORTS)}."
    example = "manage.py report trial_balance --on 2024-12-31 --format json"

    def add_arguments(self, parser: CommandParser) -> None:
        """Which report, of what, how."""
        parser.add_argument("name", metavar="NAME")
        for option, name in (("--on", "on"), ("--from", "starts_on"), ("--to", "ends_on")):
            parser.add_argument(option, dest=name, type=day, metavar="D")
        parser.add_argument("--as-known", type=day, metavar="D")
        parser.add_argument("--department", metavar="CODE")
        parser.add_argument("--account", metavar="CODE")
        parser.add_argument("--by", default="", metavar="month|department")
        parser.add_argument("--compare", default="", metavar="year|month|budget")
        parser.add_argument("--format", choices=FORMATS, default="table")
        parser.add_argument(
            "--json", dest="format", action="store_const", const="json", help="--format json"
        )
        parser.add_argument("-o", "--output", type=Path, metavar="FILE")

    def run(self, **options: Any) -> None:
        """Make the report and write it in the format asked for."""
        name, wish, format = options["name"], wish_of(options), options["format"]
        if format == "xlsx":
            self.write_bytes(as_xlsx(sheet(name, wish)), options["output"])
            return
        if format == "pdf":
            self.write_bytes(pdf(*paper(name, wish)), options["output"])
            return
        if format == "csv":
            found = sheet(name, wish)
            text = "".join(exports.csv_pieces(found.header, found.lines))
        else:
            text = {"table": as_table, "json": as_json}[format](report(name, wish))
        if options["output"]:
            options["output"].write_text(text, encoding="utf-8")
        else:
            self.stdout.write(text, ending="")

    def write_bytes(self, document: bytes, output: Path | None) -> None:
        """Write a document to the file, or to a stdout that is not a terminal."""
        if output:
            output.write_bytes(document)
        elif self.stdout.isatty():
            raise Refused(_("This is no text for a terminal: name a file with -o."))
        else:
            sys.stdout.buffer.write(document)


def wish_of(options: dict[str, Any]) -> Wish:
    """What the options ask for; today where they name no day."""
    on: date = options["on"] or options["ends_on"] or timezone.localdate()
    return Wish(
        on=on,
        starts_on=options["starts_on"],
        ends_on=options["ends_on"],
        department=named(Department, options["department"]),
        account=named(Account, options["account"]),
        as_known=end_of(options["as_known"]) if options["as_known"] else None,
        by=options["by"],
        compare=options["compare"],
    )


def named(model: type[Any], code: str | None) -> Any:
    """The record of this code, none for no code, or a refusal."""
    if code is None:
        return None
    record = model.objects.filter(code__iexact=code).first()
    if record is None:
        raise Refused(
            _("There is no %(kind)s with the code “%(code)s”.")
            % {"kind": model._meta.verbose_name, "code": code}
        )
    return record


def as_xlsx(found: Sheet) -> bytes:
    """The rows as a spreadsheet."""
    file = BytesIO()
    exports.write_xlsx(file, found.header, found.lines)
    return file.getvalue()


def as_table(found: Report) -> str:
    """The rows in columns for a terminal."""
    table = [found.header, *found.rows, *([found.total] if found.total else [])]
    widths = [max(map(len, column)) for column in zip(*table, strict=True)]
    lines = ["  ".join(found.details), ""]
    for row in table:
        cells = (
            cell.rjust(width) if at in found.amounts else cell.ljust(width)
            for at, (cell, width) in enumerate(zip(row, widths, strict=True))
        )
        lines.append("  ".join(cells).rstrip())
    return "\n".join([found.title, *lines]) + "\n"
