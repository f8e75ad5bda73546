"""Seals single values: AES-256-GCM under a named key, bound to the place they stand in.

A sealed value is the id of its key (4 bytes), a nonce (12) and what AES-GCM makes of the text.
The place (table, column, row) is authenticated with it, so a value carried to another place
does not open there. docs/encryption.md tells why, and how keys are changed.
"""

from __future__ import annotations

import base64
import binascii
import hashlib
import hmac
import secrets
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.kdf.hkdf import HKDF
from django.conf import settings
from django.core.exceptions import ImproperlyConfigured
from django.utils.translation import gettext as _

from backoffice import secret_key
from backoffice.errors import Refused

KEY_BYTES, ID_BYTES, NONCE_BYTES = 32, 4, 12
FILE = "encryption_keys"


class Unreadable(Refused):
    """A sealed value that does not open: changed, carried elsewhere, or its key is gone."""


@dataclass(frozen=True)
class Key:
    """One key of the ring: its id, what it seals with and what it marks with."""

    id: bytes
    text: str
    sealing: AESGCM
    marking: bytes

    @classmethod
    def of(cls, text: str) -> Key:
        """The key written as base64 of 32 bytes."""
        try:
            key = base64.b64decode(text.encode(), altchars=b"-_", validate=True)
        except (binascii.Error, UnicodeEncodeError):
            key = b""
        if len(key) != KEY_BYTES:
            raise ImproperlyConfigured(
                "An encryption key is 32 random bytes in base64: openssl rand -base64 32"
            )
        identity = hashlib.sha256(b"backoffice key id" + key).digest()[:ID_BYTES]
        return cls(identity, text, AESGCM(_derived(key, b"seal")), _derived(key, b"mark"))

    def __str__(self) -> str:
        return self.id.hex()

    def __repr__(self) -> str:
        return f"<Key {self}>"


@dataclass(frozen=True)
class KeyRing:
    """All keys in use, the newest first: it seals, the others only open."""

    keys: tuple[Key, ...]

    @property
    def newest(self) -> Key:
        """The key new values are sealed with."""
        return self.keys[0]

    def find(self, identity: bytes) -> Key | None:
        """The key of this id, if it is on the ring."""
        return next((key for key in self.keys if key.id == identity), None)


def new_key() -> str:
    """A fresh key as it is written."""
    return base64.urlsafe_b64encode(secrets.token_bytes(KEY_BYTES)).decode()


@lru_cache(maxsize=8)
def ring_of(texts: tuple[str, ...]) -> KeyRing:
    """The ring of these keys; what is no key stops the start."""
    return KeyRing(tuple(Key.of(text.replace("+", "-").replace("/", "_")) for text in texts))


def key_file() -> Path:
    """Where the keys are kept when the environment does not bring them."""
    return Path(settings.DATA_DIR) / "secrets" / FILE


def keyring() -> KeyRing:
    """The keys of the environment, or those kept under DATA_DIR; made on first use."""
    if settings.ENCRYPTION_KEYS:
        return ring_of(settings.ENCRYPTION_KEYS)
    path = key_file()
    if not path.exists():
        secret_key.kept(Path(settings.DATA_DIR), FILE, new_key)
    # By its state on disk, so that running processes see a new key at once.
    state = path.stat()
    return _ring_in(path, state.st_mtime_ns, state.st_ino)


@lru_cache(maxsize=8)
def _ring_in(path: Path, _changed: int, _file: int) -> KeyRing:
    texts = tuple(path.read_text().split())
    if not texts:
        raise ImproperlyConfigured(f"{path} is empty: bring back the keys that stood in it.")
    return ring_of(texts)


def seal(text: str, place: str) -> bytes:
    """The text, sealed for this place with the newest key."""
    key, nonce = keyring().newest, secrets.token_bytes(NONCE_BYTES)
    return key.id + nonce + key.sealing.encrypt(nonce, text.encode(), place.encode())


def key_id(sealed: bytes) -> bytes:
    """The id of the key a value is sealed with."""
    return sealed[:ID_BYTES]


def opened(sealed: bytes, place: str) -> str:
    """The text sealed for this place; Unreadable where it does not belong or was changed."""
    key = keyring().find(key_id(sealed))
    if key is None:
        raise Unreadable(
            _("The key %(key)s this was encrypted with is missing.")
            % {"key": key_id(sealed).hex()}
        )
    nonce, ciphertext = (
        sealed[ID_BYTES : ID_BYTES + NONCE_BYTES],
        sealed[ID_BYTES + NONCE_BYTES :],
    )
    try:
        return key.sealing.decrypt(nonce, ciphertext, place.encode()).decode()
    except (InvalidTag, ValueError):
        raise Unreadable(
            _("This cannot be read: it was changed, or it belongs to another record.")
        ) from None


def marks(text: str, column: str) -> list[bytes]:
    """What the text is found by in this column, under each key of the ring, newest first."""
    message = f"{column}:{text}".encode()
    return [hmac.digest(key.marking, message, "sha256") for key in keyring().keys]


def _derived(key: bytes, purpose: bytes) -> bytes:
    # Sealing and marking never share a key.
    return HKDF(SHA256(), KEY_BYTES, salt=None, info=b"backoffice " + purpose).derive(key)
