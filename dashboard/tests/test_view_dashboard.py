"""/dashboard/: how the classes that somebody sees are doing, and whom to talk to."""

from __future__ import annotations

import re
from datetime import date, timedelta
from decimal import Decimal
from html import unescape

import pytest
from django.test import Client
from pytest_django.asserts import assertContains, assertNotContains

from accounts.models import AccessLog
from accounts.tests.audit_doors import forget_readings
from accounts.tests.factories import TeacherFactory
from assessments.models import GradeScale
from assessments.recounting import recount_totals
from assessments.tests.factories import AssessmentFactory, ScoreFactory
from attendance.models import AttendanceRecord, Status
from attendance.recounting import recount_registers
from dashboard.tests.dashboard_pages import HOME, figures, sheet, six_in_each, table, text_of, words
from dashboard.tests.early_warning import attends, blamed, keep, scores, weekdays_up_to
from dashboard.tests.factories import FollowUpFactory, ThresholdSetFactory
from students.models import Enrolment, SchoolClass, Student, TeachingAssignment
from students.tests.factories import (
    AcademicYearFactory,
    ClosureFactory,
    SchoolClassFactory,
    SubjectFactory,
    TeachingAssignmentFactory,
    TermFactory,
)
from tests.cast import MONDAY, pupil

QUERIES = 11  # user, school, classes, calendar, standards, enrolments, registers, notes, absences, names, log
TERM_QUERIES = 11
ONE_DAY = timedelta(days=1)


@pytest.fixture
def maths(cast):
    return SubjectFactory(name="Mathematics", code="MAT")


@pytest.fixture
def six(cast, maths):
    six_in_each(cast, maths)


@pytest.fixture
def office(cast, sign_in):
    return sign_in(cast.office)


@pytest.fixture
def ana(cast, sign_in):
    return sign_in(cast.ana.user)


class TestFigures:
    def test_four_figures_with_the_last_thirty_days_beside(self, six, office):
        assert figures(office) == [
            "12 students 0 thirty days ago",
            "75.0 % average score 75.0 % in the last 30 days",
            "97.2 % attendance, from 100.0 % of the marks due 97.2 % in the last 30 days",
            "5 high performers of 12 students with 3 graded scores",
        ]  # Amina 30, five with 90, six with 70: 900 / 12; 175 of 180 days

    def test_they_lead_to_the_rows_behind_them(self, cast, six, office):
        page = office.get(HOME, {"class_id": cast.class_7a.pk}).content.decode()
        links = re.findall(r'<a class="figure" href="([^"]+)"', unescape(page))
        days = "start_date=2025-09-01&end_date=2026-03-16"
        assert links == [
            f"/students/?class_id={cast.class_7a.pk}",
            f"/assessments/statistics/?academic_year={cast.year.pk}&class_id={cast.class_7a.pk}",
            f"/attendance/records/?class_id={cast.class_7a.pk}&{days}",
            f"/dashboard/high-performers/?class_id={cast.class_7a.pk}",
        ]
        assert [words(office.get(link)) for link in links]
        assert "6 students" in words(office.get(links[0]))
        assert "80.0 % average" in words(office.get(links[1]))
        assert "120 marks" in words(office.get(links[2]))
        assert "5 students" in words(office.get(links[3]))
        assert figures(office, class_id=cast.class_7a.pk)[0].startswith("6 students")

    def test_registers_not_taken_are_counted_and_lead_to_their_list(self, cast, six, office):
        AttendanceRecord.objects.filter(school_class=cast.class_7b, date=MONDAY).delete()
        recount_registers(by=None, repair=True)
        page = office.get(HOME)
        assert "1 register of 30 not taken · Today: 1 of 2 taken" in words(page)
        link = unescape(re.search(r'href="(/attendance/not-taken/[^"]+)"', page.content.decode())[1])
        assert "1 register" in words(office.get(link))

    def test_the_thirty_days_are_the_last_ones(self, cast, six, office, maths):
        """A month ago Cleo had ten bad marks, and missed ten days; neither is beside the figures of the year."""
        Enrolment.objects.filter(student=cast.cleo).update(starts_on=date(2026, 1, 5))
        for number, day in enumerate(weekdays_up_to(date(2026, 1, 30), 10)):
            record = {"student": cast.cleo, "school_class": cast.class_7b, "date": day}
            AttendanceRecord.objects.create(**record, status=Status.ABSENT)
            work = {"school_class": cast.class_7b, "subject": maths, "date_taken": day, "title": f"Old {number}"}
            ScoreFactory(student=cast.cleo, assessment=AssessmentFactory(**work), score=0)
        keep()
        found = figures(office)
        assert found[1] == "70.5 % average score 75.0 % in the last 30 days"  # Cleo's own is 210 / 13 now
        assert found[2].startswith("92.1 % attendance")
        assert found[2].endswith("97.2 % in the last 30 days")

    def test_it_says_of_what_the_figures_are(self, six, office, ana):
        assert "SPTrack School year 2025/26 to date · all marks, published or not Add a student" in words(
            office.get(HOME)
        )
        said = words(ana.get(HOME))
        assert "Your classes School year 2025/26 to date" in said
        assert "Add a student" not in said


