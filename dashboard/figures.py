"""The figures of the dashboard, which page, CSV and API share; docs/metrics.md says what each means.

All scores count, published or not: these figures are for staff. A share of fewer than five students is withheld
(groups.py). Everything is of the school year to date, or of the term chosen.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass, replace
from fractions import Fraction
from functools import cached_property, partial

from assessments.kept_days import averages_by_day
from assessments.kept_marks import GroupAverage, Marks, live_marks
from assessments.querysets import ScoreQuerySet
from attendance.kept import KeptAttendance
from dashboard.groups import FEWEST_STUDENTS, GroupShare
from dashboard.risk import marks_seen
from dashboard.scope import Scope
from dashboard.standards import Standards, histograms_in, read_standards
from dashboard.trends import (
    LATELY,
    Period,
    Trend,
    TrendPoint,
    days_of,
    first_day_of,
    scores_in,
    trend_by,
    trend_of,
)
from students.models import SchoolClass, Student, Subject


@dataclass(frozen=True)
class Summary:
    """The figures of a scope. students: who is in its classes today, `students_before` 30 days before that.

    average: the mean of the students' averages over the work of these classes, as on the page of statistics.
    coverage: the share of the sessions due that have a record. high_performers: of the students, each by all marks
    that this person sees; `judged` of them have the three graded scores that it takes.
    """

    students: int
    students_before: int
    average: GroupShare
    attendance: GroupShare
    coverage: Fraction | None
    high_performers: int
    judged: int


@dataclass(frozen=True)
class Registers:
    """How many registers were due up to today (or the end of the term), and how many of them are taken."""

    due: int
    taken: int

    @property
    def not_taken(self) -> int:
        return self.due - self.taken


@dataclass(frozen=True)
class SubjectFigures:
    """A subject: the mean of the averages that its students have in it, and how many scores there are."""

    pk: int
    name: str
    average: GroupShare
    graded: int
    missing: int
    exempt: int


@dataclass(frozen=True)
class ClassFigures:
    """A class: its students today, the average over its work, the attendance of all who were in it, its registers."""

    school_class: SchoolClass
    students: int
    average: GroupShare
    attendance: GroupShare
    coverage: Fraction | None
    registers: Registers


@dataclass(frozen=True)
class GradeFigures:
    """How many graded scores stand in a grade, and of all graded scores; withheld where they are few."""

    label: str
    number: int
    share: Fraction | None
    is_withheld: bool


@dataclass(frozen=True)
class Readings:
    """What the figures of a scope are made of, each read once, when it is first asked for."""

    scope: Scope

    @cached_property
    def standards(self) -> Standards:
        """What the figures are held against; one statement."""
        return read_standards(self.scope)

    @cached_property
    def attendance(self) -> KeptAttendance:
        """Two statements; one more where students came from classes that are not in the scope."""
        return KeptAttendance.load(self.scope.calendar(), self.scope.classes, self.scope.enrolments())

    @cached_property
    def marks(self) -> Marks:
        """The marks of all classes that this person sees: the kept ones, for a term the live ones.

        One statement; none for a year where the standards are read already and the scope is all that there is to see.
        """
        if self.scope.term:
            return live_marks(scores_of_term(self.scope.everything))
        if "standards" in self.__dict__ and not self.scope.is_narrowed:
            return self.standards.marks
        return marks_seen(self.scope)

    @cached_property
    def marks_here(self) -> Marks:
        """Those of the work of the scope's classes."""
        if not self.scope.is_narrowed:
            return self.marks
        return self.marks.in_classes([each.pk for each in self.scope.classes])

    @property
    def number_of_averages(self) -> int:
        """How many students have an average over the work of the scope's classes."""
        return self.marks_here.number_of_averages

    @cached_property
    def subjects(self) -> dict[int, GroupAverage]:
        """The subjects with scores in the scope's classes, by key."""
        return self.marks_here.by_subject()

    @cached_property
    def sheets(self) -> list[tuple[str, str]]:
        """Students and scores by day of the scope's classes; one statement, none where the standards are read."""
        if "standards" in self.__dict__:
            return self.standards.sheets
        return list(histograms_in(self.scope).values_list("students", "by_day"))

    @property
    def all_subjects(self) -> set[int]:
        """The subjects of all marks that this person sees: an alert may name one in which the scope has no scores."""
        return self.marks.subjects

    @cached_property
    def students(self) -> set[int]:
        """Who is in the scope's classes today."""
        return self.attendance.students_on(self.scope.today, self.scope.classes)

    def students_at_the_end(self, classes: Collection[SchoolClass]) -> int:
        """How many were in these classes on the calendar's last day: today, or the last day of a span that is over."""
        return len(self.attendance.students_on(self.scope.calendar().last, classes))


def scores_of_term(scope: Scope) -> ScoreQuerySet:
    """The scores of the scope's classes that are dated in its term, to come or not, as on the page of statistics."""
    return scores_in(scope).filter(assessment__date_taken__range=scope.seen.terms[scope.term])


