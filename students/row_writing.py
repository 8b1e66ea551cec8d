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
HISTORY_FIELDS = ("history_date", "history_change_reason", "history_type", "history_user")


def overwrite_rows(rows: Sequence[models.Model], names: Iterable[str]) -> None:
    """Write these fields of rows that are stored; the other fields only have to hold what may stand there.

    An upsert, since an UPDATE from a list would have PostgreSQL guess the types of its columns.
    """
    meta: Any = rows[0]._meta
    fields: Fields = meta.concrete_fields
    updates = [f"{column} = excluded.{column}" for column in columns(meta.get_field(name) for name in names)]
    on_conflict = f"ON CONFLICT ({quote(meta.pk.column)}) DO UPDATE SET {', '.join(updates)}"
    for part in batches(rows, fields):
        lines = ", ".join([f"({places(len(fields))})"] * len(part))
        cells = zip(*(cells_of(field, part) for field in fields), strict=True)
        insert_into(meta, fields, f"VALUES {lines} {on_conflict}", [cell for line in cells for cell in line])


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
        insert_into(kept._meta, [*copied, *noted], f"{source} {chosen}", [*values, *(row.pk for row in part)])


@cache
def history_of(model: Any) -> Any:
    """The model of its history, which simple-history makes a new manager to give."""
    return model.history.model


def cells_of(field: models.Field[Any, Any], rows: Sequence[models.Model]) -> list[Any]:
    """The values of one field as the database takes them; most lines of a sheet share theirs."""
    values = [getattr(row, field.attname) for row in rows]
    taken = {value: field.get_db_prep_save(value, connection) for value in set(values)}
    return [taken[value] for value in values]


def insert_into(meta: Any, fields: Fields, source: str, values: Sequence[Any]) -> None:
    """One INSERT into these columns of a table."""
    with connection.cursor() as cursor:
        cursor.execute(f"INSERT INTO {quote(meta.db_table)} ({', '.join(columns(fields))}) {source}", values)


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
