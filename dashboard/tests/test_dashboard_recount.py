"""Every figure of the dashboard equals a recount from raw rows, in the demo school and in any other."""

from __future__ import annotations

from datetime import timedelta
from decimal import Decimal
from fractions import Fraction
from functools import partial

import pytest
import time_machine
from django.db import transaction
from django.db.models import F
from django.http import QueryDict
from django.test import TestCase
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from accounts.models import User
from accounts.roles import Role
from assessments.kept_days import averages_by_day
from assessments.models import GradeBand, GradeScale, ScoreHistogram, SubjectTotal
from assessments.tests.factories import ScoreFactory
from assessments.tests.recounts import spoil_sheets
from attendance.models import AttendanceRecord, Register
from attendance.recounting import recount_registers
from dashboard.dashboard_form import DashboardForm
from dashboard.dashboard_page import get_dashboard
from dashboard.figures import (
    Readings,
    get_class_figures,
    get_dashboard_summary,
    get_performance_trends,
    get_subject_performance,
)
from dashboard.high_performers import get_high_performers
from dashboard.scope import Scope, seen_year
from dashboard.tests.dashboard_recount import Recount
from dashboard.tests.early_warning import attends, keep
from dashboard.tests.test_at_risk_recount import schools, write
from dashboard.trends import Period, scores_in, trend_by, trend_of
from exchange.demo.school import build_demo_school
from exchange.tests.demo_facts import BEFORE_SCHOOL, SOME_WEDNESDAY
from students.models import Enrolment, School, SchoolClass, Student, TeachingAssignment, Term
from tests.cast import MONDAY

ONE_DAY = timedelta(days=1)
LENGTHS = {Period.QUARTER: 90, Period.YEAR: 365}


def scope_for(user: User, **query: object) -> Scope:
    """What somebody sees with these filters."""
    filters = QueryDict(mutable=True)
    filters.update({name: str(value) for name, value in query.items()})
    form = DashboardForm(filters, seen=seen_year(user, School.current()))
    assert form.is_valid(), form.errors
    assert form.scope
    return form.scope


def figures_of(scope: Scope) -> dict[str, object]:
    """All that the dashboard counts, with the figures that it withholds."""
    found = get_dashboard(scope, Period.MONTH)
    summary, lately = found.summary, found.trend.lately
    return {
        "students": summary.students,
        "before": summary.students_before,
        "average": (summary.average.share, summary.average.students),
        "rate": summary.attendance.share,
        "coverage": summary.coverage,
        "high": summary.high_performers,
        "registers": (found.registers.due, found.registers.taken),
        "today": (found.registers_today.due, found.registers_today.taken),
        "subjects": {
            each.pk: (each.average.share, each.average.students, each.graded, each.missing, each.exempt)
            for each in found.subjects
        },
        "classes": {each.school_class.pk: class_figures(each) for each in found.classes},
        "grades": {grade.label: grade.number for grade in found.grades},
        "lately": (lately.attendance, lately.average),
    }


def class_figures(found) -> tuple[object, ...]:
    average = (found.average.share, found.average.students)
    registers = (found.registers.due, found.registers.taken)
    return (found.students, *average, found.attendance.share, found.coverage, *registers)


def recounted(recount: Recount) -> dict[str, object]:
    return {
        "students": len(recount.students()),
        "before": len(recount.students(recount.today - 30 * ONE_DAY)),
        "average": recount.mean(recount.here()),
        "rate": recount.rate(recount.marks(recount.counting())),
        "coverage": recount.coverage(recount.counting()),
        "high": len(recount.high_performers()),
        "registers": recount.registers(recount.keys),
        "today": recount.registers_today(),
        "subjects": recount.subjects(),
        "classes": recount.classes(),
        "grades": recount.grades(),
        "lately": recount.point(recount.last - 29 * ONE_DAY, recount.last),
    }


def points_of(scope: Scope, period: Period) -> dict[object, object]:
    """The trend of a scope as it is counted, whatever its size; from its scores it is the same as from what is kept."""
    readings = Readings(scope)
    days = readings.attendance.by_day(scope.classes)
    trend = trend_by(scope.calendar(), scope.classes, period, days, partial(averages_by_day, readings.sheets))
    assert trend == trend_of(scope.calendar(), scope.classes, period, days, scores_in(scope))
    return {point.day: (point.attendance, point.average) for point in trend.points}


