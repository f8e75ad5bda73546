"""The keys of a machine where nobody has set any: made on first use, kept under DATA_DIR."""

import os
import secrets
from collections.abc import Callable
from pathlib import Path

from django.core.exceptions import ImproperlyConfigured


def kept_secret_key(data_dir: Path) -> str:
    """The key that signs sessions."""
    return kept(data_dir, "secret_key", lambda: secrets.token_urlsafe(50))


def kept(data_dir: Path, name: str, make: Callable[[], str]) -> str:
    """The secret of this name, made if there is none, readable by its owner alone."""
    path = data_dir / "secrets" / name
    try:
        path.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
        if not path.exists():
            _make(path, make())
        return path.read_text()
    except OSError as trouble:
        raise ImproperlyConfigured(
            f"{trouble.filename or path} cannot be used ({trouble.strerror}): "
            "set DATA_DIR to a folder of your own."
        ) from trouble


def replace(path: Path, text: str) -> None:
    """Put another text in the place of a secret, whole or not at all."""
    os.replace(_written_beside(path, text), path)


def _make(path: Path, text: str) -> None:
    draft = _written_beside(path, text)
    try:
        os.link(draft, path)
    except FileExistsError:
        pass  # Another process was first; its key is the one.
    finally:
        draft.unlink()


def _written_beside(path: Path, text: str) -> Path:
    """The text under another name first, so that nobody reads half of it."""
    draft = path.with_name(f"{path.name}.{os.getpid()}")
    with os.fdopen(os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600), "w") as file:
        file.write(text)
        file.flush()
        os.fsync(file.fileno())
    return draft
