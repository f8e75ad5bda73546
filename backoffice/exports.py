"""Rows on their way out, as CSV or XLSX, written as they are read."""

from __future__ import annotations

import csv
import tempfile
from collections.abc import Iterable, Iterator, Sequence
from datetime import date, datetime
from decimal import Decimal
from typing import Any, BinaryIO, TextIO

from django.http import FileResponse, HttpResponseBase, StreamingHttpResponse
from django.utils import timezone
from openpyxl import Workbook
from openpyxl.cell.cell import ILLEGAL_CHARACTERS_RE

FORMATS = {
    "csv": "text/csv; charset=utf-8",
    "xlsx": "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
}
# A spreadsheet takes a text that begins with one of these for a formula and runs it.
_FORMULA_STARTS = ("=", "+", "-", "@", "\t", "\r")
_ROWS_AT_ONCE = 200
MOST_AT_ONCE = 5000  # rows; a longer list is written by a job


def response(
    name: str, format: str, header: Sequence[Any], rows: Iterable[Sequence[Any]]
) -> HttpResponseBase:
    """The rows as a file to download, `name.format`."""
    if format == "csv":
        answer: HttpResponseBase = StreamingHttpResponse(
            csv_pieces(header, rows), content_type=FORMATS["csv"]
        )
        answer.headers["Content-Disposition"] = f'attachment; filename="{name}.csv"'
        return answer
    # Closed by the response when it has been sent.
    file = tempfile.TemporaryFile()  # noqa: SIM115
    write_xlsx(file, header, rows)
    file.seek(0)
    return FileResponse(
        file, as_attachment=True, filename=f"{name}.xlsx", content_type=FORMATS["xlsx"]
    )


def write(
    file: BinaryIO, format: str, header: Sequence[Any], rows: Iterable[Sequence[Any]]
) -> None:
    """Write the rows into a file opened for bytes."""
    if format == "xlsx":
        write_xlsx(file, header, rows)
        return
    for piece in csv_pieces(header, rows):
        file.write(piece.encode())


def write_csv(file: TextIO, header: Sequence[Any], rows: Iterable[Sequence[Any]]) -> int:
    """Write the rows as CSV; say how many they were."""
    writer = csv.writer(file)
    writer.writerow([_for_csv(cell) for cell in header])
    count = 0
    for row in rows:
        writer.writerow([_for_csv(cell) for cell in row])
        count += 1
    return count


def write_xlsx(file: BinaryIO, header: Sequence[Any], rows: Iterable[Sequence[Any]]) -> int:
    """Write the rows as a spreadsheet; say how many they were."""
    book = Workbook(write_only=True)
    sheet = book.create_sheet()
    sheet.freeze_panes = "A2"
    sheet.append([_for_xlsx(cell) for cell in header])
    count = 0
    for row in rows:
        sheet.append([_for_xlsx(cell) for cell in row])
        count += 1
    book.save(file)
    return count


def csv_pieces(header: Sequence[Any], rows: Iterable[Sequence[Any]]) -> Iterator[str]:
    """The CSV text, a few rows at a time."""
    echo = _Echo()
    writer = csv.writer(echo)
    writer.writerow([_for_csv(cell) for cell in header])
    for row in rows:
        writer.writerow([_for_csv(cell) for cell in row])
        if len(echo.lines) >= _ROWS_AT_ONCE:
            yield echo.taken()
    yield echo.taken()


def safe(text: str) -> str:
    """The text, so that no spreadsheet runs it."""
    return f"'{text}" if text.startswith(_FORMULA_STARTS) else text


class _Echo:
    """Keeps what a writer writes until it is taken."""

    def __init__(self) -> None:
        self.lines: list[str] = []

    def write(self, line: str) -> None:
        self.lines.append(line)

    def taken(self) -> str:
        text = "".join(self.lines)
        self.lines.clear()
        return text


def _for_csv(cell: Any) -> str | int:
    if cell is None:
        return ""
    if isinstance(cell, Decimal):
        return f"{cell:f}"
    if isinstance(cell, int):
        return str(cell)
    if isinstance(cell, datetime):
        return _local(cell).isoformat(sep=" ", timespec="seconds")
    if isinstance(cell, date):
        return cell.isoformat()
    return safe(str(cell))


def _for_xlsx(cell: Any) -> Any:
    if isinstance(cell, datetime):
        return _local(cell)
    if cell is None or isinstance(cell, int | Decimal | date):
        return cell
    return safe(ILLEGAL_CHARACTERS_RE.sub("", str(cell)))


def _local(instant: datetime) -> datetime:
    """The clock time where the reader is; a spreadsheet knows no zones."""
    return timezone.localtime(instant).replace(tzinfo=None) if instant.tzinfo else instant
