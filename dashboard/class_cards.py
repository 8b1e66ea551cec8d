"""The report cards of a class: each domain is read once for all of its students, whatever their number."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass, field, replace
from datetime import date
from typing import Any, Protocol, TypeVar

from assessments.child_marks import load_scores
from assessments.metrics import Grades, load_grades
from assessments.models import Score
from attendance.models import AttendanceRecord
from behavior.models import BehaviorRecord
from dashboard.card import Card, months_of
from dashboard.models import FamilyNote
from dashboard.period import ONE_DAY, PeriodForm
from dashboard.reader import Reader
from dashboard.report import ChildReport, compose
from participation.models import ParticipationRecord
from students.calendar import SchoolCalendar, load_calendar
from students.models import AcademicYear, Enrolment, School, Student
from students.querysets import Domain


class OfStudent(Protocol):
    student_id: int


RowT = TypeVar("RowT", bound=OfStudent)


@dataclass(frozen=True)
class Calendars:
    """All calendars that the cards of a class need, cut out of one; the same days are never counted twice."""

    whole: SchoolCalendar
    _cut: dict[tuple[date, date], SchoolCalendar] = field(default_factory=dict)

    def between(self, first: date, last: date) -> SchoolCalendar:
        """The calendar from first to last, both inclusive."""
        if (first, last) not in self._cut:
            self._cut[first, last] = replace(self.whole, first=first, last=last, _school_days={})
        return self._cut[first, last]

    def year_to_date(self, year: AcademicYear) -> SchoolCalendar:
        """As students.calendar.year_to_date."""
        return self.between(year.starts_on, min(self.whole.school.today(), year.ends_on - ONE_DAY))


@dataclass(frozen=True)
class Shelf:
    """The rows of all students by the key of their student, in the order in which a report wants them."""

    calendars: Calendars
    days: dict[int, list[AttendanceRecord]]
    scores: dict[int, list[Score]]
    grades: Grades
    rows: dict[Domain, dict[int, list[Any]]]
    notes: dict[int, list[FamilyNote]]


@dataclass(frozen=True)
class ShelfReader(Reader):
    """Gives what Reader gives, out of rows in hand; no statement."""

    shelf: Shelf

    def calendar(self) -> SchoolCalendar:
        return self.shelf.calendars.between(self.period.first, self.period.last)

    def days(self) -> list[AttendanceRecord]:
        rows = self.shelf.days.get(self.student.pk, [])
        return [row for row in rows if self.first <= row.date <= self.last]

    def scores(self) -> list[Score]:
        return self.shelf.scores.get(self.student.pk, [])

    def grades(self) -> Grades:
        return self.shelf.grades

    def rows(self, section: Domain, records: Any) -> list[Any] | None:  # noqa: ARG002  # they are on the shelf
        return self.shelf.rows[section].get(self.student.pk, []) if section in self.sections else None

    def notes(self) -> list[FamilyNote]:
        return self.shelf.notes.get(self.student.pk, [])

    def card(self) -> Card:
        """The card of this child. dashboard/tests/test_card_parity.py shows that it is that of `card.child_card`."""
        report = compose(self)
        return Card(report, months_of(self.of_period(self.days()) or []) if report.attendance else [])


def class_cards(
    school: School, students: Sequence[Student], *, sections: Collection[Domain], chooser: PeriodForm
) -> list[Card]:
    """The cards of these students in their order, each with those sections that may be read.

    Eight statements at any number of students: enrolments, calendar, days, scores, grade scale, behaviour,
    participation, notes.
    """
    enrolments = by_student(
        Enrolment.objects.filter(student__in=students, is_primary=True, starts_on__lte=school.today())
        .select_related("school_class__academic_year")
        .order_by("-starts_on", "-pk")
    )
    years = {student: rows[0].school_class.academic_year for student, rows in enrolments.items()}
    if not years:
        return [Card(ChildReport(student), []) for student in students]
    calendars = load_calendars(school, years.values(), chooser)
    periods = {student: chooser.period_within(calendars.year_to_date(year), year) for student, year in years.items()}
    shelf = load_shelf(calendars, students)
    return [
        ShelfReader(
            student=student,
            enrolments=enrolments[student.pk],
            year=calendars.year_to_date(years[student.pk]),
            period=periods[student.pk],
            sections=sections,
            shelf=shelf,
        ).card()
        if student.pk in enrolments
        else Card(ChildReport(student), [])
        for student in students
    ]


def load_calendars(school: School, years: Iterable[AcademicYear], chooser: PeriodForm) -> Calendars:
    """One calendar that holds these years and the days that were chosen; one statement."""
    chosen = chooser.cleaned_data.get("first") if chooser.is_valid() else None
    first = min(day for day in [*(year.starts_on for year in years), chosen] if day)
    return Calendars(load_calendar(school, first, school.today()))


def load_shelf(calendars: Calendars, students: Sequence[Student]) -> Shelf:
    """All rows of the days of the calendar; six statements."""
    first, last = calendars.whole.first, calendars.whole.last
    primary = Enrolment.objects.filter(student__in=students, is_primary=True)
    days = AttendanceRecord.objects.between(first, last).within(primary)
    behavior = BehaviorRecord.objects.shared().select_related("category", "teacher").filter(student__in=students)
    participation = ParticipationRecord.objects.filter(student__in=students)
    notes = FamilyNote.objects.filter(student__in=students).select_related("written_by__teacher", "written_by__parent")
    return Shelf(
        calendars=calendars,
        days=by_student(days.order_by("date", "pk")),
        scores=by_student(load_scores(Score.objects.filter(student__in=students), first, last, published_only=True)),
        grades=load_grades(),
        rows={
            "behavior": by_student(behavior.between(first, last).order_by("-date", "-pk")),
            "participation": by_student(participation.between(first, last).order_by("-date", "-pk")),
        },
        notes=by_student(notes),
    )


def by_student(rows: Iterable[RowT]) -> dict[int, list[RowT]]:
    """Rows by the key of their student, in the order given."""
    found: dict[int, list[RowT]] = defaultdict(list)
    for row in rows:
        found[row.student_id].append(row)
    return dict(found)
