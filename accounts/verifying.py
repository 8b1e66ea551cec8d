"""Compares the audited rows, their entries, the seals and the head file, and names what does not agree."""

from __future__ import annotations

import json
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Any

from django.db import connection, transaction
from django.db.models import Max
from django.utils.translation import gettext as _

from accounts.audit_digests import (
    Source,
    entry_digest,
    erasure_digest,
    personal_digest,
    seal_digest,
    sources,
)
from accounts.audit_head import head_of, head_path, read_heads
from accounts.audit_models import AuditEntry, AuditErasure, AuditSeal
from accounts.audit_triggers import missing_triggers
from accounts.sealing import FIRST

WRONG, MISSING, MOVED, ADDED = "wrong", "missing", "moved", "added"


@dataclass(frozen=True)
class Finding:
    """Something that is not as it was sealed: wrong, missing, moved or added, and what it is."""

    kind: str
    what: str

    def __str__(self) -> str:
        return f"{self.kind}: {self.what}"


@dataclass
class Progress:
    """How far the chain has been followed."""

    seal: AuditSeal | None = None
    sealed: dict[str, int] = field(default_factory=dict)  # the last sealed key of each table

    @property
    def entries(self) -> int:
        return self.seal.last_entry if self.seal else 0


@contextmanager
def one_moment() -> Iterator[None]:
    """All that is read within it is read as of one moment, so that an erasure meanwhile is no finding.

    PostgreSQL alone: a transaction of SQLite would keep writers waiting for as long as the verification takes.
    """
    if connection.vendor != "postgresql" or connection.in_atomic_block:
        yield
        return
    with transaction.atomic():
        with connection.cursor() as cursor:
            cursor.execute("SET TRANSACTION ISOLATION LEVEL REPEATABLE READ, READ ONLY")
        yield


def verify_audit() -> Iterator[Finding]:
    """Every finding, from the first seal on. Memory holds one seal at a time; the caller holds audit_head.locked."""
    for name in missing_triggers(connection):
        yield Finding(MISSING, _("the trigger %(name)s; run manage.py migrate") % {"name": name})
    progress, heads = Progress(), read_heads()
    for seal in AuditSeal.objects.order_by("number").iterator(chunk_size=100):
        yield from check_head(seal, next(heads, None))
        yield from check_seal(seal, progress)
        progress.seal = seal
    for head in heads:
        number = head.number if head else "?"
        yield Finding(MISSING, _("seal %(number)s, which %(file)s names") % {"number": number, "file": head_path()})
    yield from check_strays(progress)
    yield from check_erasures()


def check_head(seal: AuditSeal, head: Any) -> Iterator[Finding]:
    """Whether the next line of the head file is that of the seal."""
    if head != head_of(seal):
        yield Finding(WRONG, _("%(file)s does not say what seal %(number)d says") % words(seal))


def words(seal: AuditSeal, **more: Any) -> dict[str, Any]:
    return {"file": head_path(), "number": seal.number, **more}


def check_seal(seal: AuditSeal, progress: Progress) -> Iterator[Finding]:
    """Whether a seal follows the one before, and everything in it is as it was sealed."""
    before = progress.seal
    if seal.number != (expected := before.number + 1 if before else 1):
        yield Finding(MISSING, _("seal %(number)d") % {"number": expected})
    if seal.previous != (before.digest if before else FIRST):
        yield Finding(WRONG, _("seal %(number)d does not follow the seal before it") % words(seal))
    entries = list(
        AuditEntry.objects.filter(number__gt=progress.entries, number__lte=seal.last_entry).order_by("number")
    )
    for missing in sorted(set(range(progress.entries + 1, seal.last_entry + 1)) - {entry.number for entry in entries}):
        yield Finding(MISSING, _("entry %(entry)d of seal %(number)d") % words(seal, entry=missing))
    if seal.digest != seal_digest(seal, entries):
        yield Finding(WRONG, _("seal %(number)d does not match its entries") % words(seal))
    try:
        ranges = [
            (str(label), int(after), int(upto), kept, personal)
            for label, after, upto, kept, personal in json.loads(seal.ranges)
        ]
    except (ValueError, TypeError):
        return  # the seal is wrong, as said
    for label, after, upto, kept, personal in ranges:
        if label not in sources():
            yield Finding(MISSING, _("the table %(label)s, sealed in seal %(number)d") % words(seal, label=label))
            continue
        lost = sorted({*kept, *personal} - {each.attname for each in sources()[label].model._meta.concrete_fields})
        if lost:
            what = _("the columns %(lost)s of %(label)s, sealed in seal %(number)d")
            yield Finding(MISSING, what % words(seal, label=label, lost=", ".join(lost)))
            continue
        mine = [entry for entry in entries if entry.source == label]
        yield from check_rows(Span(sources()[label], after, upto, kept, personal), mine)
        progress.sealed[label] = max(upto, progress.sealed.get(label, 0))


