"""Who may read which events and records."""

from __future__ import annotations

import pytest

from participation.models import Event, ParticipationRecord
from participation.tests.factories import EventFactory, ParticipationRecordFactory
from students.models import Enrolment, StudentParentLink, TeachingAssignment
from tests.cast import MONDAY


@pytest.fixture
def three(cast):
    """Amina in an event of 7A, Cleo in one of 7B, both in a mixed group."""
    of_7a = EventFactory(name="Trip of 7A", school_class=cast.class_7a)
    of_7b = EventFactory(name="Trip of 7B", school_class=cast.class_7b)
    mixed = EventFactory(name="Choir", school_class=None)
    ParticipationRecordFactory(student=cast.amina, event=of_7a)
    ParticipationRecordFactory(student=cast.cleo, event=of_7b)
    ParticipationRecordFactory(student=cast.amina, event=mixed)
    ParticipationRecordFactory(student=cast.cleo, event=mixed)


def records_of(user):
    rows = ParticipationRecord.objects.visible_to(user).order_by("event_name", "student")
    return [f"{row.student.given_name}: {row.event_name}" for row in rows.select_related("student")]


AMINAS, CLEOS = ["Amina: Choir", "Amina: Trip of 7A"], ["Cleo: Choir", "Cleo: Trip of 7B"]


@pytest.mark.parametrize(
    ("who", "found"),
    [
        ("office", ["Amina: Choir", "Cleo: Choir", "Amina: Trip of 7A", "Cleo: Trip of 7B"]),
        ("ana", AMINAS),
        ("ben", CLEOS),
        ("mariam", AMINAS),
        ("nils", CLEOS),
        ("former", []),
    ],
)
def test_records_are_those_of_the_own_students_and_children(cast, three, who, found):
    user = cast.office if who == "office" else getattr(cast, who).user
    assert records_of(user) == found


def test_a_link_without_participation_shows_a_parent_none(cast, three):
    StudentParentLink.objects.filter(student=cast.amina).update(may_see_participation=False)
    assert (records_of(cast.mariam.user), records_of(cast.ana.user)) == ([], AMINAS)


def test_a_student_who_changed_class_goes_with_all_records_to_the_new_teacher(cast, three):
    Enrolment.objects.filter(student=cast.amina).update(school_class=cast.class_7b)
    assert records_of(cast.ana.user) == []
    assert records_of(cast.ben.user) == ["Amina: Choir", "Cleo: Choir", "Amina: Trip of 7A", "Cleo: Trip of 7B"]


@pytest.mark.parametrize(
    ("who", "found"),
    [
        ("office", ["Choir", "Trip of 7A", "Trip of 7B"]),
        ("ana", ["Choir", "Trip of 7A"]),
        ("ben", ["Choir", "Trip of 7B"]),
        ("mariam", []),
        ("nils", []),
    ],
)
def test_events_are_those_of_the_own_classes_and_the_mixed_groups_and_none_for_parents(cast, three, who, found):
    user = cast.office if who == "office" else getattr(cast, who).user
    assert list(Event.objects.visible_to(user).order_by("name").values_list("name", flat=True)) == found


def test_an_ended_assignment_shows_the_mixed_groups_alone(cast, three):
    TeachingAssignment.objects.filter(teacher=cast.ana).update(ends_on=MONDAY)
    assert list(Event.objects.visible_to(cast.ana.user).values_list("name", flat=True)) == ["Choir"]
    assert records_of(cast.ana.user) == []


def test_an_event_is_noted_for_whom_it_holds_a_student(cast, three):
    ParticipationRecord.objects.filter(student=cast.amina, event_name="Choir").delete()
    noted = {
        who: dict(Event.objects.visible_to(user).with_own_records(user).values_list("name", "is_noted"))
        for who, user in (("ana", cast.ana.user), ("ben", cast.ben.user))
    }
    assert noted == {"ana": {"Choir": False, "Trip of 7A": True}, "ben": {"Choir": True, "Trip of 7B": True}}
