"""Starts a school year: everything in one transaction, with history, and with a note of what was there before."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import date, datetime
from typing import Any

from django.db import IntegrityError, transaction
from django.db.models import Max, Model, Q
from django.utils import timezone
from django.utils.translation import gettext as _
from simple_history.utils import bulk_create_with_history, bulk_update_with_history

from accounts.models import User
from students import records
from students.models import AcademicYear, Enrolment, Rollover, SchoolClass, Student, TeachingAssignment, Term
from students.records import enrolments_changed
from students.rollover import LEAVES, Plan, Pupil, Reading, RolloverRefused, closed_because, read_year
from students.rollover_rules import wrong_choices, wrong_days
from students.services import save_by

ENDED: tuple[type[Enrolment | TeachingAssignment], ...] = (Enrolment, TeachingAssignment)
MADE: tuple[Any, ...] = (Enrolment, TeachingAssignment, SchoolClass, Term, AcademicYear)  # in the order of removal


def roll_over(*, by: User, plan: Plan) -> Rollover:
    """Start the new year as planned: year, terms, classes, enrolments; what belongs to the old year ends with it.

    Everything is read again under a lock on the old year and the students. Raises RolloverRefused, with nothing
    changed, where the plan does not fit what is stored by now.
    """
    try:
        with transaction.atomic():
            return write(by, plan)
    except IntegrityError as error:
        raise RolloverRefused(
            _("Somebody changed the same students or classes at this moment. Nothing was changed: try again.")
        ) from error


def write(by: User, plan: Plan) -> Rollover:
    """Check and store. Old enrolments end before new ones are made: one open main class a student."""
    reading = read_locked(plan)
    moment = timezone.now()
    before: dict[str, Any] = {}
    for model in ENDED:
        before[model.__name__] = end_with_the_year(model, reading, by, moment)
    before["Student"] = set_leavers(plan, reading, by, moment)
    save_by(plan.new_year, by)
    for term in plan.terms:
        term.academic_year = plan.new_year
        save_by(term, by)
    classes = make_classes(plan, by)
    assignments = [
        TeachingAssignment(teacher=new.teacher, school_class=classes[key], starts_on=plan.new_year.starts_on)
        for key, new in plan.made.items()
        if new.teacher
    ]
    enrolments = [new_enrolment(plan, pupil, classes) for pupil in reading.pupils if chosen(plan, pupil) in classes]
    made: list[tuple[Any, Any]] = [
        (AcademicYear, [plan.new_year]),
        (Term, plan.terms),
        (SchoolClass, classes.values()),
        (TeachingAssignment, create(assignments, TeachingAssignment, by)),
        (Enrolment, create(enrolments, Enrolment, by)),
    ]
    everybody = Student.objects.values_list("pk", flat=True)
    enrolments_changed(by=by, students=everybody, since=reading.year.ends_on)
    return Rollover.objects.create(
        old_year=reading.year,
        new_year=plan.new_year,
        new_name=plan.new_year.name,
        made_by=by,
        made_at=moment,
        written={
            "made": {model.__name__: [row.pk for row in rows] for model, rows in made},
            "before": before,
            "last_enrolment": last_key(Enrolment.objects),
            "history": {model.__name__: last_key(model.history) for model in (*MADE, Student)},
            "records": {model._meta.label: last_key(model._default_manager) for model in records.REGISTERED},
        },
    )


def read_locked(plan: Plan) -> Reading:
    """The old year as it is now, locked with its students: no mark and no enrolment of theirs can come between."""
    year = AcademicYear.objects.select_for_update().filter(pk=plan.old_year.pk).first()
    if year is None:
        raise RolloverRefused(_("The school year is not there any more. Begin again at the list of school years."))
    if refusal := closed_because(year, timezone.localdate()):
        raise RolloverRefused(refusal)
    list(Student.objects.select_for_update().order_by("pk").values_list("pk", flat=True))
    reading = read_year(year, plan.new_year.starts_on)
    if wrong := [*wrong_days(plan), *wrong_choices(plan, reading)]:
        raise RolloverRefused(wrong)
    return reading


def chosen(plan: Plan, pupil: Pupil) -> str:
    return plan.choices[pupil.place]


def end_with_the_year(
    model: type[Enrolment | TeachingAssignment], reading: Reading, by: User, moment: datetime
) -> list[Any]:
    """End the rows of the old classes that reach beyond the old year. Gives their keys with what was there before."""
    old_end = reading.year.ends_on
    of_year = model._default_manager.filter(school_class__academic_year=reading.year)
    rows: list[Any] = list(of_year.filter(Q(ends_on__isnull=True) | Q(ends_on__gt=old_end)).order_by("pk"))
    before = [[row.pk, iso(row.ends_on), iso(row.updated_at)] for row in rows]
    for row in rows:
        row.ends_on, row.updated_at = max(row.starts_on, old_end), moment
    if rows:
        bulk_update_with_history(rows, model, ["ends_on", "updated_at"], default_user=by)
    return before


def set_leavers(plan: Plan, reading: Reading, by: User, moment: datetime) -> list[Any]:
    """Note the last day of those who leave; a last day noted before the new year stays as it is."""
    leavers = [pupil.student for pupil in reading.pupils if chosen(plan, pupil) == LEAVES]
    rows = [row for row in leavers if row.left_on is None or row.left_on > plan.new_year.starts_on]
    before = [[row.pk, iso(row.left_on), iso(row.updated_at)] for row in rows]
    for row in rows:
        row.left_on, row.updated_at = reading.year.ends_on, moment
    if rows:
        bulk_update_with_history(rows, Student, ["left_on", "updated_at"], default_user=by)
    return before


def make_classes(plan: Plan, by: User) -> dict[str, SchoolClass]:
    """The new classes by key; each meets as the one that it comes from."""
    rows = [
        SchoolClass(
            name=new.name,
            grade_level=new.grade_level,
            academic_year=plan.new_year,
            homeroom_teacher=new.teacher,
            meets_on=new.source.meets_on,
        )
        for new in plan.made.values()
    ]
    return dict(zip(plan.made, create(rows, SchoolClass, by), strict=True))


def new_enrolment(plan: Plan, pupil: Pupil, classes: dict[str, SchoolClass]) -> Enrolment:
    """The new main class from the new year's first day, or from the day of joining; until a day of leaving noted."""
    student, starts_on = pupil.student, plan.new_year.starts_on
    return Enrolment(
        student=student,
        school_class=classes[chosen(plan, pupil)],
        starts_on=max(starts_on, student.enrollment_date or starts_on),
        ends_on=student.left_on,
        is_primary=True,
    )


