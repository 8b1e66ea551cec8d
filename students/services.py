"""Everything that writes students, each with who did it."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import date
from typing import Any

from django.core.exceptions import ValidationError
from django.db import transaction
from django.db.models import Q
from django.utils import timezone
from django.utils.translation import gettext as _

from accounts.erasing import erasing, forget_child
from accounts.models import Parent, Teacher, Tracked, User
from accounts.parking import forget_student
from students import records
from students.calendar import in_words
from students.fields import ONE_DAY, last_day
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
from students.records import enrolments_changed

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
    ended = list(reaching)
    for enrolment in ended:
        enrolment.ends_on = max(student.left_on, enrolment.starts_on)
        save_by(enrolment, by)
    if ended:
        enrolments_changed(by=by, students=[student.pk], since=student.left_on)


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


@transaction.atomic
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
    enrolments_changed(by=by, students=[student.pk], since=starts_on)
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
def give_cover(*, by: User | None, school_class: SchoolClass, teacher: Teacher, day: date) -> TeachingAssignment:
    """Give a class to a teacher who covers it for one day, without a subject.

    Raises ValidationError for a day outside the school year of the class, for a teacher whose account is
    deactivated, and for one who has the class on that day already.
    """
    SchoolClass.objects.select_for_update().get(pk=school_class.pk)  # two at once would both find nobody there
    words = {"teacher": teacher, "class": school_class, "year": school_class.academic_year, "day": in_words(day)}
    if not school_class.academic_year.starts_on <= day < school_class.academic_year.ends_on:
        message = _("%(day)s is outside the school year %(year)s of %(class)s. Choose another day.")
        raise ValidationError(message, code="outside_year", params=words)
    if not teacher.user.is_active:
        message = _("The account of %(teacher)s is deactivated. Choose another teacher.")
        raise ValidationError(message, code="deactivated", params=words)
    if teacher.assignments.on(day).filter(school_class=school_class).exists():
        message = _("%(teacher)s has %(class)s on %(day)s already. Choose another teacher or day.")
        raise ValidationError(message, code="has_class", params=words)
    cover = TeachingAssignment(teacher=teacher, school_class=school_class, starts_on=day, ends_on=day + ONE_DAY)
    save_by(cover, by)
    return cover


def erase_all_records(student: Student, by: User) -> None:
    """Delete a student's records of every kind, with their history."""
    for kind in records.REGISTERED.values():
        kind.erase(student, by)
        kind.model.history.filter(student_id=student.pk).delete()  # deleting a row has written history once more


@transaction.atomic
def assign_teacher(*, by: User | None, assignment: TeachingAssignment) -> TeachingAssignment:
    """Give a class to a teacher, as a new assignment says.

    Raises ValidationError where some of its days are those of another one of the same teacher, class and subject.
    """
    SchoolClass.objects.select_for_update().get(pk=assignment.school_class_id)  # two at once would both find none
    same = {name: getattr(assignment, name) for name in ("teacher", "school_class", "subject")}
    last = last_day(assignment.ends_on) or date.max
    if TeachingAssignment.objects.filter(**same).overlapping(assignment.starts_on, last).exists():
        raise ValidationError(_("This teacher has this class and subject on some of these days. Change the dates."))
    save_by(assignment, by)
    return assignment


@transaction.atomic
def link_children(*, by: User | None, parent: Parent, children: Iterable[Student], starts_on: date) -> None:
    """Let a parent read all of the reports of these children from a day on."""
    for student in children:
        save_by(StudentParentLink(student=student, parent=parent, starts_on=starts_on), by)


@transaction.atomic
def withdraw_assignment(*, by: User | None, assignment: TeachingAssignment) -> None:
    """Take an assignment, such as a cover, back as if it had not been given; the history keeps it.

    One that is gone already stays gone.
    """
    if stored := TeachingAssignment.objects.select_for_update().filter(pk=assignment.pk).first():
        stored._history_user = by  # type: ignore[attr-defined]
        stored.delete()


@transaction.atomic
def delete_student(*, by: User, student: Student) -> None:
    """Remove a student and every record about them, history included, and mend what was counted from it.

    Erases the records twice: before the student is locked, in the order in which a save locks (its register, then
    its students), so that the two cannot deadlock; and after, since a record may have been added until then.
    """
    with erasing(by=by, student_key=student.pk, student_id=student.student_id) as erasure:
        forget_child(erasure)
        erase_all_records(student, by)
        locked = Student.objects.select_for_update().get(pk=student.pk)
        forget_child(erasure)
        erase_all_records(locked, by)
        forget_student(locked.student_id)
        for model in (Guardian, EmergencyContact, StudentParentLink, Enrolment):
            model.objects.filter(student=locked).delete()
            model.history.filter(student_id=locked.pk).delete()
        locked.delete()
        Student.history.filter(id=student.pk).delete()  # locked has lost its key by now