class TestBreakdowns:
    def test_subjects_as_bars_and_as_a_table_each_leading_to_its_statistics(self, cast, six, maths, office):
        assert table(office, "Average by subject") == ["Mathematics 12 75.0 % 36 0"]
        page = office.get(HOME)
        address = f"/assessments/statistics/?academic_year={cast.year.pk}&amp;subject={maths.pk}"
        assertContains(page, f'<a class="bars__name" href="{address}">Mathematics</a>', html=True)
        assertContains(page, '<rect class="chart__bar" width="750" height="10" />', html=True)
        assert "75.0 % average" in words(office.get(unescape(address)))

    def test_grades_as_bars_and_as_a_table(self, six, office):
        title = "How many graded scores stand in each grade"
        assert table(office, title) == ["A 21 58.3 %", "B 0 0.0 %", "C 6 16.6 %", "D 0 0.0 %", "F 9 25.0 %"]
        chart = office.get(HOME).content.decode().split('aria-labelledby="grades-title"')[1].split("</svg>")[0]
        assert text_of(chart.split("</title>")[1]) == "21 A 0 B 6 C 0 D 9 F"

    def test_classes_side_by_side_each_leading_to_its_page_and_its_rows(self, cast, six, office):
        assert table(office, "Classes side by side") == ["7A 6 80.0 % 96.6 % 100.0 % 0", "7B 6 70.0 % 98.3 % 100.0 % 0"]
        page = office.get(HOME)
        for place in (
            "/classes/{}/",
            "/attendance/records/?class_id={}&amp;",
            "/attendance/not-taken/?class_id={}&amp;",
        ):
            assertContains(page, f'href="{place.format(cast.class_7b.pk)}')

    def test_a_school_without_a_scale_says_so(self, six, office):
        GradeScale.objects.update(in_use=False)
        assert "No grade scale is in use." in words(office.get(HOME))


class TestTrend:
    def test_thirty_days_have_a_point_for_each_day_with_school(self, six, office):
        lines = table(office, "Attendance and average over time")
        assert len(lines) == 21  # weekdays from 16 February to 16 March
        assert lines[0] == "Mon 16 Feb – –"
        assert lines[-1] == "Mon 16 Mar 100.0 % 75.0 %"
        chart = office.get(HOME).content.decode().split('aria-labelledby="attendance-line"')[1].split("</svg>")[0]
        assert text_of(chart.split("</title>")[1]) == (
            "80.0 % 100.0 % alert: 90 % 100.0 % Mon 16 Feb Mon 2 Mar Mon 16 Mar"
        )
        assert chart.count("<polyline") == 1

    def test_longer_periods_have_a_point_for_each_week(self, six, office):
        lines = table(office, "Attendance and average over time", period="90d")
        assert (lines[0], lines[-1]) == ("Mon 15 Dec 2025 – –", "Mon 16 Mar 100.0 % 75.0 %")
        assert len(lines) == 14
        year = sheet(office, "trend", period="1y")
        assert (year[0], year[1]) == (["date", "attendance_rate", "average_score"], ["2025-09-01", "", ""])
        assert year[-1] == ["2026-03-16", "100.0", "75.0"]
        assert len(year) == 30

    def test_a_day_on_which_the_school_is_closed_is_no_point(self, six, office):
        assert any(line.startswith("Wed 18 Feb") for line in table(office, "Attendance and average over time"))
        ClosureFactory(starts_on=date(2026, 2, 18))
        assert not any(line.startswith("Wed 18 Feb") for line in table(office, "Attendance and average over time"))

    def test_the_threshold_is_the_one_in_force(self, six, office):
        ThresholdSetFactory(version=4, attendance=Decimal("92.5"), average=Decimal(55))
        said = words(office.get(HOME))
        assert "alert: 92.5 %" in said
        assert "alert: 55 %" in said