def create(rows: list[Any], model: Any, by: User) -> list[Any]:
    return bulk_create_with_history(rows, model, default_user=by) if rows else []


def last_key(rows: Any) -> int:
    """The highest key given out so far."""
    key: int | None = rows.aggregate(last=Max("pk"))["last"]
    return key or 0


def iso(value: date | datetime | None) -> str | None:
    return value.isoformat() if value else None


def remove_with_history(model: Any, keys: Iterable[int], by: User) -> None:
    """Delete rows and note in their history who did it, without a statement for each row."""
    history = model.history.model
    moment = timezone.now()
    for part in in_parts(list(keys)):
        rows: Any = model._default_manager.filter(pk__in=part)
        history.objects.bulk_create(
            history(
                history_date=moment,
                history_user=by,
                history_type="-",
                **{column.attname: getattr(row, column.attname) for column in history.tracked_fields},
            )
            for row in rows.order_by("pk")
        )
        rows._raw_delete(rows.db)


def in_parts(keys: list[int]) -> Iterable[list[int]]:
    """500 at a time: SQLite counts the parameters of a statement."""
    return (keys[first : first + 500] for first in range(0, len(keys), 500))


def rows_by_key(model: type[Model], keys: list[int]) -> dict[int, Any]:
    """The rows that are still there, by key."""
    parts = (model._default_manager.filter(pk__in=part) for part in in_parts(keys))
    return {row.pk: row for part in parts for row in part}
