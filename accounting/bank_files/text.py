"""The lines of a text file whose encoding nobody wrote down."""

from __future__ import annotations

import codecs
from collections.abc import Iterator
from pathlib import Path

from django.utils.translation import gettext as _

from accounting.bank_files.facts import damaged, line_place

PIECE = 64 * 1024
LONGEST_LINE = 1024 * 1024
_BOMS = (
    (codecs.BOM_UTF8, "utf-8-sig"),
    (codecs.BOM_UTF32_LE, "utf-32"),
    (codecs.BOM_UTF32_BE, "utf-32"),
    (codecs.BOM_UTF16_LE, "utf-16"),
    (codecs.BOM_UTF16_BE, "utf-16"),
)
# What text may hold below the space: tab, line feed, carriage return, and the frames some
# banks leave around a message.
_CONTROLS = dict.fromkeys((*range(1, 9), 11, 12, *range(14, 32)), None)


def encoding_of(path: Path, *, otherwise: str = "cp1252") -> str:
    """The encoding by its mark, else UTF-8 where every byte fits, else the one named."""
    with path.open("rb") as file:
        start = file.read(4)
        for mark, encoding in _BOMS:
            if start.startswith(mark):
                return encoding
        file.seek(0)
        decoder = codecs.getincrementaldecoder("utf-8")()
        try:
            while piece := file.read(PIECE):
                decoder.decode(piece)
            decoder.decode(b"", final=True)
        except UnicodeDecodeError:
            return otherwise
    return "utf-8"


def lines_of(path: Path, *, otherwise: str = "cp1252") -> Iterator[tuple[int, str]]:
    """The lines with their numbers, without their ends; bytes that are no text are refused."""
    encoding = encoding_of(path, otherwise=otherwise)
    errors = "replace" if encoding == otherwise else "strict"
    number = 0
    with path.open(encoding=encoding, errors=errors) as file:
        try:
            while line := file.readline(LONGEST_LINE):
                number += 1
                if len(line) == LONGEST_LINE or "\0" in line:
                    raise damaged(line_place(number), _("this is no text."))
                yield number, line.rstrip("\r\n").translate(_CONTROLS)
        except UnicodeDecodeError:
            place = line_place(number + 1)
            raise damaged(
                place, _("this is not %(encoding)s text.") % {"encoding": encoding}
            ) from None
