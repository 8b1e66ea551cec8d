"""/api/dashboard/: the figures of the dashboard, of a student, and of the alerts as programs read them."""

from __future__ import annotations

import csv
import re
from datetime import date
from io import StringIO

import pytest

from accounts.models import AccessLog
from accounts.tests.audit_doors import forget_readings
from accounts.tests.factories import TeacherFactory
from dashboard.tests.dashboard_pages import sheet, six_in_each
from dashboard.tests.early_warning import attends, blamed, keep, scores
from students.models import TeachingAssignment
from students.tests.factories import SchoolClassFactory, SubjectFactory, TeachingAssignmentFactory, TermFactory
from tests.cast import pupil

SUMMARY, SUBJECTS = "/api/dashboard/summary/", "/api/dashboard/subject-performance/"
TRENDS, ALERTS = "/api/dashboard/trends/", "/api/dashboard/alerts/"
LISTS = (SUMMARY, SUBJECTS, TRENDS, ALERTS)
# Beside who calls and how often (token, school, calls so far: 3) and the log: classes, calendar, and what is told.
QUERIES = {SUMMARY: 9, TRENDS: 10, ALERTS: 13}
QUERIES_OF_ONE = {"performance": 12, "trend": 11}


@pytest.fixture
def maths(cast):
    return SubjectFactory(name="Mathematics", code="MAT")


@pytest.fixture
def six(cast, maths):
    six_in_each(cast, maths)


@pytest.fixture
def office(cast, program):
    return program(cast.office)


@pytest.fixture
def ana(cast, program):
    return program(cast.ana.user)


def performance(student):
    return f"/api/dashboard/students/{student.student_id}/performance/"


def read(caller, place, **query):
    answer = caller.get(place, query)
    assert answer.status_code == 200
    return answer.json()


def without_gaps(text):
    """A sentence with plain spaces."""
    return text.replace("\N{NO-BREAK SPACE}", " ")


class TestSummary:
    def test_the_figures_of_everybody_whom_the_caller_sees(self, six, office, ana):
        assert read(office, SUMMARY) == {
            "total_students": 12,
            "average_score": 75.0,  # Amina 30, five with 90, six with 70: 900 / 12
            "attendance_rate": 97.2,  # 175 of 180
            "coverage": 100.0,
            "high_performers": 5,
        }
        assert read(ana, SUMMARY) == {
            "total_students": 6,
            "average_score": 80.0,
            "attendance_rate": 96.6,  # 116 of 120
            "coverage": 100.0,
            "high_performers": 5,
        }

    def test_narrowed_by_class_grade_level_and_term(self, cast, six, office):
        cast.class_7b.grade_level = "8"
        cast.class_7b.save()
        TermFactory(academic_year=cast.year, name="Autumn", starts_on=date(2025, 9, 1), ends_on=date(2026, 1, 1))
        TermFactory(academic_year=cast.year, name="Spring", starts_on=date(2026, 1, 5), ends_on=date(2026, 4, 1))
        assert read(office, SUMMARY, class_id=cast.class_7a.pk)["average_score"] == 80.0
        assert read(office, SUMMARY, grade_level="8")["average_score"] == 70.0
        assert read(office, SUMMARY, term="Spring")["average_score"] == 75.0
        assert read(office, SUMMARY, term="Autumn")["average_score"] is None

    def test_figures_of_fewer_than_five_students_are_withheld(self, cast, maths, office):
        attends(cast.amina, cast.class_7a, missed=5, sessions=10)
        for student in (cast.amina, cast.bo):
            scores(student, cast.class_7a, maths, [90, 90, 90])
        keep()
        assert read(office, SUMMARY) == {
            "total_students": 3,
            "average_score": None,
            "attendance_rate": None,
            "coverage": 3.4,  # 10 of the 292 sessions due: 10, and 141 of Bo and Cleo each
            "high_performers": 2,
        }
        assert read(office, SUBJECTS) == [{"subject": "Mathematics", "average": None, "count": 6, "students": 2}]
        assert [point["attendance_rate"] for point in read(office, TRENDS)] == [None] * 21

    def test_somebody_without_a_class_gets_nothing_and_no_error(self, cast, six, program):
        nobody = program(TeacherFactory(user__username="new").user)
        assert read(nobody, SUMMARY) == {
            "total_students": 0,
            "average_score": None,
            "attendance_rate": None,
            "coverage": None,
            "high_performers": 0,
        }
        assert read(nobody, SUBJECTS) == read(nobody, TRENDS) == []
        assert read(nobody, ALERTS) == {"low_attendance": [], "low_performance": [], "behavioral_concerns": []}


