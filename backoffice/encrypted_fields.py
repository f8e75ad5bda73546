"""Columns whose text is kept sealed, and found again by a keyed hash.

    id = KeyBeforeInsert(primary_key=True)
    iban = EncryptedField(_("IBAN"), max_length=34, blank=True)
    iban_mark = MarkField(of="iban")

`account.iban` is a Secret: as text it is its last four, `account.iban.whole` is all of it.
"""

from __future__ import annotations

import hmac
from typing import Any

from django import forms
from django.core.exceptions import FieldError
from django.core.validators import MaxLengthValidator
from django.db import connection, models
from django.db.models import Q
from django.db.models.query_utils import DeferredAttribute
from django.utils.translation import gettext as _

from backoffice import encryption
from backoffice.encryption import Unreadable

SHOWN = 4


class Sealed(bytes):
    """A value as the database keeps it."""


class Secret:
    """A text one does not show: it says its last four; `whole` is all of it."""

    __slots__ = ("_text", "place", "sealed")

    def __init__(self, text: str | None = None, *, sealed: bytes = b"", place: str = "") -> None:
        self._text, self.sealed, self.place = text, sealed, place

    @property
    def whole(self) -> str:
        """All of it; Unreadable where the stored value was changed or carried here."""
        if self._text is None:
            self._text = encryption.opened(self.sealed, self.place) if self.sealed else ""
        return self._text

    @property
    def is_readable(self) -> bool:
        """Whether the stored value opens."""
        try:
            return self.whole is not None
        except Unreadable:
            return False

    def __bool__(self) -> bool:
        return bool(self._text or self.sealed)

    def __str__(self) -> str:
        if not self:
            return ""
        if not self.is_readable:
            return _("cannot be read")
        # A short number would be given away by its last four.
        return f"…{self.whole[-min(SHOWN, len(self.whole) // 2) :]}"

    def __repr__(self) -> str:
        return f"<Secret {self}>"

    def __eq__(self, other: object) -> bool:
        if not isinstance(other, Secret | str):
            return NotImplemented
        if not self or not other:
            return bool(self) == bool(other)
        return hmac.compare_digest(self.whole.encode(), whole(other).encode())

    def __hash__(self) -> int:
        return hash(self.whole)


def whole(value: Any) -> str:
    """The text of a secret, or the text itself."""
    return value.whole if isinstance(value, Secret) else str(value or "")


class EncryptedAttribute(DeferredAttribute):
    """Gives a column's value as a Secret, however it came."""

    field: EncryptedField

    def __set__(self, instance: models.Model, value: Any) -> None:
        if isinstance(value, Sealed):
            value = Secret(sealed=value, place=self.field.place_of(instance))
        elif not isinstance(value, Secret):
            value = Secret(str(value or ""))
        instance.__dict__[self.field.attname] = value


