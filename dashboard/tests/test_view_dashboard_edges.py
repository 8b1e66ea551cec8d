"""/dashboard/ with few students, with filters, and where there is little or nothing to count yet."""

from __future__ import annotations

import re
from datetime import date, timedelta
from html import unescape

import pytest
from pytest_django.asserts import assertContains

from accounts.roles import Role
from accounts.tests.factories import UserFactory
from assessments.tests.factories import AssessmentFactory, ScoreFactory
from attendance.models import AttendanceRecord, Status
from attendance.recounting import recount_registers
from dashboard.tests.dashboard_pages import HOME, figures, sheet, six_in_each, table, text_of, words
from dashboard.tests.early_warning import attends, keep, scores
from students.models import Enrolment, SchoolClass, Student
from students.tests.factories import (
    ClosureFactory,
    EnrolmentFactory,
    SubjectFactory,
    TermFactory,
)
from tests.cast import MONDAY, pupil

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


class TestFewerThanFive:
    def test_a_subject_and_a_class_of_four_show_no_figure(self, cast, six, office, maths):
        art = SubjectFactory(name="Art")
        for student in Student.objects.enrolled_on(cast.class_7a, MONDAY)[:4]:
            scores(student, cast.class_7a, art, [77])
        keep()
        assert table(office, "Average by subject")[0] == "Art 4 fewer than 5 4 0"
        assert sheet(office, "subjects")[1] == ["Art", "4", "fewer than 5", "4", "0", "0"]
        fifth = Student.objects.enrolled_on(cast.class_7a, MONDAY).exclude(scores__assessment__subject=art)[0]
        scores(fifth, cast.class_7a, art, [77])
        keep()
        assert table(office, "Average by subject")[0] == "Art 5 77.0 % 5 0"

    def test_a_class_of_four(self, cast, six, office):
        gone = Student.objects.enrolled_on(cast.class_7b, MONDAY).order_by("pk")[:2]
        assert table(office, "Classes side by side")[1].startswith("7B 6 70.0 % 98.3 %")
        Enrolment.objects.filter(student__in=list(gone)).update(ends_on=MONDAY)
        recount_registers(by=None, repair=True)
        line = table(office, "Classes side by side")[1]
        assert line.startswith("7B 4 70.0 % fewer than 5")  # six have marks still, four are there
        assert sheet(office, "classes")[2][3] == "fewer than 5"

    def test_a_grade_in_which_four_scores_stand(self, cast, six, office, maths):
        title = "How many graded scores stand in each grade"
        four = Student.objects.enrolled_on(cast.class_7a, MONDAY)[:4]
        for student in four:
            scores(student, cast.class_7a, SubjectFactory(name=f"S{student.pk}"), [85])
        keep()
        assert table(office, title)[1] == "B fewer than 5 –"
        assert sheet(office, "grades")[2] == ["B", "fewer than 5", ""]
        chart = office.get(HOME).content.decode().split('aria-labelledby="grades-title"')[1].split("</svg>")[0]
        assert text_of(chart.split("</title>")[1]) == "21 A 6 C 0 D 9 F"

    def test_a_scope_of_four_shows_counts_and_no_averages(self, cast, office, maths):
        attends(cast.amina, cast.class_7a, missed=4, sessions=20)
        scores(cast.amina, cast.class_7a, maths, [90, 90, 90])
        keep()
        assert figures(office) == [
            "3 students 2 thirty days ago",
            "fewer than 5 average score fewer than 5 in the last 30 days",
            "fewer than 5 attendance, from 6.6 % of the marks due fewer than 5 in the last 30 days",
            "1 high performer of 1 student with 3 graded scores",
        ]
        said = words(office.get(HOME))
        assert "Not drawn for fewer than 5 students." in said
        assert [line[1:] for line in sheet(office, "trend")[1:]] == [["", ""]] * 21
        assert sheet(office, "summary")[2] == ["average_score", "fewer than 5", "fewer than 5"]
        assert set(table(office, "How many graded scores stand in each grade")[0].split()) >= {"fewer", "than", "5"}


