"""Attendance from the registers' kept counts: the same figures as from every row, in a few statements."""

from __future__ import annotations

from datetime import date, timedelta
from fractions import Fraction

import pytest
from django.db.models import Q

from attendance.kept import KeptAttendance
from attendance.recounting import recount_registers
from attendance.tests.factories import AttendanceRecordFactory, RegisterFactory
from students.calendar import load_calendar
from students.models import Enrolment, School, SchoolClass
from students.tests.factories import (
    ClosureFactory,
    EnrolmentFactory,
    SchoolClassFactory,
)

DAYS = timedelta(days=1)
MONDAY, TUESDAY, WEDNESDAY, THURSDAY, FRIDAY = (date(2026, 3, number) for number in range(9, 14))
SATURDAY, NEXT_MONDAY = FRIDAY + DAYS, FRIDAY + 3 * DAYS
STATEMENTS = 2
WEEK = {"mon": MONDAY, "tue": TUESDAY, "wed": WEDNESDAY, "thu": THURSDAY, "fri": FRIDAY, "sat": SATURDAY}
ORDER = ("present", "late", "excused", "absent")


def calendar(first=MONDAY, last=FRIDAY):
    return load_calendar(School.current(), first, last)


def mark(student, school_class, **statuses):
    """Marks of a student on days of the week, such as mon="late"."""
    for day, status in statuses.items():
        AttendanceRecordFactory(student=student, school_class=school_class, date=WEEK[day], status=status)


def load(*classes, first=MONDAY, last=FRIDAY, students=()):
    """The figures of these classes and students, with registers that count what was marked."""
    recount_registers(by=None, repair=True)
    enrolments = Enrolment.objects.filter(Q(school_class__in=classes) | Q(student__in=students))
    return KeptAttendance.load(calendar(first, last), list(classes), enrolments)


def numbers(figures):
    """(present, late, excused, absent), due, counted."""
    return tuple(figures.counts[status] for status in ORDER), figures.due, figures.counted


class TestAClass:
    def test_everybody_enrolled_counts(self, cast):
        mark(cast.amina, cast.class_7a, mon="present", tue="late", wed="absent", thu="excused")
        mark(cast.bo, cast.class_7a, mon="present", tue="present")
        kept = load(cast.class_7a, cast.class_7b)
        assert numbers(kept.of_class(cast.class_7a)) == ((3, 1, 1, 1), 10, 6)
        assert kept.of_class(cast.class_7a).rate == Fraction(4, 6)
        assert numbers(kept.of_class(cast.class_7b)) == ((0, 0, 0, 0), 5, 0)
        assert kept.of_class(cast.class_7b).rate is None

    def test_marks_of_days_before_joining_and_after_leaving_do_not_count(self, cast):
        Enrolment.objects.filter(student=cast.amina).update(starts_on=TUESDAY, ends_on=THURSDAY)
        mark(cast.amina, cast.class_7a, mon="absent", tue="present", wed="late", thu="absent")
        kept = load(cast.class_7a)
        assert numbers(kept.of_class(cast.class_7a)) == ((1, 1, 0, 0), 7, 2)
        assert numbers(kept.of_students()[cast.amina.pk]) == ((1, 1, 0, 0), 2, 2)

    def test_a_mark_on_a_day_that_is_closed_by_now_is_in_the_rate_and_not_in_coverage(self, cast):
        mark(cast.amina, cast.class_7a, mon="present", tue="absent", sat="late")
        ClosureFactory(starts_on=TUESDAY)
        kept = load(cast.class_7a, last=SATURDAY)
        assert numbers(kept.of_class(cast.class_7a)) == ((1, 1, 0, 1), 8, 1)
        assert numbers(kept.of_students()[cast.amina.pk]) == ((1, 1, 0, 1), 4, 1)

    def test_the_first_and_the_last_day_count_and_those_beside_do_not(self, cast):
        mark(cast.amina, cast.class_7a, mon="absent", tue="late", wed="excused", thu="present", fri="absent")
        kept = load(cast.class_7a, first=TUESDAY, last=THURSDAY)
        assert numbers(kept.of_class(cast.class_7a)) == ((1, 1, 1, 0), 6, 3)
        assert numbers(kept.of_students()[cast.amina.pk]) == ((1, 1, 1, 0), 3, 3)

    def test_a_term_that_has_not_begun_has_no_figures(self, cast):
        mark(cast.amina, cast.class_7a, mon="present")
        assert load(cast.class_7a).of_classes([cast.class_7a]).rate == 1
        kept = load(cast.class_7a, first=FRIDAY, last=MONDAY)
        assert (kept.of_classes([cast.class_7a]).rate, kept.of_classes([cast.class_7a]).coverage) == (None, None)
        assert (kept.by_day([cast.class_7a]), kept.registers_due([cast.class_7a])) == ({}, (0, 0))
        assert kept.of_students()[cast.amina.pk].rate is None
        assert kept.students_on(MONDAY, [cast.class_7a]) == {cast.amina.pk, cast.bo.pk}


