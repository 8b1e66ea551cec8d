"""Who is at risk: each rule on both sides of its thresholds, and the students whose figures are seldom asked for."""

from __future__ import annotations

from datetime import date, timedelta
from decimal import Decimal
from fractions import Fraction

import pytest

from assessments.kept_marks import Columns, Marks, Totals
from assessments.metrics import Average
from attendance.kept import StudentsAttendance
from attendance.metrics import Attendance
from attendance.models import AttendanceRecord, Register, Status
from dashboard.risk import (
    Reason,
    RiskFacts,
    Rule,
    StudentFacts,
    contenders,
    count_rules,
    identify_at_risk_students,
    read_risk_facts,
    reasons_of,
    sorted_alerts,
)
from dashboard.scope import Scope, seen_year
from dashboard.tests.early_warning import attends, blamed, keep, scores
from dashboard.thresholds import Thresholds
from students.models import AcademicYear, Closure, Enrolment, School, Term
from students.tests.factories import EnrolmentFactory, SubjectFactory
from tests.cast import MONDAY, YEAR_START, pupil

TODAY = date(2026, 3, 16)
DEFAULTS = Thresholds()
MATHS, ART = 1, 2


def attendance(missed, possible, *, due=None, counted=None):
    counts = {Status.ABSENT: missed, Status.PRESENT: possible - missed}
    return Attendance(counts, due=due or possible, counted=possible if counted is None else counted)


def average(*percents, missing=0):
    found = Average(missing=missing)
    for percent in percents:
        found.add("graded", 1, weight=Decimal(1), max_score=Decimal(100), points=Decimal(str(percent)))
    found.weight += 100 * missing
    return found


def found_in(thresholds=DEFAULTS, **facts):
    """The reasons as rule, value in percent (or a number of notes) and subject."""
    reasons = reasons_of(StudentFacts(**facts), thresholds, TODAY)
    return [(reason.rule, float(reason.value), reason.subject) for reason in reasons]


def ago(*days):
    return [TODAY - timedelta(days=number) for number in days]


class TestLowAttendance:
    @pytest.mark.parametrize(
        ("missed", "possible", "is_low"),
        [
            (1, 10, True),  # exactly 90 %, exactly 10 sessions
            (0, 10, False),
            (9, 9, False),  # 9 sessions, all missed
            (10, 10, True),
            (20, 200, True),  # exactly 90 %
            (199, 2000, False),  # 90.05 %
            (200, 2000, True),
            (201, 2000, True),
        ],
    )
    def test_a_rate_of_at_most_90_percent_of_at_least_10_sessions(self, missed, possible, is_low):
        expected = [(Rule.LOW_ATTENDANCE, float(Fraction(possible - missed, possible)), None)] if is_low else []
        assert found_in(attendance=attendance(missed, possible)) == expected

    @pytest.mark.parametrize(
        ("counted", "due", "is_low"),
        [(90, 100, True), (899, 1000, False), (900, 1000, True), (27, 30, True), (26, 29, False), (0, 0, False)],
    )
    def test_nothing_follows_where_fewer_than_90_percent_of_the_sessions_are_counted(self, counted, due, is_low):
        figures = Attendance({Status.ABSENT: 20, Status.PRESENT: 20}, due=due, counted=counted)
        assert bool(found_in(attendance=figures)) is is_low

    def test_the_threshold_is_the_schools(self):
        at_92 = DEFAULTS.with_columns(attendance=Decimal(92))
        assert found_in(attendance=attendance(8, 100)) == []
        assert found_in(at_92, attendance=attendance(8, 100)) == [(Rule.LOW_ATTENDANCE, 0.92, None)]
        assert found_in(at_92, attendance=attendance(7, 100)) == []

    def test_excused_and_absent_are_both_missed_and_late_is_not(self):
        counts = {Status.EXCUSED: 1, Status.ABSENT: 1, Status.LATE: 9, Status.PRESENT: 9}
        assert found_in(attendance=Attendance(counts, 20, 20)) == [(Rule.LOW_ATTENDANCE, 0.9, None)]


class TestLowPerformance:
    @pytest.mark.parametrize(
        ("marks", "is_low"),
        [
            ((59, 60, 60), True),  # 59.66…
            ((60, 60, 60), False),  # exactly 60 %
            ((59.99, 60, 60), True),  # 59.996…, printed 59.9
            ((0, 0), False),  # two graded
            ((0, 0, 0), True),
        ],
    )
    def test_an_average_below_60_percent_of_at_least_3_graded(self, marks, is_low):
        found = found_in(average=average(*marks))
        assert [(rule, subject) for rule, _value, subject in found] == [(Rule.LOW_PERFORMANCE, None)] * is_low

    def test_missing_work_counts_as_nothing_and_is_not_graded(self):
        assert found_in(average=average(90, 90, missing=2)) == []
        assert found_in(average=average(90, 90, 90, missing=2)) == [(Rule.LOW_PERFORMANCE, 0.54, None)]

    def test_a_subject_below_50_percent_whatever_the_average_is(self):
        subjects = {ART: average(50, 50, 50), MATHS: average(49, 50, 50)}
        assert [subject for _rule, _value, subject in found_in(average=average(80, 80, 80), subjects=subjects)] == [
            MATHS
        ]
        assert found_in(subjects={MATHS: average(0, 0)}) == []

    def test_the_average_and_each_subject_are_reasons_of_their_own(self):
        found = found_in(average=average(40, 40, 40), subjects={ART: average(30, 30, 30), MATHS: average(45, 45, 45)})
        assert [(value, subject) for _rule, value, subject in found] == [(0.4, None), (0.45, MATHS), (0.3, ART)]


