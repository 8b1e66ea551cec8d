"""What the numbers of attendance mean, on examples counted by hand and against an independent recount."""

from __future__ import annotations

from collections import Counter
from datetime import date, timedelta
from fractions import Fraction
from itertools import pairwise

import pytest
from django.db import transaction
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from attendance.metrics import (
    Attendance,
    Tier,
    attendance_by_class,
    class_attendance,
    school_attendance,
    student_attendance,
)
from attendance.models import AttendanceRecord, Status
from attendance.tests.factories import AttendanceRecordFactory
from students.calendar import load_calendar, year_to_date
from students.models import AcademicYear, Closure, Enrolment, School, SchoolClass, Student, Term
from students.tests.factories import (
    AcademicYearFactory,
    ClosureFactory,
    EnrolmentFactory,
    SchoolClassFactory,
    StudentFactory,
    TermFactory,
)
from tests.cast import MONDAY as TODAY
from tests.cast import pupil

MONDAY, TUESDAY, WEDNESDAY, THURSDAY, FRIDAY = (date(2026, 3, number) for number in range(9, 14))
DAYS = timedelta(days=1)
STATEMENTS = 3


def calendar(first=MONDAY, last=FRIDAY):
    return load_calendar(School.current(), first, last)


def mark(student, school_class, **statuses):
    """Marks of a student on days of the week that was, such as mon="late"."""
    days = {"mon": MONDAY, "tue": TUESDAY, "wed": WEDNESDAY, "thu": THURSDAY, "fri": FRIDAY, "today": TODAY}
    for day, status in statuses.items():
        AttendanceRecordFactory(student=student, school_class=school_class, date=days[day], status=status)


def numbers(figures):
    """(present, late, excused, absent), due, counted."""
    return (
        tuple(figures.counts[status] for status in ("present", "late", "excused", "absent")),
        figures.due,
        figures.counted,
    )


