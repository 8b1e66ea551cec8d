"""Audited tables are append-only: triggers refuse UPDATE and DELETE, on both databases.

They let pass only what erasing a child needs, within the transaction that holds an open AuditErasure of that child:
its history may go, its openings may lose address and student id, entries may lose their salt.

SQLite loses the triggers of a table that a migration rebuilds, and renames no table while a trigger names one that is
not there. So all are dropped before each `migrate` and made anew after it. PostgreSQL keeps them throughout.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from django.db import connections, models
from django.db.backends.base.base import BaseDatabaseWrapper

from accounts.audit_digests import PERSONAL_OF_READING, audited_models, sources
from accounts.audit_models import AuditEntry, AuditErasure
from accounts.models import AccessLog

VERBS = ("UPDATE", "DELETE")
REFUSAL = "append-only: rows of the audit are neither changed nor deleted"
OPEN = f'EXISTS (SELECT 1 FROM "{AuditErasure._meta.db_table}" e WHERE e.is_open AND {{}})'  # noqa: S608


def allowed(model: type[models.Model], verb: str) -> str:
    """The condition, in the SQL of both databases, under which a row may be changed or deleted all the same."""
    source = sources().get(model._meta.label)
    if verb == "DELETE":
        if source is None or not source.names_child or source.kept:
            return "FALSE"
        return OPEN.format(f"e.{'student_key' if source.child_by_key else 'student_id'} = OLD.student_id")
    if model is AccessLog:
        blank = [f"NEW.{name} = ''" for name in PERSONAL_OF_READING]
        return " AND ".join([OPEN.format("e.student_id = OLD.student_id"), *blank, *same(model, PERSONAL_OF_READING)])
    if model is AuditEntry:
        forgotten = ["NEW.salt IS NULL", "OLD.erasure_id IS NULL", *same(model, ("salt", "erasure_id"))]
        return " AND ".join([OPEN.format("e.id = NEW.erasure_id"), *forgotten])
    if model is AuditErasure:
        closed = ["OLD.is_open", "NOT NEW.is_open", "NEW.student_id = ''"]
        return " AND ".join([*closed, *same(model, ("is_open", "student_id", "entries", "digest"))])
    return "FALSE"


def same(model: type[models.Model], but: Iterable[str]) -> list[str]:
    """That all columns but these keep their value."""
    columns = [field.column for field in model._meta.concrete_fields if field.column not in set(but)]
    return [f'(NEW."{name}" = OLD."{name}" OR (NEW."{name}" IS NULL AND OLD."{name}" IS NULL))' for name in columns]


def trigger_name(model: type[models.Model], verb: str) -> str:
    """Short enough for PostgreSQL, which cuts names at 63 characters."""
    return f"audit_{verb.lower()}_{model._meta.db_table}"[:63]


def wanted(connection: BaseDatabaseWrapper) -> dict[str, tuple[str, str]]:
    """Every trigger by name: its table, and its body as the database gives it back.

    None of them while the tables of the audit are not there yet.
    """
    tables = set(connection.introspection.table_names())
    if not {AuditErasure._meta.db_table, AuditEntry._meta.db_table} <= tables:
        return {}
    body = sqlite_trigger if connection.vendor == "sqlite" else postgresql_body
    return {
        trigger_name(model, verb): (model._meta.db_table, body(model, verb))
        for model in audited_models()
        if model._meta.db_table in tables
        for verb in VERBS
    }


def sqlite_trigger(model: type[models.Model], verb: str) -> str:
    condition = f"NOT COALESCE({allowed(model, verb)}, FALSE)"
    return (
        f'CREATE TRIGGER "{trigger_name(model, verb)}" BEFORE {verb} ON "{model._meta.db_table}" '
        f"FOR EACH ROW WHEN {condition} BEGIN SELECT RAISE(ABORT, '{REFUSAL}'); END"
    )


def postgresql_body(model: type[models.Model], verb: str) -> str:
    """The body of the function of a trigger; its error is an IntegrityError, as SQLite's is."""
    row = "NEW" if verb == "UPDATE" else "OLD"
    return (
        f"BEGIN IF NOT COALESCE({allowed(model, verb)}, FALSE) THEN "
        f"RAISE EXCEPTION '{REFUSAL}' USING ERRCODE = 'restrict_violation'; END IF; RETURN {row}; END"
    )


def make_triggers(connection: BaseDatabaseWrapper) -> None:
    """Make every trigger that is missing, and replace one that is other than it should be."""
    statements, there = [], present(connection)
    missing = set(missing_triggers(connection))
    for name, (table, body) in wanted(connection).items():
        if name not in missing:
            continue
        if connection.vendor == "sqlite":
            statements += [*([f'DROP TRIGGER "{name}"'] if name in there else []), body]
            continue
        verb = next(verb for verb in VERBS if name.startswith(f"audit_{verb.lower()}_"))
        statements += [
            f'CREATE OR REPLACE FUNCTION "{name}"() RETURNS trigger LANGUAGE plpgsql AS $audit${body}$audit$',
            f'CREATE OR REPLACE TRIGGER "{name}" BEFORE {verb} ON "{table}" FOR EACH ROW EXECUTE FUNCTION "{name}"()',
            f'ALTER TABLE "{table}" ENABLE TRIGGER "{name}"',  # one that was switched off stays off when it is replaced
        ]
    run(connection, statements)


def drop_triggers(connection: BaseDatabaseWrapper) -> None:
    """Drop every trigger that is there."""
    tables = {name: table for name, (table, _body) in wanted(connection).items()}
    places = {name: f' ON "{table}"' if connection.vendor == "postgresql" else "" for name, table in tables.items()}
    run(connection, [f'DROP TRIGGER "{name}"{places[name]}' for name in present(connection) if name in places])


def run(connection: BaseDatabaseWrapper, statements: list[str]) -> None:
    with connection.cursor() as cursor:
        for statement in statements:
            cursor.execute(statement)


def present(connection: BaseDatabaseWrapper) -> dict[str, str]:
    """The triggers that are there and on, each with its body."""
    if connection.vendor == "sqlite":
        question = "SELECT name, sql FROM sqlite_master WHERE type = 'trigger' AND name LIKE 'audit_%'"
    else:
        question = (
            "SELECT tgname, prosrc FROM pg_trigger JOIN pg_proc ON pg_proc.oid = tgfoid JOIN pg_class ON "
            "pg_class.oid = tgrelid WHERE tgname LIKE 'audit_%' AND tgenabled <> 'D' "
            "AND pg_table_is_visible(pg_class.oid)"
        )
    with connection.cursor() as cursor:
        cursor.execute(question)
        return dict(cursor.fetchall())


def missing_triggers(connection: BaseDatabaseWrapper) -> list[str]:
    """The names of triggers that are gone, off or other than they should be."""
    found = present(connection)
    return sorted(name for name, (_table, body) in wanted(connection).items() if found.get(name) != body)


def before_migrate(*, using: str, **_kwargs: Any) -> None:
    """See above: SQLite alone needs it."""
    if connections[using].vendor == "sqlite":
        drop_triggers(connections[using])


def after_migrate(*, using: str, **_kwargs: Any) -> None:
    """Make them anew, whatever the migrations did."""
    make_triggers(connections[using])
