"""Texts that nobody may read out of a copy of the database: encrypted with keys that are not in it.

Fernet (AES-128-CBC with HMAC-SHA256, https://github.com/fernet/spec): each text has its own salt, so that equal texts
do not look alike, and one that was changed is refused.
"""

from __future__ import annotations

import base64
from functools import lru_cache

from cryptography.fernet import Fernet, InvalidToken, MultiFernet
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.kdf.hkdf import HKDF
from django.conf import settings


class Unreadable(Exception):
    """No key in use opens this text: it was changed, or its key is gone."""


def encrypt(text: str) -> str:
    """The text under the first key; letters, digits, `-`, `_` and `=` alone."""
    return in_use().encrypt(text.encode()).decode()


def decrypt(sealed: str) -> str:
    """What `encrypt` was given, under any key in use. Raises Unreadable."""
    try:
        return in_use().decrypt(sealed.encode()).decode()
    except InvalidToken:
        raise Unreadable from None


def under_first_key(sealed: str) -> bool:
    """Whether the first key opens this text, so that the others may be taken away."""
    try:
        Fernet(keys()[0]).decrypt(sealed.encode())
    except InvalidToken:
        return False
    return True


def in_use() -> MultiFernet:
    """All keys in use, the one that writes first."""
    return opened_by(tuple(keys()))


def keys() -> list[bytes]:
    """FIELD_ENCRYPTION_KEYS; without any, one derived from SECRET_KEY and from each of SECRET_KEY_FALLBACKS."""
    if settings.FIELD_ENCRYPTION_KEYS:
        return [key.encode() for key in settings.FIELD_ENCRYPTION_KEYS]
    return [derived_from(secret) for secret in (settings.SECRET_KEY, *settings.SECRET_KEY_FALLBACKS)]


@lru_cache
def opened_by(those: tuple[bytes, ...]) -> MultiFernet:
    """Built once for each set of keys."""
    return MultiFernet([Fernet(key) for key in those])


@lru_cache
def derived_from(secret: str) -> bytes:
    """A key of 32 bytes in URL-safe base64, by HKDF (RFC 5869)."""
    derive = HKDF(algorithm=SHA256(), length=32, salt=None, info=b"sptrack fields")
    return base64.urlsafe_b64encode(derive.derive(secret.encode()))
