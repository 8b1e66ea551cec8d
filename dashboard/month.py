"""A month of one child's marks, as the report draws it."""

from __future__ import annotations

from collections.abc import Collection, Iterable
from dataclasses import dataclass
from datetime import date, timedelta

from django.utils.translation import gettext as _

from attendance.models import AttendanceRecord
from core.charts import MonthGrid, month_grid
from students.calendar import SchoolCalendar
from students.models import Enrolment
from students.weekdays import SHORT_NAMES

CLOSED, MISSING = "closed", "missing"


@dataclass(frozen=True)
class DayMark:
    """What the calendar says of a day: a mark, no school, or a register that was due and is not taken."""

    kind: str  # a value of attendance.models.Status, CLOSED or MISSING
    letter: str
    word: str
    record: AttendanceRecord | None = None


@dataclass(frozen=True)
class Month:
    """One month of marks, with the months before and after as far as the school year reaches."""

    first: date
    grid: MonthGrid[DayMark]
    lines: list[tuple[date, AttendanceRecord | None]]  # by date; None for a register that was due and is not taken
    previous: date | None
    following: date | None


def month_of(
    calendar: SchoolCalendar, enrolments: list[Enrolment], records: list[AttendanceRecord], shown: date
) -> Month:
    """The month in which `shown` lies, for a student with these main enrolments, the latest first.

    Columns are the weekdays of the latest class and any other that has a mark.
    """
    first = shown.replace(day=1)
    following = (first + timedelta(days=31)).replace(day=1)
    length = (following - first).days
    within = [record for record in records if first <= record.date < following]
    stored = {record.date: record for record in within}
    days = [first + timedelta(days=number) for number in range(length)]
    marks = {day: mark for day in days if (mark := day_mark(calendar, enrolments, day, stored.get(day)))}
    not_taken = [day for day, mark in marks.items() if mark.kind == MISSING]
    weekdays = {int(number) for number in enrolments[0].school_class.meets_on or calendar.school.weekdays}
    weekdays |= {day.isoweekday() for day in [*stored, *not_taken]}
    return Month(
        first=first,
        grid=month_grid(first.year, first.month, marks, {number: str(SHORT_NAMES[number]) for number in weekdays}),
        lines=sorted(
            [*((record.date, record) for record in within), *((day, None) for day in not_taken)],
            key=lambda line: line[0],
        ),
        previous=first - timedelta(days=1) if first > calendar.first else None,
        following=following if following <= calendar.last else None,
    )


def day_mark(
    calendar: SchoolCalendar, enrolments: list[Enrolment], day: date, record: AttendanceRecord | None
) -> DayMark | None:
    """The mark of a day; None for a day outside the period or before, between and after the student's classes."""
    if record:
        status = record.get_status()
        return DayMark(status.value, status.letter, str(status.label), record)
    classes = [enrolment.school_class for enrolment in enrolments if is_in_class(enrolment, day)]
    if not classes or not calendar.first <= day <= calendar.last:
        return None
    if all(calendar.no_school(school_class, day) for school_class in classes):
        return DayMark(CLOSED, "", _("No school"))
    return DayMark(MISSING, "–", _("Not taken"))


def marks_within(enrolments: Collection[Enrolment], records: Iterable[AttendanceRecord]) -> list[AttendanceRecord]:
    """The marks of days on which one of these enrolments put the student into the class of the mark."""
    return [
        row
        for row in records
        if any(each.school_class_id == row.school_class_id and is_in_class(each, row.date) for each in enrolments)
    ]


def is_in_class(enrolment: Enrolment, day: date) -> bool:
    """Whether an enrolment is in force on a day."""
    return enrolment.starts_on <= day and (enrolment.ends_on is None or day < enrolment.ends_on)
