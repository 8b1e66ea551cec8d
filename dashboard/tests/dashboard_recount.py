"""The figures of the dashboard counted from raw rows, one after the other, by no code of the portal."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Iterable
from datetime import date, timedelta
from fractions import Fraction
from typing import Any

from assessments.models import GradeBand, Score
from attendance.models import AttendanceRecord
from students.models import AcademicYear, Closure, Enrolment, School, SchoolClass, Term

ONE_DAY = timedelta(days=1)


class Recount:
    """All rows of a school with one school year, over the year to date or over what has passed of a term.

    classes: those of the scope. seen: pairs of class and subject whose marks somebody sees; None for all.
    """

    def __init__(
        self,
        today: date,
        classes: Collection[SchoolClass],
        *,
        term: Term | None = None,
        seen: set[tuple[int, int]] | None = None,
    ) -> None:
        self.today, self.keys = today, {each.pk for each in classes}
        self.year = AcademicYear.objects.get()
        self.first = term.starts_on if term else self.year.starts_on
        self.last = min(today, (term.ends_on if term else self.year.ends_on) - ONE_DAY)
        self.all_classes = SchoolClass.objects.in_bulk()
        self.weekdays = School.objects.get().weekdays
        self.closures, self.terms = list(Closure.objects.all()), list(Term.objects.all())
        self.enrolments = list(Enrolment.objects.all())
        self.records = list(AttendanceRecord.objects.filter(date__gte=self.first, date__lte=self.last))
        scores = Score.objects.select_related("assessment__category")
        if term:
            scores = scores.filter(assessment__date_taken__gte=term.starts_on, assessment__date_taken__lt=term.ends_on)
        self.scores = [
            row for row in scores if seen is None or (row.assessment.school_class_id, row.assessment.subject_id) in seen
        ]

    # --- people ---

    def students(self, day: date | None = None) -> set[int]:
        day = day or self.today
        return {row.student_id for row in self.enrolments if row.school_class_id in self.keys and covers(row, day)}

    # --- attendance ---

    def is_school_day(self, key: int, day: date) -> bool:
        if any(row.starts_on <= day < row.ends_on for row in self.closures):
            return False
        if self.terms and not any(row.starts_on <= day < row.ends_on for row in self.terms):
            return False
        weekdays = self.all_classes[key].meets_on or self.weekdays
        return str(day.isoweekday()) in weekdays and self.year.starts_on <= day < self.year.ends_on

    def days(self) -> list[date]:
        return [self.first + number * ONE_DAY for number in range((self.last - self.first).days + 1)]

    def counting(self) -> list[Enrolment]:
        """Primary enrolments, or all where there are none."""
        here = [
            row
            for row in self.enrolments
            if row.school_class_id in self.keys
            and row.starts_on <= self.last
            and (row.ends_on is None or (row.ends_on > self.first and row.ends_on > row.starts_on))
        ]
        return [row for row in here if row.is_primary] or here

    def marks(self, enrolments: Iterable[Enrolment]) -> list[AttendanceRecord]:
        of_lines: dict[tuple[int, int], list[AttendanceRecord]] = defaultdict(list)
        for mark in self.records:
            of_lines[mark.student_id, mark.school_class_id].append(mark)
        lines = [(row, of_lines[row.student_id, row.school_class_id]) for row in enrolments]
        return [mark for row, marks in lines for mark in marks if covers(row, mark.date)]

    def rate(self, marks: Iterable[AttendanceRecord]) -> Fraction | None:
        attended = [mark.status in {"present", "late"} for mark in marks]
        return Fraction(sum(attended), len(attended)) if attended else None

    def coverage(self, enrolments: Collection[Enrolment]) -> Fraction | None:
        due = sum(
            self.is_school_day(row.school_class_id, day)
            for row in enrolments
            for day in self.days()
            if covers(row, day)
        )
        counted = sum(self.is_school_day(mark.school_class_id, mark.date) for mark in self.marks(enrolments))
        return Fraction(counted, due) if due else None

    def registers(self, keys: Iterable[int]) -> tuple[int, int]:
        """Due and taken."""
        marked = {(mark.student_id, mark.school_class_id, mark.date) for mark in self.records}
        due = taken = 0
        for key in keys:
            for day in self.days():
                enrolled = {
                    row.student_id for row in self.enrolments if row.school_class_id == key and covers(row, day)
                }
                if enrolled and self.is_school_day(key, day):
                    due += 1
                    taken += all((student, key, day) in marked for student in enrolled)
        return due, taken

    def registers_today(self) -> tuple[int, int]:
        """Due and taken on the day itself, where it is one of the days counted."""
        if not self.first <= self.today <= self.last:
            return 0, 0
        of_year, self.first = self.first, self.today
        found = self.registers(self.keys)
        self.first = of_year
        return found

    # --- marks ---

    def here(self) -> list[Score]:
        return [row for row in self.scores if row.assessment.school_class_id in self.keys]

    def averages(self, scores: Iterable[Score]) -> dict[int, Fraction]:
        of_students: dict[int, list[Score]] = defaultdict(list)
        for row in scores:
            of_students[row.student_id].append(row)
        found = {student: average(rows) for student, rows in of_students.items()}
        return {student: share for student, share in found.items() if share is not None}

    def mean(self, scores: Iterable[Score]) -> tuple[Fraction | None, int]:
        """The mean of the students' averages, and of how many students it is."""
        averages = self.averages(scores).values()
        return (sum(averages, Fraction()) / len(averages) if averages else None), len(averages)

    def high_performers(self) -> set[int]:
        of_students: dict[int, list[Score]] = defaultdict(list)
        for row in self.scores:
            of_students[row.student_id].append(row)
        return {
            student
            for student in self.students()
            if sum(row.state == "graded" for row in of_students[student]) >= 3
            and (average(of_students[student]) or 0) >= Fraction(85, 100)
        }

    def subjects(self) -> dict[int, tuple[Fraction | None, int, int, int, int]]:
        """Mean, students, graded, missing and exempt of each subject."""
        return {key: (*self.mean(rows), *states(rows)) for key, rows in by(self.here(), "subject_id").items()}

    def classes(self) -> dict[int, tuple[Any, ...]]:
        """Students, mean and of how many, rate, coverage, registers due and taken of each class."""
        works = by(self.here(), "school_class_id")
        found = {}
        for key in self.keys:
            own = [row for row in self.enrolments if row.school_class_id == key]
            students = len([row for row in own if covers(row, self.today)])
            figures = self.rate(self.marks(own)), self.coverage(own)
            found[key] = (students, *self.mean(works.get(key, [])), *figures, *self.registers([key]))
        return found

    def grades(self) -> dict[str, int]:
        bands = sorted(GradeBand.objects.filter(scale__in_use=True), key=lambda band: -band.lower_bound)
        counted = dict.fromkeys((band.label for band in bands), 0)
        for row in self.here():
            if row.state == "graded":
                share = 100 * Fraction(row.score) / Fraction(row.max_score)
                counted[next(band.label for band in bands if share >= Fraction(band.lower_bound))] += 1
        return counted

    # --- the trend ---

    def point(self, first: date, last: date) -> tuple[Fraction | None, Fraction | None]:
        """Rate and mean average of some days."""
        first, last = max(first, self.first), min(last, self.last)
        marks = [mark for mark in self.marks(self.counting()) if first <= mark.date <= last]
        return self.rate(marks), self.mean(row for row in self.here() if first <= row.assessment.date_taken <= last)[0]

    def days_of_month(self) -> list[date]:
        """The days of the last thirty on which a class of the scope meets."""
        latest = [day for day in self.days() if day > self.last - 30 * ONE_DAY]
        return [day for day in latest if any(self.is_school_day(key, day) for key in self.keys)]

    def mondays(self, length: int) -> list[date]:
        """The Mondays of the weeks that hold one of the last so many days."""
        latest = [day for day in self.days() if day > self.last - length * ONE_DAY]
        return sorted({day - day.weekday() * ONE_DAY for day in latest})


def covers(enrolment: Enrolment, day: date) -> bool:
    return enrolment.starts_on <= day and (enrolment.ends_on is None or day < enrolment.ends_on)


def average(scores: Iterable[Score]) -> Fraction | None:
    earned = weight = Fraction()
    for row in scores:
        if row.state != "exempt":
            weight += Fraction(row.assessment.category.weight)
        if row.state == "graded":
            earned += Fraction(row.assessment.category.weight) * Fraction(row.score) / Fraction(row.max_score)
    return earned / weight if weight else None


def states(scores: Iterable[Score]) -> tuple[int, int, int]:
    found = [row.state for row in scores]
    return found.count("graded"), found.count("missing"), found.count("exempt")


def by(scores: Iterable[Score], column: str) -> dict[int, list[Score]]:
    """The scores by a column of their work."""
    found: dict[int, list[Score]] = defaultdict(list)
    for row in scores:
        found[getattr(row.assessment, column)].append(row)
    return found
