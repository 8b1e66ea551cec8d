"""Students who change class or leave one, several at a time: all of them or none."""

from __future__ import annotations

from collections.abc import Collection, Iterable
from datetime import date

from django.core.exceptions import ValidationError
from django.db import transaction
from django.utils.translation import gettext as _

from accounts.models import User
from students.calendar import in_words
from students.fields import last_day
from students.models import Enrolment, SchoolClass, Student
from students.records import enrolments_changed
from students.services import save_by


@transaction.atomic
def move_students(
    *, by: User | None, students: Collection[Student], school_class: SchoolClass, starts_on: date
) -> list[Enrolment]:
    """Make a class the main one of these students from a day on; the main class before ends the day before.

    Raises ValidationError, with one sentence a student who cannot be moved, and then moves nobody.
    """
    year = school_class.academic_year
    if not year.starts_on <= starts_on < year.ends_on:
        message = _("%(day)s is outside the school year %(year)s of %(class)s. Choose another day.")
        raise ValidationError(message % {"day": in_words(starts_on), "year": year, "class": school_class})
    by_student = locked_enrolments(students)
    refuse_all(reason_against_move(each, by_student[each.pk], school_class, starts_on) for each in students)
    moved = []
    for student in students:
        for enrolment in by_student[student.pk]:
            if enrolment.is_primary and in_force_from(enrolment, starts_on):
                enrolment.ends_on = starts_on
                save_by(enrolment, by)
        moved.append(
            Enrolment(
                student=student,
                school_class=school_class,
                starts_on=starts_on,
                ends_on=student.left_on,
                is_primary=True,
            )
        )
        save_by(moved[-1], by)
    enrolments_changed(by=by, students=[student.pk for student in students], since=starts_on)
    return moved


def reason_against_move(
    student: Student, enrolments: Iterable[Enrolment], school_class: SchoolClass, starts_on: date
) -> str | None:
    """Why a student cannot be moved, as a sentence."""
    words = {"student": named(student), "class": school_class, "day": in_words(starts_on)}
    if student.left_on and student.left_on <= starts_on:
        left_on = {"left": in_words(last_day(student.left_on) or starts_on)}
        return _("%(student)s leaves the school with %(left)s.") % {**words, **left_on}
    if student.enrollment_date and student.enrollment_date > starts_on:
        return _("%(student)s joins the school on %(joined)s.") % {
            **words,
            "joined": in_words(student.enrollment_date),
        }
    for enrolment in enrolments:
        if not in_force_from(enrolment, starts_on):
            continue
        if enrolment.school_class_id == school_class.pk:
            return _("%(student)s is in %(class)s on or after %(day)s already.") % words
        if enrolment.is_primary and enrolment.starts_on > starts_on:
            later = {"later": enrolment.school_class, "start": in_words(enrolment.starts_on)}
            return _("%(student)s begins in %(later)s on %(start)s. End that enrolment first.") % {**words, **later}
    return None


@transaction.atomic
def end_enrolments(*, by: User | None, enrolments: Collection[Enrolment], ends_on: date) -> None:
    """End enrolments with the day before `ends_on` as the last one; marks of earlier days stay.

    Raises ValidationError, with one sentence an enrolment that begins later or has ended by then, and ends none.
    """
    by_student = locked_enrolments({enrolment.student for enrolment in enrolments})
    wanted = {enrolment.pk for enrolment in enrolments}
    fresh = [each for rows in by_student.values() for each in rows if each.pk in wanted]
    refuse_all(reason_against_end(enrolment, ends_on) for enrolment in fresh)
    for enrolment in fresh:
        enrolment.ends_on = ends_on
        save_by(enrolment, by)
    enrolments_changed(by=by, students=by_student, since=ends_on)


def reason_against_end(enrolment: Enrolment, ends_on: date) -> str | None:
    """Why an enrolment cannot be ended then, as a sentence."""
    words = {"student": named(enrolment.student), "class": enrolment.school_class}
    if enrolment.starts_on >= ends_on:
        words["start"] = in_words(enrolment.starts_on)
        return _("%(student)s begins in %(class)s on %(start)s. Choose a later last day.") % words
    if enrolment.ends_on and enrolment.ends_on <= ends_on:
        words["last"] = in_words(last_day(enrolment.ends_on) or ends_on)
        return _("%(student)s is in %(class)s only until %(last)s already.") % words
    return None


@transaction.atomic
def end_classes_of(*, by: User | None, students: Collection[Student], ends_on: date) -> list[Enrolment]:
    """End every enrolment that these students are in on the day before `ends_on`.

    Raises ValidationError, with one sentence a student who is in no class then or in none that lasts longer.
    """
    by_student = locked_enrolments(students)
    day = last_day(ends_on) or ends_on
    ending = {
        student.pk: [each for each in by_student[student.pk] if each.starts_on <= day and lasts_beyond(each, ends_on)]
        for student in students
    }
    message = _("%(student)s is in no class on %(day)s that lasts longer.")
    refuse_all(
        None if ending[student.pk] else message % {"student": named(student), "day": in_words(day)}
        for student in students
    )
    ended = [each for rows in ending.values() for each in rows]
    end_enrolments(by=by, enrolments=ended, ends_on=ends_on)
    return ended


def locked_enrolments(students: Iterable[Student]) -> dict[int, list[Enrolment]]:
    """The enrolments of each student, oldest first; nobody else moves these students before we are done."""
    keys = sorted(student.pk for student in students)
    list(Student.objects.select_for_update().filter(pk__in=keys).order_by("pk").values_list("pk"))
    by_student: dict[int, list[Enrolment]] = {key: [] for key in keys}
    rows = Enrolment.objects.filter(student__in=keys).select_related("student", "school_class")
    for enrolment in rows.order_by("starts_on", "pk"):
        by_student[enrolment.student_id].append(enrolment)
    return by_student


def in_force_from(enrolment: Enrolment, day: date) -> bool:
    """Whether some day of the enrolment is on or after a day."""
    end: date | None = enrolment.ends_on
    return end is None or end > max(day, enrolment.starts_on)


def lasts_beyond(enrolment: Enrolment, ends_on: date) -> bool:
    return enrolment.ends_on is None or enrolment.ends_on > ends_on


def refuse_all(reasons: Iterable[str | None]) -> None:
    """Raises ValidationError with every sentence there is."""
    if sentences := [reason for reason in reasons if reason]:
        raise ValidationError(sentences)


def named(student: Student) -> str:
    """A student so that two of one name can be told apart."""
    return f"{student.full_name} ({student.student_id})"
