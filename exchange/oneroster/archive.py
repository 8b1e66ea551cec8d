"""Opening a zip that may be damaged or made to do harm. Nothing is ever unpacked to disk."""

from __future__ import annotations

import lzma
import struct
import zipfile
import zlib
from collections.abc import Collection
from pathlib import Path

from django.utils.translation import gettext as _

from exchange.oneroster.problems import UnreadableBundleError, quoted
from exchange.oneroster.schema import MANIFEST

MOST_BYTES = 200 * 1024**2
MOST_FILES = 200
# Rosters shrink about 20 times; a bomb shrinks 1000 times. Small files of few distinct rows may shrink a lot.
MOST_SHRINKING = 200
SMALL = 1024**2
ENCRYPTED = 0x1
BROKEN = (
    zipfile.BadZipFile,
    zlib.error,
    lzma.LZMAError,
    struct.error,
    NotImplementedError,
    RuntimeError,
    EOFError,
    OSError,
    ValueError,
)


def read_archive(path: Path, wanted: Collection[str]) -> tuple[list[str], dict[str, bytes]]:
    """The names of all members of a zip, and the content of the wanted ones among them.

    Raises UnreadableBundleError for whatever is not a plain, harmless zip with a manifest.csv.
    """
    try:
        with zipfile.ZipFile(path) as archive:
            members = archive.infolist()
            check_members(members)
            files = {member.filename: _read(archive, member) for member in members if member.filename in wanted}
            return [member.filename for member in members], files
    except FileNotFoundError as error:
        raise UnreadableBundleError(_("There is no such file.")) from error
    except BROKEN as error:
        message = _("This is not a readable zip file (%(reason)s).") % {"reason": str(error) or type(error).__name__}
        raise UnreadableBundleError(message) from error


def _read(archive: zipfile.ZipFile, member: zipfile.ZipInfo) -> bytes:
    """A member's bytes, never more than its directory entry admits: that size was checked, the content was not."""
    with archive.open(member) as content:
        return content.read(member.file_size + 1)


def check_members(members: list[zipfile.ZipInfo]) -> None:
    """Raises UnreadableBundleError unless the members are few, plain, distinct, readable and of bearable size."""
    if len(members) > MOST_FILES:
        words = {"number": len(members), "most": MOST_FILES}
        raise UnreadableBundleError(_("The zip holds %(number)s files; a bundle has at most %(most)s.") % words)
    seen: set[str] = set()
    for member in members:
        _check_member(member, seen)
    if MANIFEST + ".csv" not in seen:
        raise UnreadableBundleError(_("The zip holds no manifest.csv, so it is not a OneRoster bundle."))
    if sum(member.file_size for member in members) > MOST_BYTES:
        raise UnreadableBundleError(
            _("Unpacked, the zip would be larger than %(most)s MB.") % {"most": MOST_BYTES >> 20}
        )


def _check_member(member: zipfile.ZipInfo, seen: set[str]) -> None:
    name = member.filename
    words = {"name": quoted(name)}
    if "/" in name or "\\" in name:
        raise UnreadableBundleError(_("The zip holds %(name)s; the files must lie in no folder.") % words)
    if name.lower() in seen:
        raise UnreadableBundleError(_("The zip holds %(name)s twice.") % words)
    if member.flag_bits & ENCRYPTED:
        raise UnreadableBundleError(_("%(name)s is protected by a password. Make the zip without one.") % words)
    if member.file_size > max(SMALL, MOST_SHRINKING * member.compress_size):
        raise UnreadableBundleError(_("%(name)s is packed tighter than any roster can be.") % words)
    seen.add(name.lower())