def recounted_points(recount: Recount, period: Period) -> dict[object, object]:
    if period == Period.MONTH:
        return {day: recount.point(day, day) for day in recount.days_of_month()}
    return {day: recount.point(day, day + 6 * ONE_DAY) for day in recount.mondays(LENGTHS[period])}


@time_machine.travel(BEFORE_SCHOOL, tick=False)
class DemoSchoolTests(TestCase):
    """The demo school, at a quarter past seven on a Wednesday in December."""

    @classmethod
    def setUpTestData(cls) -> None:
        build_demo_school()
        cls.admin = User.objects.filter(role=Role.ADMIN).order_by("pk")[0]
        cls.classes = list(SchoolClass.objects.order_by("name"))

    def test_the_whole_school(self) -> None:
        found = figures_of(scope_for(self.admin))
        assert found == recounted(Recount(SOME_WEDNESDAY, self.classes))
        assert (found["students"], len(found["subjects"]), len(found["classes"])) == (148, 9, 6)

    def test_one_class_and_one_grade_level(self) -> None:
        one = self.classes[2]
        assert figures_of(scope_for(self.admin, class_id=one.pk)) == recounted(Recount(SOME_WEDNESDAY, [one]))
        level = [each for each in self.classes if each.grade_level == one.grade_level]
        assert 1 < len(level) < len(self.classes)
        found = figures_of(scope_for(self.admin, grade_level=one.grade_level))
        assert found == recounted(Recount(SOME_WEDNESDAY, level))

    def test_a_term(self) -> None:
        term = Term.objects.order_by("starts_on")[0]
        found = figures_of(scope_for(self.admin, term=term.name))
        assert found == recounted(Recount(SOME_WEDNESDAY, self.classes, term=term))

    def test_a_teacher_counts_the_own_classes_and_of_them_the_marks_of_the_own_subjects(self) -> None:
        teacher = TeachingAssignment.objects.exclude(subject=None).order_by("pk")[0].teacher
        own = TeachingAssignment.objects.on(SOME_WEDNESDAY).filter(teacher=teacher)
        keys = set(own.values_list("school_class", flat=True))
        subjects = {row.assessment.subject_id for row in Recount(SOME_WEDNESDAY, self.classes).scores}
        seen = {
            (row.school_class_id, subject) for row in own for subject in subjects if row.subject_id in {None, subject}
        }
        classes = [each for each in self.classes if each.pk in keys]
        found = figures_of(scope_for(teacher.user))
        assert found == recounted(Recount(SOME_WEDNESDAY, classes, seen=seen))
        assert 0 < found["students"] < figures_of(scope_for(self.admin))["students"]

    def test_the_trend_of_each_period(self) -> None:
        scope, recount = scope_for(self.admin), Recount(SOME_WEDNESDAY, self.classes)
        for period in Period:
            found = points_of(scope, period)
            assert found == recounted_points(recount, period), period
            assert len(found) > 10

    def test_the_trend_of_one_student(self) -> None:
        child = Student.objects.get(pk=min(Recount(SOME_WEDNESDAY, self.classes).students()))
        school_class = Enrolment.objects.on(SOME_WEDNESDAY).get(student=child, is_primary=True).school_class
        recount = Recount(SOME_WEDNESDAY, [school_class])
        recount.enrolments = [row for row in recount.enrolments if row.student_id == child.pk]
        recount.scores = [row for row in recount.scores if row.student_id == child.pk]
        trend = get_performance_trends(scope_for(self.admin, class_id=school_class.pk), Period.QUARTER, child)
        found = {point.day: (point.attendance, point.average) for point in trend.points}
        assert found == recounted_points(recount, Period.QUARTER)

    def test_what_the_api_asks_for_is_what_the_page_shows(self) -> None:
        scope = scope_for(self.admin, class_id=self.classes[0].pk)
        page = get_dashboard(scope, Period.QUARTER)
        assert get_dashboard_summary(scope) == page.summary
        assert get_subject_performance(scope) == page.subjects
        assert get_class_figures(scope) == page.classes
        assert get_performance_trends(scope, Period.QUARTER) == page.trend
        assert len(get_high_performers(scope)) == page.summary.high_performers > 0

    def test_the_high_performers_are_the_same_children(self) -> None:
        listed = [each.student.pk for each in get_high_performers(scope_for(self.admin))]
        assert sorted(listed) == sorted(Recount(SOME_WEDNESDAY, self.classes).high_performers())

    def test_grades_between_two_percents_are_counted_from_the_scores(self) -> None:
        GradeBand.objects.filter(scale__in_use=True, label="B").update(lower_bound=Decimal("80.5"))
        found = figures_of(scope_for(self.admin))["grades"]
        assert found == Recount(SOME_WEDNESDAY, self.classes).grades()
        GradeScale.objects.update(in_use=False)
        assert figures_of(scope_for(self.admin))["grades"] == {}

    def wrong_are(self) -> set[str]:
        """The figures that are not those of the rows."""
        found, expected = figures_of(scope_for(self.admin)), recounted(Recount(SOME_WEDNESDAY, self.classes))
        return {name for name in found if found[name] != expected[name]}

    def test_a_total_that_is_wrong_turns_averages_red(self) -> None:
        def earns_nothing(own: list[int]) -> None:
            own[0], own[2] = 0, own[2] + 1

        spoil_sheets(SubjectTotal.objects.filter(graded__gte=3, weight__gt=0)[0].student_id, earns_nothing)
        assert self.wrong_are() >= {"average", "subjects", "classes"}

    def test_all_totals_of_a_child_that_are_wrong_turn_the_high_performers_red(self) -> None:
        def earns_nothing(own: list[int]) -> None:
            own[0] = 0

        spoil_sheets(get_high_performers(scope_for(self.admin))[0].student.pk, earns_nothing)
        assert "high" in self.wrong_are()

    def test_a_histogram_that_is_wrong_turns_the_grades_red(self) -> None:
        row = ScoreHistogram.objects.all()[0]
        ScoreHistogram.objects.filter(pk=row.pk).update(counts=[row.counts[0] + 1, *row.counts[1:]])
        assert self.wrong_are() == {"grades"}

    def test_a_count_of_a_register_that_is_wrong_turns_attendance_red(self) -> None:
        day = AttendanceRecord.objects.order_by("-date")[0].date
        register = Register.objects.filter(date__lt=day, present__gt=1).order_by("-date")[0]
        Register.objects.filter(pk=register.pk).update(present=F("present") - 1)
        assert self.wrong_are() == {"rate", "coverage", "registers", "classes", "lately"}

    def test_a_class_without_an_enrolment_turns_the_students_red(self) -> None:
        expected = recounted(Recount(SOME_WEDNESDAY, self.classes))["students"]
        Enrolment.objects.on(SOME_WEDNESDAY).filter(is_primary=True)[0].delete()
        assert figures_of(scope_for(self.admin))["students"] == expected - 1


