"""What every row about a student shares, and the list of all kinds of such rows.

A domain registers its kinds in AppConfig.ready(), so that deleting a student can reach them all without
this app knowing any of them. students.checks fails the start for a StudentRecord that is not registered.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from django.apps import apps
from django.db import models
from django.utils.translation import gettext_lazy as _

from accounts.models import Tracked, User
from students.models import Student


class StudentRecord(Tracked):
    """Base of every row about a student. Its subclass must lead an index with `student`."""

    student = models.ForeignKey(
        Student, on_delete=models.CASCADE, related_name="%(class)ss", db_index=False, verbose_name=_("student")
    )

    class Meta:
        abstract = True


@dataclass(frozen=True)
class RecordKind:
    """One kind of record.

    `erase` deletes a student's rows with their history and, as that user, mends what was counted from them.
    """

    model: type[StudentRecord]
    erase: Callable[[Student, User], None]


REGISTERED: dict[type[StudentRecord], RecordKind] = {}


def register(kind: RecordKind) -> None:
    """Make a kind of record known."""
    REGISTERED[kind.model] = kind


def unregistered() -> list[type[StudentRecord]]:
    """The kinds of record that nobody could erase."""
    kinds = [model for model in apps.get_models() if issubclass(model, StudentRecord)]
    return [model for model in kinds if model not in REGISTERED]
