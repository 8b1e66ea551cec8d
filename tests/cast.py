"""The one cast of the suite: two classes, their teachers, two families, the office, and people at the edges.

Today is Monday 16 March 2026, 09:00 at the school. Ana Silva teaches 7A (Amina Diallo, Bo Lind), Ben Okafor teaches
7B (Cleo Marsh). Mariam Diallo is Amina's mother, Nils Marsh is Cleo's father.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, date, datetime

from django.test import override_settings
from django.utils import timezone

from accounts.models import Parent, Teacher, User
from accounts.roles import Role
from accounts.tests.factories import ParentFactory, TeacherFactory, UserFactory
from students.models import AcademicYear, SchoolClass, Student
from students.tests.factories import (
    AcademicYearFactory,
    EnrolmentFactory,
    SchoolClassFactory,
    StudentFactory,
    StudentParentLinkFactory,
    TeachingAssignmentFactory,
)

MONDAY = date(2026, 3, 16)
NOW = datetime(2026, 3, 16, 9, 0, tzinfo=UTC)
YEAR_START, YEAR_END = date(2025, 9, 1), date(2026, 7, 18)


@dataclass
class Cast:
    """Everybody, by name."""

    year: AcademicYear
    class_7a: SchoolClass
    class_7b: SchoolClass
    office: User
    ana: Teacher
    ben: Teacher
    amina: Student
    bo: Student
    cleo: Student
    mariam: Parent
    nils: Parent
    former: Parent  # the link to Amina ended yesterday
    gone: User  # a teacher of 7A whose account is deactivated


@override_settings(SIMPLE_HISTORY_ENABLED=False)  # half the time of most tests; theirs begins with what they change
def make_cast() -> Cast:
    """Write the cast into the database, without history. Call it while the time is NOW."""
    assert timezone.localdate() == MONDAY, "the cast lives on Monday 16 March 2026: freeze the time first"
    year = AcademicYearFactory(name="2025/26", starts_on=YEAR_START, ends_on=YEAR_END)
    class_7a = SchoolClassFactory(name="7A", grade_level="7", academic_year=year)
    class_7b = SchoolClassFactory(name="7B", grade_level="7", academic_year=year)
    ana = TeacherFactory(full_name="Ana Silva", user__username="ana")
    ben = TeacherFactory(full_name="Ben Okafor", user__username="ben")
    gone = TeacherFactory(full_name="Gus Gone", user__username="gone", user__is_active=False)
    for teacher, school_class in ((ana, class_7a), (ben, class_7b), (gone, class_7a)):
        TeachingAssignmentFactory(teacher=teacher, school_class=school_class, subject=None, starts_on=YEAR_START)
    amina = pupil("Amina", "Diallo", class_7a)
    bo = pupil("Bo", "Lind", class_7a)
    cleo = pupil("Cleo", "Marsh", class_7b)
    mariam = ParentFactory(full_name="Mariam Diallo", user__username="mariam")
    nils = ParentFactory(full_name="Nils Marsh", user__username="nils")
    former = ParentFactory(full_name="Fay Former", user__username="former")
    StudentParentLinkFactory(student=amina, parent=mariam, starts_on=YEAR_START)
    StudentParentLinkFactory(student=cleo, parent=nils, starts_on=YEAR_START)
    StudentParentLinkFactory(student=amina, parent=former, starts_on=YEAR_START, ends_on=MONDAY)
    office = UserFactory(username="office", role=Role.ADMIN)
    return Cast(year, class_7a, class_7b, office, ana, ben, amina, bo, cleo, mariam, nils, former, gone.user)


def pupil(given_name: str, family_name: str, school_class: SchoolClass, starts_on: date = YEAR_START) -> Student:
    """A student in a class as their main one."""
    student = StudentFactory(given_name=given_name, family_name=family_name, enrollment_date=starts_on)
    EnrolmentFactory(student=student, school_class=school_class, starts_on=starts_on, is_primary=True)
    return student
