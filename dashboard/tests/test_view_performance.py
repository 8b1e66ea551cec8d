"""The performance of one student: first on the staff page, where /dashboard/students/<student_id>/ leads."""

from __future__ import annotations

import re
from datetime import date, timedelta
from decimal import Decimal
from fractions import Fraction
from html import unescape

import pytest

from accounts.models import AccessLog
from accounts.tests.audit_doors import forget_readings
from assessments.tests.factories import AssessmentFactory, ScoreFactory
from attendance.metrics import Attendance, attendance_by_class, student_attendance
from attendance.models import AttendanceRecord, Status
from dashboard.performance import absences_left, get_student_performance
from dashboard.risk import Rule
from dashboard.student_year import load_enrolments, read_student_year
from dashboard.tests.early_warning import attends, blamed, scores, weekdays_up_to
from dashboard.tests.factories import ThresholdSetFactory
from students.calendar import year_to_date
from students.models import Enrolment, School
from students.tests.factories import EnrolmentFactory, SchoolClassFactory, SubjectFactory
from tests.cast import MONDAY, YEAR_START

QUERIES = 7  # enrolments, calendar, marks of attendance, scores, grades, behaviour, thresholds


@pytest.fixture
def maths(cast):
    return SubjectFactory(name="Mathematics")


@pytest.fixture
def ana(cast, sign_in):
    return sign_in(cast.ana.user)


def place(student) -> str:
    return f"/students/{student.student_id}/"


def section(browser, student) -> str:
    """The section in words."""
    page = browser.get(place(student)).content.decode()
    part = page.split('aria-labelledby="performance"')[1].split("</section>")[0]
    text = re.sub(r"<title.*?</title>", " ", part, flags=re.DOTALL)
    return " ".join(unescape(re.sub(r"<[^>]+>", " ", f"<i {text}")).replace("\N{NO-BREAK SPACE}", " ").split())


