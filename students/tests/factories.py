"""Students, the people around them, classes and the calendar, for tests.

Dates are relative to today: the school year began 200 days ago and has 165 days to go.
"""

from __future__ import annotations

from datetime import timedelta

import factory
from django.utils import timezone

from accounts.tests.factories import ParentFactory, TeacherFactory
from students.models import (
    AcademicYear,
    Closure,
    EmergencyContact,
    Enrolment,
    Guardian,
    SchoolClass,
    Student,
    StudentParentLink,
    Subject,
    TeachingAssignment,
    Term,
)

ONE_DAY = timedelta(days=1)
DAYS_INTO_THE_YEAR = timedelta(days=200)
ONE_YEAR = timedelta(days=365)


class AcademicYearFactory(factory.django.DjangoModelFactory):
    """The school year that today lies in."""

    class Meta:
        model = AcademicYear

    name = factory.Sequence(lambda number: f"School year {number}")
    starts_on = factory.LazyFunction(lambda: timezone.localdate() - DAYS_INTO_THE_YEAR)
    ends_on = factory.LazyAttribute(lambda year: year.starts_on + ONE_YEAR)


class TermFactory(factory.django.DjangoModelFactory):
    """A term as long as its year; give the days for one of several."""

    class Meta:
        model = Term

    academic_year = factory.SubFactory(AcademicYearFactory)
    name = factory.Sequence(lambda number: f"Term {number}")
    starts_on = factory.SelfAttribute("academic_year.starts_on")
    ends_on = factory.SelfAttribute("academic_year.ends_on")


class ClosureFactory(factory.django.DjangoModelFactory):
    """The school is closed today; ends_on is exclusive."""

    class Meta:
        model = Closure

    name = factory.Sequence(lambda number: f"Holiday {number}")
    starts_on = factory.LazyFunction(timezone.localdate)
    ends_on = factory.LazyAttribute(lambda closure: closure.starts_on + ONE_DAY)


class SubjectFactory(factory.django.DjangoModelFactory):
    class Meta:
        model = Subject

    code = factory.Sequence(lambda number: f"SUB{number:03d}")
    name = factory.Sequence(lambda number: f"Subject {number}")


class SchoolClassFactory(factory.django.DjangoModelFactory):
    """A class of the current year, meeting as the school does; `meets_daily=True` meets on weekends too."""

    class Meta:
        model = SchoolClass

    class Params:
        meets_daily = factory.Trait(meets_on="1234567")

    name = factory.Sequence(lambda number: f"Class {number}")
    academic_year = factory.SubFactory(AcademicYearFactory)


class StudentFactory(factory.django.DjangoModelFactory):
    """A student in no class; see EnrolmentFactory."""

    class Meta:
        model = Student

    given_name = factory.Sequence(lambda number: f"Given{number}")
    family_name = factory.Sequence(lambda number: f"Family{number}")


class GuardianFactory(factory.django.DjangoModelFactory):
    """A guardian without a portal account."""

    class Meta:
        model = Guardian

    student = factory.SubFactory(StudentFactory)
    name = factory.Sequence(lambda number: f"Guardian {number}")
    relationship = "mother"
    phone = factory.Sequence(lambda number: f"+351 210 {number:06d}")


class EmergencyContactFactory(factory.django.DjangoModelFactory):
    class Meta:
        model = EmergencyContact

    student = factory.SubFactory(StudentFactory)
    name = factory.Sequence(lambda number: f"Contact {number}")
    phone = factory.Sequence(lambda number: f"+351 220 {number:06d}")


class StudentParentLinkFactory(factory.django.DjangoModelFactory):
    """Open access of a parent to a child, to every domain, since the year began."""

    class Meta:
        model = StudentParentLink

    student = factory.SubFactory(StudentFactory)
    parent = factory.SubFactory(ParentFactory)
    starts_on = factory.LazyFunction(lambda: timezone.localdate() - DAYS_INTO_THE_YEAR)


class EnrolmentFactory(factory.django.DjangoModelFactory):
    """A student in their main class for the whole year; a further class takes is_primary=False."""

    class Meta:
        model = Enrolment

    student = factory.SubFactory(StudentFactory)
    school_class = factory.SubFactory(SchoolClassFactory)
    starts_on = factory.SelfAttribute("school_class.academic_year.starts_on")
    is_primary = True


class TeachingAssignmentFactory(factory.django.DjangoModelFactory):
    """A teacher with a class for the whole year, as its homeroom; give a subject for another."""

    class Meta:
        model = TeachingAssignment

    teacher = factory.SubFactory(TeacherFactory)
    school_class = factory.SubFactory(SchoolClassFactory)
    starts_on = factory.SelfAttribute("school_class.academic_year.starts_on")
