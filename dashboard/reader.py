"""Reads what a report needs of one child: each domain once, for the period and for the school year to date."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass, replace
from datetime import date
from typing import Any, TypeVar

from assessments.child_marks import ChildMarks, load_scores, marks_of
from assessments.metrics import Grades, load_grades
from assessments.models import Score
from attendance.metrics import Attendance, attendance_of_rows
from attendance.models import AttendanceRecord
from behavior.models import BehaviorRecord
from dashboard.models import FamilyNote
from dashboard.month import marks_within
from dashboard.period import Kind, Period
from participation.models import ParticipationRecord
from students.calendar import SchoolCalendar, load_calendar
from students.models import Enrolment, Student
from students.querysets import Domain
from students.records import StudentRecord

RowT = TypeVar("RowT", bound=StudentRecord)


@dataclass(frozen=True)
class Reader:
    """One child's rows; `year` is the calendar of the school year to date, `sections` what may be read.

    enrolments: the main ones that have begun, with their class and its academic_year loaded, the latest first.
    """

    student: Student
    enrolments: list[Enrolment]
    year: SchoolCalendar
    period: Period
    sections: Collection[Domain]

    @property
    def first(self) -> date:
        """The first day that either the period or the year needs."""
        return min(self.period.first, self.year.first)

    @property
    def last(self) -> date:
        return max(self.period.last, self.year.last)

    def is_in_year(self, day: date) -> bool:
        return self.year.first <= day <= self.year.last

    def calendar(self) -> SchoolCalendar:
        """The calendar of the period; one statement where it reaches out of the school year."""
        if self.period.kind == Kind.YEAR:
            return self.year
        if self.is_in_year(self.period.first) and self.is_in_year(self.period.last):
            return replace(self.year, first=self.period.first, last=self.period.last, _school_days={})
        return load_calendar(self.year.school, self.period.first, self.period.last)

    def days(self) -> list[AttendanceRecord]:
        """The marks of the main classes while enrolled in them, the oldest first; one statement."""
        rows = AttendanceRecord.objects.between(self.first, self.last).filter(
            student=self.student, school_class__in={each.school_class_id for each in self.enrolments}
        )
        return marks_within(self.enrolments, rows.order_by("date", "pk"))

    def figures(self, calendar: SchoolCalendar, days: list[AttendanceRecord]) -> tuple[Attendance, Attendance]:
        """Attendance over the period, and over the school year to date, of the days in hand; no statement."""
        of_period = attendance_of_rows(calendar, self.enrolments, self.of_period(days) or [])
        if calendar is self.year:
            return of_period, of_period
        return of_period, attendance_of_rows(self.year, self.enrolments, self.of_year(days) or [])

    def marks(self) -> tuple[ChildMarks | None, ChildMarks | None]:
        """The published marks of the period, and of the school year to date; two statements."""
        if "assessments" not in self.sections:
            return None, None
        rows, grades = self.scores(), self.grades()
        of_period = marks_of((row for row in rows if self.period.holds(row.assessment.date_taken)), grades)
        if self.period.kind == Kind.YEAR:
            return of_period, of_period
        return of_period, marks_of((row for row in rows if self.is_in_year(row.assessment.date_taken)), grades)

    def scores(self) -> list[Score]:
        """The published scores, as `load_scores` orders them; one statement."""
        return load_scores(Score.objects.filter(student=self.student), self.first, self.last, published_only=True)

    def grades(self) -> Grades:
        """The grade scale in use; one statement."""
        return load_grades()

    def behavior(self) -> list[BehaviorRecord] | None:
        """What was shared about behaviour, the latest first; one statement."""
        return self.rows("behavior", BehaviorRecord.objects.shared().select_related("category", "teacher"))

    def participation(self) -> list[ParticipationRecord] | None:
        """The events, the latest first; one statement."""
        return self.rows("participation", ParticipationRecord.objects.all())

    def notes(self) -> list[FamilyNote]:
        """The notes for the family; one statement."""
        return list(FamilyNote.objects.of_report(self.student))

    def rows(self, section: Domain, records: Any) -> list[Any] | None:
        """The records of a domain, the latest first; one statement. None where it may not be read."""
        if section not in self.sections:
            return None
        return list(records.filter(student=self.student).between(self.first, self.last).order_by("-date", "-pk"))

    def of_period(self, rows: list[RowT] | None) -> list[RowT] | None:
        return None if rows is None else [row for row in rows if self.period.holds(row.date)]  # type: ignore[attr-defined]

    def of_year(self, rows: list[RowT] | None) -> list[RowT] | None:
        return None if rows is None else [row for row in rows if self.is_in_year(row.date)]  # type: ignore[attr-defined]
