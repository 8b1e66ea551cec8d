"""Seals the rows of the audit in batches, apart from the requests that write them (docs/adr/0011)."""

from __future__ import annotations

import secrets
from collections.abc import Iterator
from typing import Any

from django.db import OperationalError, connection, transaction
from django.db.models import Max
from django.utils import timezone

from accounts import audit_head
from accounts.audit_digests import Source, canonical, entry_digest, personal_digest, seal_digest, sources
from accounts.audit_models import AuditEntry, AuditSeal

BATCH = 2000  # rows a seal
SALT_BYTES = 16
FIRST = "0" * 64  # what the first seal is chained to
LOCK = 7_241_905_113  # of PostgreSQL, any number that nothing else of the portal takes
PATIENCE = "1s"


def seal_audit(*, new_head: bool = False) -> tuple[int, list[str]]:
    """Seal every row that is there and decided. Gives how many, and the tables that were too busy.

    Raises HeadMismatchError, with nothing sealed, where the head file and the chain do not agree.
    """
    with audit_head.locked():
        audit_head.catch_up(start_anew=new_head)
        decided, busy = decided_keys()
        number = 0
        for seal, entries in seals_upto(decided):
            audit_head.add_lines([seal])
            number += entries
        return number, busy


def seals_upto(decided: dict[str, int]) -> Iterator[tuple[AuditSeal, int]]:
    """Seal batch after batch, each in a transaction of its own; gives each seal with its number of entries."""
    while made := seal_batch(decided):
        yield made


def decided_keys() -> tuple[dict[str, int], list[str]]:
    """For each table with new rows the key up to which no row can appear any more, and the tables that were busy.

    PostgreSQL gives out keys before rows are committed, so a lower key may appear later. Every writer holds a shared
    lock of the table until it commits, and takes it before its key: who holds the table alone for a moment sees all.
    """
    decided, busy = {}, []
    for source in sources().values():
        if newest_key(source) <= last_sealed(source):
            continue
        try:
            with transaction.atomic():
                if connection.vendor == "postgresql":
                    hold_alone(source)
                decided[source.label] = newest_key(source)
        except OperationalError:  # a long import, say: its table waits for the next run
            busy.append(source.label)
    return decided, busy


def hold_alone(source: Source) -> None:
    """Keep writers out of a table until this short transaction ends; give up where one of them takes long."""
    table = connection.ops.quote_name(source.model._meta.db_table)
    with connection.cursor() as cursor:
        cursor.execute(f"SET LOCAL lock_timeout = '{PATIENCE}'")
        cursor.execute(f"LOCK TABLE {table} IN SHARE MODE")


def newest_key(source: Source) -> int:
    newest: int | None = source.model._base_manager.aggregate(newest=Max(source.key))["newest"]
    return newest or 0


def last_sealed(source: Source) -> int:
    """The greatest key of the table that is sealed; 0 where none is."""
    last: int | None = AuditEntry.objects.filter(source=source.label).aggregate(last=Max("row"))["last"]
    return last or 0


def lock_chain() -> None:
    """One seal or erasure at a time, until the transaction ends. SQLite has one writer anyway."""
    if connection.vendor == "postgresql":
        with connection.cursor() as cursor:
            cursor.execute("SELECT pg_advisory_xact_lock(%s)", [LOCK])


@transaction.atomic
def seal_batch(decided: dict[str, int]) -> tuple[AuditSeal, int] | None:
    """Seal up to BATCH rows; None where none is left."""
    lock_chain()
    last = AuditSeal.objects.order_by("-number").first()
    number = last.last_entry if last else 0
    entries: list[AuditEntry] = []
    ranges: list[list[Any]] = []
    for label, upto in decided.items():
        source = sources()[label]
        after = last_sealed(source)
        rows = list(source.read(after, upto, [*source.kept, *source.personal])[: BATCH - len(entries)])
        if not rows:
            continue
        entries += [entry_of(source, row, number + place) for place, row in enumerate(rows, start=len(entries) + 1)]
        ranges.append([label, after, rows[-1][0], source.kept, source.personal])
        if len(entries) == BATCH:
            break
    if not entries:
        return None
    seal = AuditSeal(
        number=last.number + 1 if last else 1,
        sealed_at=timezone.now(),
        ranges=canonical(ranges),
        last_entry=number + len(entries),
        previous=last.digest if last else FIRST,
    )
    seal.digest = seal_digest(seal, entries)
    AuditEntry.objects.bulk_create(entries)
    AuditSeal.objects.bulk_create([seal])
    return seal, len(entries)


def entry_of(source: Source, row: tuple[Any, ...], number: int) -> AuditEntry:
    """The entry of one row, with a salt of its own."""
    key, kept, others = row[0], row[1 : 1 + len(source.kept)], row[1 + len(source.kept) :]
    salt = secrets.token_hex(SALT_BYTES)
    personal = personal_digest(salt, others)
    return AuditEntry(
        number=number,
        source=source.label,
        row=key,
        salt=salt,
        personal=personal if source.kept else "",
        digest=entry_digest(source.label, key, kept, personal),
    )