class TestFilters:
    def test_a_grade_level_and_a_class_that_is_not_of_it(self, cast, six, office):
        SchoolClass.objects.filter(pk=cast.class_7b.pk).update(grade_level="8")
        assert table(office, "Classes side by side", grade_level="8") == ["7B 6 70.0 % 98.3 % 100.0 % 0"]
        wrong = office.get(HOME, {"grade_level": "8", "class_id": cast.class_7a.pk})
        assert "The class is not of this grade level. Leave one of the two open." in words(wrong, 400)
        assert "Nothing is shown until the filters marked above are changed." in words(wrong, 400)

    @pytest.mark.parametrize("query", [{"class_id": "x"}, {"grade_level": "99"}, {"term": "No"}, {"period": "2y"}])
    def test_a_filter_that_is_none_is_refused_in_words(self, six, office, query):
        assert "Nothing is shown until" in words(office.get(HOME, query), 400)
        assert office.get(HOME, {**query, "format": "csv"}).status_code == 400

    def test_a_table_that_there_is_not_is_not_found(self, six, office):
        answer = office.get(HOME, {"format": "csv", "table": "x"})
        assert "summary, trend, subjects, grades, classes" in words(answer, 404)

    def test_a_term_counts_what_is_dated_in_it_and_leads_to_its_statistics(self, cast, six, office, maths):
        TermFactory(academic_year=cast.year, name="Autumn", starts_on=date(2025, 9, 1), ends_on=date(2025, 12, 20))
        TermFactory(academic_year=cast.year, name="Spring", starts_on=date(2026, 1, 5), ends_on=date(2026, 4, 1))
        old = AssessmentFactory(school_class=cast.class_7a, subject=maths, date_taken=date(2025, 10, 1))
        for student in Student.objects.enrolled_on(cast.class_7a, MONDAY):
            ScoreFactory(student=student, assessment=old, score=10)
        keep()
        assert figures(office, term="Spring")[1].startswith("75.0 %")
        assert figures(office, term="Autumn")[1:3] == ["50.0 % average score", "– attendance, from – of the marks due"]
        page = office.get(HOME, {"term": "Autumn"})
        link = unescape(
            re.search(r'<a class="figure" href="(/assessments/statistics/[^"]+)"', page.content.decode())[1]
        )
        assert "50.0 % average" in words(office.get(link))
        assert "Autumn, 2025/26" in words(office.get(link))