class TestSection:
    def test_average_attendance_and_whether_it_is_a_high_performer(self, cast, ana, maths):
        attends(cast.amina, cast.class_7a, missed=0, sessions=20)
        scores(cast.amina, cast.class_7a, maths, [80, 85])
        assert section(ana, cast.amina).startswith(
            "Performance 2025/26 82.5 % average, 100.0 % attendance. Too few scores to tell of a high performer. "
            "No alert by the rules in force. 3 more absences reach 10 %. Mathematics 82.5 %"
        )
        scores(cast.amina, cast.class_7a, SubjectFactory(name="Art"), [90])
        assert (
            "A high performer. No alert by the rules in force. 3 more absences reach 10 %. Art 90.0 % · Mathematics"
            in section(ana, cast.amina)
        )
        scores(cast.amina, cast.class_7a, SubjectFactory(name="Music"), [84])
        assert "Not a high performer: that is an average of 85 % and more." in section(ana, cast.amina)

    def test_the_reasons_of_alerts_in_words(self, cast, ana, maths):
        attends(cast.amina, cast.class_7a, missed=4, sessions=20)
        scores(cast.amina, cast.class_7a, maths, [40, 45, 50])
        blamed(cast.amina, cast.ana, 0, 1, 2)
        said = section(ana, cast.amina)
        assert "80.0 % attendance: at most 90 % raises it" in said
        assert "45.0 % average: below 60 % raises it" in said
        assert "45.0 % average in Mathematics: below 50 % raises it" in said
        assert "3 negative notes in 30 days: 3 raise it" in said
        assert "more absences reach" not in said

    def test_how_few_absences_raise_it(self, cast, ana):
        attends(cast.amina, cast.class_7a, missed=1, sessions=20)
        assert "2 more absences reach 10 %." in section(ana, cast.amina)  # 19 of 20; 19 of 22 are 86.3 %
        ThresholdSetFactory(attendance=Decimal("92.5"))
        assert "1 more absence reaches 7.5 %." in section(ana, cast.amina)

    def test_a_trend_of_90_days_as_two_charts_and_a_table(self, cast, ana, maths):
        attends(cast.amina, cast.class_7a, missed=5, sessions=10)
        scores(cast.amina, cast.class_7a, maths, [80])
        page = ana.get(place(cast.amina)).content.decode()
        assert page.count('class="chart chart--long"') == 2
        assert "Attendance over 90 days, 100.0\N{NO-BREAK SPACE}% at the end" in page
        lines = page.split("Attendance and average, week by week</caption>")[1].split("</table>")[0].split("</tr>")
        words = [
            " ".join(re.sub(r"<[^>]+>", " ", f"<i {line}").split()).replace("\N{NO-BREAK SPACE}", " ") for line in lines
        ]
        assert len(words[1:-1]) == 14
        assert words[-4:-1] == ["Mon 2 Mar 0.0 % –", "Mon 9 Mar 80.0 % –", "Mon 16 Mar 100.0 % 80.0 %"]

    def test_a_teacher_of_one_subject_sees_the_performance_in_that_one(self, cast, maths, ana, sign_in):
        scores(cast.amina, cast.class_7a, maths, [40, 45, 50])
        assert "45.0 % average" in section(ana, cast.amina)
        cast.ana.assignments.update(subject=SubjectFactory(name="Art"))
        assert section(ana, cast.amina).startswith("Performance 2025/26 – average, – attendance.")
        assert "45.0 % average" in section(sign_in(cast.office), cast.amina)

    def test_without_a_main_class_there_is_none(self, cast, sign_in):
        office = sign_in(cast.office)
        assert 'id="performance"' in office.get(place(cast.amina)).content.decode()
        cast.amina.enrolments.all().delete()
        assert 'id="performance"' not in office.get(place(cast.amina)).content.decode()

    def test_a_parent_reads_nothing_of_it(self, cast, sign_in, maths):
        scores(cast.amina, cast.class_7a, maths, [40, 45, 50])
        mariam = sign_in(cast.mariam.user)
        assert mariam.get(place(cast.amina)).status_code == 403
        assert "raises it" not in mariam.get(f"/report/{cast.amina.student_id}/").content.decode()


class TestRedirect:
    def test_it_leads_to_the_section_which_notes_the_reading(self, cast, ana):
        forget_readings()
        answer = ana.get(f"/dashboard/students/{cast.amina.student_id}/")
        assert (answer.status_code, answer.url) == (302, f"{place(cast.amina)}#performance")
        assert not AccessLog.objects.exists()
        assert ana.get(answer.url).status_code == 200
        assert AccessLog.objects.get().student_id == cast.amina.student_id

    def test_strangers_are_told_that_there_is_nothing(self, cast, ana, sign_in):
        assert sign_in(cast.ben.user).get(f"/dashboard/students/{cast.cleo.student_id}/").status_code == 302
        assert ana.get(f"/dashboard/students/{cast.cleo.student_id}/").status_code == 404
        assert ana.get("/dashboard/students/STU99999/").status_code == 404
        assert sign_in(cast.mariam.user).get(f"/dashboard/students/{cast.amina.student_id}/").status_code == 403


