"""Which kind of bank file a file is."""

from __future__ import annotations

import codecs
import hashlib
import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path

from django.utils.translation import gettext as _

from accounting.bank_files import camt, mt940, ofx, tabular
from accounting.bank_files.facts import Event
from accounting.bank_files.tabular import Layout
from backoffice.errors import Refused
from backoffice.tables import Table, check_size, check_text, open_table

SNIFFED = 8192
# The forms that endings of names promise.
FORMS = {
    **dict.fromkeys((".sta", ".mt940", ".940"), "MT940"),
    **dict.fromkeys((".ofx", ".qfx", ".qbo"), "OFX"),
    **dict.fromkeys((".xml", ".camt", ".053"), "CAMT.053"),
}
_MT940 = re.compile(r"^:20:.*?^:2[58][A-Z]?:", re.MULTILINE | re.DOTALL).search
_OFX = re.compile(r"OFXHEADER|<OFX\b", re.IGNORECASE).search
_XML = re.compile(r"\s*<(\?xml|!DOCTYPE|[A-Za-z][\w.-]*:?Document\b|Document\b)").match


@dataclass(frozen=True)
class BankFile:
    """A file whose kind is known; `layout` says how the columns of a table were understood."""

    format: str
    events: Callable[[], Iterator[Event]]
    layout: Layout | None = None


def open_bank_file(path: Path, name: str = "", *, layout: Layout | None = None) -> BankFile:
    """The bank file, its kind found out by what it holds; a table by its layout, or a guess."""
    check_size(path.stat().st_size)
    kind = kind_of(path, name)
    if kind in _READERS:
        read = _READERS[kind]
        return BankFile(kind, lambda: read(path))
    table = table_in(path, name)
    check_text(path)
    chosen = layout or tabular.guessed(table)
    return BankFile(kind, lambda: tabular.read(table, chosen), chosen)


def table_in(path: Path, name: str = "") -> Table:
    """The table; a file that is none and is called as another form is refused as that form."""
    form = FORMS.get(Path(name or path.name).suffix.lower())
    if form is None:
        return open_table(path, name)
    try:
        table = open_table(path, name)
        check_text(path)
        tabular.guessed(table)
    except Refused:
        raise Refused(
            _(
                "%(name)s is called like %(form)s, but nothing in it is written that way:"
                " fetch it from the bank again."
            )
            % {"name": name or path.name, "form": form}
        ) from None
    return table


def kind_of(path: Path, name: str = "") -> str:
    """camt053, mt940, ofx, xlsx or csv, by the beginning of the file."""
    with path.open("rb") as file:
        start = file.read(SNIFFED)
    if not start.strip():
        raise Refused(_("The file %(name)s is empty.") % {"name": name or path.name})
    if start.startswith(b"PK\x03\x04"):
        return "xlsx"
    text = _decoded(start)
    if _OFX(text):
        return "ofx"
    if _XML(text):
        return "camt053"
    if _MT940(text.replace("\r\n", "\n").replace("\r", "\n")):
        return "mt940"
    return "csv"


def hash_of(path: Path) -> str:
    """SHA-256 of the file, read piece by piece."""
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


def _decoded(start: bytes) -> str:
    if start.startswith((codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE)):
        return start.decode("utf-16", errors="replace")
    return start.removeprefix(codecs.BOM_UTF8).decode("latin-1")


_READERS: dict[str, Callable[[Path], Iterator[Event]]] = {
    "camt053": camt.read,
    "mt940": mt940.read,
    "ofx": ofx.read,
}
