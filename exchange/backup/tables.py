"""Which tables are in a backup, and how a row stands in it.

A part is JSON, a line a row, each a list of its columns' values, in the order of the primary key: the same bytes from
either database, so that equal parts are equal tables.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterable, Iterator
from datetime import date, datetime, time
from decimal import Decimal
from typing import Any
from uuid import UUID

from django.apps import apps
from django.db import connection, models
from django.db.migrations.recorder import MigrationRecorder

# What ends with the server that it was made on: who is signed in, forms kept for them, calls counted for a minute.
LEFT_OUT = ("sessions.Session", "accounts.ParkedForm", "accounts.CallCount")
QUEUE = "django_tasks_database"  # tasks are promises of one server too
AT_ONCE = 2_000  # rows read at once
AS_TEXT = (Decimal, UUID)
PLAIN = (bool, int, str)


def left_out() -> list[type[models.Model]]:
    """The models whose rows no backup holds, and that a restore empties."""
    return [model for model in all_models() if is_left_out(model)]


def kept() -> list[type[models.Model]]:
    """The models whose rows are in a backup, histories and links between tables too, by the name of their table."""
    found = [model for model in all_models() if not is_left_out(model)]
    return sorted(found, key=lambda model: model._meta.db_table)


def all_models() -> list[type[models.Model]]:
    every = apps.get_models(include_auto_created=True)
    return [model for model in every if model._meta.managed and not model._meta.proxy]


def is_left_out(model: type[models.Model]) -> bool:
    return model._meta.label in LEFT_OUT or model._meta.app_label == QUEUE


def columns_of(model: type[models.Model]) -> list[str]:
    return [field.attname for field in model._meta.concrete_fields]


def applied_migrations() -> list[list[str]]:
    """App and name of each migration that this database has, but those of what is left out."""
    there = {model._meta.app_label for model in kept()}
    applied = MigrationRecorder(connection).applied_migrations()
    return sorted([app, name] for app, name in applied if app in there)


def lines_of(model: type[models.Model]) -> Iterator[bytes]:
    """The rows of a table."""
    rows = model._base_manager.order_by("pk").values_list(*columns_of(model))
    for row in rows.iterator(chunk_size=AT_ONCE):
        yield json.dumps([told(value) for value in row], ensure_ascii=False, separators=(",", ":")).encode() + b"\n"


def told(value: Any) -> Any:
    """A value as JSON has it. Raises TypeError for one of a kind that no backup could bring back."""
    if value is None or isinstance(value, PLAIN):
        return str(value) if isinstance(value, str) else value
    if isinstance(value, (date, datetime, time)):
        return value.isoformat()
    if isinstance(value, AS_TEXT):
        return str(value)
    if isinstance(value, (list, dict)):
        return value
    message = f"no backup knows {type(value).__name__}"
    raise TypeError(message)


def rows_from(model: type[models.Model], lines: Iterable[bytes]) -> Iterator[list[Any]]:
    """The rows of a part, their values as the model has them. Raises ValueError for a row of another shape."""
    fields: list[Any] = list(model._meta.concrete_fields)
    for line in lines:
        row = json.loads(line)
        if not isinstance(row, list) or len(row) != len(fields):
            message = f"{len(fields)} values expected"
            raise ValueError(message)
        yield [read(field, value) for field, value in zip(fields, row, strict=True)]


def read(field: Any, value: Any) -> Any:
    """The value of a column. Raises ValueError where the column could not hold it."""
    if value is None or isinstance(field, models.JSONField):
        return value
    return field.target_field.to_python(value) if field.is_relation else field.to_python(value)


def digest_of(lines: Iterable[bytes]) -> tuple[str, int]:
    """The SHA-256 of a part, and its number of rows."""
    digest, number = hashlib.sha256(), 0
    for line in lines:
        digest.update(line)
        number += 1
    return digest.hexdigest(), number


def fingerprint() -> dict[str, tuple[str, int]]:
    """Digest and number of rows of each table that a backup holds, by its name: equal for equal schools."""
    return {model._meta.db_table: digest_of(lines_of(model)) for model in kept()}
