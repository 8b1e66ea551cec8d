"""The report of a child: what a parent reads, and what staff who open it see too."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date

from attendance.metrics import Attendance, student_attendance
from attendance.models import AttendanceRecord
from dashboard.month import Month, month_of
from students.calendar import year_to_date
from students.models import Enrolment, School, SchoolClass, Student

LATEST_NOTES = 5


@dataclass(frozen=True)
class AttendanceSection:
    """Attendance of one school year up to today: the figures, one month of days, the latest notes."""

    year: str
    figures: Attendance
    month: Month
    notes: list[AttendanceRecord]


@dataclass(frozen=True)
class ChildReport:
    """The whole report; `attendance` is None where it may not be read or the child has been in no class yet."""

    student: Student
    school_class: SchoolClass | None
    attendance: AttendanceSection | None


def child_report(school: School, student: Student, *, may_see_attendance: bool, month: date | None) -> ChildReport:
    """Read the report; `month` is any day of the month to show, by default the latest with a mark.

    Six statements: enrolments, calendar, three of the figures, the year's marks.
    """
    enrolments = list(
        Enrolment.objects.filter(student=student, is_primary=True, starts_on__lte=school.today())
        .select_related("school_class__academic_year")
        .order_by("-starts_on", "-pk")
    )
    if not enrolments:
        return ChildReport(student, None, None)
    section = attendance_section(school, student, enrolments, month) if may_see_attendance else None
    return ChildReport(student, enrolments[0].school_class, section)


def attendance_section(
    school: School, student: Student, enrolments: list[Enrolment], month: date | None
) -> AttendanceSection:
    """The school year of the latest main class, up to today or to the year's end."""
    school_class = enrolments[0].school_class
    calendar = year_to_date(school, school_class)
    primary = Enrolment.objects.filter(student=student, is_primary=True)
    marks = list(AttendanceRecord.objects.between(calendar.first, calendar.last).within(primary).order_by("date", "pk"))
    shown = month or (marks[-1].date if marks else calendar.last)
    return AttendanceSection(
        year=school_class.academic_year.name,
        figures=student_attendance(calendar, student),
        month=month_of(calendar, enrolments, marks, min(max(shown, calendar.first), calendar.last)),
        notes=[mark for mark in reversed(marks) if mark.note][:LATEST_NOTES],
    )