class TestAStudent:
    def test_rate_missed_unexcused_and_coverage(self, cast):
        mark(cast.amina, cast.class_7a, mon="present", tue="late", wed="absent", thu="excused")
        figures = student_attendance(calendar(), cast.amina)
        assert numbers(figures) == ((1, 1, 1, 1), 5, 4)
        assert (figures.attended, figures.possible, figures.missed, figures.unexcused) == (2, 4, 2, 1)
        assert (figures.rate, figures.coverage) == (Fraction(1, 2), Fraction(4, 5))
        assert figures.not_counted == 1

    def test_no_data_is_none_and_never_zero(self, cast):
        figures = student_attendance(calendar(), cast.amina)
        assert (figures.rate, figures.coverage, figures.tier) == (None, Fraction(0), None)
        weekend = student_attendance(calendar(date(2026, 3, 14), date(2026, 3, 15)), cast.amina)
        assert (weekend.rate, weekend.coverage, weekend.tier) == (None, None, None)
        nowhere = student_attendance(calendar(), StudentFactory())
        assert (nowhere.rate, nowhere.coverage, nowhere.tier) == (None, None, None)
        assert numbers(nowhere) == ((0, 0, 0, 0), 0, 0)

    def test_rates_are_exact_fractions(self, cast):
        mark(cast.amina, cast.class_7a, mon="present", tue="absent", wed="absent")
        figures = student_attendance(calendar(), cast.amina)
        assert [(type(share), share) for share in (figures.rate, figures.coverage)] == [
            (Fraction, Fraction(1, 3)),
            (Fraction, Fraction(3, 5)),
        ]

    def test_the_first_and_the_last_day_count_and_those_beside_do_not(self, cast):
        mark(cast.amina, cast.class_7a, mon="absent", tue="late", wed="excused", thu="present", fri="absent")
        assert numbers(student_attendance(calendar(TUESDAY, THURSDAY), cast.amina)) == ((1, 1, 1, 0), 3, 3)

    def test_marks_from_before_joining_and_after_leaving_do_not_count(self, cast):
        Enrolment.objects.filter(student=cast.amina).update(starts_on=TUESDAY, ends_on=THURSDAY)
        mark(cast.amina, cast.class_7a, mon="absent", tue="present", wed="late", thu="absent")
        assert numbers(student_attendance(calendar(), cast.amina)) == ((1, 1, 0, 0), 2, 2)
        Enrolment.objects.filter(student=cast.amina).update(starts_on=MONDAY, ends_on=FRIDAY)
        assert numbers(student_attendance(calendar(), cast.amina)) == ((1, 1, 0, 2), 4, 4)

    def test_who_joined_yesterday_owes_no_earlier_day(self, cast):
        zoe = pupil("Zoe", "New", cast.class_7a, starts_on=FRIDAY)
        mark(zoe, cast.class_7a, fri="late")
        figures = student_attendance(calendar(MONDAY, TODAY), zoe)
        assert numbers(figures) == ((0, 1, 0, 0), 2, 1)
        assert (figures.rate, figures.coverage) == (Fraction(1), Fraction(1, 2))

    def test_a_subject_class_has_its_own_rate_and_does_not_count_for_days_missed(self, cast):
        chess = SchoolClassFactory(name="Chess", academic_year=cast.year, meets_on="35")
        EnrolmentFactory(student=cast.amina, school_class=chess, is_primary=False)
        mark(cast.amina, cast.class_7a, wed="present", fri="present")
        mark(cast.amina, chess, wed="absent", fri="present")
        assert numbers(student_attendance(calendar(), cast.amina)) == ((2, 0, 0, 0), 5, 2)
        others = attendance_by_class(calendar(), Enrolment.objects.filter(student=cast.amina, is_primary=False))
        assert {school_class.name: numbers(figures) for school_class, figures in others.items()} == {
            "Chess": ((1, 0, 0, 1), 2, 2)
        }

    def test_who_moved_in_midweek_has_the_days_of_both_classes(self, cast):
        Enrolment.objects.filter(student=cast.amina).update(ends_on=WEDNESDAY)
        EnrolmentFactory(student=cast.amina, school_class=cast.class_7b, starts_on=WEDNESDAY)
        mark(cast.amina, cast.class_7a, mon="present", tue="absent", wed="absent")
        mark(cast.amina, cast.class_7b, tue="absent", wed="present", thu="late")
        figures = student_attendance(calendar(), cast.amina)
        assert numbers(figures) == ((2, 1, 0, 1), 5, 4)
        assert (figures.rate, figures.coverage) == (Fraction(3, 4), Fraction(4, 5))

    def test_a_closure_added_after_the_marks_takes_the_day_out_of_coverage_only(self, cast):
        mark(cast.amina, cast.class_7a, mon="present", tue="absent")
        ClosureFactory(starts_on=TUESDAY)
        figures = student_attendance(calendar(), cast.amina)
        assert numbers(figures) == ((1, 0, 0, 1), 4, 1)
        assert (figures.rate, figures.coverage) == (Fraction(1, 2), Fraction(1, 4))

    def test_days_between_terms_and_on_which_the_class_does_not_meet_are_not_due(self, cast):
        TermFactory(academic_year=cast.year, name="Winter", ends_on=TUESDAY)
        TermFactory(academic_year=cast.year, name="Summer", starts_on=THURSDAY)
        assert student_attendance(calendar(), cast.amina).due == 3
        SchoolClass.objects.filter(pk=cast.class_7a.pk).update(meets_on="246")
        assert student_attendance(calendar(), cast.amina).due == 1

    def test_a_year_that_has_not_begun(self, cast):
        year = AcademicYearFactory(starts_on=date(2026, 9, 1), ends_on=date(2027, 7, 20))
        enrolment = EnrolmentFactory(school_class=SchoolClassFactory(academic_year=year))
        figures = student_attendance(year_to_date(School.current(), enrolment.school_class), enrolment.student)
        assert (figures.rate, figures.coverage, figures.tier) == (None, None, None)

    def test_the_year_to_date_ends_today_and_once_it_is_over_with_its_last_day(self, cast, frozen):
        to_date = year_to_date(School.current(), cast.class_7a)
        assert (to_date.first, to_date.last) == (date(2025, 9, 1), TODAY)
        frozen.move_to("2026-10-01T09:00Z")
        assert year_to_date(School.current(), cast.class_7a).last == date(2026, 7, 17)


