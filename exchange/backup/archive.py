"""The file: a zip of parts and a manifest, whose comment is the SHA-256 of every byte before it.

The seal finds damage anywhere, also where a zip would not look: in names, times and gaps. It is no signature: whoever
may write the file can seal it anew.
"""

from __future__ import annotations

import hashlib
import json
import os
import zipfile
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import IO, Any
from zlib import error as ZlibError  # noqa: N812  (named like the other errors)

from django.utils.translation import gettext as _

FORMAT = 1
MANIFEST = "manifest.json"
SEAL = 64  # hexadecimal digits
CHUNK = 1 << 20
BROKEN = (
    zipfile.BadZipFile,
    ZlibError,
    EOFError,
    KeyError,
    NotImplementedError,
    OSError,
    RuntimeError,
    TypeError,
    ValueError,
)


class BackupRefused(Exception):
    """Why a file was not written, or not brought back; a sentence for whoever asked."""


def part_of(table: str) -> str:
    """The name of a table's part."""
    return f"tables/{table}.jsonl"


@contextmanager
def new_archive(path: Path) -> Iterator[zipfile.ZipFile]:
    """A zip that stands at `path` only once it is whole and sealed.

    Raises BackupRefused where one stands already, or none can be written.
    """
    if path.exists():
        raise BackupRefused(_("%(file)s is there already. Name a new file.") % {"file": path})
    unfinished = path.with_name(f"{path.name}.unfinished")
    try:
        with os.fdopen(os.open(unfinished, os.O_RDWR | os.O_CREAT | os.O_TRUNC, 0o600), "w+b") as file:
            with zipfile.ZipFile(file, "w", zipfile.ZIP_DEFLATED) as archive:
                archive.comment = b"0" * SEAL
                yield archive
            seal(file)
        unfinished.replace(path)
    except OSError as error:
        raise BackupRefused(
            _("%(file)s cannot be written: %(why)s.") % {"file": path, "why": error.strerror}
        ) from error
    finally:
        unfinished.unlink(missing_ok=True)


def seal(file: IO[bytes]) -> None:
    """Put the digest of all that stands before it into the last bytes."""
    size = file.seek(0, os.SEEK_END)
    digest = digest_before(file, size - SEAL)
    file.seek(size - SEAL)
    file.write(digest.encode())
    file.flush()
    os.fsync(file.fileno())


def digest_before(file: IO[bytes], end: int) -> str:
    digest, left = hashlib.sha256(), end
    file.seek(0)
    while left > 0 and (chunk := file.read(min(CHUNK, left))):
        digest.update(chunk)
        left -= len(chunk)
    return digest.hexdigest()


def write_part(archive: zipfile.ZipFile, table: str, lines: Iterable[bytes]) -> dict[str, Any]:
    """Write a table line by line; what the manifest says of it."""
    digest, number = hashlib.sha256(), 0
    with archive.open(part_of(table), "w", force_zip64=True) as part:
        for line in lines:
            part.write(line)
            digest.update(line)
            number += 1
    return {"table": table, "rows": number, "sha256": digest.hexdigest()}


@contextmanager
def sealed_archive(path: Path) -> Iterator[zipfile.ZipFile]:
    """A file that was written by `new_archive` and not touched since; else raises BackupRefused."""
    try:
        with path.open("rb") as file:
            size = file.seek(0, os.SEEK_END)
            if size <= SEAL or not is_sealed(file, size):
                raise BackupRefused(
                    _("%(file)s is damaged, or no backup: its checksum is not that of its bytes.") % {"file": path}
                )
            with zipfile.ZipFile(file) as archive:
                yield archive
    except BROKEN as error:
        raise BackupRefused(_("%(file)s cannot be read: %(why)s.") % {"file": path, "why": error}) from error


def is_sealed(file: IO[bytes], size: int) -> bool:
    digest = digest_before(file, size - SEAL)
    return file.read(SEAL) == digest.encode()


def manifest_of(archive: zipfile.ZipFile) -> dict[str, Any]:
    """The manifest. Raises BackupRefused for one of another format, ValueError or KeyError for what is none."""
    manifest: dict[str, Any] = json.loads(archive.read(MANIFEST))
    if manifest["format"] != FORMAT:
        raise BackupRefused(_("The file is of a format that this version of SPTrack does not know."))
    return manifest