class TestBehavioralConcern:
    @pytest.mark.parametrize(
        ("days_ago", "number"),
        [
            ((0, 1), None),
            ((0, 1, 2), 3),
            ((0, 0, 0), 3),
            ((0, 1, 29), 3),  # day 30, today being day 1
            ((0, 1, 30), None),  # day 31
            ((0, 1, 29, 30, 31), 3),
            ((), None),
        ],
    )
    def test_3_negative_notes_in_30_days(self, days_ago, number):
        expected = [] if number is None else [(Rule.BEHAVIORAL_CONCERN, number, None)]
        assert found_in(negative_on=ago(*days_ago)) == expected

    def test_number_and_days_are_the_schools(self):
        assert found_in(DEFAULTS.with_columns(negative_notes=2, note_days=7), negative_on=ago(0, 6)) != []
        assert found_in(DEFAULTS.with_columns(negative_notes=2, note_days=7), negative_on=ago(0, 7)) == []


def test_no_data_is_never_a_reason():
    assert found_in() == []
    assert found_in(attendance=Attendance({}, 0, 0), average=Average(), subjects={MATHS: Average()}) == []
    assert found_in(average=Average(exempt=5)) == []


def test_many_students_have_the_reasons_of_each_one():
    """Averages are made of those alone whom a rule holds for: the two ways agree."""
    students = tuple(range(8))
    sheets = [
        Totals(
            1,
            subject,
            Columns(
                students,
                [(30 + 5 * student + 10 * subject) * 300 for student in students],
                *([number] * 8 for number in (300, 3, 0, 0)),
            ),
        )
        for subject in (MATHS, ART)
    ]
    facts = RiskFacts(
        today=TODAY,
        students=set(range(1, 8)),
        attendance=StudentsAttendance({student: (40 - student, 0, 0, student, 40, 40) for student in range(8)}),
        marks=Marks(sheets, 100),
        negative_on={0: ago(0, 0, 0), 3: ago(0, 1), 7: ago(0, 1, 2)},
    )
    averages, subjects = facts.marks.of_students(), facts.marks.in_subjects()
    one_by_one = {}
    for student in facts.students:
        of_student = StudentFacts(
            facts.attendance[student], averages[student], subjects[student], facts.negative_on.get(student, ())
        )
        one_by_one[student] = reasons_of(of_student, DEFAULTS, TODAY)
    found = identify_at_risk_students(facts, DEFAULTS)
    assert found == {student: reasons for student, reasons in one_by_one.items() if reasons}
    assert set(found) == {1, 2, 4, 5, 6, 7}
    assert count_rules(found) == {Rule.LOW_ATTENDANCE: 4, Rule.LOW_PERFORMANCE: 2, Rule.BEHAVIORAL_CONCERN: 1}


def test_the_order_is_more_rules_then_more_reasons_then_the_name_and_what_was_done_steps_back():
    low = Reason(Rule.LOW_ATTENDANCE, Fraction(1, 2), Fraction(9, 10))
    marks = Reason(Rule.LOW_PERFORMANCE, Fraction(1, 10), Fraction(6, 10))
    found = {1: [low], 2: [marks, marks], 3: [low, marks], 4: [low], 5: [low, marks, marks]}
    names = {1: "zoe", 2: "Yu", 3: "Xia", 4: "Ada", 5: "Will"}
    assert sorted_alerts(found, names) == [5, 3, 2, 4, 1]
    assert sorted_alerts(found, names, {5}) == [3, 2, 4, 1, 5]


def test_whose_names_it_takes_to_tell_the_first_of_the_list():
    low = Reason(Rule.LOW_ATTENDANCE, Fraction(1, 2), Fraction(9, 10))
    marks = Reason(Rule.LOW_PERFORMANCE, Fraction(1, 10), Fraction(6, 10))
    found = {1: [low], 2: [marks, marks], 3: [low, marks], 4: [low], 5: [low, marks, marks]}
    assert set(contenders(found, set(), 1)) == {5}
    assert set(contenders(found, set(), 3)) == {5, 3, 2}
    assert set(contenders(found, set(), 4)) == {5, 3, 2, 1, 4}, "1 and 4 stand at one place: their names decide"
    assert set(contenders(found, {5, 3}, 3)) == {2, 1, 4}, "what was done steps back"
    assert contenders(found, set(), 9) == found
    assert contenders({}, set(), 10) == {}