class EncryptedField(models.Field):
    """A text sealed for its table, column and row; its model has `KeyBeforeInsert` as key."""

    descriptor_class = EncryptedAttribute
    allowed_lookups = ("exact", "isnull")

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        if self.max_length:
            self.validators.append(MaxLengthValidator(self.max_length))

    def get_internal_type(self) -> str:
        return "BinaryField"

    def place_of(self, instance: models.Model) -> str:
        """What the value of this row is bound to."""
        return f"{instance._meta.db_table}:{self.column}:{instance.pk}"

    # --- from and to the database -----------------------------------------------------------

    def from_db_value(self, value: Any, expression: Any, connection: Any) -> Sealed | None:
        return None if value is None else Sealed(value)

    def pre_save(self, model_instance: models.Model, add: bool) -> Sealed:  # noqa: FBT001 - Django's
        secret, place = getattr(model_instance, self.attname), self.place_of(model_instance)
        if not secret:
            return Sealed(b"")
        if model_instance.pk is None:
            raise FieldError(f"{self} needs its row's key first: use KeyBeforeInsert.")
        if not secret.sealed or secret.place != place:
            sealed = encryption.seal(secret.whole, place)
            secret = Secret(secret.whole, sealed=sealed, place=place)
            setattr(model_instance, self.attname, secret)
        return Sealed(secret.sealed)

    def get_prep_value(self, value: Any) -> Any:
        """Nothing but emptiness can be asked for: what is sealed differs every time."""
        if value is None or isinstance(value, Sealed) or hasattr(value, "resolve_expression"):
            return value
        if not value:
            return Sealed(b"")
        raise FieldError(f"{self} is encrypted: save() writes it, matching() finds it.")

    def get_db_prep_value(self, value: Any, connection: Any, prepared: bool = False) -> Any:  # noqa: FBT001, FBT002 - Django's
        if isinstance(value, Secret) and not prepared:
            # A constraint being checked before the row is saved: full or empty is all it asks.
            value = Sealed(b"sealed" if value else b"")
        value = value if prepared else self.get_prep_value(value)
        return connection.Database.Binary(value) if isinstance(value, bytes) else value

    def get_db_prep_save(self, value: Any, connection: Any) -> Any:
        value = self.get_prep_value(value)
        return connection.Database.Binary(value) if isinstance(value, bytes) else value

    def get_lookup(self, lookup_name: str) -> Any:
        return super().get_lookup(lookup_name) if lookup_name in self.allowed_lookups else None

    # --- forms and files --------------------------------------------------------------------

    def to_python(self, value: Any) -> Any:
        return value if isinstance(value, Secret) else str(value or "")

    def clean(self, value: Any, model_instance: models.Model | None) -> Any:
        """The value as it came, once its text has passed."""
        if isinstance(value, Secret) and value.sealed:
            return value
        return super().clean(whole(value), model_instance)

    def value_from_object(self, obj: models.Model) -> Any:
        """The whole text, for the form; nothing where it cannot be read."""
        secret = getattr(obj, self.attname)
        return secret.whole if secret.is_readable else ""

    def value_to_string(self, obj: models.Model) -> str:
        return getattr(obj, self.attname).whole

    def formfield(self, **kwargs: Any) -> forms.Field | None:
        widget = forms.TextInput(attrs={"autocomplete": "off"})
        facts = {"form_class": forms.CharField, "max_length": self.max_length, "widget": widget}
        return super().formfield(**{**facts, **kwargs})


class MarkField(models.BinaryField):
    """The keyed hash of an encrypted column's letters and digits, to find equal ones by."""

    def __init__(self, *args: Any, of: str = "", **kwargs: Any) -> None:
        self.of = of
        kwargs |= {"null": True, "editable": False, "db_index": True}
        super().__init__(*args, **kwargs)

    def deconstruct(self) -> tuple:
        name, path, args, kwargs = super().deconstruct()
        for implied in ("null", "editable", "db_index"):
            kwargs.pop(implied, None)
        return name, path, args, {**kwargs, "of": self.of}

    def pre_save(self, model_instance: models.Model, add: bool) -> bytes | None:  # noqa: FBT001 - Django's
        found = self.marks_of(model_instance, getattr(model_instance, self.of))
        mark = found[0] if found else None
        setattr(model_instance, self.attname, mark)
        return mark

    def marks_of(self, model: Any, value: Any) -> list[bytes]:
        """What a value of the column is found by, under each key."""
        if not value:
            return []
        written = "".join(letter for letter in whole(value).upper() if letter.isalnum())
        return encryption.marks(written, f"{model._meta.db_table}:{self.of}")


class KeyBeforeInsert(models.BigAutoField):
    """A row's number, drawn from its sequence before the row is stored, to seal values for it."""

    def get_pk_value_on_save(self, instance: models.Model) -> int:
        table = connection.ops.quote_name(instance._meta.db_table)
        with connection.cursor() as cursor:
            cursor.execute("select nextval(pg_get_serial_sequence(%s, %s))", [table, self.column])
            return cursor.fetchone()[0]


def matching(model: type[models.Model], column: str, value: Any) -> Q:
    """The rows whose encrypted column holds exactly this text, whichever key it is under."""
    mark = mark_field(model, column)
    return Q(**{f"{mark.attname}__in": mark.marks_of(model, value)})


def mark_field(model: type[models.Model], column: str) -> MarkField:
    """The column an encrypted column is found by."""
    return next(mark for mark in mark_fields(model) if mark.of == column)


def mark_fields(model: type[models.Model]) -> list[MarkField]:
    """The columns that encrypted columns are found by."""
    return [field for field in model._meta.concrete_fields if isinstance(field, MarkField)]


def encrypted_fields(model: type[models.Model]) -> list[EncryptedField]:
    """The model's encrypted columns."""
    return [field for field in model._meta.concrete_fields if isinstance(field, EncryptedField)]
