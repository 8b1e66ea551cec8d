"""Writes a plan, with history. The caller holds the transaction."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from typing import Any, TypeVar

from allauth.account.models import EmailAddress
from django.db.models import CharField, Model, Value
from django.db.models.functions import Cast, Concat
from django.utils import timezone
from simple_history.utils import bulk_create_with_history, bulk_update_with_history

from accounts.models import User
from exchange.oneroster.planning import Changes, Plan
from students.models import AcademicYear, School, Subject, Term

REASON = "OneRoster import"
AT_ONCE = 500
# Columns in which two rows may swap their values, while the database wants them distinct at each moment.
DISTINCT: dict[type[Model], str] = {User: "username", Subject: "code", AcademicYear: "name", Term: "name"}

T = TypeVar("T")


def write(plan: Plan, progress: Callable[[int], object]) -> None:
    """Writes all rows of a plan; `progress` hears how many more are written."""
    for user in plan.readdressed:
        # A verified address would go on receiving the password mails of this login.
        EmailAddress.objects.filter(user=user).delete()
    new_students = plan.students.new
    ids = School.allocate_student_ids(len(new_students)) if new_students else []
    for changes in plan.changes:
        _update(changes, progress)
        if changes is plan.students:
            for student, student_id in zip(new_students, ids, strict=True):
                student.student_id = student_id
        _create(changes, progress)


def _batches(rows: Sequence[T]) -> Iterator[Sequence[T]]:
    for start in range(0, len(rows), AT_ONCE):
        yield rows[start : start + AT_ONCE]


def _create(changes: Changes[Any], progress: Callable[[int], object]) -> None:
    for rows in _batches(changes.new):
        bulk_create_with_history(list(rows), changes.model, default_change_reason=REASON)
        progress(len(rows))


def _update(changes: Changes[Any], progress: Callable[[int], object]) -> None:
    column = DISTINCT.get(changes.model, "")
    if column in changes.fields:
        for rows in _batches(changes.changed):
            parked = Concat(Value("~"), Cast("pk", CharField()))
            changes.model._default_manager.filter(pk__in=[row.pk for row in rows]).update(**{column: parked})
    fields = sorted({*changes.fields, "updated_at"})
    for rows in _batches(changes.changed):
        for row in rows:
            row.updated_at = timezone.now()
        bulk_update_with_history(list(rows), changes.model, fields, default_change_reason=REASON)
        progress(len(rows))
