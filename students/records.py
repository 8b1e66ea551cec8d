"""What every row about a student shares, and the list of all kinds of such rows.

A domain registers its kinds in AppConfig.ready(), so that deleting a student can reach them all without
this app knowing any of them. students.checks fails the start for a StudentRecord that is not registered.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from datetime import date

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

    `erase` deletes a student's rows with their history and, as that user, mends what was counted from them. `recount`
    mends what is counted over those enrolled, for some students and the days from one on (None: any day).
    """

    model: type[StudentRecord]
    erase: Callable[[Student, User], None]
    recount: Callable[[list[int], date | None, User | None], None] | None = None


REGISTERED: dict[type[StudentRecord], RecordKind] = {}
BATCH = 500  # students at a time: SQLite counts the parameters of a statement


def register(kind: RecordKind) -> None:
    """Make a kind of record known."""
    REGISTERED[kind.model] = kind


def enrolments_changed(*, by: User | None, students: Iterable[int], since: date | None = None) -> None:
    """Mend what is counted over those enrolled. Whatever writes enrolments calls this after it, in its transaction.

    students: the keys of those whose enrolments changed, before or after. since: the first day on which somebody is
    in another class than before; None where that may be any day. Locks the students, so that a save which adds a mark
    of theirs at this moment either is counted here or counts by the new enrolments itself.
    """
    keys = sorted(set(students))
    for start in range(0, len(keys), BATCH):
        part = keys[start : start + BATCH]
        list(Student.objects.select_for_update().filter(pk__in=part).order_by("pk").values_list("pk"))
        for kind in REGISTERED.values():
            if kind.recount:
                kind.recount(part, since, by)


def unregistered() -> list[type[StudentRecord]]:
    """The kinds of record that nobody could erase."""
    kinds = [model for model in apps.get_models() if issubclass(model, StudentRecord)]
    return [model for model in kinds if model not in REGISTERED]
