"""Numbers in forms: typed and shown as the reader writes them, read strictly or refused.

A browser's own number field drops the comma of “10,50” without a word, and what is left is another
amount, or another count of days. These are fields for text, whose numbers are read here.
"""

from __future__ import annotations

from decimal import Decimal
from typing import Any

from django import forms
from django.core.exceptions import ValidationError
from django.db import models
from django.forms.models import ModelFormMetaclass

from backoffice.errors import Refused
from backoffice.reading import (
    locale_in_use,
    number_typed,
    number_written,
    whole_number_written,
)


class NumberInput(forms.TextInput):
    """A field for a number, with the keyboard of numbers on a phone."""

    def __init__(self, attrs: dict[str, Any] | None = None) -> None:
        super().__init__({"inputmode": "decimal", **(attrs or {})})

    def format_value(self, value: Any) -> str | None:
        """The number as somebody would type it; what was typed as it was."""
        if isinstance(value, Decimal | int):
            return number_typed(Decimal(value), locale=locale_in_use())
        return super().format_value(value)


class ReadsStrictly(forms.Field):
    """A field whose text is a number in the reader's form."""

    widget = NumberInput
    read = staticmethod(number_written)

    def to_python(self, value: Any) -> Any:
        """The number; refused where it is none, or could be read two ways."""
        if isinstance(value, str) and value.strip():
            try:
                value = self.read(value, locale=locale_in_use())
            except Refused as refusal:
                raise ValidationError(str(refusal)) from refusal
        return super().to_python(value)


class NumberField(ReadsStrictly, forms.DecimalField):
    """A decimal in the reader's form; `10,50` is never 1050."""


class WholeNumberField(ReadsStrictly, forms.IntegerField):
    """A whole number, of days or months, in the reader's form; `2,5` is never 25."""

    read = staticmethod(whole_number_written)


READ_AS = {models.DecimalField: NumberField, models.IntegerField: WholeNumberField}


def written_as_people_do(column: models.Field, **facts: Any) -> forms.Field | None:
    """The form field of a column: numbers are as the reader writes them."""
    for kind, field in READ_AS.items():
        if isinstance(column, kind) and not column.choices:
            facts.setdefault("form_class", field)
    return column.formfield(**facts)


class NumbersAsWritten(ModelFormMetaclass):
    """Gives every model form the fields of this module, unless another way is asked for."""

    def __new__(cls, name: str, bases: tuple[type, ...], attrs: dict[str, Any]) -> type:
        meta = attrs.get("Meta")
        if meta and not hasattr(meta, "formfield_callback"):  # the admin has its own
            meta.formfield_callback = staticmethod(written_as_people_do)
        return super().__new__(cls, name, bases, attrs)


class ModelForm(forms.ModelForm, metaclass=NumbersAsWritten):
    """The base of the office's model forms."""