class TestAClassAndTheSchool:
    def test_a_class_adds_up_who_was_in_it(self, cast):
        mark(cast.amina, cast.class_7a, mon="present", tue="absent")
        mark(cast.bo, cast.class_7a, mon="late", tue="excused")
        mark(cast.cleo, cast.class_7b, mon="absent")
        figures = class_attendance(calendar(), cast.class_7a)
        assert numbers(figures) == ((1, 1, 1, 1), 10, 4)
        assert (figures.rate, figures.unexcused, figures.coverage) == (Fraction(1, 2), 1, Fraction(2, 5))

    def test_a_class_with_a_single_register(self, cast):
        mark(cast.amina, cast.class_7a, wed="present")
        mark(cast.bo, cast.class_7a, wed="absent")
        figures = class_attendance(calendar(WEDNESDAY, WEDNESDAY), cast.class_7a)
        assert (numbers(figures), figures.rate, figures.tier) == (((1, 0, 0, 1), 2, 2), Fraction(1, 2), None)

    def test_a_class_includes_those_for_whom_it_is_not_the_main_one(self, cast):
        EnrolmentFactory(student=cast.cleo, school_class=cast.class_7a, is_primary=False)
        mark(cast.cleo, cast.class_7a, mon="absent")
        assert numbers(class_attendance(calendar(), cast.class_7a)) == ((0, 0, 0, 1), 15, 1)

    def test_the_school_counts_nobody_twice_on_a_day(self, cast):
        EnrolmentFactory(student=cast.cleo, school_class=cast.class_7a, is_primary=False)
        mark(cast.cleo, cast.class_7a, mon="absent")
        mark(cast.cleo, cast.class_7b, mon="present")
        mark(cast.amina, cast.class_7a, mon="late")
        figures = school_attendance(calendar())
        assert (numbers(figures), figures.rate) == (((1, 1, 0, 0), 15, 2), Fraction(1))

    def test_a_class_without_students_has_no_data(self, cast):
        figures = class_attendance(calendar(), SchoolClassFactory(academic_year=cast.year))
        assert (figures.rate, figures.coverage, figures.tier) == (None, None, None)


def figures_of(attended, missed):
    return Attendance(
        {Status.PRESENT: attended, Status.EXCUSED: missed}, due=attended + missed, counted=attended + missed
    )


@pytest.mark.parametrize(
    ("attended", "missed", "tier"),
    [
        (200, 0, Tier.SATISFACTORY),
        (20, 1, Tier.SATISFACTORY),  # 4.76 %
        (1901, 100, Tier.SATISFACTORY),  # 4.998 %, which would round to 5
        (19, 1, Tier.AT_RISK),  # exactly 5 %
        (1801, 200, Tier.AT_RISK),  # 9.995 %
        (18, 2, Tier.CHRONIC),  # exactly 10 %
        (1601, 400, Tier.CHRONIC),  # 19.99 %
        (16, 4, Tier.SEVERE),  # exactly 20 %
        (0, 10, Tier.SEVERE),
        (0, 9, None),  # below 10 sessions nobody knows
        (9, 0, None),
        (10, 0, Tier.SATISFACTORY),
        (9, 1, Tier.CHRONIC),
        (0, 0, None),
    ],
)
def test_tiers_are_decided_on_the_exact_share(attended, missed, tier):
    assert figures_of(attended, missed).tier == tier


def test_late_is_attended_and_an_excused_absence_is_an_absence():
    late = Attendance({Status.LATE: 9, Status.ABSENT: 1}, due=10, counted=10)
    excused = Attendance({Status.LATE: 9, Status.EXCUSED: 1}, due=10, counted=10)
    assert (late.rate, late.tier, late.unexcused) == (Fraction(9, 10), Tier.CHRONIC, 1)
    assert (excused.rate, excused.tier, excused.unexcused) == (Fraction(9, 10), Tier.CHRONIC, 0)


@pytest.mark.parametrize("number", [1, 3, 60])
def test_the_school_costs_three_statements_at_any_size(number, cast, count_queries):
    for _number in range(number):
        enrolment = EnrolmentFactory(school_class=SchoolClassFactory(academic_year=cast.year))
        mark(enrolment.student, enrolment.school_class, mon="late")
    week, found = calendar(), []
    assert count_queries(lambda: found.append(school_attendance(week))) == STATEMENTS
    assert numbers(found[0]) == ((0, number, 0, 0), 5 * (number + 3), number)


# --- An independent recount, row by row ----------------------------------------------------------------------------

FIRST = date(2026, 3, 2)
OFFSETS = st.integers(min_value=0, max_value=21)
STATUSES = st.sampled_from(["present", "late", "excused", "absent"])


