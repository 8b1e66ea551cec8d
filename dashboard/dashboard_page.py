"""The dashboard as a page: all figures of a scope, and whom to talk to."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass
from datetime import date, timedelta
from fractions import Fraction
from functools import cached_property
from typing import Any, NamedTuple

from django.db.models import CharField, TextField, Value
from django.utils.translation import gettext as _

from core.charts import BarChart, HorizontalBar, LongLine, bar_chart, horizontal_bars, long_line
from core.packed import IsoDay, day_of
from core.templatetags.portal import day_short
from dashboard.figures import (
    ClassFigures,
    GradeFigures,
    Readings,
    Registers,
    SubjectFigures,
    Summary,
    classes_of,
    grades_of,
    registers_of,
    subjects_of,
    summary_of,
    trend_in,
)
from dashboard.groups import GroupShare
from dashboard.models import FollowUp
from dashboard.risk import (
    Reason,
    Rule,
    by_student,
    contenders,
    identify_at_risk_students,
    load_risk_facts,
    negative_records,
    sorted_alerts,
)
from dashboard.scope import Scope
from dashboard.threshold_words import bound_in_words, value_in_words
from dashboard.thresholds import Thresholds
from dashboard.trends import Period, Trend
from students.models import Student, Subject, full_name_of

FIRST_ALERTS = 10


class Named(NamedTuple):
    """A student as an alert names them."""

    student_id: str
    full_name: str
    class_name: str


@dataclass(frozen=True)
class Alert:
    """A student at risk: who it is, and the reasons in one line."""

    student_id: str
    full_name: str
    class_name: str
    reasons: str


@dataclass(frozen=True)
class Alerts:
    """The first alerts in words, and how many students there are at risk."""

    first: list[Alert]
    number: int


@dataclass(frozen=True)
class Dashboard:
    """All that the page shows. alerts: None for a term, since they look at the whole year."""

    scope: Scope
    summary: Summary
    registers: Registers
    registers_today: Registers
    trend: Trend
    subjects: list[SubjectFigures]
    grades: list[GradeFigures]
    classes: list[ClassFigures]
    thresholds: Thresholds
    alerts: Alerts | None

    @cached_property
    def attendance_lately(self) -> GroupShare:
        return GroupShare(self.trend.lately.attendance, self.summary.attendance.students)

    @cached_property
    def average_lately(self) -> GroupShare:
        return GroupShare(self.trend.lately.average, self.summary.average.students)

    @cached_property
    def is_up_to_date(self) -> bool:
        """Whether the span reaches today, so that its last 30 days are those before today."""
        calendar = self.scope.calendar()
        return calendar.first <= calendar.last == self.scope.today

    @cached_property
    def attendance_line(self) -> LongLine | None:
        return self.line([point.attendance for point in self.trend.points], self.thresholds.attendance)

    @cached_property
    def average_line(self) -> LongLine | None:
        return self.line([point.average for point in self.trend.points], self.thresholds.average)

    def line(self, shares: list[Fraction | None], threshold: Fraction) -> LongLine | None:
        """The chart of one figure, with the threshold from which on a student is at risk."""
        labels = [day_short(point.day) for point in self.trend.points]
        return long_line(
            list(zip(labels, shares, strict=True)),
            (_("alert: %(bound)s") % {"bound": bound_in_words(threshold)}, threshold),
        )

    @cached_property
    def grade_bars(self) -> BarChart:
        return bar_chart([(grade.label, grade.number) for grade in self.grades if not grade.is_withheld])

    @cached_property
    def subject_bars(self) -> list[tuple[SubjectFigures, HorizontalBar]]:
        bars = horizontal_bars([(each.name, each.average.shown) for each in self.subjects])
        return list(zip(self.subjects, bars, strict=True))

    @property
    def has_marks(self) -> bool:
        return bool(self.subjects)

    @property
    def has_registers(self) -> bool:
        return self.summary.attendance.share is not None


def get_dashboard(scope: Scope, period: Period) -> Dashboard:
    """Read the page: six statements for a year or a term.

    For a year: standards (with totals and scores by day), enrolments, registers, absences, notes and follow-ups, names.
    One more each where the filters leave classes out, where registers are incomplete, where students came from classes
    that are not in the scope, where a class holds students whose main class is another, and where the scale starts a
    grade between two percents.
    """
    readings = Readings(scope)
    standards = readings.standards
    thresholds = standards.thresholds
    summary, (at_risk, stepped_back) = summary_of(readings), read_at_risk(readings, thresholds)
    named = contenders(at_risk or {}, stepped_back, FIRST_ALERTS)
    students, subjects = read_names(scope, named, readings.all_subjects)
    return Dashboard(
        scope=scope,
        summary=summary,
        registers=registers_of(readings),
        registers_today=Registers(*readings.attendance.registers_on(scope.today, scope.classes)),
        trend=trend_in(readings, period),
        subjects=subjects_of(readings, subjects),
        grades=grades_of(readings, standards),
        classes=classes_of(readings),
        thresholds=thresholds,
        alerts=None if at_risk is None else first_alerts(at_risk, stepped_back, students, subjects, thresholds),
    )


def read_at_risk(readings: Readings, thresholds: Thresholds) -> tuple[dict[int, list[Reason]] | None, set[int]]:
    """The students at risk by the thresholds in force, None for a term; and about whom something was done of late.

    Two statements: absences, and negative notes with follow-ups.
    """
    scope = readings.scope
    if scope.term:
        return None, set()
    negative_on, stepped_back = read_notes(scope, since=scope.today - timedelta(days=thresholds.note_days))
    facts = load_risk_facts(scope, readings.attendance, readings.marks, negative_on)
    return identify_at_risk_students(facts, thresholds), stepped_back


def read_notes(scope: Scope, *, since: date) -> tuple[dict[int, list[date]], set[int]]:
    """The days of the negative notes after a day, by student; and those about whom something was done of late.

    The latter are the students whom, by the latest follow-up of the school year, one need not look at again yet. One
    statement.
    """
    nothing, none = Value("", output_field=TextField()), Value(0)
    notes: Any = negative_records(scope).filter(date__gt=since)
    actions: Any = FollowUp.objects.visible_to(scope.seen.user).filter(done_on__gte=scope.seen.year.starts_on)
    rows = notes.values_list("student_id", IsoDay("date"), nothing, none).union(
        actions.order_by().values_list("student_id", IsoDay("done_on"), IsoDay("look_again_on"), "pk"), all=True
    )
    negative: list[tuple[int, date]] = []
    latest: dict[int, tuple[str, int, str]] = {}
    for student, day, look_again_on, pk in rows:
        if look_again_on:
            latest[student] = max(latest.get(student, ("", 0, "")), (day, pk, look_again_on))
        else:
            negative.append((student, day_of(day)))
    today = scope.today.isoformat()
    return by_student(negative), {student for student, (*_when, again) in latest.items() if again > today}


def read_names(
    scope: Scope, students: Collection[int], subjects: Collection[int]
) -> tuple[dict[int, Named], dict[int, str]]:
    """Students and subjects by key; one statement."""
    user, nothing = scope.seen.user, Value("", output_field=CharField())
    people: Any = Student.objects.visible_to(user).filter(pk__in=list(students)).with_class(scope.today)
    taught: Any = Subject.objects.visible_to(user).filter(pk__in=list(subjects))
    rows = people.order_by().values_list(
        Value("student"), "pk", "student_id", "given_name", "family_name", "class_name"
    )
    names = taught.order_by().values_list(Value("subject"), "pk", "name", nothing, nothing, nothing)
    found: tuple[dict[int, Named], dict[int, str]] = ({}, {})
    for kind, pk, code, given_name, family_name, class_name in rows.union(names, all=True):
        if kind == "student":
            found[0][pk] = Named(code, full_name_of(given_name, family_name), class_name or "")
        else:
            found[1][pk] = code
    return found


def first_alerts(
    at_risk: dict[int, list[Reason]],
    stepped_back: set[int],
    students: dict[int, Named],
    subjects: dict[int, str],
    thresholds: Thresholds,
) -> Alerts:
    """The first ten in the order of the list of alerts. students: whoever may be among them."""
    named = {pk: at_risk[pk] for pk in students}
    names = {pk: student.full_name for pk, student in students.items()}
    first = [
        Alert(
            students[pk].student_id,
            students[pk].full_name,
            students[pk].class_name,
            ", ".join(said(reason, thresholds, subjects) for reason in at_risk[pk]),
        )
        for pk in sorted_alerts(named, names, stepped_back)[:FIRST_ALERTS]
    ]
    return Alerts(first, len(at_risk))


def said(reason: Reason, thresholds: Thresholds, subjects: dict[int, str]) -> str:
    """A reason in a few words: "attendance 83.0 %", "average 49.0 %", "Music 32.0 %", "4 negative notes …"."""
    words = value_in_words(reason, thresholds, subjects)
    return _("attendance %(value)s") % {"value": words} if reason.rule == Rule.LOW_ATTENDANCE else words