class TestWhomToTalkTo:
    def test_the_first_ten_in_words_and_a_link_to_all(self, cast, six, office, maths):
        blamed(cast.bo, cast.ana, 0, 1, 2)
        page = office.get(HOME)
        said = words(page).split("Whom to talk to")[1]
        assert said.startswith(
            " Amina Diallo 7A attendance 80.0 %, average 30.0 %, Mathematics 30.0 % "
            "Bo Lind 7A 3 negative notes within 30 days "
            "Cleo Marsh 7B attendance 90.0 % All 3 students at risk, with the evidence"
        )
        assertContains(page, f'href="/students/{cast.amina.student_id}/#performance"')
        assertContains(page, 'href="/dashboard/at-risk/"')
        assert "3 students" in words(office.get("/dashboard/at-risk/"))

    def test_no_more_than_ten(self, cast, six, office):
        for student in [pupil("Many", f"Number{number:02}", cast.class_7b) for number in range(12)]:
            blamed(student, cast.ben, 0, 1, 2)
        page = office.get(HOME).content.decode()
        listed = re.findall(r'href="/students/STU\d+/#performance"', page)
        assert len(listed) == 10
        assert "All 14 students at risk" in text_of(page)

    def test_an_alert_with_a_fresh_action_steps_back(self, cast, six, office):
        FollowUpFactory(student=cast.amina, look_again_on=MONDAY + 7 * ONE_DAY)
        said = words(office.get(HOME)).split("Whom to talk to")[1]
        assert said.index("Cleo Marsh") < said.index("Amina Diallo")

    def test_only_the_latest_action_of_the_school_year_counts(self, cast, six, office):
        before, again = MONDAY - 7 * ONE_DAY, MONDAY + 7 * ONE_DAY
        FollowUpFactory(student=cast.amina, done_on=before, look_again_on=again)
        FollowUpFactory(student=cast.amina, done_on=MONDAY - ONE_DAY, look_again_on=MONDAY)
        FollowUpFactory(student=cast.cleo, done_on=cast.year.starts_on - ONE_DAY, look_again_on=again)
        said = words(office.get(HOME)).split("Whom to talk to")[1]
        assert said.index("Amina Diallo") < said.index("Cleo Marsh")
        FollowUpFactory(student=cast.amina, done_on=MONDAY - ONE_DAY, look_again_on=again)
        said = words(office.get(HOME)).split("Whom to talk to")[1]
        assert said.index("Cleo Marsh") < said.index("Amina Diallo")

    def test_a_term_has_none_and_says_where_they_are(self, cast, six, office):
        TermFactory(academic_year=cast.year, name="Spring", starts_on=date(2026, 1, 5), ends_on=date(2026, 4, 1))
        said = words(office.get(HOME, {"term": "Spring"}))
        assert "Alerts look at the whole school year, not at one term. Open the alerts" in said
        assert "Amina" not in said

    def test_nobody_at_risk_is_said(self, cast, office):
        assert "Nobody is at risk by the rules in force." in words(office.get(HOME))

    @pytest.mark.parametrize(
        ("missed", "sessions", "listed"), [(1, 10, True), (1, 9, False), (2, 20, True), (1, 11, False)]
    )
    def test_at_exactly_ninety_percent_of_ten_sessions_and_more(self, cast, office, missed, sessions, listed):
        attends(cast.cleo, cast.class_7b, missed=missed, sessions=sessions)
        keep()
        assert ("Cleo Marsh 7B attendance 90.0 %" in words(office.get(HOME))) is listed