class TestPerformance:
    def test_one_student(self, cast, six, office):
        blamed(cast.amina, cast.ana, 0, 1, 2)
        found = read(office, performance(cast.amina))
        assert [without_gaps(reason) for reason in found.pop("at_risk_reasons")] == [
            "80.0 % attendance: at most 90 % raises it",
            "30.0 % average: below 60 % raises it",
            "30.0 % average in Mathematics: below 50 % raises it",
            "3 negative notes in 30 days: 3 raise it",
        ]
        assert found == {
            "student_id": cast.amina.student_id,
            "average_score": 30.0,
            "attendance_rate": 80.0,
            "is_high_performer": False,
            "subject_breakdown": {"Mathematics": {"average": 30.0, "count": 3}},
        }
        assert read(office, performance(cast.bo))["is_high_performer"] is True

    def test_no_data_is_null_and_no_reason(self, cast, office):
        empty = {
            "student_id": cast.bo.student_id,
            "average_score": None,
            "attendance_rate": None,
            "is_high_performer": None,
            "subject_breakdown": {},
            "at_risk_reasons": [],
        }
        assert read(office, performance(cast.bo)) == empty
        cast.bo.enrolments.all().delete()
        assert read(office, performance(cast.bo)) == empty
        assert read(office, TRENDS, student_id=cast.bo.student_id) == []

    def test_a_figure_is_cut_and_not_rounded(self, cast, maths, office):
        scores(cast.amina, cast.class_7a, maths, ["84.96", "84.96", "84.96"])
        found = read(office, performance(cast.amina))
        assert (found["average_score"], found["is_high_performer"]) == (84.9, False)

    def test_a_teacher_of_one_subject_reads_that_one(self, cast, six, ana):
        assert read(ana, performance(cast.amina))["average_score"] == 30.0
        TeachingAssignment.objects.filter(teacher=cast.ana).update(subject=SubjectFactory(name="Art"))
        found = read(ana, performance(cast.amina))
        assert (found["average_score"], found["subject_breakdown"]) == (None, {})

    def test_it_is_noted_of_whom_it_was_read(self, cast, six, ana):
        forget_readings()
        read(ana, performance(cast.amina))
        read(ana, TRENDS, student_id=cast.amina.student_id)
        assert list(AccessLog.objects.order_by("pk").values_list("reader__username", "page", "student_id")) == [
            ("ana", "api:dashboard_performance", cast.amina.student_id),
            ("ana", "api:dashboard_trends", cast.amina.student_id),
        ]


class TestSubjects:
    def test_by_name_with_what_they_are_of(self, cast, six, office, ana):
        scores(cast.bo, cast.class_7a, SubjectFactory(name="art"), [55])
        keep()
        answer = office.get(SUBJECTS)
        assert answer.json() == [
            {"subject": "art", "average": None, "count": 1, "students": 1},
            {"subject": "Mathematics", "average": 75.0, "count": 36, "students": 12},
        ]
        assert answer.headers["X-Total-Count"] == "2"
        assert read(office, SUBJECTS, page=2, page_size=1) == answer.json()[1:]
        assert read(ana, SUBJECTS)[1] == {"subject": "Mathematics", "average": 80.0, "count": 18, "students": 6}
        assert read(office, SUBJECTS, class_id=cast.class_7b.pk)[0]["average"] == 70.0


class TestTrends:
    def test_thirty_days_of_everybody(self, six, office):
        points = read(office, TRENDS)
        assert len(points) == 21
        assert points[:2] == [
            {"date": "2026-02-16", "attendance_rate": None, "average_score": None},
            {"date": "2026-02-17", "attendance_rate": 83.3, "average_score": None},  # five of six in 7A
        ]
        assert points[-1] == {"date": "2026-03-16", "attendance_rate": 100.0, "average_score": 75.0}
        assert read(office, TRENDS, period="30d") == points

    def test_weeks_of_everybody(self, six, office):
        assert [(len(points), points[0]["date"], points[-1]["date"]) for points in (
            read(office, TRENDS, period="90d"), read(office, TRENDS, period="1y"))
        ] == [(14, "2025-12-15", "2026-03-16"), (29, "2025-09-01", "2026-03-16")]  # fmt: skip

    def test_one_student(self, cast, six, office):
        of_amina = {"student_id": cast.amina.student_id.lower()}
        points = read(office, TRENDS, **of_amina)
        assert len(points) == 21
        assert points[0] == {"date": "2026-02-16", "attendance_rate": None, "average_score": None}
        assert points[1] == {"date": "2026-02-17", "attendance_rate": 0.0, "average_score": None}
        assert points[-1] == {"date": "2026-03-16", "attendance_rate": 100.0, "average_score": 30.0}
        weeks = read(office, TRENDS, period="90d", **of_amina)
        assert (len(weeks), weeks[9]) == (
            14,
            {"date": "2026-02-16", "attendance_rate": 0.0, "average_score": None},
        )
        assert len(read(office, TRENDS, period="1y", **of_amina)) == 29

    def test_another_teachers_student_is_not_there(self, cast, six, ana, program):
        of_cleo = {"student_id": cast.cleo.student_id}
        assert len(read(program(cast.ben.user), TRENDS, **of_cleo)) == 21
        assert ana.get(TRENDS, of_cleo).status_code == ana.get(TRENDS, {"student_id": "STU99999"}).status_code == 404


