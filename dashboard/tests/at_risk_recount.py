"""Who is at risk, why and since when, counted from raw rows day by day, by no code of the portal."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable
from dataclasses import dataclass
from datetime import date, timedelta
from fractions import Fraction
from typing import Any

from assessments.models import Score
from attendance.models import AttendanceRecord
from behavior.models import BehaviorRecord
from students.models import AcademicYear, Closure, Enrolment, School, SchoolClass, Term

ONE_DAY = timedelta(days=1)
Found = dict[tuple[str, int | None], tuple[Fraction, date]]  # rule and subject: value, since when


@dataclass(frozen=True)
class Bounds:
    """Shares of 0 to 1, a number of notes and of days."""

    attendance: Fraction = Fraction(90, 100)
    average: Fraction = Fraction(60, 100)
    subject: Fraction = Fraction(50, 100)
    notes: int = 3
    days: int = 30


class Recount:
    """All rows of the school, read once; there is one school year."""

    def __init__(self, today: date, bounds: Bounds) -> None:
        self.today, self.bounds = today, bounds
        self.year = AcademicYear.objects.get()
        self.classes = SchoolClass.objects.in_bulk()
        self.weekdays = School.objects.get().weekdays
        self.closures, self.terms = list(Closure.objects.all()), list(Term.objects.all())
        self.enrolments = list(Enrolment.objects.all())
        self.records = self.by_student(AttendanceRecord.objects.filter(date__lte=today))
        self.scores = self.by_student(Score.objects.select_related("assessment__category"))
        self.notes = self.by_student(BehaviorRecord.objects.filter(behavior_type="negative", date__lte=today))
        first = self.year.starts_on
        self.days = [first + number * ONE_DAY for number in range((today - first).days + 1)]
        self.school_days = {(key, day) for key in self.classes for day in self.days if self.is_school_day(key, day)}

    def by_student(self, rows: Any) -> dict[int, list[Any]]:
        found = defaultdict(list)
        for row in rows:
            found[row.student_id].append(row)
        return found

    def is_school_day(self, key: int, day: date) -> bool:
        if any(row.starts_on <= day < row.ends_on for row in self.closures):
            return False
        if self.terms and not any(row.starts_on <= day < row.ends_on for row in self.terms):
            return False
        weekdays = self.classes[key].meets_on or self.weekdays
        return str(day.isoweekday()) in weekdays and self.year.starts_on <= day < self.year.ends_on

    def all(self) -> dict[int, Found]:
        """Everybody at risk who is in a class today."""
        here = {row.student_id for row in self.enrolments if covers(row, self.today)}
        return {student: found for student in here if (found := self.of(student))}

    def of(self, student: int) -> Found:
        rules: dict[tuple[str, int | None], Callable[[date], Fraction | None]] = {
            ("low_attendance", None): self.low_attendance(student),
            ("low_performance", None): lambda day: self.low_average(student, day, None, self.bounds.average),
            ("behavioral_concerns", None): lambda day: self.many_notes(student, day),
        }
        for subject in {row.assessment.subject_id for row in self.scores[student]}:
            rules["low_performance", subject] = lambda day, subject=subject: self.low_average(
                student, day, subject, self.bounds.subject
            )
        found = {}
        for key, rule in rules.items():
            value, days = rule(self.today), self.days
            if value is not None:
                since = self.today
                for day in reversed(days):
                    if rule(day) is None:
                        break
                    since = day
                found[key] = (value, since)
        return found

    def low_attendance(self, student: int) -> Callable[[date], Fraction | None]:
        own = [row for row in self.enrolments if row.student_id == student and row.is_primary]
        possible = [(row, day) for row in own for day in self.days if covers(row, day)]
        due = [day for row, day in possible if (row.school_class_id, day) in self.school_days]
        marks = [
            (mark.date, mark.status in {"present", "late"}, (mark.school_class_id, mark.date) in self.school_days)
            for mark in self.records[student]
            if mark.date >= self.year.starts_on
            and any(row.school_class_id == mark.school_class_id and covers(row, mark.date) for row in own)
        ]

        def rate(day: date) -> Fraction | None:
            until = [(attended, counts) for on, attended, counts in marks if on <= day]
            due_until = len([on for on in due if on <= day])
            if len(until) < 10 or not due_until:
                return None
            if Fraction(sum(counts for _attended, counts in until), due_until) < Fraction(9, 10):
                return None
            share = Fraction(sum(attended for attended, _counts in until), len(until))
            return share if share <= self.bounds.attendance else None

        return rate

    def low_average(self, student: int, day: date, subject: int | None, bound: Fraction) -> Fraction | None:
        earned, weight, graded = Fraction(), Fraction(), 0
        for row in self.scores[student]:
            work = row.assessment
            if work.date_taken > day or row.state == "exempt" or subject not in {None, work.subject_id}:
                continue
            weight += Fraction(work.category.weight)
            if row.state == "graded":
                graded += 1
                earned += Fraction(work.category.weight) * Fraction(row.score) / Fraction(row.max_score)
        if graded < 3 or not weight or earned / weight >= bound:
            return None
        return earned / weight

    def many_notes(self, student: int, day: date) -> Fraction | None:
        first = max(day - (self.bounds.days - 1) * ONE_DAY, self.year.starts_on)
        number = len([row for row in self.notes[student] if first <= row.date <= day])
        return Fraction(number) if number >= self.bounds.notes else None


def covers(enrolment: Enrolment, day: date) -> bool:
    return enrolment.starts_on <= day and (enrolment.ends_on is None or day < enrolment.ends_on)