class TestWhoSeesWhat:
    def test_a_teachers_dashboard_holds_nothing_of_other_classes(self, cast, six, maths, office, ana, sign_in):
        cast.class_7b.grade_level = "8"
        cast.class_7b.save()
        art = SubjectFactory(name="Art only in 7B")
        for student in Student.objects.enrolled_on(cast.class_7b, MONDAY):
            scores(student, cast.class_7b, art, [55])
        keep()
        everything, own = office.get(HOME), ana.get(HOME)
        for secret in (">7B<", "Cleo Marsh", "Art only in 7B", '<option value="8"'):
            assertContains(everything, secret)
            assertNotContains(own, secret)
        assert figures(office)[0].startswith("12 students")
        assert figures(ana) == [
            "6 students 0 thirty days ago",
            "80.0 % average score 80.0 % in the last 30 days",
            "96.6 % attendance, from 100.0 % of the marks due 96.6 % in the last 30 days",
            "5 high performers of 6 students with 3 graded scores",
        ]
        for name in ("summary", "trend", "subjects", "grades", "classes"):
            assert "7B" not in str(sheet(ana, name))
            assert "Art" not in str(sheet(ana, name))
        assert ana.get(HOME, {"class_id": cast.class_7b.pk}).status_code == 400
        assert office.get(HOME, {"class_id": cast.class_7b.pk}).status_code == 200
        assert figures(sign_in(cast.ben.user))[1].startswith("66.2 %")  # (210 + 55) / 4

    def test_a_teacher_of_one_subject_counts_that_subject(self, cast, six, maths, office, sign_in):
        tia = TeacherFactory(user__username="tia")
        TeachingAssignmentFactory(teacher=tia, school_class=cast.class_7a, subject=SubjectFactory(name="Art"))
        page = sign_in(tia.user).get(HOME)
        assert figures(office, class_id=cast.class_7a.pk)[1].startswith("80.0 %")
        assert "– average score" in words(page)
        assertNotContains(page, "Mathematics")

    def test_parents_are_refused_and_the_signed_out_led_to_the_sign_in(self, cast, sign_in):
        for query in ({}, {"format": "csv", "table": "classes"}):
            assert sign_in(cast.mariam.user).get(HOME, query).status_code == 403
            assert Client().get(HOME, query).url.startswith("/accounts/login/?next=/dashboard/")

    def test_a_teacher_without_a_class_is_told_who_gives_one(self, cast, sign_in):
        page = sign_in(TeacherFactory(user__username="new").user).get(HOME)
        assertContains(page, "No class is assigned to you now. The school office assigns them.")

    def test_reading_writes_one_line_of_the_access_log_and_nothing_else(self, six, office):
        forget_readings()
        office.get(HOME)
        sheet(office, "classes")
        assert (
            list(AccessLog.objects.values_list("reader__username", "page", "path", "student_id"))
            == [("office", "dashboard:home", HOME, "")] * 2
        )

    def test_the_office_is_led_to_the_office(self, office):
        assertContains(office.get(HOME), '<a class="btn btn-plain" href="/admin/">Go to the office</a>', html=True)


class TestFiles:
    def test_each_table_as_csv(self, six, office):
        assert sheet(office, "summary") == [
            ["figure", "to_date", "last_30_days"],
            ["total_students", "12", "0"],
            ["average_score", "75.0", "75.0"],
            ["attendance_rate", "97.2", "97.2"],
            ["coverage", "100.0", ""],
            ["high_performers", "5", ""],
            ["registers_due", "30", ""],
            ["registers_not_taken", "0", ""],
        ]
        assert sheet(office, "subjects") == [
            ["subject", "students", "average", "graded", "missing", "exempt"],
            ["Mathematics", "12", "75.0", "36", "0", "0"],
        ]
        assert sheet(office, "grades")[:2] == [["grade", "scores", "of_all"], ["A", "21", "58.3"]]
        assert sheet(office, "classes")[1:] == [
            ["7A", "6", "80.0", "96.6", "100.0", "20", "0"],
            ["7B", "6", "70.0", "98.3", "100.0", "10", "0"],
        ]

    def test_a_name_that_a_spreadsheet_would_run_is_disarmed(self, cast, six, office):
        SchoolClass.objects.filter(pk=cast.class_7a.pk).update(name="=7A")
        assert "'=7A" in [line[0] for line in sheet(office, "classes")]


@pytest.mark.parametrize("rows", [1, 3, 60])
@pytest.mark.parametrize(
    ("query", "expected"), [({}, QUERIES), ({"period": "1y"}, QUERIES), ({"term": "S"}, TERM_QUERIES)]
)
def test_it_costs_the_same_for_any_number_of_rows(cast, office, ana, maths, count_queries, rows, query, expected):
    TermFactory(academic_year=cast.year, name="S", starts_on=date(2026, 1, 5), ends_on=date(2026, 4, 1))
    TeachingAssignment.objects.filter(teacher=cast.ana).delete()
    for number in range(rows):
        school_class = SchoolClassFactory(name=f"Class {number}", academic_year=cast.year)
        TeachingAssignmentFactory(teacher=cast.ana, school_class=school_class)
        student = pupil("Extra", f"Number{number}", school_class)
        attends(student, school_class, missed=2, sessions=10)
        scores(student, school_class, maths, [10, 20, 30])
        blamed(student, cast.ben, 0, 1, 2)
        FollowUpFactory(student=student)
    keep()
    for browser in (office, ana):
        assert count_queries(lambda browser=browser: browser.get(HOME, query)) == expected
    assert recount_totals(repair=False) == []


def test_a_year_before_this_one_is_not_counted(cast, six, office):
    old = AcademicYearFactory(starts_on=date(2024, 9, 1), ends_on=date(2025, 7, 1))
    pupil("Old", "Student", SchoolClassFactory(name="6A", academic_year=old), starts_on=date(2024, 9, 1))
    assert "6A" not in words(office.get(HOME))
    assert figures(office)[0].startswith("12 students")
