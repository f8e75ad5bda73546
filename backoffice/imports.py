"""What can be brought in from a file, how its columns are found, what becomes of its rows."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, ClassVar, Protocol

from django import forms
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from backoffice.access import Level, may, standing
from backoffice.errors import Refused
from backoffice.functions import all_functions
from backoffice.models import User
from backoffice.reading import DATE_FORMATS
from backoffice.tables import Table, check_text, open_table


@dataclass(frozen=True)
class Column:
    """A column a file may have: its name for programs, and what people call it."""

    name: str
    label: Any
    required: bool = False
    help: Any = ""
    example: str = ""
    aliases: tuple[str, ...] = ()

    @property
    def known_as(self) -> set[str]:
        """Every heading it is recognised by."""
        return {_plain(word) for word in (self.name, str(self.label), *self.aliases)}


@dataclass(frozen=True)
class Failure:
    """A row that cannot come in, the column to look at, and why."""

    row: int
    sentence: str
    column: str = ""


@dataclass
class Outcome:
    """What became of a file: counts by word, and the rows that could not come in."""

    counts: dict[str, int] = field(default_factory=dict)
    failures: list[Failure] = field(default_factory=list)
    # Rows to hand back; more than failures where rows belong together.
    failed_rows: dict[int, str] = field(default_factory=dict)
    is_kept: bool = True
    sentence: str = ""
    notes: list[tuple[str, str]] = field(default_factory=list)  # to look at: sentence, address
    subjects: list[int] = field(default_factory=list)  # the keys of what it was about


class Progress(Protocol):
    """Hears how far an import has come; raises to stop it."""

    def __call__(self, done: int) -> None: ...


def unheard(done: int) -> None:
    """The progress nobody listens to."""


class Importer:
    """A kind of record that can be brought in. One is made for each run."""

    do_not_call_in_templates = True

    kind: ClassVar[str]
    label: ClassVar[Any]
    purpose: ClassVar[Any] = ""
    area: ClassVar[str]
    level: ClassVar[str] = "edit"
    takes_all: ClassVar[bool] = False  # a right to the rows of one department is not enough
    columns: ClassVar[tuple[Column, ...]]
    keys: ClassVar[tuple[str, ...]] = ()
    passes: ClassVar[int] = 1  # how often progress counts each row
    asked_of_tables: ClassVar[tuple[str, ...]] = ()  # options of files whose columns are asked
    accept: ClassVar[str] = ".csv,.xlsx,.tsv,.txt"
    no_rows: ClassVar[Any] = gettext_lazy("The file has no rows below its header.")
    file_help: ClassVar[Any] = gettext_lazy(
        "CSV in UTF-8, or XLSX. The first row holds the names of the columns."
    )

    def __init__(self, options: Mapping[str, Any], *, by: User | None) -> None:
        self.options = {"date_format": "ymd", "decimal_comma": False, **options}
        self.by = by

    @classmethod
    def next_steps(cls, subjects: Sequence[int] = ()) -> Sequence[tuple[Any, str]]:
        """What is done with them once they are here: what each step is called, its address.

        What the file was about comes first.
        """
        return ()

    @classmethod
    def is_open_to(cls, user: User) -> bool:
        """Whether the person may bring these in."""
        if cls.takes_all:
            return standing(user).right(cls.area, Level[cls.level.upper()]).everything
        return may(user, cls.area, cls.level)

    @classmethod
    def option_fields(cls) -> dict[str, forms.Field]:
        """What the person is asked beside the columns."""
        fields: dict[str, forms.Field] = {
            "date_format": forms.ChoiceField(
                label=gettext_lazy("Days are written"),
                choices=list(DATE_FORMATS.items()),
                initial="ymd",
                required=False,
            ),
            "decimal_comma": forms.BooleanField(
                label=gettext_lazy("Amounts have a decimal comma"), required=False
            ),
        }
        if len(cls.keys) > 1:
            labels = {column.name: column.label for column in cls.columns}
            fields["key"] = forms.ChoiceField(
                label=gettext_lazy("A record is recognised by"),
                choices=[(name, labels[name]) for name in cls.keys],
                required=False,
            )
        return fields

    @classmethod
    def open(cls, path: Path, name: str = "") -> Table:
        """The rows in the file; what cannot be read as rows is refused."""
        return open_table(path, name)

    @classmethod
    def check_bytes(cls, path: Path) -> None:
        """Refuse a file with a wrong byte anywhere, before it is kept."""
        check_text(path)

    @classmethod
    def usual(cls, table: Table) -> tuple[dict[str, str], dict[str, Any]] | None:
        """The columns and answers this table is known by; None for the person's last ones."""
        return None

    def check(self, number: int, row: Mapping[str, str]) -> dict[str, str]:
        """What is wrong with the row, by column."""
        raise NotImplementedError

    def bring_in(
        self,
        rows: Iterable[tuple[int, Mapping[str, str]]],
        *,
        is_rehearsal: bool = False,
        progress: Callable[[int], None] = unheard,
    ) -> Outcome:
        """Bring the rows in, or with a rehearsal only find out what would become of them."""
        raise NotImplementedError

    def bring_in_table(self, table: Table, mapping: Mapping[str, str], **how: Any) -> Outcome:
        """Bring in what the table holds in these columns; `how` is that of `bring_in`."""
        return self.bring_in(mapped(table, mapping), **how)