def get_dashboard_summary(scope: Scope) -> Summary:
    """The figures of a scope; three statements: enrolments, registers, marks."""
    return summary_of(Readings(scope))


def summary_of(readings: Readings) -> Summary:
    scope, kept = readings.scope, readings.attendance
    attendance = kept.of_classes(scope.classes)
    return Summary(
        students=len(readings.students),
        students_before=len(kept.students_on(scope.today - LATELY, scope.classes)),
        average=GroupShare(readings.marks_here.average, readings.number_of_averages),
        attendance=GroupShare(attendance.rate, readings.students_at_the_end(scope.classes)),
        coverage=attendance.coverage,
        high_performers=len(readings.marks.high() & readings.students),
        judged=len(readings.marks.judged() & readings.students),
    )


def registers_of(readings: Readings) -> Registers:
    """The registers of the scope's classes."""
    return Registers(*readings.attendance.registers_due(readings.scope.classes))


def get_subject_performance(scope: Scope) -> list[SubjectFigures]:
    """The subjects with scores in the scope's classes, by name; two statements."""
    readings = Readings(scope)
    names = Subject.objects.visible_to(scope.seen.user).in_bulk(readings.subjects)
    return subjects_of(readings, {pk: subject.name for pk, subject in names.items()})


def subjects_of(readings: Readings, names: Mapping[int, str]) -> list[SubjectFigures]:
    found = [subject_figures(pk, names[pk], of) for pk, of in readings.subjects.items()]
    return sorted(found, key=lambda each: (each.name.casefold(), each.pk))


def subject_figures(pk: int, name: str, found: GroupAverage) -> SubjectFigures:
    average = GroupShare(found.average, found.students)
    return SubjectFigures(pk, name, average, found.graded, found.missing, found.exempt)


def get_class_figures(scope: Scope) -> list[ClassFigures]:
    """The scope's classes side by side, by name; three statements: enrolments, registers, marks."""
    return classes_of(Readings(scope))


def classes_of(readings: Readings) -> list[ClassFigures]:
    averages = readings.marks_here.by_class()
    return [class_figures(readings, each, averages.get(each.pk)) for each in readings.scope.classes]


def class_figures(readings: Readings, school_class: SchoolClass, average: GroupAverage | None) -> ClassFigures:
    kept, alone = readings.attendance, [school_class]
    attendance = kept.of_class(school_class)
    return ClassFigures(
        school_class=school_class,
        students=len(kept.students_on(readings.scope.today, alone)),
        average=GroupShare(average.average, average.students) if average else GroupShare(None, 0),
        attendance=GroupShare(attendance.rate, readings.students_at_the_end(alone)),
        coverage=attendance.coverage,
        registers=Registers(*kept.registers_due(alone)),
    )


def grades_of(readings: Readings, standards: Standards) -> list[GradeFigures]:
    """The distribution of the graded scores over the grades of the scale; one statement for a term, else none."""
    scope = readings.scope
    scores = scores_of_term(scope) if scope.term else scores_in(scope)
    return grade_figures(standards.distribution(scores, of_year=not scope.term), readings.number_of_averages)


def grade_figures(counts: Mapping[str, int], students: int) -> list[GradeFigures]:
    """Each grade; withheld where fewer than five scores, so fewer than five students, stand in it, or have marks."""
    number = sum(counts.values())
    return [
        GradeFigures(
            label,
            count,
            Fraction(count, number) if number else None,
            is_withheld=count > 0 and (count < FEWEST_STUDENTS or students < FEWEST_STUDENTS),
        )
        for label, count in counts.items()
    ]


def get_performance_trends(scope: Scope, period: Period, student: Student | None = None) -> Trend:
    """The trend of the scope's classes, or of one student in their main classes, which are then the scope's.

    Statements: enrolments, registers, marks, scores by day; of a student two.
    """
    if student is None:
        return trend_in(Readings(scope), period)
    calendar = scope.calendar()
    return trend_of(
        calendar, scope.classes, period, days_of(calendar, student), scores_in(scope).filter(student=student)
    )


def trend_in(readings: Readings, period: Period) -> Trend:
    """The trend of the scope; its points are without the figures of fewer than five students."""
    scope, calendar = readings.scope, readings.scope.calendar()
    days = readings.attendance.by_day(scope.classes, first_day_of(calendar, period))
    trend = trend_by(calendar, scope.classes, period, days, partial(averages_by_day, readings.sheets))
    students, averages = readings.students_at_the_end(scope.classes), readings.number_of_averages
    return replace(trend, points=[shown(point, students, averages) for point in trend.points])


def shown(point: TrendPoint, students: int, averages: int) -> TrendPoint:
    """A point as far as it may be shown, of so many students, so many of whom have an average."""
    attendance, average = GroupShare(point.attendance, students), GroupShare(point.average, averages)
    return TrendPoint(point.day, attendance.shown, average.shown)
