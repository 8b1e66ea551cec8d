"""/api/classes/, /api/teacher/classes/ and /api/admin/teacher-assignments/: classes and who teaches them."""

from __future__ import annotations

from datetime import date, timedelta

import pytest

from accounts.models import AccessLog
from accounts.tests.factories import TeacherFactory, UserFactory
from students.models import TeachingAssignment
from students.tests.factories import (
    AcademicYearFactory,
    SchoolClassFactory,
    SubjectFactory,
    TeachingAssignmentFactory,
)
from students.tests.posted import everything_stored
from tests.cast import MONDAY, YEAR_START, pupil

CLASSES, OWN, ASSIGNMENTS = "/api/classes/", "/api/teacher/classes/", "/api/admin/teacher-assignments/"


@pytest.fixture
def office(cast, program):
    return program(cast.office)


@pytest.fixture
def ana(cast, program):
    return program(cast.ana.user)


# --- Classes ----------------------------------------------------------------------------------------


def test_a_class_is_one_item_with_teacher_and_size(cast, office):
    cast.class_7a.homeroom_teacher = cast.ana
    cast.class_7a.save()
    pupil("Later", "Lee", cast.class_7a, starts_on=MONDAY + timedelta(days=1))
    item = {
        "class_id": cast.class_7a.pk,
        "class_name": "7A",
        "grade_level": "7",
        "academic_year": "2025/26",
        "teacher_id": cast.ana.user.pk,
        "teacher_name": "Ana Silva",
        "size": 2,
    }
    assert office.get(f"{CLASSES}{cast.class_7a.pk}/").json() == item
    assert office.get(CLASSES).json() == [
        item,
        {
            **item,
            "class_id": cast.class_7b.pk,
            "class_name": "7B",
            "teacher_id": None,
            "teacher_name": None,
            "size": 1,
        },
    ]


def test_the_latest_school_year_comes_first(cast, office):
    before = AcademicYearFactory(name="2024/25", starts_on=date(2024, 9, 1), ends_on=date(2025, 7, 18))
    SchoolClassFactory(name="6A", academic_year=before)
    assert [item["class_name"] for item in office.get(CLASSES).json()] == ["7A", "7B", "6A"]


def test_a_teacher_sees_own_classes_alone(cast, ana):
    assert [item["class_name"] for item in ana.get(CLASSES).json()] == ["7A"]
    assert ana.get(f"{CLASSES}{cast.class_7a.pk}/").status_code == 200
    assert ana.get(f"{CLASSES}{cast.class_7b.pk}/").status_code == 404
    TeachingAssignment.objects.filter(teacher=cast.ana).update(ends_on=MONDAY)
    assert ana.get(CLASSES).json() == []


def test_a_class_carries_an_etag(cast, office):
    place = f"{CLASSES}{cast.class_7a.pk}/"
    tag = office.get(place).headers["ETag"]
    assert office.get(place, HTTP_IF_NONE_MATCH=tag).status_code == 304
    pupil("New", "Kid", cast.class_7a)
    assert office.get(place, HTTP_IF_NONE_MATCH=tag).status_code == 200


def test_own_classes_say_what_one_teaches_in_them(cast, ana, office):
    maths = SubjectFactory(name="Mathematics")
    homeroom = TeachingAssignment.objects.get(teacher=cast.ana)
    last = date(2026, 3, 20)
    of_maths = TeachingAssignmentFactory(
        teacher=cast.ana,
        school_class=cast.class_7a,
        subject=maths,
        starts_on=YEAR_START,
        ends_on=last + timedelta(days=1),
    )
    TeachingAssignmentFactory(teacher=cast.ana, school_class=cast.class_7b, starts_on=MONDAY + timedelta(days=1))
    TeachingAssignmentFactory(teacher=cast.ben, school_class=cast.class_7a, subject=maths, starts_on=YEAR_START)
    assert ana.get(OWN).json() == [
        {
            "class_id": cast.class_7a.pk,
            "class_name": "7A",
            "grade_level": "7",
            "academic_year": "2025/26",
            "teacher_id": None,
            "teacher_name": None,
            "size": 2,
            "assignments": [
                {
                    "assignment_id": homeroom.pk,
                    "subject_id": None,
                    "subject_name": None,
                    "starts_on": "2025-09-01",
                    "ends_on": None,
                },
                {
                    "assignment_id": of_maths.pk,
                    "subject_id": maths.pk,
                    "subject_name": "Mathematics",
                    "starts_on": "2025-09-01",
                    "ends_on": "2026-03-20",
                },
            ],
        }
    ]
    assert office.get(OWN).json() == [], "an admin who teaches nothing"


