"""/api/parent/: the children of a parent, and the report of a child with the figures of the page."""

from __future__ import annotations

import re
from datetime import date, timedelta

import pytest

from accounts.models import AccessLog
from assessments.models import Score
from attendance.models import AttendanceRecord, Status
from attendance.tests.factories import AttendanceRecordFactory
from attendance.tests.registers import text_of
from behavior.models import BehaviorRecord
from dashboard.tests.cards import MARKERS, busy_weeks
from participation.models import ParticipationRecord
from students.models import StudentParentLink
from students.tests.factories import EnrolmentFactory, StudentFactory, StudentParentLinkFactory, TermFactory
from tests.cast import MONDAY

CHILDREN = "/api/parent/children/"
QUERIES = 13  # token, school, calls so far, the child, log, and what the page reads: tests of the report
QUERIES_CHILDREN = 5  # token, school, calls so far, children, log


@pytest.fixture
def mariam(cast, program):
    return program(cast.mariam.user)


def of(student):
    return f"{CHILDREN}{student.student_id}/report/"


# --- The children -----------------------------------------------------------------------------------


def test_a_parent_lists_the_own_children(cast, mariam, program):
    StudentParentLinkFactory(student=cast.bo, parent=cast.mariam)
    cast.bo.enrolments.update(ends_on=MONDAY)
    assert mariam.get(CHILDREN).json() == [
        {
            "student_id": cast.amina.student_id,
            "full_name": "Amina Diallo",
            "class_id": cast.class_7a.pk,
            "class_name": "7A",
        },
        {"student_id": cast.bo.student_id, "full_name": "Bo Lind", "class_id": None, "class_name": None},
    ]
    for other in (cast.former.user, cast.ana.user, cast.office):
        assert program(other).get(CHILDREN).json() == []
    assert set(AccessLog.objects.values_list("reader__username", "page", "student_id")) == {
        ("mariam", "api:children", cast.amina.student_id),
        ("mariam", "api:children", cast.bo.student_id),
    }


def test_a_filter_of_the_children_is_refused(mariam):
    assert list(mariam.get(CHILDREN, {"class_id": "1"}).json()["fields"]) == ["class_id"]


@pytest.mark.parametrize("number", [1, 3, 60])
def test_the_children_cost_the_same_at_any_number(cast, mariam, count_queries, number):
    for _place in range(number):
        student = StudentFactory()
        EnrolmentFactory(student=student, school_class=cast.class_7a)
        StudentParentLinkFactory(student=student, parent=cast.mariam)
    mariam.get(CHILDREN)
    assert count_queries(lambda: mariam.get(CHILDREN)) == QUERIES_CHILDREN
    assert len(mariam.get(CHILDREN).json()) == number + 1


# --- The report -------------------------------------------------------------------------------------


def test_the_report_as_data(cast, mariam):
    """Every figure counted by hand from `busy_weeks`."""
    busy_weeks(cast)
    found = mariam.get(of(cast.amina)).json()
    assert {name: found[name] for name in ("student_id", "full_name", "class_id", "class_name", "period")} == {
        "student_id": cast.amina.student_id,
        "full_name": "Amina Diallo",
        "class_id": cast.class_7a.pk,
        "class_name": "7A",
        "period": {
            "period": "year",
            "name": "school year 2025/26",
            "first": "2025-09-01",
            "last": "2026-03-16",
        },
    }
    attendance = found["attendance"]
    late = {"date": "2026-03-03", "status": "late", "minutes_late": None, "note": "Bus was late"}
    assert {name: value for name, value in attendance.items() if name != "days"} == {
        "attendance_rate": 84.6,  # 11 of 13
        "attended": 11,
        "possible": 13,
        "coverage": 100.0,
        "unexcused": 1,
        "missed": 2,
        "tier": "chronic",
        "month": "2026-03",
        "latest_notes": [late],
    }
    days = {day["date"]: day["status"] for day in attendance["days"]}
    assert (len(days), days["2026-03-04"], days["2026-03-05"]) == (11, "absent", "excused")
    assert attendance["days"][1] == late
    assert found["behavior"] == {
        "positive": 1,
        "negative": 1,
        "records": [
            {
                "date": "2026-03-12",
                "behavior_type": "positive",
                "category": BehaviorRecord.objects.get(date=date(2026, 3, 12)).category.name,
                "notes": "Shared lunch with Bo",
                "noted_by": "Ana Silva",
            },
            {
                "date": "2026-03-05",
                "behavior_type": "negative",
                "category": "Homework",
                "notes": "Forgot the book",
                "noted_by": "Ana Silva",
            },
        ],
    }
    assert found["participation"] == [
        {
            "date": "2026-03-13",
            "event_name": "Spring concert",
            "status": "helped",
            "remarks": "Carried the chairs",
        }
    ]
    assert found["notes"] == [
        {"text": "A good start, well done.", "written_by": "Ana Silva", "written_at": "2026-03-16T09:00:00Z"}
    ]
    assert found["insights"] == {
        "changes": [
            {"sentence": "No day missed.", "section": "attendance"},
            {"sentence": "New marks: English (2), Mathematics (6).", "section": "marks"},
            {"sentence": "Behaviour: 1 positive, 0 negative.", "section": "behavior"},
            {"sentence": "Spring concert: Helped.", "section": "participation"},
        ],
        "praise": [
            {
                "sentence": "Mathematics is rising: 85.8\N{NO-BREAK SPACE}% lately, 52.5\N{NO-BREAK SPACE}% before.",
                "section": "marks",
            }
        ],
        "watch": [
            {
                "sentence": "2 days missed of 13: from 10 % on, absence is called chronic.",
                "section": "attendance",
            },
            {"sentence": "Not handed in: Essay (English).", "section": "marks"},
        ],
    }