class TestAlerts:
    def test_a_list_a_rule_with_value_threshold_and_since_when(self, cast, six, office):
        blamed(cast.bo, cast.ana, 0, 1, 2)
        found = read(office, ALERTS)
        amina = {"student_id": cast.amina.student_id, "full_name": "Amina Diallo", "class_name": "7A"}
        cleo = {"student_id": cast.cleo.student_id, "full_name": "Cleo Marsh", "class_name": "7B"}
        bo = {"student_id": cast.bo.student_id, "full_name": "Bo Lind", "class_name": "7A"}
        for items in found.values():
            for item in items:
                item["reason"] = without_gaps(item["reason"])
        attendance = {"threshold": 90.0}
        assert found == {
            "low_attendance": [
                {**amina, **attendance, "value": 80.0, "since": "2026-03-02",  # the tenth session
                 "reason": "80.0 % attendance: at most 90 % raises it"},
                {**cleo, **attendance, "value": 90.0, "since": "2026-03-16",
                 "reason": "90.0 % attendance: at most 90 % raises it"},
            ],
            "low_performance": [
                {**amina, "value": 30.0, "threshold": 60.0, "since": "2026-03-16",
                 "reason": "30.0 % average: below 60 % raises it"},
                {**amina, "value": 30.0, "threshold": 50.0, "since": "2026-03-16",
                 "reason": "30.0 % average in Mathematics: below 50 % raises it"},
            ],
            "behavioral_concerns": [
                {**bo, "value": 3, "threshold": 3, "since": "2026-03-16",
                 "reason": "3 negative notes in 30 days: 3 raise it"},
            ],
        }  # fmt: skip

    def test_thresholds_for_this_look(self, six, office):
        found = read(office, ALERTS, attendance="85", performance="20.5")
        assert [(item["value"], item["threshold"]) for item in found["low_attendance"]] == [(80.0, 85.0)]
        assert [(item["value"], item["threshold"]) for item in found["low_performance"]] == [(30.0, 50.0)]
        assert len(read(office, ALERTS)["low_attendance"]) == 2

    def test_a_teacher_reads_of_the_own_classes_alone(self, cast, six, office, ana):
        assert cast.cleo.student_id in office.get(ALERTS).content.decode()
        assert [item["full_name"] for item in read(ana, ALERTS)["low_attendance"]] == ["Amina Diallo"]
        assert "Cleo" not in ana.get(ALERTS).content.decode()
        assert len(read(office, ALERTS, class_id=cast.class_7b.pk)["low_attendance"]) == 1


class TestTheSameAsThePages:
    """The figures of the CSV files and the staff page, for which hands have counted what they must be."""

    def test_summary_and_subjects(self, six, office, sign_in, cast):
        browser = sign_in(cast.office)
        lines = dict(line[:2] for line in sheet(browser, "summary")[1:])
        assert {name: str(value) for name, value in read(office, SUMMARY).items()}.items() <= lines.items()
        subjects = [[each["subject"], str(each["students"]), str(each["average"])] for each in read(office, SUBJECTS)]
        assert subjects == [line[:3] for line in sheet(browser, "subjects")[1:]]

    @pytest.mark.parametrize("period", ["30d", "90d", "1y"])
    def test_trends(self, cast, six, office, sign_in, period):
        points = [["" if each is None else str(each) for each in point.values()] for point in read(
            office, TRENDS, period=period)]  # fmt: skip
        assert points == sheet(sign_in(cast.office), "trend", period=period)[1:]

    def test_the_trend_of_a_student(self, cast, six, office, sign_in):
        page = sign_in(cast.office).get(f"/students/{cast.amina.student_id}/").content.decode()
        lines = page.split("Attendance and average, week by week</caption>")[1].split("</table>")[0].split("</tr>")
        told = [re.findall(r"([0-9.]+)\N{NO-BREAK SPACE}%|(–)", line) for line in lines[1:-1]]
        points = read(office, TRENDS, student_id=cast.amina.student_id, period="90d")
        found = [[point["attendance_rate"], point["average_score"]] for point in points]
        assert found == [[float(figure) if figure else None for figure, _dash in line] for line in told]

    def test_alerts(self, cast, six, office, sign_in):
        blamed(cast.bo, cast.ana, 0, 1, 2)
        answer = sign_in(cast.office).get("/dashboard/at-risk/", {"format": "csv"})
        file = csv.DictReader(StringIO(b"".join(answer.streaming_content).decode("utf-8-sig")))
        columns = ("student_id", "full_name", "value", "threshold", "since")
        lines = sorted((line["rule"], *(line[name] for name in columns)) for line in file)
        told = [
            (rule, *(str(int(item[name]) if rule == "behavioral_concerns" and name in {"value", "threshold"}
                         else item[name]) for name in columns))
            for rule, items in read(office, ALERTS).items() for item in items
        ]  # fmt: skip
        assert (len(told), sorted(told)) == (5, lines)