@st.composite
def schools(draw):
    """Spans of three students in two classes, marks on any day, a closure, a term, weekdays: within three weeks."""
    spans = []
    for student in range(3):
        cuts = sorted(draw(st.lists(OFFSETS, min_size=2, max_size=4)))
        for start, end in pairwise(cuts):
            spans.append((student, draw(st.integers(0, 1)), start, end, draw(st.booleans())))
    marks = draw(st.dictionaries(st.tuples(st.integers(0, 2), st.integers(0, 1), OFFSETS), STATUSES, max_size=25))
    closure, term, asked = (sorted(draw(st.tuples(OFFSETS, OFFSETS))) for _number in range(3))
    weekdays = draw(st.sampled_from(["", "12345", "24", "1234567"]))
    return {"spans": spans, "marks": marks, "closure": closure, "term": term, "asked": asked, "weekdays": weekdays}


def on(offset):
    return FIRST + offset * DAYS


def write(drawn, students, classes):
    for student, school_class, start, end, is_primary in drawn["spans"]:
        Enrolment.objects.create(
            student=students[student], school_class=classes[school_class], is_primary=is_primary,
            starts_on=on(start), ends_on=on(end),
        )  # fmt: skip
    AttendanceRecord.objects.bulk_create(
        AttendanceRecord(student=students[student], school_class=classes[school_class], date=on(offset), status=status)
        for (student, school_class, offset), status in drawn["marks"].items()
    )
    for model, (start, end), further in (
        (Closure, drawn["closure"], {}),
        (Term, drawn["term"], {"academic_year": classes[0].academic_year}),
    ):
        if start < end:
            model.objects.create(name="Some days", starts_on=on(start), ends_on=on(end), **further)
    SchoolClass.objects.filter(pk=classes[1].pk).update(meets_on=drawn["weekdays"])


def is_school_day(school_class, day):
    year = AcademicYear.objects.get(pk=school_class.academic_year_id)
    if any(row.starts_on <= day < row.ends_on for row in Closure.objects.all()):
        return False
    terms = list(Term.objects.filter(academic_year=year))
    if terms and not any(row.starts_on <= day < row.ends_on for row in terms):
        return False
    return str(day.isoweekday()) in (school_class.meets_on or "12345") and year.starts_on <= day < year.ends_on


def recounted(first, last, wanted):
    """Counts, due and counted of the enrolments that are wanted: day by day and row by row."""
    counts, due, counted = Counter(), 0, 0
    marks = {(row.student_id, row.school_class_id, row.date): row.status for row in AttendanceRecord.objects.all()}
    classes = SchoolClass.objects.in_bulk()
    days = [first + number * DAYS for number in range((last - first).days + 1)]
    school_days = {(pk, day): is_school_day(school_class, day) for pk, school_class in classes.items() for day in days}
    for row in Enrolment.objects.all():
        for day in days:
            if not wanted(row) or day < row.starts_on or (row.ends_on and day >= row.ends_on):
                continue
            status = marks.get((row.student_id, row.school_class_id, day))
            counts[status] += 1
            due += school_days[row.school_class_id, day]
            counted += bool(status) and school_days[row.school_class_id, day]
    return tuple(counts[status] for status in ("present", "late", "excused", "absent")), due, counted


@pytest.mark.django_db
@settings(
    max_examples=25, deadline=None, database=None,
    suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow],
)  # fmt: skip
@given(drawn=schools())
def test_every_number_equals_the_recount(drawn):
    with transaction.atomic():
        year = AcademicYearFactory(starts_on=date(2026, 3, 4), ends_on=date(2026, 3, 21))
        classes = [SchoolClassFactory(academic_year=year) for _number in range(2)]
        students = [StudentFactory() for _number in range(3)]
        write(drawn, students, classes)
        first, last = (on(offset) for offset in drawn["asked"])
        asked = calendar(first, last)
        for student in Student.objects.all():
            expected = recounted(first, last, lambda row, pk=student.pk: row.student_id == pk and row.is_primary)
            assert numbers(student_attendance(asked, student)) == expected
        for school_class in SchoolClass.objects.select_related("academic_year"):
            expected = recounted(first, last, lambda row, pk=school_class.pk: row.school_class_id == pk)
            assert numbers(class_attendance(asked, school_class)) == expected
        assert numbers(school_attendance(asked)) == recounted(first, last, lambda row: row.is_primary)
        transaction.set_rollback(True)
