"""/api/classes/<id>/attendance/: the register of a class on a day, as a program reads it."""

from __future__ import annotations

from datetime import date

import pytest

from accounts.models import AccessLog
from attendance.models import Status
from attendance.tests.factories import AttendanceRecordFactory
from students.tests.factories import ClosureFactory
from tests.cast import pupil

QUERIES = 7  # token, school, calls so far, class, log, calendar, lines


@pytest.fixture
def ana(cast, program):
    return program(cast.ana.user)


@pytest.fixture
def place(cast):
    return f"/api/classes/{cast.class_7a.pk}/attendance/"


def test_the_register_of_today_without_a_day(cast, ana, place):
    late = AttendanceRecordFactory(
        student=cast.amina, school_class=cast.class_7a, status=Status.LATE, minutes_late=5, note="Bus"
    )
    assert ana.get(place).json() == {
        "class_id": cast.class_7a.pk,
        "class_name": "7A",
        "date": "2026-03-16",
        "is_taken": False,
        "recorded": 1,
        "enrolled": 2,
        "closed_because": None,
        "counts": {"present": 0, "late": 1, "excused": 0, "absent": 0},
        "students": [
            {
                "student_id": cast.amina.student_id,
                "full_name": "Amina Diallo",
                "attendance_id": late.pk,
                "status": "late",
                "minutes_late": 5,
                "left_early": False,
                "note": "Bus",
            },
            {
                "student_id": cast.bo.student_id,
                "full_name": "Bo Lind",
                "attendance_id": None,
                "status": None,
                "minutes_late": None,
                "left_early": False,
                "note": "",
            },
        ],
    }


def test_the_register_of_another_day_lists_who_was_enrolled_on_it(cast, ana, place):
    cast.bo.enrolments.update(ends_on=date(2026, 3, 14))
    AttendanceRecordFactory(student=cast.amina, school_class=cast.class_7a, date=date(2026, 3, 13), left_early=True)
    AttendanceRecordFactory(student=cast.bo, school_class=cast.class_7a, date=date(2026, 3, 13), status=Status.ABSENT)
    register = ana.get(place, {"date": "2026-03-13"}).json()
    assert [(line["full_name"], line["status"], line["left_early"]) for line in register["students"]] == [
        ("Amina Diallo", "present", True),
        ("Bo Lind", "absent", False),
    ]
    assert (register["is_taken"], register["date"]) == (True, "2026-03-13")
    assert [line["full_name"] for line in ana.get(place).json()["students"]] == ["Amina Diallo"]


def test_it_says_why_it_may_not_be_taken(cast, ana, place, program):
    ClosureFactory(name="Storm")
    assert ana.get(place).json()["closed_because"] == (
        "The school is closed on Mon 16 Mar 2026: Storm. Choose a school day."
    )
    old = {"date": "2026-02-02"}
    assert ana.get(place, old).json()["closed_because"].startswith("Mon 2 Feb 2026 is more than 14 days ago.")
    assert program(cast.office).get(place, old).json()["closed_because"] is None


@pytest.mark.parametrize(
    ("query", "field"),
    [
        ({"date": "2026-02-30"}, "date"),
        ({"date": "２０２６-03-16"}, "date"),
        ({"date": "0001-01-01"}, "date"),
        ({"day": "2026-03-16"}, "day"),
        ({"page": "1"}, "page"),
    ],
)
def test_a_day_that_cannot_be_read_is_refused_by_name(ana, place, query, field):
    answer = ana.get(place, query)
    assert (answer.status_code, list(answer.json()["fields"])) == (400, [field])


def test_it_is_for_those_who_have_the_class_and_carries_an_etag(cast, ana, place, program):
    answer = ana.get(place)
    assert ana.get(place, HTTP_IF_NONE_MATCH=answer.headers["ETag"]).status_code == 304
    assert program(cast.ben.user).get(place).status_code == 404
    assert program(cast.mariam.user).get(place).status_code == 403
    assert set(AccessLog.objects.values_list("reader__username", "page", "student_id")) == {
        ("ana", "api:class_attendance", "")
    }


@pytest.mark.parametrize("number", [1, 3, 60])
def test_it_costs_the_same_for_any_class(cast, ana, place, count_queries, number):
    for student in (pupil("Kid", f"No {name:02}", cast.class_7a) for name in range(number)):
        AttendanceRecordFactory(student=student, school_class=cast.class_7a)
    ana.get(place)
    assert count_queries(lambda: ana.get(place)) == QUERIES
    assert len(ana.get(place).json()["students"]) == number + 2
