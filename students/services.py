"""Everything that writes students, each with who did it."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import date
from typing import Any

from django.db import transaction
from django.db.models import Q
from django.utils import timezone

from accounts.models import Teacher, Tracked, User
from students import records
from students.fields import last_day
from students.models import (
    EmergencyContact,
    Enrolment,
    Guardian,
    SchoolClass,
    Student,
    StudentParentLink,
    TeachingAssignment,
)
from students.querysets import EnrolmentQuerySet

Details = Mapping[str, Any]


def save_by(row: Tracked, by: User | None) -> None:
    """Save a row and name in its history who did it (None for a command of the operator)."""
    row._history_user = by  # type: ignore[attr-defined]
    row.save()


@transaction.atomic
def create_student(
    *,
    by: User | None,
    details: Details,
    school_class: SchoolClass | None = None,
    guardians: Iterable[Details] = (),
    emergency_contacts: Iterable[Details] = (),
) -> Student:
    """Make a student with the people around them, enrolled in a class from the day of joining (or today)."""
    student = Student(**details)
    student.enrollment_date = student.enrollment_date or timezone.localdate()
    save_by(student, by)
    if school_class:
        starts_on = max(student.enrollment_date, school_class.academic_year.starts_on)
        enrol(by=by, student=student, school_class=school_class, starts_on=starts_on)
    save_contacts(by=by, student=student, guardians=guardians, emergency_contacts=emergency_contacts)
    return student


@transaction.atomic
def update_student(
    *,
    by: User | None,
    student: Student,
    details: Details,
    guardians: Iterable[Details] = (),
    emergency_contacts: Iterable[Details] = (),
) -> Student:
    """Change a student and the people around them: those with an `id` change, with `DELETE` go, others are new."""
    for name, value in details.items():
        setattr(student, name, value)
    save_by(student, by)
    end_enrolments_of_leaver(by=by, student=student)
    save_contacts(by=by, student=student, guardians=guardians, emergency_contacts=emergency_contacts)
    return student


def end_enrolments_of_leaver(*, by: User | None, student: Student) -> None:
    """End the enrolments of a student who leaves with the last day at the school, so that no register lists them."""
    if student.left_on is None:
        return
    reaching = student.enrolments.filter(Q(ends_on__isnull=True) | Q(ends_on__gt=student.left_on))
    for enrolment in reaching:
        enrolment.ends_on = max(student.left_on, enrolment.starts_on)
        save_by(enrolment, by)


def save_contacts(
    *, by: User | None, student: Student, guardians: Iterable[Details], emergency_contacts: Iterable[Details]
) -> None:
    """Write the people to call about a student."""
    kinds: list[tuple[type[Guardian | EmergencyContact], Iterable[Details]]] = [
        (Guardian, guardians),
        (EmergencyContact, emergency_contacts),
    ]
    for model, people in kinds:
        for person in people:
            values = {name: value for name, value in person.items() if name not in {"id", "DELETE", "student"}}
            contact: Any = person.get("id") or model(student=student)
            if person.get("DELETE"):
                contact._history_user = by
                contact.delete()
                continue
            if contact.pk and all(getattr(contact, name) == value for name, value in values.items()):
                continue  # nothing to note in the history
            for name, value in values.items():
                setattr(contact, name, value)
            save_by(contact, by)


def enrol(
    *, by: User | None, student: Student, school_class: SchoolClass, starts_on: date, ends_on: date | None = None
) -> Enrolment:
    """Put a student into a class. A sole enrolment is the primary one.

    Raises ValidationError where the student is in the class already on some of the days.
    """
    enrolment = Enrolment(student=student, school_class=school_class, starts_on=starts_on, ends_on=ends_on)
    enrolment.is_primary = not main_classes_beside(enrolment).exists()
    enrolment.full_clean()
    save_by(enrolment, by)
    return enrolment


def main_classes_beside(enrolment: Enrolment) -> EnrolmentQuerySet:
    """The student's other main enrolments that share a day with this one; beside none it is the main one itself."""
    mains = Enrolment.objects.filter(student=enrolment.student_id, is_primary=True).exclude(pk=enrolment.pk)
    return mains.overlapping(enrolment.starts_on, last_day(enrolment.ends_on) or date.max)


@transaction.atomic
def assign_homeroom(*, by: User | None, school_class: SchoolClass, teacher: Teacher | None, starts_on: date) -> None:
    """Name the homeroom teacher of a class and give them the class from that day; the one before loses it then."""
    before = school_class.homeroom_teacher
    if before and before != teacher:
        for assignment in before.assignments.on(starts_on).filter(school_class=school_class, subject=None):
            assignment.ends_on = starts_on
            save_by(assignment, by)
    school_class.homeroom_teacher = teacher
    save_by(school_class, by)
    if teacher and not teacher.assignments.on(starts_on).filter(school_class=school_class, subject=None).exists():
        later = teacher.assignments.filter(school_class=school_class, subject=None, ends_on=None).first()
        assignment = later or TeachingAssignment(teacher=teacher, school_class=school_class)
        assignment.starts_on = starts_on
        save_by(assignment, by)


@transaction.atomic
def delete_student(*, by: User, student: Student) -> None:
    """Remove a student and every record about them, history included, and mend what was counted from it.

    Locks the student first, so that no record can be added meanwhile.
    """
    locked = Student.objects.select_for_update().get(pk=student.pk)
    for kind in records.REGISTERED.values():
        kind.erase(locked, by)
        kind.model.history.filter(student_id=locked.pk).delete()  # deleting a row has written history once more
    for model in (Guardian, EmergencyContact, StudentParentLink, Enrolment):
        model.objects.filter(student=locked).delete()
        model.history.filter(student_id=locked.pk).delete()
    locked.delete()
    Student.history.filter(id=student.pk).delete()  # locked has lost its key by now
