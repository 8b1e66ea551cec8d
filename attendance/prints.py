"""The blank register of a week, to be filled in by hand where there is no computer."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, timedelta

from attendance.models import PlannedAbsence, Status
from students.calendar import SchoolCalendar, load_calendar
from students.models import Enrolment, School, SchoolClass, Student

DAYS_OF_A_WEEK = 7
BY_NAME = ("student__family_name", "student__given_name", "student_id")  # as on the register
Span = tuple[date, date | None]  # first day, first day after (None: open)


@dataclass(frozen=True)
class Column:
    """A day on which the class meets. `closed_because` says why it does not meet this time, as a sentence."""

    date: date
    closed_because: str | None


@dataclass(frozen=True)
class Box:
    """Where a mark is written. Not open: no school, or the student is not in the class on the day."""

    is_open: bool
    letter: str = ""


@dataclass(frozen=True)
class PaperRegister:
    """A table of students and days; `monday` names the week."""

    monday: date
    columns: list[Column]
    rows: list[tuple[Student, list[Box]]]

    @property
    def closed(self) -> list[str]:
        """Why columns are grey, as sentences."""
        return [column.closed_because for column in self.columns if column.closed_because]


def paper_register(school: School, school_class: SchoolClass, day: date) -> PaperRegister:
    """The week of a day, with everybody who is in the class on one of its days, and E for planned absences.

    Three statements: calendar, students, planned absences. The class has its academic_year loaded.
    """
    monday = day - timedelta(days=day.weekday())
    week = [monday + timedelta(days=number) for number in range(DAYS_OF_A_WEEK)]
    columns = columns_of(load_calendar(school, week[0], week[-1]), school_class, week)
    inside = Enrolment.objects.overlapping(week[0], week[-1]).filter(school_class=school_class)
    enrolled: dict[Student, list[Span]] = defaultdict(list)
    for enrolment in inside.select_related("student").order_by(*BY_NAME):
        enrolled[enrolment.student].append((enrolment.starts_on, enrolment.ends_on))
    planned: dict[int, list[Span]] = defaultdict(list)
    for absence in PlannedAbsence.objects.overlapping(week[0], week[-1]).filter(student__in=inside.values("student")):
        planned[absence.student_id].append((absence.starts_on, absence.ends_on))
    rows = [
        (student, [box(column, spans, planned[student.pk]) for column in columns])
        for student, spans in enrolled.items()
    ]
    present = [(student, boxes) for student, boxes in rows if any(box.is_open for box in boxes)]
    return PaperRegister(monday, columns, present)


def columns_of(calendar: SchoolCalendar, school_class: SchoolClass, week: list[date]) -> list[Column]:
    """The weekdays on which the class meets; Saturdays and Sundays are left out, a holiday stays and is grey."""
    weekdays = calendar.weekdays(school_class)
    met = [day for day in week if str(day.isoweekday()) in weekdays]
    return [Column(day, calendar.why_no_school(school_class, day)) for day in met]


def box(column: Column, enrolled: Iterable[Span], planned: Iterable[Span]) -> Box:
    """One student on one day."""
    if column.closed_because or not holds(enrolled, column.date):
        return Box(is_open=False)
    return Box(is_open=True, letter=Status.EXCUSED.letter if holds(planned, column.date) else "")


def holds(spans: Iterable[Span], day: date) -> bool:
    return any(start <= day and (end is None or day < end) for start, end in spans)
