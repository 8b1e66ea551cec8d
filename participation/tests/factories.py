"""Events and records as rows, for tests. What a teacher does goes through services.record_participation instead."""

from __future__ import annotations

import factory
from django.utils import timezone

from participation.models import Event, ParticipationRecord, Status
from students.tests.factories import SchoolClassFactory, StudentFactory


class EventFactory(factory.django.DjangoModelFactory):
    """An event of today of a class."""

    class Meta:
        model = Event

    name = factory.Sequence(lambda number: f"Event {number}")
    date = factory.LazyFunction(timezone.localdate)
    school_class = factory.SubFactory(SchoolClassFactory)


class ParticipationRecordFactory(factory.django.DjangoModelFactory):
    """A student who attended; name, day and class follow the event. It does not enrol the student."""

    class Meta:
        model = ParticipationRecord

    student = factory.SubFactory(StudentFactory)
    event = factory.SubFactory(EventFactory)
    event_name = factory.LazyAttribute(lambda row: row.event.name)
    date = factory.LazyAttribute(lambda row: row.event.date)
    school_class = factory.LazyAttribute(lambda row: row.event.school_class)
    status = Status.ATTENDED