def importers() -> dict[str, type[Importer]]:
    """Everything that can be brought in, by kind: the office's own, then each function's."""
    from backoffice.importers import OFFICE

    found = [*OFFICE]
    for function in all_functions():
        found += function.importers()
    return {importer.kind: importer for importer in found}


def importer_of(kind: str) -> type[Importer]:
    """The importer of a kind, or a refusal that names those there are."""
    known = importers()
    if kind not in known:
        raise Refused(
            _("There is nothing called “%(kind)s” to import. There are: %(kinds)s.")
            % {"kind": kind, "kinds": ", ".join(sorted(known))}
        )
    return known[kind]


# --- which column of the file is which ------------------------------------------------------


def guess(importer: type[Importer], header: list[str]) -> dict[str, str]:
    """The heading each column most likely has, by its name, label or an alias."""
    headings = {_plain(heading): heading for heading in reversed(header)}
    found = {}
    for column in importer.columns:
        names = sorted(column.known_as & headings.keys(), key=lambda name: name != column.name)
        if names:
            found[column.name] = headings.pop(names[0])
    return found


def check_mapping(
    importer: type[Importer], mapping: Mapping[str, str], header: list[str]
) -> dict[str, str]:
    """The chosen headings in the order of the columns; refused where a needed one lacks."""
    chosen = {name: heading for name, heading in mapping.items() if heading}
    known = {column.name for column in importer.columns}
    for name, heading in chosen.items():
        if name not in known:
            raise Refused(_("There is no column “%(name)s” to fill.") % {"name": name})
        if heading not in header:
            raise Refused(_("The file has no column “%(name)s”.") % {"name": heading}, field=name)
    missing = [c for c in importer.columns if c.required and c.name not in chosen]
    if missing:
        names = ", ".join(column.name for column in missing)
        raise Refused(
            _("The file lacks a column for: %(names)s. It has: %(header)s.")
            % {"names": names, "header": ", ".join(header)},
            field=missing[0].name,
        )
    return {c.name: chosen[c.name] for c in importer.columns if c.name in chosen}


def mapped(table: Table, mapping: Mapping[str, str]) -> Iterator[tuple[int, dict[str, str]]]:
    """The rows of the table by the names of their columns."""
    places = [(name, table.header.index(heading)) for name, heading in mapping.items()]
    for number, cells in table:
        yield number, {name: cells[place] for name, place in places}


def failed_rows(table: Table, reasons: Mapping[int, str]) -> tuple[list[str], Iterator[list[str]]]:
    """The rows that could not come in as they stand in the file, each with its reason."""
    rows = ([*cells, reasons[number]] for number, cells in table if number in reasons)
    return [*table.header, _("Reason")], rows


def _plain(heading: str) -> str:
    """A heading without what people write differently: case, spaces, dots, underscores."""
    return "".join(letter for letter in heading.casefold() if letter.isalnum())
