"""Registers and marks as rows, for tests. What a teacher does goes through services.take_register instead."""

from __future__ import annotations

from datetime import timedelta

import factory
from django.utils import timezone

from accounts.tests.factories import UserFactory
from attendance.models import AttendanceRecord, PlannedAbsence, Register, Status
from students.tests.factories import SchoolClassFactory, StudentFactory


class RegisterFactory(factory.django.DjangoModelFactory):
    """Today's register of a class, taken, with counts of zero."""

    class Meta:
        model = Register

    school_class = factory.SubFactory(SchoolClassFactory)
    date = factory.LazyFunction(timezone.localdate)
    taken_by = factory.SubFactory(UserFactory)
    taken_at = factory.LazyFunction(timezone.now)
    version = 1


class AttendanceRecordFactory(factory.django.DjangoModelFactory):
    """A student marked present today. It neither enrols the student nor counts in a register."""

    class Meta:
        model = AttendanceRecord

    student = factory.SubFactory(StudentFactory)
    school_class = factory.SubFactory(SchoolClassFactory)
    date = factory.LazyFunction(timezone.localdate)
    status = Status.PRESENT


class PlannedAbsenceFactory(factory.django.DjangoModelFactory):
    """An absence of today alone; ends_on is exclusive."""

    class Meta:
        model = PlannedAbsence

    student = factory.SubFactory(StudentFactory)
    starts_on = factory.LazyFunction(timezone.localdate)
    ends_on = factory.LazyAttribute(lambda absence: absence.starts_on + timedelta(days=1))
    reason = "Dentist"
    entered_by = factory.SubFactory(UserFactory)
