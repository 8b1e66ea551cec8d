"""Writes a backup while the school works: all of it as it stood at one moment."""

from __future__ import annotations

import json
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from django.db import connection, transaction
from django.utils import timezone

from exchange.backup.archive import FORMAT, MANIFEST, new_archive, write_part
from exchange.backup.tables import applied_migrations, columns_of, kept, lines_of


def write_backup(path: Path) -> int:
    """Write the school into a new file and give the number of its rows.

    Raises BackupRefused where the file is there already or cannot be written; then there is none.
    """
    with new_archive(path) as archive, one_moment():
        parts = [
            {**write_part(archive, model._meta.db_table, lines_of(model)), "columns": columns_of(model)}
            for model in kept()
        ]
        manifest = {
            "format": FORMAT,
            "made_at": timezone.now().isoformat(),
            "migrations": applied_migrations(),
            "tables": parts,
        }
        archive.writestr(MANIFEST, json.dumps(manifest, indent=1))
    return sum(part["rows"] for part in parts)


@contextmanager
def one_moment() -> Iterator[None]:
    """Reads within see the database as it stood at one moment, and nobody waits for them.

    Not by `atomic`: on SQLite it takes the lock of writers, on PostgreSQL each statement sees a moment of its own.
    """
    if connection.in_atomic_block:  # whoever began the transaction has chosen how it reads
        yield
        return
    if connection.vendor == "postgresql":
        with transaction.atomic():
            with connection.cursor() as cursor:
                cursor.execute("SET TRANSACTION ISOLATION LEVEL REPEATABLE READ, READ ONLY")
            yield
        return
    with connection.cursor() as cursor:
        cursor.execute("BEGIN DEFERRED")
        try:
            yield
        finally:
            cursor.execute("ROLLBACK")