class TestSeveralClasses:
    @pytest.fixture
    def chess(self, cast):
        """Amina and Cleo meet for chess on Wednesdays and Fridays, as a further class."""
        chess = SchoolClassFactory(name="Chess", academic_year=cast.year, meets_on="35")
        for student in (cast.amina, cast.cleo):
            EnrolmentFactory(student=student, school_class=chess, is_primary=False)
        mark(cast.amina, cast.class_7a, wed="present", fri="present")
        mark(cast.cleo, cast.class_7b, wed="late")
        mark(cast.amina, chess, wed="absent", fri="present")
        return chess

    def test_only_primary_classes_count_together(self, cast, chess):
        kept = load(cast.class_7a, cast.class_7b, chess)
        assert numbers(kept.of_classes([cast.class_7a, cast.class_7b, chess])) == ((2, 1, 0, 0), 15, 3)
        assert kept.by_day([cast.class_7a, cast.class_7b, chess]) == {WEDNESDAY: (2, 2), FRIDAY: (1, 1)}
        assert numbers(kept.of_students()[cast.amina.pk]) == ((2, 0, 0, 0), 5, 2)

    def test_a_class_that_is_nobodys_primary_one_counts_alone(self, cast, chess):
        kept = load(cast.class_7a, chess)
        assert numbers(kept.of_classes([chess])) == ((1, 0, 0, 1), 4, 2)
        assert kept.by_day([chess]) == {WEDNESDAY: (0, 1), FRIDAY: (1, 1)}

    def test_guests_in_a_primary_class_count_in_it_alone_and_not_among_others(self, cast):
        EnrolmentFactory(student=cast.cleo, school_class=cast.class_7a, starts_on=TUESDAY, is_primary=False)
        mark(cast.amina, cast.class_7a, mon="absent", tue="present")
        mark(cast.cleo, cast.class_7a, tue="late", wed="absent")
        kept = load(cast.class_7a)
        assert numbers(kept.of_class(cast.class_7a)) == ((1, 1, 0, 2), 14, 4)
        assert numbers(kept.of_classes([cast.class_7a])) == ((1, 0, 0, 1), 10, 2)
        assert kept.by_day([cast.class_7a]) == {MONDAY: (0, 1), TUESDAY: (1, 1)}

    def test_a_day_without_a_mark_is_left_out(self, cast):
        RegisterFactory(school_class=cast.class_7a, date=MONDAY)
        mark(cast.amina, cast.class_7a, tue="absent")
        assert load(cast.class_7a).by_day([cast.class_7a]) == {TUESDAY: (0, 1)}


class TestRegistersDue:
    def test_taken_is_one_in_which_everybody_enrolled_has_a_mark(self, cast):
        mark(cast.amina, cast.class_7a, mon="present", tue="absent")
        mark(cast.bo, cast.class_7a, mon="late")
        mark(cast.cleo, cast.class_7b, mon="present", sat="present")
        kept = load(cast.class_7a, cast.class_7b, last=SATURDAY)
        assert kept.registers_due([cast.class_7a]) == (5, 1)
        assert kept.registers_due([cast.class_7a, cast.class_7b]) == (10, 2)

    def test_a_mark_of_somebody_who_has_left_does_not_stand_in_for_a_missing_one(self, cast):
        mark(cast.amina, cast.class_7a, mon="present")
        mark(cast.bo, cast.class_7a, mon="present")
        assert load(cast.class_7a).registers_due([cast.class_7a]) == (5, 1)
        Enrolment.objects.filter(student=cast.bo).update(ends_on=MONDAY)
        EnrolmentFactory(school_class=cast.class_7a, starts_on=MONDAY)
        assert load(cast.class_7a).registers_due([cast.class_7a]) == (5, 0)

    def test_a_class_owes_nothing_on_days_on_which_nobody_is_enrolled(self, cast):
        Enrolment.objects.filter(school_class=cast.class_7a).update(starts_on=THURSDAY)
        assert load(cast.class_7a).registers_due([cast.class_7a]) == (2, 0)
        assert load(SchoolClassFactory(academic_year=cast.year)).registers_due([]) == (0, 0)


