"""The month of marks that the report draws."""

from datetime import date, timedelta

import pytest

from attendance.models import Status
from attendance.tests.factories import AttendanceRecordFactory
from dashboard.month import Month, month_of
from students.calendar import year_to_date
from students.models import School
from students.tests.factories import ClosureFactory, EnrolmentFactory, TermFactory
from tests.cast import MONDAY

MARCH_SCHOOL_DAYS = [2, 3, 4, 5, 6, 9, 10, 11, 12, 13, 16]


def month(cast, student, shown: date, *records) -> Month:
    enrolments = list(student.enrolments.filter(is_primary=True).select_related("school_class__academic_year"))
    calendar = year_to_date(School.current(), enrolments[0].school_class)
    return month_of(calendar, enrolments, list(records), shown)


def marked(shown: Month) -> dict[int, str]:
    """Day of the month → letter; "" is a closed day, a day without a mark is left out."""
    return {cell.day.day: cell.mark.letter for cell in shown.grid.cells if cell.mark}


def columns(shown: Month) -> list[str]:
    return [heading.label for heading in shown.grid.headings]


def mark(cast, student, day: date, status: Status):
    return AttendanceRecordFactory(student=student, school_class=cast.class_7a, date=day, status=status)


def test_each_school_day_up_to_today_has_its_mark_or_a_dash(cast):
    marks = [
        mark(cast, cast.amina, date(2026, 3, day), status)
        for day, status in ((2, Status.PRESENT), (3, Status.LATE), (4, Status.EXCUSED), (5, Status.ABSENT))
    ]
    shown = month(cast, cast.amina, MONDAY, *marks)
    assert marked(shown) == dict.fromkeys(MARCH_SCHOOL_DAYS, "–") | {2: "P", 3: "L", 4: "E", 5: "A"}


def test_the_lines_are_the_marks_and_the_gaps_by_date(cast):
    friday = mark(cast, cast.amina, date(2026, 3, 6), Status.ABSENT)
    shown = month(cast, cast.amina, MONDAY, friday)
    assert shown.lines == [(date(2026, 3, day), friday if day == 6 else None) for day in MARCH_SCHOOL_DAYS]


def test_closed_days_are_closed_and_due_nothing(cast):
    ClosureFactory(starts_on=date(2026, 3, 12), ends_on=date(2026, 3, 14))
    shown = month(cast, cast.amina, MONDAY)
    assert {day: letter for day, letter in marked(shown).items() if not letter} == {12: "", 13: ""}
    assert [day.day for day, _record in shown.lines] == [2, 3, 4, 5, 6, 9, 10, 11, 16]


def test_days_between_two_terms_are_closed(cast):
    TermFactory(academic_year=cast.year, starts_on=cast.year.starts_on, ends_on=date(2026, 3, 4))
    TermFactory(academic_year=cast.year, starts_on=date(2026, 3, 9), ends_on=cast.year.ends_on)
    assert {day for day, letter in marked(month(cast, cast.amina, MONDAY)).items() if not letter} == {4, 5, 6}


def test_a_mark_on_a_closed_day_is_shown(cast):
    ClosureFactory(starts_on=date(2026, 3, 13), ends_on=date(2026, 3, 14))
    taken = mark(cast, cast.amina, date(2026, 3, 13), Status.PRESENT)
    assert marked(month(cast, cast.amina, MONDAY, taken))[13] == "P"


def test_days_before_the_student_joined_have_no_mark_and_are_not_missing(cast):
    cast.amina.enrolments.update(starts_on=date(2026, 3, 11))
    shown = month(cast, cast.amina, MONDAY)
    assert marked(shown) == dict.fromkeys([11, 12, 13, 16], "–")
    assert [day.day for day, _record in shown.lines] == [11, 12, 13, 16]


def test_days_after_the_student_left_the_class_have_no_mark(cast):
    cast.amina.enrolments.update(ends_on=date(2026, 3, 5))
    assert marked(month(cast, cast.amina, MONDAY)) == dict.fromkeys([2, 3, 4], "–")


def test_after_a_change_of_class_each_day_follows_the_class_of_that_day(cast):
    cast.class_7a.meets_on = "15"
    cast.class_7a.save()
    cast.amina.enrolments.update(ends_on=date(2026, 3, 9))
    EnrolmentFactory(student=cast.amina, school_class=cast.class_7b, starts_on=date(2026, 3, 9))
    shown = month(cast, cast.amina, MONDAY)
    assert {day for day, letter in marked(shown).items() if letter} == {2, 6, 9, 10, 11, 12, 13, 16}
    assert {day for day, letter in marked(shown).items() if not letter} == {3, 4, 5}


def test_the_columns_are_the_days_of_the_class(cast):
    assert columns(month(cast, cast.amina, MONDAY)) == ["Mon", "Tue", "Wed", "Thu", "Fri"]
    cast.class_7a.meets_on = "135"
    cast.class_7a.save()
    assert columns(month(cast, cast.amina, MONDAY)) == ["Mon", "Wed", "Fri"]


def test_a_mark_on_a_weekend_adds_its_column(cast):
    saturday = mark(cast, cast.amina, date(2026, 3, 7), Status.PRESENT)
    shown = month(cast, cast.amina, MONDAY, saturday)
    assert columns(shown) == ["Mon", "Tue", "Wed", "Thu", "Fri", "Sat"]
    assert marked(shown)[7] == "P"


def test_marks_of_other_months_are_left_out(cast):
    february = mark(cast, cast.amina, date(2026, 2, 27), Status.ABSENT)
    assert "A" not in marked(month(cast, cast.amina, MONDAY, february)).values()
    assert marked(month(cast, cast.amina, date(2026, 2, 1), february))[27] == "A"


@pytest.mark.parametrize(
    ("shown", "first", "previous", "following"),
    [
        (date(2025, 9, 30), date(2025, 9, 1), None, date(2025, 10, 1)),
        (date(2025, 12, 31), date(2025, 12, 1), date(2025, 11, 30), date(2026, 1, 1)),
        (date(2026, 2, 28), date(2026, 2, 1), date(2026, 1, 31), date(2026, 3, 1)),
        (date(2026, 3, 1), date(2026, 3, 1), date(2026, 2, 28), None),
    ],
    ids=["first-of-the-year", "december", "february", "this-month"],
)
def test_the_months_before_and_after_reach_as_far_as_the_year_to_date(cast, shown, first, previous, following):
    found = month(cast, cast.amina, shown)
    assert (found.first, found.previous, found.following) == (first, previous, following)


def test_each_day_of_the_columns_has_one_square_on_its_own_place(cast):
    cells = month(cast, cast.amina, date(2026, 2, 1)).grid.cells
    days = [date(2026, 2, 1) + timedelta(days=number) for number in range(28)]
    assert [cell.day for cell in cells] == [day for day in days if day.isoweekday() <= 5]
    assert len({(cell.x, cell.y) for cell in cells}) == len(cells)