class TestInASchool:
    """The same from stored rows."""

    def at_risk(self, cast):
        keep()
        seen = seen_year(cast.office, School.current())
        found = identify_at_risk_students(read_risk_facts(Scope(seen, seen.classes)), DEFAULTS)
        return {key: [(str(reason.rule), reason.value) for reason in reasons] for key, reasons in found.items()}

    def test_nothing_is_recorded(self, cast):
        assert self.at_risk(cast) == {}

    def test_exactly_ten_sessions_at_exactly_90_percent(self, cast):
        attends(cast.amina, cast.class_7a, missed=1, sessions=10)
        attends(cast.bo, cast.class_7a, missed=1, sessions=9)
        assert self.at_risk(cast) == {cast.amina.pk: [("low_attendance", Fraction(9, 10))]}

    def test_a_class_with_one_register(self, cast):
        attends(cast.amina, cast.class_7a, missed=1, sessions=1)
        assert self.at_risk(cast) == {}

    def test_somebody_who_joined_yesterday_owes_nothing_of_the_time_before(self, cast):
        attends(cast.amina, cast.class_7a, missed=2, sessions=20)
        late = pupil("Lea", "Brun", cast.class_7a, starts_on=MONDAY - timedelta(days=1))
        AttendanceRecord.objects.create(student=late, school_class=cast.class_7a, date=MONDAY, status="absent")
        assert self.at_risk(cast) == {cast.amina.pk: [("low_attendance", Fraction(9, 10))]}

    def test_somebody_who_moved_keeps_the_days_of_the_former_class(self, cast):
        attends(cast.amina, cast.class_7a, missed=2, sessions=20)
        wednesday = date(2026, 3, 11)
        Enrolment.objects.filter(student=cast.amina).update(ends_on=wednesday)
        EnrolmentFactory(student=cast.amina, school_class=cast.class_7b, starts_on=wednesday, is_primary=True)
        assert AttendanceRecord.objects.filter(date__gte=wednesday).update(school_class=cast.class_7b) == 4
        assert self.at_risk(cast) == {cast.amina.pk: [("low_attendance", Fraction(9, 10))]}
        AttendanceRecord.objects.filter(date__gte=wednesday).update(school_class=cast.class_7a)
        assert self.at_risk(cast) == {}  # 16 of 20 are counted: marks of a class that one left are none

    def test_a_term_that_has_not_begun_and_closures_leave_nothing_due(self, cast):
        attends(cast.amina, cast.class_7a, missed=2, sessions=20)
        assert cast.amina.pk in self.at_risk(cast)
        term = Term.objects.create(
            name="Spring", academic_year=cast.year, starts_on=MONDAY + timedelta(days=1), ends_on=date(2026, 7, 1)
        )
        assert self.at_risk(cast) == {}
        term.delete()
        Closure.objects.create(name="Snow", starts_on=YEAR_START, ends_on=MONDAY + timedelta(days=1))
        assert self.at_risk(cast) == {}

    def test_a_closure_in_between_is_no_day_without_a_mark(self, cast):
        attends(cast.amina, cast.class_7a, missed=2, sessions=20)
        week = (date(2026, 3, 2), date(2026, 3, 7))
        AttendanceRecord.objects.filter(date__range=week).delete()
        Register.objects.filter(date__range=week).delete()
        assert self.at_risk(cast) == {}  # 15 of 20
        Closure.objects.create(name="Snow", starts_on=week[0], ends_on=week[1])
        assert self.at_risk(cast) == {cast.amina.pk: [("low_attendance", Fraction(13, 15))]}

    def test_a_year_that_has_not_begun(self, cast):
        attends(cast.amina, cast.class_7a, missed=20, sessions=20)
        AcademicYear.objects.update(starts_on=date(2026, 4, 1), ends_on=date(2027, 4, 1))
        assert self.at_risk(cast) == {}

    def test_a_subject_class_beside_the_main_one_counts_no_day(self, cast):
        attends(cast.amina, cast.class_7a, missed=0, sessions=20)
        attends(cast.bo, cast.class_7a, missed=2, sessions=20)
        EnrolmentFactory(student=cast.amina, school_class=cast.class_7b, starts_on=YEAR_START, is_primary=False)
        for row in AttendanceRecord.objects.filter(student=cast.amina):
            AttendanceRecord.objects.create(
                student=cast.amina, school_class=cast.class_7b, date=row.date, status="absent"
            )
        assert self.at_risk(cast) == {cast.bo.pk: [("low_attendance", Fraction(9, 10))]}

    def test_scores_and_notes(self, cast):
        scores(cast.amina, cast.class_7a, SubjectFactory(), [59, 60, 60])
        scores(cast.bo, cast.class_7a, SubjectFactory(), [60, 60, 60])
        blamed(cast.cleo, cast.ben, 0, 1, 29)
        assert self.at_risk(cast) == {
            cast.amina.pk: [("low_performance", Fraction(179, 300))],
            cast.cleo.pk: [("behavioral_concerns", Fraction(3))],
        }

    def test_somebody_without_a_class_today_is_not_listed(self, cast):
        blamed(cast.cleo, cast.ben, 0, 1, 29)
        assert cast.cleo.pk in self.at_risk(cast)
        Enrolment.objects.filter(student=cast.cleo).update(ends_on=MONDAY)
        assert self.at_risk(cast) == {}
