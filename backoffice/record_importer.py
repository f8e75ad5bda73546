"""Records brought in one a row: known by a key, then updated; else added."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any, ClassVar

from django.core.exceptions import FieldDoesNotExist, ValidationError
from django.db import IntegrityError, models, transaction
from django.utils.translation import gettext as _

from backoffice import audit
from backoffice.access import may
from backoffice.errors import Refused
from backoffice.imports import Failure, Importer, Outcome, unheard
from backoffice.models import Currency
from backoffice.reading import yes_or_no
from backoffice.refusals import refusal_of

CREATED, UPDATED, UNCHANGED, FAILED = "created", "updated", "unchanged", "failed"


class RowFailed(Exception):  # noqa: N818 - it reads as a statement
    """A row that cannot come in: what is wrong, by column ("" for the row itself)."""

    def __init__(self, problems: Mapping[str, str]) -> None:
        super().__init__(problems)
        self.problems = dict(problems)


@dataclass
class Cells:
    """The cells of a row, read: facts of the record itself, and of what hangs on it."""

    facts: dict[str, Any] = field(default_factory=dict)
    more: dict[str, Any] = field(default_factory=dict)


class RecordImporter(Importer):
    """Brings in records of one model.

    A column is read by `read_<name>` where there is one, else as its field says. Columns that
    are no field of the model go to `save_more`.
    """

    model: ClassVar[type[models.Model]]
    # Columns that name records which may stand in the same file: the preview cannot know them.
    found_later: ClassVar[tuple[str, ...]] = ()

    @property
    def key(self) -> str:
        """The column a record is recognised by."""
        key = self.options.get("key") or self.keys[0]
        if key not in self.keys:
            raise Refused(
                _("%(kind)s are recognised by %(keys)s, not by “%(key)s”.")
                % {"kind": self.label, "keys": " / ".join(self.keys), "key": key},
                field="key",
            )
        return key

    def check(self, number: int, row: Mapping[str, str]) -> dict[str, str]:
        try:
            cells = self.cells(row)
            self.checked(self.model(**cells.facts), cells)
        except RowFailed as failed:
            return {c: s for c, s in failed.problems.items() if c not in self.found_later}
        return {}

    def bring_in(
        self,
        rows: Iterable[tuple[int, Mapping[str, str]]],
        *,
        is_rehearsal: bool = False,
        progress: Callable[[int], None] = unheard,
    ) -> Outcome:
        outcome = Outcome(dict.fromkeys((CREATED, UPDATED, UNCHANGED, FAILED), 0))
        seen: dict[str, int] = {}
        with transaction.atomic():
            for count, (number, row) in enumerate(rows, start=1):
                self._bring_in_one(number, row, outcome, seen)
                progress(count)
            if is_rehearsal:
                outcome.is_kept = False
                transaction.set_rollback(True)
            elif outcome.counts[CREATED] or outcome.counts[UPDATED]:
                audit.record("imported", str(self.label), by=self.by, **outcome.counts)
        return outcome

    def _bring_in_one(
        self, number: int, row: Mapping[str, str], outcome: Outcome, seen: dict[str, int]
    ) -> None:
        try:
            with transaction.atomic():
                word = self.brought_in(row, number, seen)
        except RowFailed as failed:
            word = FAILED
            for column, sentence in failed.problems.items():
                outcome.failures.append(Failure(number, sentence, column))
            outcome.failed_rows[number] = " ".join(failed.problems.values())
        outcome.counts[word] += 1

    def brought_in(self, row: Mapping[str, str], number: int, seen: dict[str, int]) -> str:
        """Add or update the record of the row; says which."""
        self._check_key(row, number, seen)
        cells = self.cells(row)
        record = self.existing(row[self.key].strip())
        if record is None:
            record = self.new(cells)
            self.checked(record, cells)
            self.check_reach(record)
            self.save(record)
            self.save_more(record, cells.more)
            return CREATED
        self.check_reach(record)
        if self.options.get("keep_existing"):
            return UNCHANGED
        changed = [name for name, value in cells.facts.items() if getattr(record, name) != value]
        for name in changed:
            setattr(record, name, cells.facts[name])
        if changed:
            self.checked(record, cells)
            self.check_reach(record)
            self.save(record, changed)
        has_more = self.save_more(record, cells.more)
        return UPDATED if changed or has_more else UNCHANGED

    def _check_key(self, row: Mapping[str, str], number: int, seen: dict[str, int]) -> None:
        key = row.get(self.key, "").strip().casefold()
        if not key:
            raise RowFailed({self.key: _("This cell is empty; records are recognised by it.")})
        if key in seen:
            raise RowFailed({self.key: _("Row %(row)s has the same.") % {"row": seen[key]}})
        seen[key] = number

    def cells(self, row: Mapping[str, str]) -> Cells:
        """What the cells of the row say."""
        cells, problems = Cells(), {}
        fields = {f.name for f in self.model._meta.concrete_fields}
        for name, text in row.items():
            try:
                value = self._reader(name)(text.strip())
            except Refused as refusal:
                problems[name] = str(refusal)
            except ValidationError as wrong:
                problems[name] = " ".join(wrong.messages)
            else:
                (cells.facts if name in fields else cells.more)[name] = value
        for column in self.columns:
            if column.required and column.name in row and not row[column.name].strip():
                problems[column.name] = _("This cell is empty.")
        if problems:
            raise RowFailed(problems)
        return cells

    def _reader(self, name: str) -> Callable[[str], Any]:
        if hasattr(self, f"read_{name}"):
            return getattr(self, f"read_{name}")
        try:
            column = self.model._meta.get_field(name)
        except FieldDoesNotExist:
            return str
        return yes_or_no if isinstance(column, models.BooleanField) else str

    def read_currency(self, text: str) -> Currency | None:
        """The currency by its code."""
        if not text:
            return None
        found = Currency.objects.filter(code=text.upper()).first()
        if found is None:
            raise Refused(_("There is no currency %(code)s.") % {"code": text})
        return found

    def existing(self, key: str) -> models.Model | None:
        """The record with this key; several are one too many."""
        found = list(self.having(key)[:2])
        if len(found) > 1:
            raise RowFailed({self.key: _("Several records have this.")})
        return found[0] if found else None

    def having(self, key: str) -> models.QuerySet:
        """The records with this key."""
        return self.model._default_manager.filter(**{f"{self.key}__iexact": key}).order_by("pk")

    def new(self, cells: Cells) -> models.Model:
        """A record not yet saved."""
        return self.model(**cells.facts)

    def checked(self, record: Any, cells: Cells) -> None:
        """Refuse what the record's own fields refuse."""
        references = {f.name for f in record._meta.concrete_fields if f.is_relation}
        others = {f.name for f in record._meta.concrete_fields} - cells.facts.keys()
        try:
            record.clean_fields(exclude=references | others)
            record.clean()
        except ValidationError as wrong:
            raise RowFailed(_by_column(wrong)) from None

    def check_reach(self, record: Any) -> None:
        """Refuse a record the person may not change."""
        if self.by is not None and not may(self.by, self.area, self.level, record):
            raise RowFailed({"": _("This record is outside your reach.")})

    def save(self, record: models.Model, changed: list[str] | None = None) -> None:
        """Store the record; what the database refuses is a sentence about the row."""
        try:
            with transaction.atomic():
                record.save(update_fields=changed)
        except IntegrityError as broken:
            try:
                record.full_clean()
            except ValidationError as wrong:
                raise RowFailed(_by_column(wrong)) from None
            raise RowFailed({"": str(refusal_of(broken))}) from None

    def save_more(self, record: Any, more: Mapping[str, Any]) -> bool:
        """Store what hangs on the record; says whether anything is new."""
        return False


def choice_of(text: str, choices: Iterable[tuple[Any, Any]]) -> str:
    """The choice a cell names, by its word or its label."""
    word = text.strip().casefold()
    for value, label in choices:
        if word in (str(value).casefold(), str(label).casefold()):
            return value
    known = ", ".join(str(value) for value, _label in choices if value)
    raise Refused(_("“%(text)s” is none of: %(known)s.") % {"text": text, "known": known})


def _by_column(wrong: ValidationError) -> dict[str, str]:
    if not hasattr(wrong, "error_dict"):
        return {"": " ".join(wrong.messages)}
    return {
        "" if name == "__all__" else name: " ".join(messages)
        for name, messages in wrong.message_dict.items()
    }
