"""Writes many rows at once, each with the history that somebody made it at some moment of the school year."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import Any, TypeVar

from django.db.models import OuterRef, Subquery

from accounts.models import Tracked, User

RowT = TypeVar("RowT", bound=Tracked | User)


def store(rows: Sequence[RowT], *, by: User | None, at: datetime) -> None:
    """Insert rows of one model as made by one person at one moment, the same for every row of their table."""
    insert(rows)
    stamp(rows, by=by, moments=[at] * len(rows))
    model: Any = type(rows[0])
    model.objects.update(created_at=at, updated_at=at)


def insert(rows: Sequence[RowT]) -> None:
    model: Any = type(rows[0])
    model.objects.bulk_create(rows)


def stamp(rows: Sequence[RowT], *, by: User | None, moments: Sequence[datetime]) -> None:
    """Write the history of inserted rows. Their tables still say that they were made just now."""
    for row, moment in zip(rows, moments, strict=True):
        row.created_at = row.updated_at = moment
        row._history_date = moment  # type: ignore[union-attr]
    model: Any = type(rows[0])
    model.history.bulk_history_create(rows, default_user=by)


def backdate(model: type[Tracked]) -> None:
    """Let the rows of a table, which a bulk insert dates now, be as old as their one version in the history."""
    kept: Any = model
    version = kept.history.filter(id=OuterRef("pk")).order_by().values("history_date")[:1]
    kept.objects.update(created_at=Subquery(version), updated_at=Subquery(version))