def test_the_marks_of_the_report(cast, mariam):
    busy_weeks(cast)
    marks = mariam.get(of(cast.amina)).json()["marks"]
    english, maths = marks.pop("subjects")
    # (10 + 10.5 + 11 + 16 + 17 + 18.5 + 15 + 0) / 160 = 61.25 %
    assert marks == {"average": 61.2, "grade": "D", "graded": 7, "missing": 1, "exempt": 0}
    dictation = Score.objects.get(assessment__title="Dictation")
    assert english == {
        "average": 37.5,
        "grade": "F",
        "graded": 1,
        "missing": 1,
        "exempt": 0,
        "subject_id": dictation.assessment.subject_id,
        "subject_name": "English",
        "trend": None,
        "scores": [
            {
                "title": "Dictation",
                "assessment_type": "quiz",
                "date_taken": "2026-03-03",
                "state": "graded",
                "score": 15.0,
                "max_score": 20.0,
                "percentage": 75.0,
                "notes": "Read the question twice",
            },
            {
                "title": "Essay",
                "assessment_type": "quiz",
                "date_taken": "2026-03-10",
                "state": "missing",
                "score": None,
                "max_score": 20.0,
                "percentage": None,
                "notes": "",
            },
        ],
    }
    assert (maths["average"], maths["grade"], maths["trend"], len(maths["scores"])) == (69.1, "D", "rising", 6)


@pytest.mark.parametrize(
    "query",
    [
        {},
        {"period": "term"},
        {"period": "dates", "first": "2026-03-03", "last": "2026-03-10"},
        {"period": "dates", "first": "2025-05-01", "last": "2026-03-10"},
    ],
)
def test_the_page_says_the_same_figures(cast, mariam, sign_in, query):
    busy_weeks(cast)
    TermFactory(academic_year=cast.year, name="Spring", starts_on=date(2026, 3, 4), ends_on=date(2026, 4, 1))
    found = mariam.get(of(cast.amina), query).json()
    page = text_of(sign_in(cast.mariam.user).get(f"/report/{cast.amina.student_id}/", query))
    said = page.replace("\N{NO-BREAK SPACE}", " ")
    attendance, marks, behavior = found["attendance"], found["marks"], found["behavior"]
    rate = re.search(r"([0-9.]+) % attendance: (\d+) days? missed of (\d+)", said)
    assert rate
    assert (attendance["attendance_rate"], attendance["missed"], attendance["possible"]) == (
        float(rate[1]),
        int(rate[2]),
        int(rate[3]),
    )
    average = re.search(r"([0-9.]+) % average, grade (\w): of (\d+) graded", said)
    assert average
    assert (marks["average"], marks["grade"], marks["graded"]) == (float(average[1]), average[2], int(average[3]))
    noted = re.search(r"Behaviour: (\d+) positive, (\d+) negative", said)
    assert (behavior["positive"], behavior["negative"]) == ((int(noted[1]), int(noted[2])) if noted else (0, 0))
    assert attendance["attended"] + attendance["missed"] == attendance["possible"]


def test_a_month_is_chosen_as_on_the_page_and_a_register_not_taken_has_no_status(cast, mariam):
    busy_weeks(cast)
    AttendanceRecord.objects.filter(date=date(2026, 2, 27)).delete()
    attendance = mariam.get(of(cast.amina), {"month": "2026-02"}).json()["attendance"]
    assert (attendance["month"], attendance["days"]) == (
        "2026-02",
        [
            {"date": "2026-02-26", "status": "present", "minutes_late": None, "note": ""},
            {"date": "2026-02-27", "status": None, "minutes_late": None, "note": ""},
        ],
    )