@dataclass(frozen=True)
class Span:
    """The rows of one table in one seal."""

    source: Source
    after: int
    upto: int
    kept: list[str]
    personal: list[str]

    def rows(self) -> dict[int, tuple[list[Any], list[Any]]]:
        """Each row as the columns that outlive an erasure and all others, by key."""
        read = self.source.read(self.after, self.upto, [*self.kept, *self.personal])
        middle = 1 + len(self.kept)
        return {row[0]: (list(row[1:middle]), list(row[middle:])) for row in read}

    def name(self, key: int) -> str:
        return _("%(table)s %(key)d") % {"table": self.source.label, "key": key}


def check_rows(span: Span, entries: list[AuditEntry]) -> Iterator[Finding]:
    """Whether the rows of a table in a seal are those of its entries, no more and no fewer."""
    rows = span.rows()
    wrong = [entry for entry in entries if not is_sound(span, entry, rows.get(entry.row))]
    added = sorted(set(rows) - {entry.row for entry in entries})
    elsewhere = [*added, *(entry.row for entry in wrong if entry.row in rows)]
    moved: set[int] = set()
    for entry in wrong:
        place = next((key for key in elsewhere if key != entry.row and holds(entry, rows[key])), None)
        if place is not None:
            moved.add(place)
            what = _("%(row)s, which now stands at %(place)d") % {"row": span.name(entry.row), "place": place}
            yield Finding(MOVED, what)
        elif entry.row in rows:
            yield Finding(WRONG, span.name(entry.row))
        else:
            yield Finding(MISSING, span.name(entry.row))
    for key in added:
        if key not in moved:
            yield Finding(ADDED, span.name(key))


def is_sound(span: Span, entry: AuditEntry, row: tuple[list[Any], list[Any]] | None) -> bool:
    """Whether an entry and its row are as they were sealed, or as an erasure leaves them."""
    if entry.salt is not None:
        return entry.erasure_id is None and row is not None and holds(entry, row)
    if entry.erasure_id is None:
        return False
    if not span.kept:
        return row is None and not entry.personal
    if row is None or any(value != "" for value in row[1]):
        return False
    return entry.digest == entry_digest(entry.source, entry.row, row[0], entry.personal)


def holds(entry: AuditEntry, row: tuple[list[Any], list[Any]]) -> bool:
    """Whether what an entry was made of is what this row holds, wherever it stands."""
    if entry.salt is None:
        return False
    kept, others = row
    personal = personal_digest(entry.salt, others)
    stored = personal if kept else ""
    return entry.personal == stored and entry.digest == entry_digest(entry.source, entry.row, kept, personal)


def check_strays(progress: Progress) -> Iterator[Finding]:
    """Entries and rows that stand outside every seal, where nothing of the portal writes any."""
    for entry in AuditEntry.objects.exclude(number__gt=0, number__lte=progress.entries).order_by("number"):
        yield Finding(ADDED, _("entry %(entry)d, which no seal names") % {"entry": entry.number})
    for source in sources().values():
        below = source.model._base_manager.filter(**{f"{source.key}__lte": 0}).order_by(source.key)
        for key in below.values_list(source.key, flat=True):
            yield Finding(ADDED, f"{source.label} {key}")


def check_erasures() -> Iterator[Finding]:
    """Whether exactly those entries lost their salt that an erasure says."""
    for erasure in AuditErasure.objects.order_by("pk"):
        numbers = AuditEntry.objects.filter(erasure=erasure).order_by("number").values_list("number", flat=True)
        found = (len(numbers), erasure_digest(list(numbers)))
        if erasure.is_open or erasure.student_id or found != (erasure.entries, erasure.digest):
            yield Finding(WRONG, _("erasure %(key)d does not say which entries it took") % {"key": erasure.pk})
    orphans = AuditEntry.objects.exclude(erasure=None).exclude(erasure__in=AuditErasure.objects.values("pk"))
    for key in orphans.order_by("erasure").values_list("erasure_id", flat=True).distinct():
        yield Finding(MISSING, _("erasure %(key)d, which entries name") % {"key": key})


def unsealed_tail() -> dict[str, tuple[int, int]]:
    """Rows that wait for the next seal: of each table how many, and the first key."""
    tail = {}
    for source in sources().values():
        last = AuditEntry.objects.filter(source=source.label).aggregate(last=Max("row"))["last"] or 0
        rows = source.model._base_manager.filter(**{f"{source.key}__gt": last}).order_by(source.key)
        if number := rows.count():
            tail[source.label] = (number, rows.values_list(source.key, flat=True)[0])
    return tail
