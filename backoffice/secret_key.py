"""The key that signs sessions on a machine where nobody has set one."""

import os
import secrets
from pathlib import Path

from django.core.exceptions import ImproperlyConfigured


def kept_secret_key(data_dir: Path) -> str:
    """The key kept under DATA_DIR, made on first use and readable by its owner alone."""
    path = data_dir / "secrets" / "secret_key"
    try:
        path.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
        if not path.exists():
            _make(path)
        return path.read_text()
    except OSError as trouble:
        raise ImproperlyConfigured(
            f"{trouble.filename or path} cannot be used ({trouble.strerror}): "
            "set DATA_DIR to a folder of your own."
        ) from trouble


def _make(path: Path) -> None:
    """Write a new key whole under another name first, so that nobody reads half of one."""
    draft = path.with_name(f"secret_key.{os.getpid()}")
    with os.fdopen(os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600), "w") as file:
        file.write(secrets.token_urlsafe(50))
    try:
        os.link(draft, path)
    except FileExistsError:
        pass  # Another process was first; its key is the one.
    finally:
        draft.unlink()