@pytest.mark.parametrize(
    ("query", "field"),
    [
        ({"period": "week"}, "period"),
        ({"period": "dates", "first": "2026-02-30", "last": "2026-03-01"}, "first"),
        ({"period": "dates"}, None),
        ({"period": "dates", "first": "2026-03-02", "last": "2026-03-01"}, None),
        ({"period": "dates", "first": "2026-03-02", "last": "2026-03-17"}, None),
        ({"period": "dates", "first": "2020-03-02", "last": "2026-03-01"}, None),
        ({"month": "2026-13"}, "month"),
        ({"month": "2026-3"}, "month"),
        ({"format": "csv"}, "format"),
    ],
)
def test_a_period_that_cannot_be_read_is_refused(cast, mariam, query, field):
    answer = mariam.get(of(cast.amina), query)
    assert (answer.status_code, list(answer.json().get("fields", [None]))) == (400, [field])
    assert not AccessLog.objects.exists(), "nothing was read"


def test_each_section_follows_the_link(cast, mariam):
    busy_weeks(cast)
    names = {"attendance": "attendance", "assessments": "marks", "behavior": "behavior"}
    for section in MARKERS:
        name = names.get(section, section)
        answer = mariam.get(of(cast.amina))
        assert answer.json()[name] is not None
        assert MARKERS[section] in answer.content.decode()
        StudentParentLink.objects.filter(student=cast.amina).update(**{f"may_see_{section}": False})
        answer = mariam.get(of(cast.amina))
        assert answer.json()[name] is None
        assert MARKERS[section] not in answer.content.decode()


def test_only_published_marks_and_shared_behaviour_are_in_it_for_staff_too(cast, mariam, program):
    busy_weeks(cast)
    for caller in (mariam, program(cast.ana.user), program(cast.office)):
        said = caller.get(of(cast.amina)).content.decode()
        assert "Dictation" in said
        assert "Hidden quiz" not in said
        assert "For staff alone" not in said
    BehaviorRecord.objects.update(shared_with_parents=True)
    assert "For staff alone" in mariam.get(of(cast.amina)).content.decode()


def test_a_child_who_has_been_in_no_class_has_an_empty_report(cast, mariam):
    cast.amina.enrolments.all().delete()
    assert mariam.get(of(cast.amina)).json() == {
        "student_id": cast.amina.student_id,
        "full_name": "Amina Diallo",
        "class_id": None,
        "class_name": None,
        "period": None,
        "attendance": None,
        "marks": None,
        "behavior": None,
        "participation": None,
        "notes": [],
        "insights": None,
    }


def test_before_the_first_record_there_are_no_figures(cast, mariam):
    found = mariam.get(of(cast.amina), {"period": "dates", "first": "2026-03-14", "last": "2026-03-15"}).json()
    figures = ("attendance_rate", "coverage", "tier", "attended", "possible", "days")
    assert [found["attendance"][name] for name in figures] == [None, None, None, 0, 0, []]
    marks = {"average": None, "grade": None, "graded": 0, "missing": 0, "exempt": 0, "subjects": []}
    assert (found["marks"], found["behavior"], found["participation"]) == (
        marks,
        {"positive": 0, "negative": 0, "records": []},
        [],
    )


def test_the_child_of_another_family_is_not_there(cast, mariam, program):
    assert mariam.get(of(cast.amina)).status_code == 200
    assert mariam.get(of(cast.cleo)).status_code == 404
    assert mariam.get(f"{CHILDREN}STU99999/report/").status_code == 404
    assert program(cast.former.user).get(of(cast.amina)).status_code == 404
    assert list(AccessLog.objects.values_list("page", "student_id")) == [("api:child_report", cast.amina.student_id)]


def test_the_report_carries_an_etag(cast, mariam):
    tag = mariam.get(of(cast.amina)).headers["ETag"]
    assert mariam.get(of(cast.amina), HTTP_IF_NONE_MATCH=tag).status_code == 304
    AttendanceRecordFactory(student=cast.amina, school_class=cast.class_7a, status=Status.ABSENT)
    assert mariam.get(of(cast.amina), HTTP_IF_NONE_MATCH=tag).status_code == 200


@pytest.mark.parametrize("rows", [1, 3, 60])
def test_the_report_costs_the_same_for_any_number_of_marks(cast, mariam, count_queries, rows):
    days = [MONDAY - timedelta(days=number) for number in range(150)]
    for day in [day for day in days if day.isoweekday() <= 5][:rows]:
        AttendanceRecordFactory(student=cast.amina, school_class=cast.class_7a, date=day, note="Note")
    mariam.get(of(cast.amina))
    assert count_queries(lambda: mariam.get(of(cast.amina))) == QUERIES
    assert not ParticipationRecord.objects.exists()
