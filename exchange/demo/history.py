"""Writes many rows at once, each with the history that somebody made it at some moment of the school year."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import TypeVar

from accounts.models import Tracked, User

RowT = TypeVar("RowT", bound=Tracked | User)


def store(rows: Sequence[RowT], *, by: User | None, at: datetime) -> None:
    """Insert rows, all of one model and the only ones of their table, as made by one person at one moment."""
    insert(rows)
    stamp(rows, by=by, moments=[at] * len(rows))
    type(rows[0])._default_manager.update(created_at=at, updated_at=at)


def insert(rows: Sequence[RowT]) -> None:
    type(rows[0])._default_manager.bulk_create(rows)


def stamp(rows: Sequence[RowT], *, by: User | None, moments: Sequence[datetime]) -> None:
    """Write the history of inserted rows. Their tables still say that they were made just now."""
    for row, moment in zip(rows, moments, strict=True):
        row.created_at = row.updated_at = moment
        row._history_date = moment  # type: ignore[union-attr]
    type(rows[0]).history.bulk_history_create(rows, default_user=by)