class TestNothingYet:
    def test_a_school_without_a_year(self, frozen, db, sign_in):
        page = sign_in(UserFactory(username="office", role=Role.ADMIN)).get(HOME)
        assertContains(page, "There is no school year with classes yet, so there is nothing to count.")
        assertContains(page, 'href="/admin/students/schoolclass/">Open the classes</a>')

    def test_a_class_without_students(self, cast, office):
        Enrolment.objects.all().delete()
        said = words(office.get(HOME))
        assert "Nobody is in these classes today. Add a student" in said
        assert "No register has been due yet." in said

    def test_students_without_registers_and_marks(self, cast, office):
        said = words(office.get(HOME))
        assert figures(office)[1:] == [
            "– average score – in the last 30 days",
            "– attendance, from 0.0 % of the marks due – in the last 30 days",
            "0 high performers of 0 students with 3 graded scores",
        ]
        assert "No register has been taken and no score entered in this time yet." in said
        assert "There is nothing to draw yet: no register and no mark of these days." in said
        assert "No score has been entered in this time yet. Go to the mark book" in said

    def test_a_year_that_has_not_begun(self, cast, office, frozen):
        frozen.move_to(date(2025, 8, 20))
        said = words(office.get(HOME))
        assert "2025/26 begins on Mon 1 Sep. Until then there is nothing to count." in said
        assert "0 students" in said

    def test_a_term_that_has_not_begun(self, cast, six, office):
        TermFactory(academic_year=cast.year, name="Spring", starts_on=date(2026, 1, 5), ends_on=date(2026, 4, 1))
        TermFactory(academic_year=cast.year, name="Summer", starts_on=date(2026, 4, 13), ends_on=date(2026, 7, 18))
        page = office.get(HOME, {"term": "Summer"})
        assert "Summer begins on Mon 13 Apr. Until then there is nothing to count." in words(page)
        assert figures(office, term="Summer") == [
            "12 students", "– average score", "– attendance, from – of the marks due",
            "0 high performers of 0 students with 3 graded scores",
        ]  # fmt: skip
        assert sheet(office, "trend", term="Summer") == [["date", "attendance_rate", "average_score"]]

    def test_a_year_that_is_over_keeps_its_figures(self, cast, six, sign_in, frozen):
        Enrolment.objects.update(ends_on=cast.year.ends_on)
        frozen.move_to(cast.year.ends_on + 10 * ONE_DAY)
        found = figures(sign_in(cast.office))
        assert found[0] == "0 students"  # but 180 of 6 x (109 + 99) marks
        assert found[1:3] == [
            "75.0 % average score",
            "97.2 % attendance, from 14.4 % of the marks due",
        ]

    def test_one_register(self, cast, office):
        for student in [cast.amina, cast.bo, *(pupil("P", f"N{number}", cast.class_7a) for number in range(3))]:
            status = Status.ABSENT if student == cast.bo else Status.LATE
            AttendanceRecord.objects.create(student=student, school_class=cast.class_7a, date=MONDAY, status=status)
        keep()
        assert figures(office, class_id=cast.class_7a.pk)[2].startswith(
            "80.0 % attendance, from 0.7 % of the marks due"
        )
        assert "Nobody is at risk" in words(office.get(HOME))

    def test_closures_are_days_on_which_nothing_is_due(self, cast, six, office):
        assert "0 registers of 30 not taken" in words(office.get(HOME))
        ClosureFactory(starts_on=date(2026, 3, 11))
        assert "0 registers of 28 not taken" in words(office.get(HOME))

    def test_who_joined_yesterday_counts_from_then_on(self, cast, six, office):
        yesterday = date(2026, 3, 13)
        new = pupil("Nia", "New", cast.class_7a, starts_on=yesterday)
        for day in (yesterday, MONDAY):
            AttendanceRecord.objects.create(student=new, school_class=cast.class_7a, date=day, status=Status.ABSENT)
        recount_registers(by=None, repair=True)
        found = figures(office, class_id=cast.class_7a.pk)
        assert found[0] == "7 students 0 thirty days ago"
        assert found[2].startswith("95.0 % attendance, from 100.0 %")  # 116 of 122
        assert "Nia New" not in words(office.get(HOME)).split("Whom to talk to")[1]

    def test_who_moved_counts_in_each_class_for_its_days_and_with_all_days_for_an_alert(self, cast, six, office):
        """Amina missed the first 4 of 20 days in 7A; with 7B from tomorrow on, today is her last day there."""
        Enrolment.objects.filter(student=cast.amina).update(ends_on=MONDAY)
        EnrolmentFactory(student=cast.amina, school_class=cast.class_7b, starts_on=MONDAY)
        AttendanceRecord.objects.filter(student=cast.amina, date=MONDAY).update(school_class=cast.class_7b)
        recount_registers(by=None, repair=True)
        lines = table(office, "Classes side by side")
        assert [line.split()[:2] for line in lines] == [["7A", "5"], ["7B", "7"]]
        assert "Amina Diallo 7B attendance 80.0 %" in words(office.get(HOME))
        assert "Amina Diallo 7B attendance 80.0 %" in words(office.get(HOME, {"class_id": cast.class_7b.pk}))