def test_an_admin_who_teaches_has_own_classes_too(cast, office):
    head = TeacherFactory(user=cast.office, full_name="Hugo Head")
    TeachingAssignmentFactory(teacher=head, school_class=cast.class_7b, starts_on=YEAR_START)
    assert [item["class_name"] for item in office.get(OWN).json()] == ["7B"]


def test_reading_classes_is_noted_without_a_child(cast, ana):
    for place in (CLASSES, f"{CLASSES}{cast.class_7a.pk}/", OWN):
        ana.get(place)
    assert list(AccessLog.objects.order_by("pk").values_list("page", "student_id")) == [
        ("api:classes", ""),
        ("api:class", ""),
        ("api:own_classes", ""),
    ]


@pytest.mark.parametrize("place", [CLASSES, OWN, f"{CLASSES}{{}}/"])
def test_an_unknown_filter_is_refused(cast, office, place):
    answer = office.get(place.format(cast.class_7a.pk), {"colour": "red"})
    assert (answer.status_code, list(answer.json()["fields"])) == (400, ["colour"])


@pytest.mark.parametrize("key", [0, 999_999, 2**64])
def test_a_class_that_is_not_there_is_404(office, key):
    assert office.get(f"{CLASSES}{key}/").status_code == 404
    assert office.delete(f"{ASSIGNMENTS}{key}/").status_code == 404


# --- Assignments ------------------------------------------------------------------------------------


@pytest.fixture
def maths(cast):
    return SubjectFactory(name="Mathematics")


@pytest.fixture
def given(cast, maths):
    """Ana gets 7B in mathematics."""
    return {"teacher_id": cast.ana.user.pk, "class_id": cast.class_7b.pk, "subject_id": maths.pk}


def test_an_assignment_is_given_from_today_and_opens_the_class(cast, office, ana, given):
    answer = office.post(ASSIGNMENTS, given)
    made = TeachingAssignment.objects.get(teacher=cast.ana, school_class=cast.class_7b)
    assert (answer.status_code, answer.json()) == (
        201,
        {"message": "Ana Silva has 7B now.", "assignment_id": made.pk},
    )
    assert (made.subject_id, made.starts_on, made.ends_on) == (given["subject_id"], MONDAY, None)
    assert made.history.get().history_user == cast.office
    assert ana.get(f"{CLASSES}{cast.class_7b.pk}/").status_code == 200
    assert office.get(ASSIGNMENTS).json()[0] == {
        "assignment_id": made.pk,
        "teacher_id": cast.ana.user.pk,
        "teacher_name": "Ana Silva",
        "class_id": cast.class_7b.pk,
        "class_name": "7B",
        "subject_id": given["subject_id"],
        "subject_name": "Mathematics",
        "starts_on": "2026-03-16",
        "ends_on": None,
    }


def test_both_days_are_inclusive(cast, office, given):
    days = {"starts_on": "2026-03-02", "ends_on": "2026-03-06"}
    office.post(ASSIGNMENTS, {**given, **days})
    made = TeachingAssignment.objects.get(teacher=cast.ana, school_class=cast.class_7b)
    assert (made.starts_on, made.ends_on) == (date(2026, 3, 2), date(2026, 3, 7))
    item = office.get(ASSIGNMENTS, days).json()[0]
    assert (item["starts_on"], item["ends_on"]) == ("2026-03-02", "2026-03-06")


