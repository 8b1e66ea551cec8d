"""The report of a child: what a parent reads, and what staff who open it see too."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass, replace
from datetime import date

from assessments.child_marks import ChildMarks
from attendance.metrics import Attendance
from attendance.models import AttendanceRecord
from behavior.metrics import count_rows
from behavior.models import BehaviorRecord
from dashboard.insights import Facts, Insights, insights_of
from dashboard.models import FamilyNote
from dashboard.month import Month, month_of
from dashboard.period import Period, PeriodForm
from dashboard.reader import Reader
from participation.models import ParticipationRecord
from students.calendar import year_to_date
from students.models import Enrolment, School, SchoolClass, Student
from students.querysets import Domain

LATEST_NOTES = 5


@dataclass(frozen=True)
class AttendanceSection:
    """Attendance of the period: the figures, one month of days, the latest notes."""

    figures: Attendance
    month: Month
    notes: list[AttendanceRecord]


@dataclass(frozen=True)
class BehaviorSection:
    """What was shared about behaviour in the period, the latest first."""

    records: list[BehaviorRecord]

    @property
    def positive(self) -> int:
        return count_rows(self.records).positive

    @property
    def negative(self) -> int:
        return count_rows(self.records).negative


@dataclass(frozen=True)
class ChildReport:
    """The whole report; a section is None where it may not be read, and all are where there was no class yet."""

    student: Student
    school_class: SchoolClass | None = None
    period: Period | None = None
    attendance: AttendanceSection | None = None
    marks: ChildMarks | None = None
    behavior: BehaviorSection | None = None
    participation: list[ParticipationRecord] | None = None
    notes: Collection[FamilyNote] = ()
    insights: Insights | None = None

    @property
    def is_young(self) -> bool:
        """Whether nothing has been noted that it could tell of."""
        return not (
            (self.attendance and self.attendance.figures.possible)
            or (self.marks and self.marks.subjects)
            or (self.behavior and self.behavior.records)
            or self.participation
        )


def child_report(
    school: School, student: Student, *, sections: Collection[Domain], chooser: PeriodForm, month: date | None = None
) -> ChildReport:
    """Read the report with those of its sections that may be read.

    `month` is any day of the month to show, by default the latest of the period with a mark. The findings are of the
    school year to date, whatever the period. Eight statements: enrolments, calendar, days, scores, grade scale,
    behaviour, participation, notes; one more for days outside the school year.
    """
    enrolments = list(
        Enrolment.objects.filter(student=student, is_primary=True, starts_on__lte=school.today())
        .select_related("school_class__academic_year")
        .order_by("-starts_on", "-pk")
    )
    if not enrolments:
        return ChildReport(student)
    school_class = enrolments[0].school_class
    year = year_to_date(school, school_class)
    period = chooser.period_within(year, school_class.academic_year)
    return compose(Reader(student, enrolments, year, period, sections), month)


def compose(reader: Reader, month: date | None = None) -> ChildReport:
    """The report out of what a reader gives, which reads it row by row or has it for a whole class."""
    attendance, facts = read_attendance(reader, month)
    marks, year_marks = reader.marks()
    behavior, participation = reader.behavior(), reader.participation()
    facts = replace(
        facts, marks=year_marks, behavior=reader.of_year(behavior), participation=reader.of_year(participation)
    )
    return ChildReport(
        student=reader.student,
        school_class=reader.enrolments[0].school_class,
        period=reader.period,
        attendance=attendance,
        marks=marks,
        behavior=None if behavior is None else BehaviorSection(reader.of_period(behavior) or []),
        participation=reader.of_period(participation),
        notes=reader.notes(),
        insights=insights_of(facts),
    )


def read_attendance(reader: Reader, month: date | None) -> tuple[AttendanceSection | None, Facts]:
    """The section of the period, and the facts of the school year to date as far as attendance tells them."""
    today = reader.year.school.today()
    if "attendance" not in reader.sections:
        return None, Facts(today)
    calendar = reader.calendar()
    days = reader.days()
    figures, of_year = reader.figures(calendar, days)
    shown = [row for row in days if reader.period.holds(row.date)]
    day = month or (shown[-1].date if shown else calendar.last)
    section = AttendanceSection(
        figures=figures,
        month=month_of(calendar, reader.enrolments, shown, min(max(day, calendar.first), calendar.last)),
        notes=[row for row in reversed(shown) if row.note][:LATEST_NOTES],
    )
    return section, Facts(today, of_year, [row for row in days if reader.is_in_year(row.date)])