# --- Random schools --------------------------------------------------------------------------------------------------


@pytest.mark.django_db
@settings(
    max_examples=40, deadline=None, database=None,
    suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow],
)  # fmt: skip
@given(
    drawn=schools(), one_class=st.booleans(), of_term=st.booleans(), period=st.sampled_from(Period), guest=st.booleans()
)
def test_every_figure_equals_the_recount(frozen, drawn, one_class, of_term, period, guest):
    """`guest`: the last student is in the second class, too, which is not the main one."""
    with transaction.atomic():
        user = write(drawn)
        classes = list(SchoolClass.objects.order_by("name", "pk"))
        if guest:
            add_guest(classes[1])
        term = Term.objects.first() if of_term else None
        query = {"class_id": classes[-1].pk} if one_class else {}
        scope = scope_for(user, **query, **({"term": term.name} if term else {}))
        recount = Recount(MONDAY, classes[-1:] if one_class else classes, term=term)
        assert figures_of(scope) == recounted(recount)
        assert points_of(scope, period) == recounted_points(recount, period)
        transaction.set_rollback(True)


def add_guest(school_class: SchoolClass) -> None:
    last = Student.objects.order_by("-pk")[0]
    if not Enrolment.objects.filter(student=last, school_class=school_class).exists():
        Enrolment.objects.create(
            student=last, school_class=school_class, starts_on=MONDAY - 20 * ONE_DAY, is_primary=False
        )
        recount_registers(by=None, repair=True)


def test_the_recount_tells_an_average_as_it_is_done_by_hand(cast):
    """Without this, two functions that find nothing would agree."""
    attends(cast.amina, cast.class_7a, missed=5)
    for points in (10, 20):
        ScoreFactory(student=cast.amina, assessment__school_class=cast.class_7a, score=points)
    keep()
    found = figures_of(scope_for(cast.office))
    assert found == recounted(Recount(MONDAY, [cast.class_7a, cast.class_7b]))
    assert (found["average"], found["rate"]) == ((Fraction(3, 4), 1), Fraction(20, 25))
