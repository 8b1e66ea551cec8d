"""Writes a plan, with history. The caller holds the transaction."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any

from allauth.account.models import EmailAddress
from django.db.models import CharField, Model, Value
from django.db.models.functions import Cast, Concat
from django.utils import timezone
from simple_history.utils import bulk_create_with_history, bulk_update_with_history

from accounts.models import User
from assessments.models import Assessment, Score
from assessments.recounting import Pair, pairs_of, recount
from exchange.oneroster.planning import Changes, Plan
from exchange.oneroster.portal import batches
from students.models import AcademicYear, Enrolment, School, Subject, Term
from students.records import enrolments_changed

REASON = "OneRoster import"
# Columns in which two rows may swap their values, while the database wants them distinct at each moment.
DISTINCT: dict[type[Model], str] = {User: "username", Subject: "code", AcademicYear: "name", Term: "name"}


def write(plan: Plan, progress: Callable[[int], object]) -> None:
    """Writes all rows of a plan; `progress` hears how many more are written."""
    for user in plan.readdressed:
        # A verified address would go on receiving the password mails of this login.
        EmailAddress.objects.filter(user=user).delete()
    enrolled = set(_students_enrolled(plan.enrolments))
    pairs = pairs_to_recount(plan)
    new_students = plan.students.new
    ids = School.allocate_student_ids(len(new_students)) if new_students else []
    for changes in plan.changes:
        _update(changes, progress)
        if changes is plan.students:
            for student, student_id in zip(new_students, ids, strict=True):
                student.student_id = student_id
        _create(changes, progress)
    enrolled |= {row.student_id for row in (*plan.enrolments.new, *plan.enrolments.changed)}
    enrolments_changed(by=None, students=enrolled)
    recount(pairs | pairs_to_recount(plan))


def pairs_to_recount(plan: Plan) -> set[Pair]:
    """The classes and subjects whose marks a plan changes, as stored now: asked before writing and after it."""
    keys = {work.pk for work in plan.assessments.changed}
    keys |= {score.assessment_id for score in (*plan.scores.new, *plan.scores.changed)} - {None}
    pairs: set[Pair] = set()
    for part in batches(sorted(keys)):
        pairs |= set(Assessment.objects.filter(pk__in=part).values_list("school_class", "subject"))
    if "weight" in plan.categories.fields:
        pairs |= pairs_of(Score.objects.filter(assessment__category__in=plan.categories.changed))
    return pairs


def _students_enrolled(enrolments: Changes[Enrolment]) -> Iterator[int]:
    """The students of the enrolments that are to change: a file may give a line of another child the same id."""
    for rows in batches(enrolments.changed):
        yield from Enrolment.objects.filter(pk__in=[row.pk for row in rows]).values_list("student_id", flat=True)


def _create(changes: Changes[Any], progress: Callable[[int], object]) -> None:
    for rows in batches(changes.new):
        bulk_create_with_history(list(rows), changes.model, default_change_reason=REASON)
        progress(len(rows))


def _update(changes: Changes[Any], progress: Callable[[int], object]) -> None:
    column = DISTINCT.get(changes.model, "")
    if column in changes.fields:
        for rows in batches(changes.changed):
            parked = Concat(Value("~"), Cast("pk", CharField()))
            changes.model._default_manager.filter(pk__in=[row.pk for row in rows]).update(**{column: parked})
    fields = sorted({*changes.fields, "updated_at"})
    for rows in batches(changes.changed):
        for row in rows:
            row.updated_at = timezone.now()
        bulk_update_with_history(list(rows), changes.model, fields, default_change_reason=REASON)
        progress(len(rows))
