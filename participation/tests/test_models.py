"""What can never be stored of participation."""

from __future__ import annotations

from datetime import timedelta

import pytest
from django.core.exceptions import ValidationError
from django.db import IntegrityError, connection, transaction

from participation.models import Event, ParticipationRecord, Status
from participation.tests.factories import EventFactory, ParticipationRecordFactory
from students.services import delete_student
from tests.cast import MONDAY, YEAR_END


def refused(save, name):
    """Whether the database refuses, by the constraint of this name; SQLite names the columns of a unique one."""
    with pytest.raises(IntegrityError) as error, transaction.atomic():
        save()
    return connection.vendor == "sqlite" or name in str(error.value)


def test_a_student_stands_once_in_an_event_of_a_day(cast):
    row = ParticipationRecordFactory(student=cast.amina, event__name="Sports day", event__school_class=cast.class_7a)
    other = EventFactory(name="Sports day", school_class=None)
    name = "participation_once_per_student_event_and_day"
    assert refused(lambda: ParticipationRecordFactory(student=cast.amina, event=other), name)
    ParticipationRecordFactory(student=cast.bo, event=other)
    ParticipationRecordFactory(student=cast.amina, event=EventFactory(name="Sports day", date=MONDAY - timedelta(7)))
    ParticipationRecordFactory(student=cast.amina, event=EventFactory(name="Concert", school_class=cast.class_7a))
    assert ParticipationRecord.objects.filter(event_name=row.event_name, date=MONDAY).count() == 2


@pytest.mark.parametrize(
    ("column", "value", "name"),
    [("status", "won", "participation_status_known"), ("event_name", "", "participation_names_event")],
)
def test_a_record_names_its_event_and_a_known_status(cast, column, value, name):
    row = ParticipationRecordFactory(student=cast.amina)
    with pytest.raises(IntegrityError, match=name), transaction.atomic():
        ParticipationRecord.objects.filter(pk=row.pk).update(**{column: value})


def test_an_event_has_a_name(cast):
    with pytest.raises(IntegrityError, match="event_has_name"), transaction.atomic():
        EventFactory(name="")


@pytest.mark.parametrize(
    ("of_class", "name"), [(True, "event_once_per_class_and_day"), (False, "event_once_per_mixed_group_and_day")]
)
def test_an_event_stands_once_a_day_for_each_class_and_for_mixed_groups(cast, of_class, name):
    school_class = cast.class_7a if of_class else None
    EventFactory(name="Concert", school_class=school_class)
    assert refused(lambda: EventFactory(name="Concert", school_class=school_class), name)
    EventFactory(name="Concert", school_class=cast.class_7b)
    EventFactory(name="Concert", school_class=school_class, date=MONDAY - timedelta(1))
    assert Event.objects.count() == 3


def test_a_class_event_lies_in_the_school_year_of_the_class_and_a_mixed_one_anywhere(cast):
    with pytest.raises(ValidationError, match="This day is not in the school year of the class"):
        Event(name="Concert", date=YEAR_END, school_class=cast.class_7a).full_clean()
    Event(name="Concert", date=YEAR_END - timedelta(1), school_class=cast.class_7a).full_clean()
    Event(name="Concert", date=YEAR_END, school_class=None).full_clean()


def test_they_read_as_words(cast):
    row = ParticipationRecordFactory(student=cast.amina, event__name="Concert", status=Status.LED)
    assert (str(row.event), str(row)) == ("Concert", f"{cast.amina.pk}, Concert, 2026-03-16: led")


def test_deleting_a_student_erases_the_records_and_their_history(cast):
    gone = ParticipationRecordFactory(student=cast.amina, event__name="Concert")
    kept = ParticipationRecordFactory(student=cast.bo, event=gone.event)
    assert ParticipationRecord.history.count() == 2
    delete_student(by=cast.office, student=cast.amina)
    assert list(ParticipationRecord.objects.all()) == [kept]
    assert list(ParticipationRecord.history.values_list("student_id", flat=True)) == [cast.bo.pk]
