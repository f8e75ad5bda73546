"""Files that go with a letter: those of records, by reference, and bytes made for the letter.

Each is kept with its hash, so that what is sent is what was meant when the letter was written.
"""

from __future__ import annotations

import hashlib
import os
import secrets
from collections.abc import Container
from datetime import datetime
from pathlib import Path
from typing import Any, NamedTuple

from django.conf import settings
from django.utils.translation import gettext as _

from backoffice.models import Attachment


class Made(NamedTuple):
    """A file made for a letter: a document, a table."""

    name: str
    content: bytes
    media_type: str


Enclosed = Attachment | Made


class FileGone(Exception):  # noqa: N818 - it reads as a statement
    """The file is missing, or is not what was put into the letter."""


def folder() -> Path:
    """Where the bytes made for letters lie."""
    return Path(settings.FILES_DIR) / "letters"


def kept(enclosed: Enclosed) -> dict[str, Any]:
    """What a letter remembers of a file; bytes are written to the disk."""
    if isinstance(enclosed, Attachment):
        return {
            "name": enclosed.name,
            "media_type": enclosed.media_type,
            "sha256": enclosed.sha256,
            "stored_name": f"attachments/{enclosed.stored_name}",
        }
    stored_name = secrets.token_hex(32)
    folder().mkdir(parents=True, exist_ok=True, mode=0o700)
    made = os.open(folder() / stored_name, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    with os.fdopen(made, "wb") as file:
        file.write(enclosed.content)
        file.flush()
        os.fsync(file.fileno())
    return {
        "name": enclosed.name,
        "media_type": enclosed.media_type,
        "sha256": hashlib.sha256(enclosed.content).hexdigest(),
        "stored_name": f"letters/{stored_name}",
    }


def read(remembered: dict[str, Any]) -> bytes:
    """The bytes of a letter's file. Raises FileGone."""
    try:
        content = (Path(settings.FILES_DIR) / remembered["stored_name"]).read_bytes()
    except FileNotFoundError:
        content = b""
    if hashlib.sha256(content).hexdigest() != remembered["sha256"]:
        raise FileGone(
            _("“%(name)s” is gone, or is not what was put into the letter.")
            % {"name": remembered["name"]}
        )
    return content


def forget(*, but: Container[str], before: datetime) -> int:
    """Remove bytes no letter has any more, made before then; say of how many."""
    count = 0
    for file in folder().iterdir() if folder().exists() else ():
        if f"letters/{file.name}" not in but and file.stat().st_mtime < before.timestamp():
            file.unlink()
            count += 1
    return count
