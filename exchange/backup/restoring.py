"""Brings a backup back: everything is checked before the first row is written, and all is written or nothing."""

from __future__ import annotations

import zipfile
from pathlib import Path
from typing import Any

from django.core.exceptions import ValidationError
from django.core.management.color import no_style
from django.db import DatabaseError, connection, models, transaction
from django.utils.translation import gettext as _

from accounts.audit_triggers import drop_triggers, make_triggers
from accounts.models import User
from exchange.backup.archive import BROKEN, BackupRefused, manifest_of, part_of, sealed_archive
from exchange.backup.tables import (
    applied_migrations,
    columns_of,
    digest_of,
    fingerprint,
    kept,
    left_out,
    rows_from,
)
from exchange.bulk_loading import load_rows, settle_statistics

Manifest = dict[str, Any]


def restore_backup(path: Path, *, replace: bool = False) -> int:
    """Put the school of a backup in the place of what the database holds, and give the number of its rows.

    Everybody is signed out. Raises BackupRefused, with nothing changed, for a file that is damaged or of another
    version, and for a database that holds people unless `replace` says that they may go.
    """
    if not replace and User.objects.exists():
        raise BackupRefused(
            _("The database holds people already. Restore into an empty one, or say --replace to lose what it holds.")
        )
    with sealed_archive(path) as archive:
        manifest = manifest_of(archive)
        check_version(manifest)
        check_parts(archive, manifest)
        with transaction.atomic():
            drop_triggers(connection)
            empty_tables()
            for model in kept():
                load_part(archive, model)
            check_links()
            make_triggers(connection)
            check_stored(manifest)
    settle_statistics()
    return sum(part["rows"] for part in manifest["tables"])


def check_version(manifest: Manifest) -> None:
    """Refuses a backup of another version of the portal: its columns may mean something else."""
    theirs = {tuple(each) for each in manifest["migrations"]}
    ours = {tuple(each) for each in applied_migrations()}
    names = sorted(".".join(each) for each in theirs ^ ours)
    if names:
        raise BackupRefused(
            _(
                "The backup is of another version of SPTrack: it and this database differ in %(names)s. Restore it "
                "with the version that wrote it, on an empty database, and upgrade then."
            )
            % {"names": ", ".join(names[:5])}
        )
    columns = {model._meta.db_table: columns_of(model) for model in kept()}
    if {part["table"]: part["columns"] for part in manifest["tables"]} != columns:
        raise BackupRefused(_("The backup has other tables than this version of SPTrack."))


def check_parts(archive: zipfile.ZipFile, manifest: Manifest) -> None:
    """Refuses a part that is not the one that was written."""
    for part in manifest["tables"]:
        with archive.open(part_of(part["table"])) as lines:
            if digest_of(lines) != (part["sha256"], part["rows"]):
                raise BackupRefused(_("%(part)s is not as it was written.") % {"part": part_of(part["table"])})


def empty_tables() -> None:
    tables = [model._meta.db_table for model in (*kept(), *left_out())]
    with connection.cursor() as cursor:
        for statement in connection.ops.sql_flush(no_style(), tables):
            cursor.execute(statement)


def load_part(archive: zipfile.ZipFile, model: type[models.Model]) -> None:
    """Refuses rows that the table cannot hold."""
    part = part_of(model._meta.db_table)
    try:
        with archive.open(part) as lines:
            load_rows(model, columns_of(model), rows_from(model, lines))
    except (*BROKEN, ValidationError, DatabaseError) as error:
        why = str(error).partition("\n")[0]  # PostgreSQL tells values in the lines that follow
        raise BackupRefused(_("%(part)s cannot be stored: %(why)s") % {"part": part, "why": why}) from error


def check_links() -> None:
    """Refuses rows that name others which are not there.

    Before the triggers come back: PostgreSQL makes none while rows wait to be checked.
    """
    try:
        connection.check_constraints()
    except DatabaseError as error:
        why = str(error).partition("\n")[0]
        raise BackupRefused(_("The rows of the backup do not belong together: %(why)s") % {"why": why}) from error


def check_stored(manifest: Manifest) -> None:
    """Refuses to end with anything but what the backup holds."""
    stored = fingerprint()
    for part in manifest["tables"]:
        if stored[part["table"]] != (part["sha256"], part["rows"]):
            raise BackupRefused(_("%(table)s was not stored as it was.") % {"table": part["table"]})
