"""The head of the audit's chain outside the database, so that who rewrites the database cannot rewrite the chain.

One line a seal: when, how many entries there are by then, the number of the seal, its digest. Lines are only added.
"""

from __future__ import annotations

import fcntl
import os
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from django.conf import settings
from django.utils.translation import gettext as _

from accounts.audit_models import AuditSeal

TAIL = 4096  # bytes that surely hold the last line


class HeadMismatchError(Exception):
    """The head file and the database do not tell the same; nothing is sealed until somebody has looked."""


@dataclass(frozen=True)
class Head:
    """One line of the file."""

    count: int
    number: int
    digest: str


def head_of(seal: AuditSeal) -> Head:
    """What the file should say of a seal."""
    return Head(seal.last_entry, seal.number, seal.digest)


def head_path() -> Path:
    return Path(settings.AUDIT_HEAD_FILE)


@contextmanager
def locked() -> Iterator[None]:
    """Only one sealer works on this machine, and nobody verifies between a seal and its line."""
    head_path().parent.mkdir(parents=True, exist_ok=True)
    lock = os.open(head_path().with_name(head_path().name + ".lock"), os.O_RDWR | os.O_CREAT, 0o600)
    try:
        fcntl.flock(lock, fcntl.LOCK_EX)
        yield
    finally:
        os.close(lock)


def read_line(line: str) -> Head | None:
    """A line; None where it is none of ours."""
    words = line.split(" ")
    if len(words) != len(("when", "count", "number", "digest")) or not (words[1] + words[2]).isdecimal():
        return None
    return Head(int(words[1]), int(words[2]), words[3])


def read_heads() -> Iterator[Head | None]:
    """Every line, from the first; nothing where there is no file."""
    if not head_path().exists():
        return
    with head_path().open(encoding="ascii", errors="replace") as file:
        for line in file:
            yield read_line(line.removesuffix("\n")) if line.endswith("\n") else None


def last_head() -> Head | None:
    """The last line; None where there is no file yet. Raises HeadMismatchError where it cannot be read."""
    if not head_path().exists() or not (size := head_path().stat().st_size):
        return None
    with head_path().open("rb") as file:
        file.seek(max(0, size - TAIL))
        text = file.read().decode("ascii", errors="replace")
    head = read_line(text.splitlines()[-1]) if text.endswith("\n") else None
    if head is None:
        raise HeadMismatchError(_("The last line of %(file)s is broken.") % {"file": head_path()})
    return head


def add_lines(seals: Iterable[AuditSeal]) -> None:
    """Add a line for each seal, and come back only when they are on the disk."""
    lines = [f"{seal.sealed_at.isoformat()} {seal.last_entry} {seal.number} {seal.digest}\n" for seal in seals]
    file = os.open(head_path(), os.O_WRONLY | os.O_APPEND | os.O_CREAT, 0o600)
    try:
        os.write(file, "".join(lines).encode("ascii"))
        os.fsync(file)
    finally:
        os.close(file)


def catch_up(*, start_anew: bool = False) -> None:
    """Add the lines of seals that a sealer made and could not note any more, for it was killed in between.

    Raises HeadMismatchError where the file and the chain do not agree, and where there are seals and no file, unless
    somebody decided to start a new one from the chain as it stands.
    """
    head, words = last_head(), {"file": str(head_path())}
    seals = AuditSeal.objects.order_by("number")
    if head is None and not start_anew and seals.exists():
        message = _("There are seals, and %(file)s is missing or empty. Find it, or start a new one with --new-head.")
        raise HeadMismatchError(message % words)
    if head is not None:
        if start_anew:
            raise HeadMismatchError(_("%(file)s is there. Move it away before you start a new one.") % words)
        seal = seals.filter(number=head.number).first()
        if seal is None or head_of(seal) != head:
            message = _("Seal %(number)s in the database is not the one in %(file)s. Run manage.py verify_audit.")
            raise HeadMismatchError(message % {**words, "number": str(head.number)})
        seals = seals.filter(number__gt=head.number)
    if unnoted := list(seals):
        add_lines(unnoted)
