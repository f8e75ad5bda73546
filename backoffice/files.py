"""Files of records: taken in, found, removed and brought back.

Bytes lie under FILES_DIR by a random name and are given out by the checked view alone.
"""

from __future__ import annotations

import hashlib
import os
import secrets
from collections.abc import Iterator
from pathlib import Path
from typing import Any, BinaryIO, cast
from uuid import UUID, uuid4, uuid5

from django.conf import settings
from django.core.exceptions import ValidationError
from django.core.files.uploadedfile import UploadedFile
from django.db import models, transaction
from django.db.models import QuerySet
from django.utils import timezone
from django.utils.translation import gettext as _

from backoffice import audit
from backoffice.access import Level, may, rows
from backoffice.errors import Refused
from backoffice.file_kinds import KINDS, drawn_anew, kind_of, whole_name
from backoffice.models import Attachment, User
from backoffice.pages import declared

MEGABYTE = 1024 * 1024
LARGEST = 25 * MEGABYTE
CHUNK = 256 * 1024
ENDINGS = ",".join(f".{ending}" for ending in KINDS)


# --- acts -----------------------------------------------------------------------------------


def attach(
    record: models.Model, upload: UploadedFile, *, by: User, key: UUID | None = None
) -> Attachment:
    """Put a file to a record: checked, pictures drawn anew, its hash kept.

    The same file under the same key is one file: its form was sent twice.
    """
    name, size = whole_name(upload.name or ""), upload.size or 0
    if not 0 < size <= LARGEST:
        sentence = (
            _("“%(name)s” is larger than %(limit)d MB.") if size else _("“%(name)s” is empty.")
        )
        raise Refused(sentence % {"name": name, "limit": LARGEST // MEGABYTE})
    content = cast(BinaryIO, upload.file)
    kind = kind_of(name, content)
    if kind.picture:
        chunks: Iterator[bytes] = iter([drawn_anew(content, kind.picture, name)])
    else:
        chunks = iter(lambda: content.read(CHUNK), b"")
    stored_name, sha256, size = _store(chunks)
    try:
        with transaction.atomic():
            attachment, is_new = Attachment.objects.get_or_create(
                key=_key_of(record, name, sha256, by=by, given=key),
                defaults={
                    "label": record._meta.label_lower,
                    "record_key": str(record.pk),
                    "name": name,
                    "size": size,
                    "media_type": kind.media_type,
                    "sha256": sha256,
                    "stored_name": stored_name,
                    "uploaded_by": by,
                },
            )
            if is_new:
                audit.record("file attached", record, by=by, file=name, sha256=sha256)
    except BaseException:
        path_of(stored_name).unlink()
        raise
    if not is_new:
        path_of(stored_name).unlink()
    return attachment


def _key_of(record: models.Model, name: str, sha256: str, *, by: User, given: UUID | None) -> UUID:
    """The same for the same file of the same form; any other without a key of a form."""
    if given is None:
        return uuid4()
    key = uuid5(given, f"{record._meta.label_lower} {record.pk} {by.pk} {sha256} {name}")
    was_removed = Attachment.objects.filter(key=key).exclude(removed_at=None).exists()
    return uuid4() if was_removed else key


@transaction.atomic
def remove(attachment: Attachment, *, by: User) -> None:
    """Take a file away from its record; it can be brought back."""
    _set_removed(attachment, by=by, removed=True)


@transaction.atomic
def restore(attachment: Attachment, *, by: User) -> None:
    """Bring a removed file back."""
    _set_removed(attachment, by=by, removed=False)


def _set_removed(attachment: Attachment, *, by: User, removed: bool) -> None:
    attachment = Attachment.objects.select_for_update().get(pk=attachment.pk)
    record = record_of(attachment, by)
    if record is None or not may_remove(by, attachment, record):
        raise Refused(_("%(file)s stays where it is.") % {"file": attachment})
    if removed == (attachment.removed_at is not None):
        return
    attachment.removed_at = timezone.now() if removed else None
    attachment.save(update_fields=["removed_at"])
    act = "file removed" if removed else "file restored"
    audit.record(act, record, by=by, file=attachment.name, sha256=attachment.sha256)


# --- who may --------------------------------------------------------------------------------


def may_attach(user: Any, record: models.Model) -> bool:
    """Whoever may change the record may put files to it."""
    return _may(user, Level.EDIT, record)


def may_remove(user: Any, attachment: Attachment, record: models.Model) -> bool:
    """Whoever put it there, or manages the record's area; what proves a posting stays."""
    if getattr(record, "keeps_its_files", False):
        return False
    is_own = attachment.uploaded_by_id == user.pk and may_attach(user, record)
    return is_own or _may(user, Level.MANAGE, record)


def _may(user: Any, level: Level, record: Any) -> bool:
    return may(user, type(record).access.area, level, record)


def record_within_reach(
    user: Any, label: str, key: str, level: int = Level.VIEW
) -> models.Model | None:
    """The record of this name and key, if its page is one this person may open.

    Names that everybody reads stand in everybody's forms; their pages, and so their files, do not.
    """
    for pages in declared:
        is_it = pages.has_timeline and pages.model._meta.label_lower == label
        if is_it and may(user, pages.area, level):
            try:
                key = pages.model._meta.pk.to_python(key)
            except ValidationError:
                return None
            return rows(user, pages.model, level).filter(pk=key).first()
    return None


def record_of(attachment: Attachment, user: Any) -> models.Model | None:
    """The record a file belongs to, if this person reaches it."""
    return record_within_reach(user, attachment.label, attachment.record_key)


def file_of(key: UUID) -> Attachment | None:
    """The file of this key, whoever asks: their reach is that of its record."""
    return Attachment.objects.filter(key=key).first()


def files_of(record: models.Model) -> QuerySet[Attachment]:
    """The files of a record, oldest first."""
    found = Attachment.objects.filter(
        label=record._meta.label_lower, record_key=str(record.pk), removed_at=None
    )
    return found.select_related("uploaded_by")


# --- bytes ----------------------------------------------------------------------------------


def path_of(stored_name: str) -> Path:
    """Where the bytes lie."""
    return Path(settings.FILES_DIR) / "attachments" / stored_name


def _store(chunks: Iterator[bytes]) -> tuple[str, str, int]:
    """Write the bytes under a random name: the name, their hash, how many they are."""
    token = secrets.token_hex(32)
    stored_name, digest, size = f"{token[:2]}/{token}", hashlib.sha256(), 0
    path = path_of(stored_name)
    path.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
    draft = path.with_suffix(".part")
    with os.fdopen(os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "wb") as file:
        for chunk in chunks:
            digest.update(chunk)
            size += file.write(chunk)
        file.flush()
        os.fsync(file.fileno())
    draft.rename(path)
    return stored_name, digest.hexdigest(), size


def is_whole(attachment: Attachment) -> bool:
    """Whether the stored bytes are those that were uploaded."""
    try:
        with path_of(attachment.stored_name).open("rb") as file:
            return hashlib.file_digest(file, "sha256").hexdigest() == attachment.sha256
    except FileNotFoundError:
        return False


def broken_files() -> Iterator[str]:
    """The files, removed ones too, that are missing or not what was uploaded."""
    for attachment in Attachment.objects.order_by("pk").iterator():
        if not is_whole(attachment):
            yield f"{attachment.name} ({attachment.label} {attachment.record_key})"
