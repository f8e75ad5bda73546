"""CSV and XLSX files, read row by row: what is no table is refused with its row and a sentence."""

from __future__ import annotations

import codecs
import csv
import zipfile
import zlib
from collections.abc import Iterator, Sequence
from contextlib import closing
from dataclasses import dataclass
from datetime import date, datetime, time
from decimal import Decimal
from pathlib import Path
from typing import Any, BinaryIO, NamedTuple

from django.conf import settings
from django.utils.translation import gettext as _
from openpyxl import load_workbook
from openpyxl.utils.exceptions import InvalidFileException

from backoffice.errors import Refused

DELIMITERS = (",", ";", "\t", "|")
MB = 1024 * 1024
LONGEST_LINE = MB
# What a spreadsheet may unpack to, in multiples of what a file may weigh.
UNPACKED = 10

_ZIP, _OLD_OFFICE = b"PK\x03\x04", b"\xd0\xcf\x11\xe0"
_OTHER_ENCODINGS = (
    codecs.BOM_UTF32_LE,
    codecs.BOM_UTF32_BE,
    codecs.BOM_UTF16_LE,
    codecs.BOM_UTF16_BE,
)
# What the parts of a broken archive raise; SyntaxError is the parent of XML's ParseError.
_DAMAGE = (
    InvalidFileException,
    zipfile.BadZipFile,
    zlib.error,
    SyntaxError,
    LookupError,
    ValueError,
    EOFError,
)


class Row(NamedTuple):
    """A row of the file by its number, counted as a spreadsheet does: the header is row 1."""

    number: int
    cells: list[str]


@dataclass(frozen=True)
class Table:
    """A file with a header and rows of text."""

    path: Path
    name: str
    header: list[str]
    delimiter: str = ""  # empty for a spreadsheet

    @property
    def columns_are_known(self) -> bool:
        """Whether nobody has to be asked which column is which."""
        return False

    def __iter__(self) -> Iterator[Row]:
        """The rows below the header that are not blank, as many cells each as the header."""
        width = len(self.header)
        for row in self._written():
            cells = row.cells
            if len(cells) != width:
                cells = self._fitted(row)
            if any(cells):
                yield Row(row.number, cells)

    def count(self) -> int:
        """How many rows it has."""
        return sum(1 for _row in self)

    def _written(self) -> Iterator[Row]:
        found = _csv_rows(self.path, self.delimiter) if self.delimiter else _xlsx_rows(self.path)
        next(found)
        return found

    def _fitted(self, row: Row) -> list[str]:
        width, cells = len(self.header), row.cells
        if any(cell.strip() for cell in cells[width:]):
            raise Refused(
                _("Row %(row)s has %(cells)s cells, the header only %(width)s.")
                % {"row": row.number, "cells": len(cells), "width": width}
            )
        return cells[:width] + [""] * (width - len(cells))


def open_table(path: Path, name: str = "") -> Table:
    """The table in the file; what cannot be one is refused."""
    name = name or path.name
    check_size(path.stat().st_size)
    with path.open("rb") as file:
        start = file.read(8)
    if not start.strip():
        raise Refused(_("The file %(name)s is empty.") % {"name": name})
    if start.startswith(_OLD_OFFICE):
        raise Refused(_("This is an old Excel file (.xls): save it as .xlsx or as CSV UTF-8."))
    if start.startswith(_ZIP):
        _check_spreadsheet(path)
        return Table(path, name, _checked_header(next(_xlsx_rows(path), None)))
    delimiter = _delimiter_of(path)
    return Table(path, name, _checked_header(next(_csv_rows(path, delimiter), None)), delimiter)


def check_size(size: int) -> None:
    """Refuse a file that is over the limit."""
    if size > settings.LARGEST_IMPORT:
        raise Refused(
            _("The file is %(size)s MB; the limit is %(limit)s MB. Split it, for example by year.")
            % {"size": _megabytes(size), "limit": _megabytes(settings.LARGEST_IMPORT)}
        )


def check_text(path: Path) -> None:
    """Read a CSV file to its end once, so that no wrong byte is met half-way."""
    with path.open("rb") as file:
        if file.read(4) == _ZIP:
            return
        file.seek(0)
        for _line in _decoded(file):
            pass


def _megabytes(size: int) -> str:
    return f"{size / MB:.0f}" if size >= MB else f"{size / MB:.3f}"


def _checked_header(row: Row | None) -> list[str]:
    header = [cell.strip() for cell in row.cells] if row else []
    while header and not header[-1]:
        header.pop()
    if not header:
        raise Refused(_("The first row is empty: it must hold the names of the columns."))
    seen: set[str] = set()
    for position, column in enumerate(header, start=1):
        if not column:
            raise Refused(_("Column %(position)s has no name in row 1.") % {"position": position})
        if column.casefold() in seen:
            raise Refused(_("Two columns are called “%(name)s”.") % {"name": column})
        seen.add(column.casefold())
    return header