class TestWhatTheApiNeeds:
    def test_it_gives_the_same_in_seven_statements(self, cast, maths, count_queries):
        attends(cast.amina, cast.class_7a, missed=4, sessions=20)
        scores(cast.amina, cast.class_7a, maths, [40, 45, 50])
        found = get_student_performance(School.current(), cast.amina, cast.ana.user)
        assert found
        assert (found.marks.average.share, found.attendance.rate) == (Fraction(45, 100), Fraction(80, 100))
        assert found.is_high_performer is False
        assert {name: (each.share, each.graded) for name, each in found.subject_breakdown.items()} == {
            "Mathematics": (Fraction(45, 100), 3)
        }
        assert [reason.rule for reason in found.reasons] == [Rule.LOW_ATTENDANCE, *[Rule.LOW_PERFORMANCE] * 2]
        school = School.current()
        assert count_queries(lambda: get_student_performance(school, cast.amina, cast.ana.user)) == QUERIES

    def test_no_data_is_none(self, cast):
        found = get_student_performance(School.current(), cast.amina, cast.ana.user)
        assert found
        assert (found.marks.average.share, found.attendance.rate, found.is_high_performer) == (None, None, None)
        assert (found.reasons, found.attendance_line, found.near) == ([], None, "")
        cast.amina.enrolments.all().delete()
        assert get_student_performance(School.current(), cast.amina, cast.office) is None

    def test_the_rows_in_hand_count_as_the_metrics_do(self, cast):
        """Over a move, a class beside the main one, marks of a class that the student was not in, and closed days."""
        choir = SchoolClassFactory(name="Choir", academic_year=cast.year, meets_on="135")
        EnrolmentFactory(student=cast.amina, school_class=choir, starts_on=date(2026, 3, 2), is_primary=False)
        Enrolment.objects.filter(student=cast.amina, school_class=cast.class_7a).update(ends_on=date(2026, 3, 9))
        EnrolmentFactory(student=cast.amina, school_class=cast.class_7b, starts_on=date(2026, 3, 9))
        for number, day in enumerate(weekdays_up_to(MONDAY, 15)):
            for place_of, school_class in enumerate((cast.class_7a, cast.class_7b, choir)):
                status = list(Status)[(number + place_of) % len(Status)]
                AttendanceRecord.objects.create(student=cast.amina, school_class=school_class, date=day, status=status)
        found = get_student_performance(School.current(), cast.amina, cast.office)
        calendar = year_to_date(School.current(), cast.class_7b)
        assert found
        assert found.attendance == student_attendance(calendar, cast.amina)
        assert found.attendance.possible == 15
        year = read_student_year(School.current(), cast.amina, cast.office, load_enrolments(cast.amina))
        beside = Enrolment.objects.filter(student=cast.amina, is_primary=False)
        assert year
        assert year.other_classes == attendance_by_class(calendar, beside)
        assert list(year.other_classes) == [choir]

    def test_a_score_of_a_week_is_in_no_other(self, cast, maths):
        for day, points in ((date(2026, 3, 8), 10), (date(2026, 3, 9), 20), (date(2026, 3, 15), 10)):
            work = AssessmentFactory(school_class=cast.class_7a, subject=maths, date_taken=day)
            ScoreFactory(student=cast.amina, assessment=work, score=points)
        found = get_student_performance(School.current(), cast.amina, cast.office)
        assert found
        averages = {point.day: point.average for point in found.trend if point.average is not None}
        assert averages == {date(2026, 3, 2): Fraction(1, 2), date(2026, 3, 9): Fraction(3, 4)}
        assert min(point.day for point in found.trend) == MONDAY - timedelta(days=91) > YEAR_START


@pytest.mark.parametrize(
    ("attended", "possible", "most", "left"),
    [
        (19, 20, "0.9", 2),  # 19/21 are 90.4 %, 19/22 are 86.3 %
        (18, 20, "0.9", 0),  # exactly 90 %
        (9, 9, "0.9", None),  # too few sessions
        (10, 10, "0.9", 2),  # 10/11 are 90.9 %
        (27, 29, "0.9", 1),  # 27/30 are exactly 90 %
        (20, 20, "0", None),  # never
        (20, 20, "1", 0),
    ],
)
def test_absences_left(attended, possible, most, left):
    counts = {Status.PRESENT: attended, Status.ABSENT: possible - attended}
    assert absences_left(Attendance(counts, possible, possible), Fraction(most)) == left


def test_absences_left_are_not_told_from_gaps():
    counts = {Status.PRESENT: 19, Status.ABSENT: 1}
    assert absences_left(Attendance(counts, 22, 20), Fraction(9, 10)) == 2
    assert absences_left(Attendance(counts, 23, 20), Fraction(9, 10)) is None
