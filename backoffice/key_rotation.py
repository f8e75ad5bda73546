"""Changes the keys encrypted values are under: a new one first, then every value, then the old.

Each batch is a transaction of its own: what was interrupted goes on where it stopped.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field

from django.apps import apps
from django.conf import settings
from django.db import models, transaction
from django.db.models import F, Func, Q, QuerySet
from django.utils.translation import gettext as _

from backoffice import audit, encryption, secret_key
from backoffice.encrypted_fields import EncryptedField, Secret, encrypted_fields, mark_fields
from backoffice.errors import Refused

BATCH = 500


@dataclass
class Rotation:
    """What a rotation has come to."""

    key: str
    is_new: bool
    done: dict[str, int] = field(default_factory=dict)
    unreadable: list[str] = field(default_factory=list)

    @property
    def total(self) -> int:
        """How many records were encrypted anew."""
        return sum(self.done.values())


def rotate() -> Iterator[Rotation]:
    """Encrypt everything with the newest key, batch by batch; makes a new key where all is done.

    With keys of the environment the new one is put first there, by whoever keeps them.
    """
    newest = encryption.keyring().newest
    makes_key = not settings.ENCRYPTION_KEYS and not _old_ids_in_use()
    if makes_key:
        newest = _put_first(encryption.new_key())
    rotation = Rotation(str(newest), is_new=makes_key)
    yield rotation
    for model in encrypted_models():
        for _batch in _encrypt_anew(model, newest, rotation):
            yield rotation
    audit.record(
        "keys rotated", str(newest), by=None, records=rotation.total, new_key=rotation.is_new
    )


def drop_old_keys() -> list[str]:
    """Remove the keys nothing is encrypted with any more; the ids of those removed."""
    if settings.ENCRYPTION_KEYS:
        raise Refused(_("The keys come from ENCRYPTION_KEYS: take the old ones out there."))
    ring, used = encryption.keyring(), _old_ids_in_use()
    if used:
        raise Refused(
            _("The key %(key)s is still in use: manage.py rotate_keys") % {"key": min(used).hex()}
        )
    _write([ring.newest.text])
    dropped = [str(key) for key in ring.keys[1:]]
    audit.record("keys dropped", ", ".join(dropped) or "-", by=None)
    return dropped


def old_keys() -> list[str]:
    """The ids of keys on the ring besides the newest."""
    return [str(key) for key in encryption.keyring().keys[1:]]


def encrypted_models() -> list[type[models.Model]]:
    """The models that have encrypted columns."""
    return [model for model in apps.get_models() if encrypted_fields(model)]


def key_ids_in_use() -> set[bytes]:
    """The ids of the keys values are encrypted with."""
    found: set[bytes] = set()
    for model in encrypted_models():
        for column in encrypted_fields(model):
            ids = _with_key_ids(model).values_list(_key_id_of(column), flat=True).distinct()
            found |= {bytes(identity) for identity in ids}
    return found - {b""}


def _old_ids_in_use() -> set[bytes]:
    """The ids of keys that are used and known, besides the newest."""
    return key_ids_in_use() & {key.id for key in encryption.keyring().keys[1:]}


def _with_key_ids(model: type[models.Model]) -> QuerySet:
    """All rows, each with the id of the key every encrypted column is under."""
    ids = {
        _key_id_of(column): Func(
            F(column.attname),
            1,
            encryption.ID_BYTES,
            function="substr",
            output_field=models.BinaryField(),
        )
        for column in encrypted_fields(model)
    }
    return model._base_manager.order_by("pk").annotate(**ids)


def _key_id_of(column: EncryptedField) -> str:
    return f"{column.attname}_key_id"


def _encrypt_anew(
    model: type[models.Model], newest: encryption.Key, rotation: Rotation
) -> Iterator[None]:
    """Bring all rows of a model under the newest key, a batch at a time."""
    is_old = Q()
    for column in encrypted_fields(model):
        is_old |= ~Q(**{f"{_key_id_of(column)}__in": [b"", newest.id]})
    last = None
    while True:
        with transaction.atomic():
            rows = _with_key_ids(model).filter(is_old).select_for_update()
            batch = list(rows.filter(pk__gt=last)[:BATCH] if last else rows[:BATCH])
            for row in batch:
                _encrypt_row(row, rotation)
        if not batch:
            return
        last = batch[-1].pk
        yield


def _encrypt_row(row: models.Model, rotation: Rotation) -> None:
    columns, label = encrypted_fields(type(row)), row._meta.label
    secrets = {column.attname: getattr(row, column.attname) for column in columns}
    for name, secret in secrets.items():
        if not secret.is_readable:
            rotation.unreadable.append(f"{label} {row.pk} {name}")
            return
    for name, secret in secrets.items():
        setattr(row, name, Secret(secret.whole))
    row.save(update_fields=[*secrets, *(mark.attname for mark in mark_fields(type(row)))])
    rotation.done[label] = rotation.done.get(label, 0) + 1


def _put_first(text: str) -> encryption.Key:
    _write([text, *(key.text for key in encryption.keyring().keys)])
    return encryption.keyring().newest


def _write(texts: list[str]) -> None:
    secret_key.replace(encryption.key_file(), "\n".join(texts))
