"""The report card of a child: the report of the page, with its attendance month by month, as it is printed."""

from __future__ import annotations

from collections.abc import Collection, Iterable
from dataclasses import dataclass
from datetime import date
from itertools import groupby

from attendance.metrics import Attendance
from attendance.models import AttendanceRecord, Status
from dashboard.period import PeriodForm
from dashboard.report import ChildReport, child_report
from students.models import Enrolment, School, Student
from students.querysets import Domain


@dataclass(frozen=True)
class MonthLine:
    """The marks of one month of the period; `first` is the first day of the month."""

    first: date
    attendance: Attendance


@dataclass(frozen=True)
class Card:
    """A report and the months of its attendance, of which there are none where it may not be read."""

    report: ChildReport
    months: list[MonthLine]


def child_card(school: School, student: Student, *, sections: Collection[Domain], chooser: PeriodForm) -> Card:
    """Read the card of one child with those sections that may be read; the statements of the report and one more."""
    report = child_report(school, student, sections=sections, chooser=chooser)
    if report.attendance is None or report.period is None:
        return Card(report, [])
    primary = Enrolment.objects.filter(student=student, is_primary=True)
    days = AttendanceRecord.objects.between(report.period.first, report.period.last).within(primary)
    return Card(report, months_of(days.order_by("date", "pk")))


def months_of(days: Iterable[AttendanceRecord]) -> list[MonthLine]:
    """The marks counted month by month, for marks in the order of their dates; months without any are left out."""
    return [MonthLine(first, attendance_of_marks(rows)) for first, rows in groupby(days, month_of_mark)]


def month_of_mark(record: AttendanceRecord) -> date:
    return record.date.replace(day=1)


def attendance_of_marks(records: Iterable[AttendanceRecord]) -> Attendance:
    """The figures of marks alone: what was due and not taken is in none of them."""
    counts = dict.fromkeys(Status, 0)
    for record in records:
        counts[Status(record.status)] += 1
    number = sum(counts.values())
    return Attendance(counts, due=number, counted=number)
