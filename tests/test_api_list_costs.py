"""Each list of the API costs the same number of statements however long it is, up to the longest page."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

import pytest

from accounts.models import Parent, Teacher, User
from accounts.roles import Role
from assessments.models import Assessment, Score, State
from assessments.recounting import recount_totals
from assessments.tests.factories import AssessmentFactory, ScoreFactory
from attendance.models import AttendanceRecord, Status
from behavior.models import BehaviorRecord
from behavior.tests.factories import BehaviorRecordFactory, by
from participation.models import ParticipationRecord
from participation.models import Status as PartTaken
from participation.tests.factories import EventFactory
from students.models import (
    EmergencyContact,
    Enrolment,
    Guardian,
    School,
    SchoolClass,
    Student,
    Subject,
    TeachingAssignment,
)
from students.tests.factories import SubjectFactory
from tests.cast import MONDAY, YEAR_START, Cast

LENGTHS = (1, 3, 60, 500)
# Lists that are no longer for having more rows: a parent has a few children, a trend its days or weeks.
BOUNDED = {"/api/parent/children/", "/api/dashboard/trends/"}
Filters = dict[str, Any]


def new_pupils(cast: Cast, number: int) -> list[Student]:
    """Students of 7A, who have been in it since the year began."""
    ids = School.allocate_student_ids(number)
    pupils = Student.objects.bulk_create(
        Student(student_id=each, given_name="Kid", family_name=f"No {each}", enrollment_date=YEAR_START) for each in ids
    )
    Enrolment.objects.bulk_create(
        Enrolment(student=each, school_class=cast.class_7a, starts_on=YEAR_START, is_primary=True) for each in pupils
    )
    return pupils


def students(cast: Cast, number: int) -> Filters:
    pupils = new_pupils(cast, number)
    Guardian.objects.bulk_create(Guardian(student=each, name="Ida", phone="+351 210 1") for each in pupils)
    EmergencyContact.objects.bulk_create(EmergencyContact(student=each, name="Abu", phone="1") for each in pupils)
    return {"search": "Kid"}


def marks(cast: Cast, number: int) -> Filters:
    AttendanceRecord.objects.bulk_create(
        AttendanceRecord(student=each, school_class=cast.class_7a, date=MONDAY, status=Status.PRESENT)
        for each in new_pupils(cast, number)
    )
    return {}


def scores(cast: Cast, number: int) -> Filters:
    work = AssessmentFactory(school_class=cast.class_7a)
    points = {"state": State.GRADED, "score": Decimal(15), "max_score": work.max_score}
    Score.objects.bulk_create(Score(student=each, assessment=work, **points) for each in new_pupils(cast, number))
    return {}


def records(cast: Cast, number: int) -> Filters:
    first, *others = new_pupils(cast, number)
    made = BehaviorRecordFactory(student=first, **by(cast.ana))
    same = {"behavior_type": made.behavior_type, "category": made.category, "date": made.date, **by(cast.ana)}
    BehaviorRecord.objects.bulk_create(BehaviorRecord(student=each, **same) for each in others)
    return {}


def part_taken(cast: Cast, number: int) -> Filters:
    event = EventFactory(school_class=cast.class_7a)
    same = {name: getattr(event, name) for name in ("date", "school_class")} | {"event_name": event.name}
    ParticipationRecord.objects.bulk_create(
        ParticipationRecord(student=each, event=event, status=PartTaken.ATTENDED, **same)
        for each in new_pupils(cast, number)
    )
    return {}


def users(_cast: Cast, number: int) -> Filters:
    made = User.objects.bulk_create(
        User(username=f"kin{each}", email=f"kin{each}@school.example", role=Role.PARENT) for each in range(number)
    )
    Parent.objects.bulk_create(Parent(user=each, full_name=f"Kin of {each.username}") for each in made)
    return {"search": "kin"}


def classes(cast: Cast, number: int) -> Filters:
    """Classes with a homeroom teacher each and two assignments of Ben, who has no other."""
    TeachingAssignment.objects.filter(teacher=cast.ben).delete()
    people = User.objects.bulk_create(User(username=f"t{each}", role=Role.TEACHER) for each in range(number))
    teachers = Teacher.objects.bulk_create(Teacher(user=each, full_name=each.username) for each in people)
    made = SchoolClass.objects.bulk_create(
        SchoolClass(name=f"K{place}", grade_level="8", academic_year=cast.year, homeroom_teacher=teacher)
        for place, teacher in enumerate(teachers)
    )
    since = {"teacher": cast.ben, "starts_on": YEAR_START}
    for subject in (None, SubjectFactory()):
        TeachingAssignment.objects.bulk_create(
            TeachingAssignment(school_class=each, subject=subject, **since) for each in made
        )
    return {}


def assignments(cast: Cast, number: int) -> Filters:
    classes(cast, number)
    return {"teacher_id": cast.ben.user.pk, "subject_id": Subject.objects.latest("pk").pk}


def subjects(cast: Cast, number: int) -> Filters:
    """A score of Amina in each subject."""
    first = ScoreFactory(student=cast.amina, assessment=AssessmentFactory(school_class=cast.class_7a)).assessment
    others = Subject.objects.bulk_create(Subject(name=f"S{each:03}", code=f"S{each:03}") for each in range(1, number))
    work = {name: getattr(first, name) for name in ("school_class", "category", "date_taken", "max_score")}
    made = Assessment.objects.bulk_create(
        Assessment(subject=each, title="Quiz", assessment_type=first.assessment_type, **work) for each in others
    )
    points = {"state": State.GRADED, "score": Decimal(15), "max_score": first.max_score}
    Score.objects.bulk_create(Score(student=cast.amina, assessment=each, **points) for each in made)
    recount_totals(repair=True)
    return {}


@dataclass(frozen=True)
class Length:
    """Who reads a list, what it costs them, and what makes it as long as is asked for."""

    reader: str
    statements: int
    fill: Callable[[Cast, int], Filters]


# Of the statements four are those of every call: token, school, calls so far, and the log, which people have not.
LISTS = {
    "/api/students/": Length("office", 9, students),
    "/api/attendance/": Length("office", 7, marks),
    "/api/assessments/": Length("office", 9, scores),
    "/api/behavior/": Length("office", 8, records),
    "/api/participation/": Length("office", 7, part_taken),
    "/api/dashboard/subject-performance/": Length("ana", 8, subjects),
    "/api/admin/users/": Length("office", 5, users),
    "/api/admin/teacher-assignments/": Length("office", 5, assignments),
    "/api/classes/": Length("ben", 6, classes),
    "/api/teacher/classes/": Length("ben", 7, classes),
}


@pytest.mark.parametrize("number", LENGTHS)
@pytest.mark.parametrize("path", LISTS)
def test_a_list_costs_the_same_at_any_length(cast, program, count_queries, path, number):
    length = LISTS[path]
    reader = {"office": cast.office, "ana": cast.ana.user, "ben": cast.ben.user}[length.reader]
    query = length.fill(cast, number) | {"page_size": 500}
    caller = program(reader)
    assert len(caller.get(path, query).json()) == number
    assert count_queries(lambda: caller.get(path, query)) == length.statements


def test_every_list_of_the_schema_is_measured(cast, program):
    paths = program(cast.office).get("/api/schema/").json()["paths"]
    pages = {
        path
        for path, verbs in paths.items()
        if any(each["name"] == "page" for each in verbs.get("get", {}).get("parameters", ()))
    }
    assert pages - BOUNDED == set(LISTS)