@pytest.mark.parametrize(
    ("place", "query", "field"),
    [
        (SUMMARY, {"class_id": "999999"}, "class_id"),
        (SUMMARY, {"class_id": "x"}, "class_id"),
        (SUMMARY, {"grade_level": "99"}, "grade_level"),
        (SUMMARY, {"term": "Never"}, "term"),
        (SUMMARY, {"period": "30d"}, "period"),
        (SUMMARY, {"page": "1"}, "page"),
        (SUBJECTS, {"class_id": "\x00"}, "class_id"),
        (SUBJECTS, {"page_size": "501"}, "page_size"),
        (SUBJECTS, {"subject": "Mathematics"}, "subject"),
        (TRENDS, {"period": "2y"}, "period"),
        (TRENDS, {"student_id": "S" * 21}, "student_id"),
        (TRENDS, {"student_id": "STU\x00"}, "student_id"),
        (TRENDS, {"class_id": "1"}, "class_id"),
        (ALERTS, {"attendance": "101"}, "attendance"),
        (ALERTS, {"attendance": "-1"}, "attendance"),
        (ALERTS, {"performance": "nan"}, "performance"),
        (ALERTS, {"performance": "50.55"}, "performance"),
        (ALERTS, {"rule": "low_attendance"}, "rule"),
        ("performance", {"term": "Spring"}, "term"),
    ],
)
def test_what_cannot_be_read_is_refused_by_name(cast, office, place, query, field):
    answer = office.get(performance(cast.amina) if place == "performance" else place, query)
    assert (answer.status_code, list(answer.json()["fields"])) == (400, [field])


def test_anothers_class_is_no_choice_of_a_teacher(cast, office, ana):
    for place in (SUMMARY, SUBJECTS, ALERTS):
        assert office.get(place, {"class_id": cast.class_7b.pk}).status_code == 200
        assert ana.get(place, {"class_id": cast.class_7b.pk}).status_code == 400


def test_parents_are_refused(cast, program):
    for place in (*LISTS, performance(cast.amina)):
        assert program(cast.mariam.user).get(place).status_code == 403


def test_a_look_at_many_is_one_line_of_the_log(cast, six, ana):
    forget_readings()
    for place in LISTS:
        read(ana, place)
    names = ("summary", "subjects", "trends", "alerts")
    assert list(AccessLog.objects.order_by("pk").values_list("page", "student_id")) == [
        (f"api:dashboard_{name}", "") for name in names
    ]


@pytest.mark.parametrize("rows", [1, 3, 60])
def test_it_costs_the_same_for_any_number_of_rows(cast, office, maths, count_queries, rows):
    for number in range(rows):
        school_class = SchoolClassFactory(name=f"Class {number}", academic_year=cast.year)
        TeachingAssignmentFactory(teacher=cast.ana, school_class=school_class)
        student = pupil("Extra", f"Number{number}", school_class)
        attends(student, school_class, missed=2, sessions=10)
        scores(student, school_class, SubjectFactory(name=f"Subject {number}"), [10, 20, 30])
        blamed(student, cast.ben, 0, 1, 2)
    keep()
    assert {len(items) for items in read(office, ALERTS).values()} == {rows, 2 * rows}
    assert {place: count_queries(lambda place=place: read(office, place)) for place in QUERIES} == QUERIES


@pytest.mark.parametrize("rows", [1, 3, 60])
def test_a_student_costs_the_same_with_any_number_of_rows(cast, office, count_queries, rows):
    attends(cast.amina, cast.class_7a, missed=rows, sessions=rows)
    for number in range(rows):
        scores(cast.amina, cast.class_7a, SubjectFactory(name=f"Subject {number}"), [10])
    blamed(cast.amina, cast.ana, *range(rows))
    keep()
    assert len(read(office, performance(cast.amina))["subject_breakdown"]) == rows
    of_amina = {"student_id": cast.amina.student_id}
    assert {
        "performance": count_queries(lambda: read(office, performance(cast.amina))),
        "trend": count_queries(lambda: read(office, TRENDS, **of_amina)),
    } == QUERIES_OF_ONE