def test_the_assignments_are_narrowed(cast, office, given, maths):
    made = office.post(ASSIGNMENTS, given).json()["assignment_id"]
    of_ana = TeachingAssignment.objects.get(teacher=cast.ana, school_class=cast.class_7a).pk

    def keys(query):
        return [item["assignment_id"] for item in office.get(ASSIGNMENTS, query).json()]

    assert keys({"teacher_id": cast.ana.user.pk}) == [made, of_ana]
    assert keys({"teacher_id": cast.ana.user.pk, "class_id": cast.class_7a.pk}) == [of_ana]
    assert keys({"subject_id": maths.pk}) == [made]
    assert keys({"starts_on": "2026-03-16"}) == [made]
    assert keys({"ends_on": "2026-03-16"}) == keys({"teacher_id": 999_999}) == []


@pytest.mark.parametrize(
    ("query", "field"),
    [
        ({"teacher_id": "x"}, "teacher_id"),
        ({"teacher_id": "１"}, "teacher_id"),
        ({"class_id": str(2**63)}, "class_id"),
        ({"subject_id": "0"}, "subject_id"),
        ({"starts_on": "2026-02-30"}, "starts_on"),
        ({"ends_on": "9999-12-31"}, "ends_on"),
        ({"teacher": "1"}, "teacher"),
    ],
)
def test_a_filter_that_cannot_be_read_is_refused_by_name(office, query, field):
    answer = office.get(ASSIGNMENTS, query)
    assert (answer.status_code, list(answer.json()["fields"])) == (400, [field])


BAD = {
    "teacher-required": ({"teacher_id": None}, "teacher_id"),
    "teacher-known": ({"teacher_id": 999_999}, "teacher_id"),
    "teacher-in-range": ({"teacher_id": 2**63}, "teacher_id"),
    "teacher-is-a-number": ({"teacher_id": "1"}, "teacher_id"),
    "class-known": ({"class_id": 999_999}, "class_id"),
    "subject-known": ({"subject_id": 999_999}, "subject_id"),
    "day-is-a-day": ({"starts_on": "2026-02-30"}, "starts_on"),
    "last-day-after-first": ({"starts_on": "2026-03-16", "ends_on": "2026-03-14"}, None),
    "unknown-field": ({"role": "head"}, "role"),
}


@pytest.mark.parametrize("case", BAD)
def test_what_the_office_would_refuse_is_refused_by_name_and_nothing_is_stored(cast, office, given, case):
    changes, field = BAD[case]
    office.post(ASSIGNMENTS, {})
    before = everything_stored()
    answer = office.post(ASSIGNMENTS, {**given, **changes})
    assert (answer.status_code, list(answer.json().get("fields", [None]))) == (400, [field])
    assert answer.json()["error"]
    assert everything_stored() == before


def test_a_user_who_is_no_teacher_gets_no_class(cast, office, given):
    for user in (cast.mariam.user, UserFactory(role="teacher")):
        answer = office.post(ASSIGNMENTS, {**given, "teacher_id": user.pk})
        assert list(answer.json()["fields"]) == ["teacher_id"]


def test_the_same_class_and_subject_is_given_once_a_day(cast, office, given):
    assert office.post(ASSIGNMENTS, {**given, "ends_on": "2026-03-20"}).status_code == 201
    refused = office.post(ASSIGNMENTS, {**given, "starts_on": "2026-03-20"})
    assert (refused.status_code, refused.json()) == (
        400,
        {"error": "This teacher has this class and subject on some of these days. Change the dates."},
    )
    assert office.post(ASSIGNMENTS, {**given, "starts_on": "2026-03-21"}).status_code == 201
    assert office.post(ASSIGNMENTS, {**given, "subject_id": None}).status_code == 201


def test_an_assignment_is_taken_back_and_closes_the_class(cast, office, ana, given):
    made = office.post(ASSIGNMENTS, given).json()["assignment_id"]
    place = f"{ASSIGNMENTS}{made}/"
    assert office.delete(place, HTTP_IF_MATCH='"0"').status_code == 412
    answer = office.delete(place, HTTP_IF_MATCH="*")
    assert (answer.status_code, answer.json()) == (200, {"message": "Ana Silva does not have 7B any more."})
    assert ana.get(f"{CLASSES}{cast.class_7b.pk}/").status_code == 404
    assert TeachingAssignment.history.filter(id=made).latest().history_user == cast.office
    assert office.delete(place).status_code == 404