# --- CSV ------------------------------------------------------------------------------------


def _decoded(file: BinaryIO) -> Iterator[str]:
    """The lines as text. UTF-8 alone: a guess at another encoding would garble names silently."""
    number = 0
    while line := file.readline(LONGEST_LINE):
        number += 1
        if number == 1:
            if line.startswith(_OTHER_ENCODINGS):
                raise Refused(_("The file is UTF-16 text: save it as “CSV UTF-8”."))
            line = line.removeprefix(codecs.BOM_UTF8)
        if len(line) == LONGEST_LINE:
            raise Refused(_("Row %(row)s is too long for a table.") % {"row": number})
        if b"\0" in line:
            raise Refused(
                _("Row %(row)s holds bytes that are no text: this is not a CSV or XLSX file.")
                % {"row": number}
            )
        try:
            yield line.decode()
        except UnicodeDecodeError as wrong:
            raise Refused(
                _(
                    "Row %(row)s is not UTF-8 text (byte %(byte)s at place %(place)s): "
                    "save the file as “CSV UTF-8”."
                )
                % {
                    "row": number,
                    "byte": f"0x{line[wrong.start]:02X}",
                    "place": wrong.start + 1,
                }
            ) from None


def _csv_rows(path: Path, delimiter: str) -> Iterator[Row]:
    """The rows, the header included; Excel's own first line `sep=;` is not one of them."""
    number = 0
    with path.open("rb") as file:
        reader = csv.reader(_decoded(file), delimiter=delimiter, strict=True)
        try:
            for number, cells in enumerate(reader, start=1):
                if number > 1 or not _names_delimiter(cells, delimiter):
                    yield Row(number, cells)
        except csv.Error as wrong:
            raise Refused(
                _("Row %(row)s cannot be read: %(reason)s. Is a quotation mark missing?")
                % {"row": number + 1, "reason": wrong}
            ) from None


def _delimiter_of(path: Path) -> str:
    """The one that makes most columns of the header."""
    with path.open("rb") as file:
        first = next(_decoded(file), "")
    if first.lower().startswith("sep=") and first[4:5] in DELIMITERS and not first[5:].strip():
        return first[4]

    def columns(delimiter: str) -> int:
        return len(next(csv.reader([first], delimiter=delimiter), []))

    return max(DELIMITERS, key=columns)


def _names_delimiter(cells: Sequence[str], delimiter: str) -> bool:
    return len(cells) == 2 and cells[0].lower() == "sep=" and not cells[1].strip()


# --- XLSX -----------------------------------------------------------------------------------


def _check_spreadsheet(path: Path) -> None:
    """Refuse a zip archive that is no spreadsheet, or unpacks to more than is sensible."""
    limit = settings.LARGEST_IMPORT * UNPACKED
    try:
        with zipfile.ZipFile(path) as archive:
            members = archive.infolist()
    except zipfile.BadZipFile:
        raise Refused(_("The spreadsheet is damaged: save it again.")) from None
    if not any(member.filename == "xl/workbook.xml" for member in members):
        raise Refused(_("This is a zip archive, not a spreadsheet: save it as .xlsx or CSV."))
    unpacked = sum(member.file_size for member in members)
    if unpacked > limit:
        raise Refused(
            _("The spreadsheet unpacks to %(size)s MB; the limit is %(limit)s MB. Split it.")
            % {"size": _megabytes(unpacked), "limit": _megabytes(limit)}
        )


def _xlsx_rows(path: Path) -> Iterator[Row]:
    """The rows of the first sheet, the header included."""
    try:
        # By its content: the name of a kept upload ends otherwise.
        with (
            path.open("rb") as file,
            closing(load_workbook(file, read_only=True, data_only=True)) as book,
        ):
            sheet = book.worksheets[0]
            # What the file says of its own size may be wrong; rows are read until they end.
            sheet.reset_dimensions()
            for number, cells in enumerate(sheet.iter_rows(values_only=True), start=1):
                yield Row(number, [_as_text(cell) for cell in cells])
    except _DAMAGE:
        raise Refused(_("The spreadsheet is damaged: save it again.")) from None


def _as_text(cell: Any) -> str:
    if cell is None:
        return ""
    if isinstance(cell, bool):
        return "TRUE" if cell else "FALSE"
    if isinstance(cell, float):
        # Fifteen digits are what a spreadsheet shows of the number it keeps.
        return _plain(format(cell, ".15g"))
    if isinstance(cell, datetime):
        return (cell.date() if cell.time() == time() else cell).isoformat()
    if isinstance(cell, date):
        return cell.isoformat()
    return str(cell)


def _plain(number: str) -> str:
    """The digits without an exponent."""
    return f"{Decimal(number):f}" if "e" in number else number
