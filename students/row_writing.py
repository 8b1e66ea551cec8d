"""Writes many rows at once, and their history: SQL of our own column names, in which every value is a parameter.

The ORM makes an expression of each cell and an instance of each version: six times the work for a class of 30.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from datetime import datetime
from functools import cache
from typing import Any

from django.db import connection, models

from accounts.models import User

Fields = Sequence["models.Field[Any, Any]"]
Source = tuple[str, Sequence[Any]]  # SQL that gives rows, with its parameters
HISTORY_FIELDS = ("history_date", "history_change_reason", "history_type", "history_user")


def insert_rows(rows: Sequence[models.Model]) -> None:
    """Write new rows: what bulk_create does, dates of making and changing included. Either all have a key already,
    since they come back, or the database gives it.

    Keys come back in the order of the rows, as bulk_create takes it for granted on both databases.
    """
    meta: Any = rows[0]._meta
    fields: Fields = [field for field in meta.concrete_fields if field is not meta.pk or rows[0].pk]
    for field in fields:
        if getattr(field, "auto_now", False) or getattr(field, "auto_now_add", False):
            moment = field.pre_save(rows[0], add=True)
            for row in rows:
                setattr(row, field.attname, moment)
    for part in batches(rows, fields):
        keys = insert_into(meta, fields, values_of(fields, part), f"RETURNING {quote(meta.pk.column)}")
        for row, (key,) in zip(part, keys, strict=True):
            row.pk, row._state.adding, row._state.db = key, False, connection.alias


def overwrite_rows(rows: Sequence[models.Model], names: Iterable[str]) -> None:
    """Write these fields of rows that are stored; the other fields only have to hold what may stand there.

    An upsert, since an UPDATE from a list would have PostgreSQL guess the types of its columns.
    """
    meta: Any = rows[0]._meta
    fields: Fields = meta.concrete_fields
    updates = [f"{column} = excluded.{column}" for column in columns(meta.get_field(name) for name in names)]
    on_conflict = f"ON CONFLICT ({quote(meta.pk.column)}) DO UPDATE SET {', '.join(updates)}"
    for part in batches(rows, fields):
        insert_into(meta, fields, values_of(fields, part), on_conflict)


def note_history(rows: Sequence[models.Model], *, kind: str, by: User, moment: datetime) -> None:
    """Write the version of each row as it is stored now: the rows that simple-history would have written.

    kind: "+" for rows that are new, "~" for changed ones, "-" before they are deleted.
    """
    meta: Any = rows[0]._meta
    kept = history_of(type(rows[0]))
    copied, noted = kept.tracked_fields, [kept._meta.get_field(name) for name in HISTORY_FIELDS]
    noted_values = zip(noted, (moment, None, kind, by.pk), strict=True)
    values = [field.get_db_prep_save(value, connection) for field, value in noted_values]
    source = f"SELECT {', '.join(columns(copied))}, {places(len(noted))} FROM {quote(meta.db_table)}"  # noqa: S608
    pk = quote(meta.pk.column)
    for part in batches(rows, [meta.pk]):
        chosen = f"WHERE {pk} IN ({places(len(part))}) ORDER BY {pk}"
        chosen_values = [*values, *(row.pk for row in part)]
        insert_into(kept._meta, [*copied, *noted], (f"{source} {chosen}", chosen_values))


@cache
def history_of(model: Any) -> Any:
    """The model of its history, which simple-history makes a new manager to give."""
    return model.history.model


def cells_of(field: models.Field[Any, Any], rows: Sequence[models.Model]) -> list[Any]:
    """The values of one field as the database takes them; most lines of a sheet share theirs."""
    values = [getattr(row, field.attname) for row in rows]
    taken = {value: field.get_db_prep_save(value, connection) for value in set(values)}
    return [taken[value] for value in values]


def values_of(fields: Fields, rows: Sequence[models.Model]) -> Source:
    """These fields of rows as a list of lines; for PostgreSQL column by column, which spares it to read each cell."""
    cells = [cells_of(field, rows) for field in fields]
    if connection.vendor == "postgresql":
        arrays = ", ".join(f"%s::{field.db_type(connection)}[]" for field in fields)
        return f"SELECT * FROM unnest({arrays})", cells  # noqa: S608
    lines = ", ".join([f"({places(len(fields))})"] * len(rows))
    return f"VALUES {lines}", [cell for line in zip(*cells, strict=True) for cell in line]


def insert_into(meta: Any, fields: Fields, source: Source, more: str = "") -> list[Any]:
    """One INSERT into these columns of a table; gives what it returns."""
    rows, values = source
    with connection.cursor() as cursor:
        cursor.execute(f"INSERT INTO {quote(meta.db_table)} ({', '.join(columns(fields))}) {rows} {more}", values)
        return cursor.fetchall() if more.startswith("RETURNING") else []


def batches(rows: Sequence[models.Model], fields: Fields) -> Iterator[Sequence[models.Model]]:
    """The rows in parts of as many as this database takes in a statement with a parameter for each of these fields."""
    size = connection.ops.bulk_batch_size(fields, rows)
    return (rows[start : start + size] for start in range(0, len(rows), size))


def columns(fields: Iterable[Any]) -> list[str]:
    """The columns of these fields as they stand in SQL."""
    return [quote(field.column) for field in fields]


def places(number: int) -> str:
    """So many parameters."""
    return ", ".join(["%s"] * number)


def quote(name: str) -> str:
    """The name of a table or column as it stands in SQL."""
    return connection.ops.quote_name(name)
