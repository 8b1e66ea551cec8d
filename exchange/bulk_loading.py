"""Loads many rows of one table at once, the same on both databases: no model instance, no signal, no history."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence
from functools import lru_cache
from itertools import islice
from typing import Any

from django.core.management.color import no_style
from django.db import connection, models

BATCH = 5_000  # rows handed to SQLite at once
KEPT_VALUES = 10_000  # per column: a year has 180 days, and a maximum of 100 points 201 scores
# Their values are stored as they are; every other column asks its field.
PLAIN = (models.AutoField, models.BooleanField, models.CharField, models.ForeignKey, models.TextField)

Row = Sequence[Any]


def load_rows(model: type[models.Model], fields: Sequence[str], rows: Iterable[Row]) -> int:
    """Store rows and give their number: by COPY in PostgreSQL, by one prepared INSERT in SQLite.

    `fields` are names of columns such as "student_id"; a row has the value of each as a model would, a choice as plain
    text. Columns that are left out must be able to be empty, but for the primary key, which the database gives. Only
    the constraints of the database are checked. With the primary key among `fields` its sequence goes on behind it.
    """
    columns: list[Any] = [model._meta.get_field(name) for name in fields]
    rows = prepare_rows([preparing(column) for column in columns], rows)
    load = copy_rows if connection.vendor == "postgresql" else insert_rows
    table = connection.ops.quote_name(model._meta.db_table)
    number = load(table, [connection.ops.quote_name(column.column) for column in columns], rows)
    if model._meta.pk in columns:
        with connection.cursor() as cursor:
            for statement in connection.ops.sequence_reset_sql(no_style(), [model]):
                cursor.execute(statement)
    return number


def next_key(model: type[models.Model]) -> int:
    """The first primary key that is free, for rows that others name before they are stored."""
    last: int | None = model._default_manager.aggregate(last=models.Max("pk"))["last"]
    return (last or 0) + 1


def preparing(column: Any) -> Callable[[Any], Any] | None:
    """What turns a value into the one that is stored; None where it is the same."""
    if isinstance(column, PLAIN):
        return None

    def prepare(value: Any) -> Any:
        return column.get_db_prep_save(value, connection)

    return prepare if isinstance(column, models.JSONField) else lru_cache(KEPT_VALUES)(prepare)


def prepare_rows(steps: Sequence[Callable[[Any], Any] | None], rows: Iterable[Row]) -> Iterator[Row]:
    """The rows as they are stored."""
    needed = [(place, step) for place, step in enumerate(steps) if step]
    for row in rows:
        values = list(row)
        for place, step in needed:
            values[place] = step(values[place])
        yield values


def copy_rows(table: str, columns: Sequence[str], rows: Iterable[Row]) -> int:
    """By COPY, in one statement."""
    number, statement = 0, f"COPY {table} ({', '.join(columns)}) FROM STDIN"
    with connection.wrap_database_errors, connection.cursor() as cursor, cursor.copy(statement) as copy:
        for row in rows:
            copy.write_row(row)
            number += 1
    return number


def insert_rows(table: str, columns: Sequence[str], rows: Iterable[Row]) -> int:
    """By one INSERT that is prepared once and run for each row."""
    places = ", ".join(["%s"] * len(columns))
    # Only names of our own tables and columns stand in the text; the values are parameters.
    statement = f"INSERT INTO {table} ({', '.join(columns)}) VALUES ({places})"  # noqa: S608
    waiting, number = iter(rows), 0
    with connection.cursor() as cursor:
        while batch := list(islice(waiting, BATCH)):
            cursor.executemany(statement, batch)
            number += len(batch)
    return number


def settle_statistics() -> None:
    """Let PostgreSQL look at what came in: a bulk load is as new to its planner as to autovacuum."""
    if connection.vendor == "postgresql":
        with connection.cursor() as cursor:
            cursor.execute("ANALYZE" if connection.in_atomic_block else "VACUUM ANALYZE")
