"""Changes of rows in people's words: the labels of fields, names instead of keys."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

from django.core.exceptions import FieldDoesNotExist, ValidationError
from django.db import models
from django.utils.text import Truncator, capfirst
from django.utils.translation import gettext as _

from backoffice.access import Level, rows, standing
from backoffice.cells import FactWriter
from backoffice.models import Change

LONGEST_VALUE = 200


@dataclass(frozen=True)
class Difference:
    """One field of a change; of a private one only that it changed is known."""

    label: str
    before: str = ""
    after: str = ""
    is_private: bool = False


def reads_all(user: Any, model: type[models.Model] | None) -> bool:
    """Whether this person may see every row of the model, those that are gone included."""
    if model is None or not hasattr(model, "access"):
        return False
    if model.access.everybody_reads:
        return True
    return standing(user).right(model.access.area, Level.VIEW.value).everything


def column_of(model: type[models.Model] | None, column: str) -> Any:
    """The field of this name or column; None where there is none any more."""
    if model is None:
        return None
    try:
        return model._meta.get_field(column)
    except FieldDoesNotExist:
        found = (f for f in model._meta.concrete_fields if f.column == column)
        return next(found, None)


def label_of(model: type[models.Model] | None, column: str) -> str:
    """What the field of a column is called."""
    field = column_of(model, column)
    return str(field.verbose_name) if field else column.removesuffix("_id").replace("_", " ")


def is_notation(field: Any) -> bool:
    """Whether the field holds what programs note for themselves beside what people wrote."""
    return isinstance(field, models.JSONField) and not field.editable


class Teller:
    """Tells some changes to one reader; reads the names in them in one query a model."""

    def __init__(self, user: Any, changes: Iterable[Change], *, locale: str, decimals: int):
        self.user = user
        self.ways: dict[str, Any] = {"user": user, "locale": locale, "decimals": decimals}
        self.names = self._names_in(changes)

    def differences(self, change: Change) -> list[Difference]:
        """What changed, field by field, in the order of the form."""
        model = change.model
        order = [str(f.column) for f in model._meta.concrete_fields] if model else []
        key = model._meta.pk.column if model else ""
        found = sorted(change.changes.items(), key=lambda c: _place(order, c[0]))
        return [
            self._difference(model, *one)
            for one in found
            if one[0] != key and not is_notation(column_of(model, one[0]))
        ]

    def _difference(self, model, column: str, values: list) -> Difference:
        label = capfirst(label_of(model, column))
        if not values:
            return Difference(label, is_private=True)
        before, after = (self._written(column_of(model, column), value) for value in values)
        return Difference(label, before, after)

    def _written(self, field: Any, value: Any) -> str:
        if value is None or value == "":
            return ""
        if field is None or isinstance(value, dict | list):
            return _short(str(value))
        if field.is_relation:
            return self._name(field, value)
        if field.choices:
            return str(dict(field.flatchoices).get(value, value))
        try:
            plain = field.to_python(value)
        except ValidationError:
            return _short(str(value))  # kept by an older release in another form
        return _short(FactWriter(field.name, field, **self.ways).written(plain))

    def _name(self, field: Any, key: Any) -> str:
        named = self.names.get(field.related_model, {}).get(str(key))
        if named is None:
            return _("a record that is gone or out of reach")
        return FactWriter(field.name, field, **self.ways).written(named)

    def _names_in(self, changes: Iterable[Change]) -> dict[Any, dict[str, models.Model]]:
        wanted: dict[type[models.Model], set] = defaultdict(set)
        for change in changes:
            for column, values in change.changes.items():
                field = column_of(change.model, column)
                if field is not None and field.is_relation:
                    wanted[field.related_model].update(v for v in values if v is not None)
        return {
            model: {str(row.pk): row for row in rows(self.user, model).filter(pk__in=keys)}
            for model, keys in wanted.items()
            if hasattr(model, "access")
        }


def _place(order: list[str], column: str) -> int:
    return order.index(column) if column in order else len(order)


def _short(text: str) -> str:
    return Truncator(text).chars(LONGEST_VALUE)