class TestStudents:
    def test_who_moved_has_the_days_of_both_classes(self, cast):
        Enrolment.objects.filter(student=cast.amina).update(ends_on=WEDNESDAY)
        EnrolmentFactory(student=cast.amina, school_class=cast.class_7b, starts_on=WEDNESDAY)
        mark(cast.amina, cast.class_7a, mon="present", tue="absent", wed="absent")
        mark(cast.amina, cast.class_7b, tue="absent", wed="present", thu="late")
        for asked in ([cast.class_7b], [cast.class_7a, cast.class_7b]):
            figures = load(*asked, students=[cast.amina]).of_students()[cast.amina.pk]
            assert numbers(figures) == ((2, 1, 0, 1), 5, 4)
            assert (figures.rate, figures.coverage) == (Fraction(3, 4), Fraction(4, 5))

    def test_a_register_that_was_only_started_leaves_holes(self, cast):
        mark(cast.amina, cast.class_7a, mon="present", tue="late")
        mark(cast.bo, cast.class_7a, tue="present")
        found = load(cast.class_7a).of_students()
        assert numbers(found[cast.amina.pk]) == ((1, 1, 0, 0), 5, 2)
        assert numbers(found[cast.bo.pk]) == ((1, 0, 0, 0), 5, 1)

    def test_no_data_is_none_and_never_zero(self, cast):
        RegisterFactory(school_class=cast.class_7a, date=MONDAY)
        guest = EnrolmentFactory(school_class=cast.class_7a, is_primary=False).student
        found = load(cast.class_7a).of_students()
        assert (found[cast.amina.pk].rate, found[cast.amina.pk].coverage) == (None, Fraction(0))
        assert (found[guest.pk].rate, found[guest.pk].coverage) == (None, None)

    def test_who_is_enrolled_on_a_day(self, cast):
        Enrolment.objects.filter(student=cast.amina).update(ends_on=WEDNESDAY)
        EnrolmentFactory(student=cast.amina, school_class=cast.class_7b, starts_on=WEDNESDAY)
        kept = load(cast.class_7a, cast.class_7b)
        both = [cast.class_7a, cast.class_7b]
        assert kept.students_on(TUESDAY, [cast.class_7a]) == {cast.amina.pk, cast.bo.pk}
        assert kept.students_on(WEDNESDAY, [cast.class_7a]) == {cast.bo.pk}
        assert kept.students_on(WEDNESDAY, both) == {cast.amina.pk, cast.bo.pk, cast.cleo.pk}
        assert kept.students_on(NEXT_MONDAY, [cast.class_7b]) == {cast.amina.pk, cast.cleo.pk}


class TestStatements:
    @pytest.mark.parametrize("number", [1, 3, 60])
    def test_two_to_load_one_for_the_students(self, number, cast, count_queries):
        for _number in range(number):
            enrolment = EnrolmentFactory(school_class=SchoolClassFactory(academic_year=cast.year))
            mark(enrolment.student, enrolment.school_class, mon="late", tue="present")
        recount_registers(by=None, repair=True)
        classes = list(SchoolClass.objects.select_related("academic_year"))
        week, found = calendar(), []
        load_it = lambda: found.append(KeptAttendance.load(week, classes, Enrolment.objects.all()))  # noqa: E731
        assert count_queries(load_it) == STATEMENTS
        kept = found[0]
        assert count_queries(kept.of_students) == 1
        figures = (kept.of_classes, kept.by_day, kept.registers_due)
        assert count_queries(lambda: [figure(classes) for figure in figures]) == 0
        assert count_queries(lambda: (kept.of_class(classes[0]), kept.students_on(MONDAY, classes))) == 0
        assert numbers(kept.of_classes(classes)) == ((number, number, 0, 0), 5 * (number + 3), 2 * number)

    @pytest.mark.parametrize("number", [1, 3, 60])
    def test_one_more_for_guests_alone_at_any_size(self, number, cast, count_queries):
        """Students who came from elsewhere, registers with holes, guests in a primary class."""
        for place in range(number):
            home = SchoolClassFactory(academic_year=cast.year)
            moved = EnrolmentFactory(school_class=home, ends_on=TUESDAY).student
            EnrolmentFactory(student=moved, school_class=cast.class_7b, starts_on=TUESDAY)
            guest = EnrolmentFactory(school_class=cast.class_7b, is_primary=False).student
            mark(moved, home, mon="absent")
            mark(guest if place % 2 else moved, cast.class_7b, tue="late")
        recount_registers(by=None, repair=True)
        found, everybody = [], Enrolment.objects.filter(student__enrolments__school_class=cast.class_7b)
        week = calendar()
        load_it = lambda: found.append(KeptAttendance.load(week, [cast.class_7b], everybody))  # noqa: E731
        assert count_queries(load_it) == STATEMENTS
        assert count_queries(found[0].of_students) == 1
        assert count_queries(lambda: found[0].of_classes([cast.class_7b])) == 1
        assert count_queries(lambda: found[0].by_day([cast.class_7b])) == 0
