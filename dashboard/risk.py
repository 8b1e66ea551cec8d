"""Who is at risk, and why: a list of reasons by fixed rules, never a score. docs/metrics.md has rules and sources.

No demographic inputs. Scores count whether published or not; a teacher's alerts count the scores that teacher sees.
"""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass, field
from datetime import date, timedelta
from fractions import Fraction
from functools import partial
from typing import Any

from django.db.models import TextChoices
from django.utils.translation import gettext_lazy as _

from assessments.kept_marks import Marks, kept_marks
from assessments.metrics import Average
from assessments.models import ScoreHistogram
from attendance.kept import KeptAttendance, StudentsAttendance
from attendance.metrics import ENOUGH_COVERAGE, FEWEST_SESSIONS, Attendance
from behavior.models import BehaviorRecord, BehaviorType
from behavior.querysets import BehaviorRecordQuerySet
from core.packed import IsoDay, day_of
from dashboard.scope import Scope
from dashboard.thresholds import Thresholds


class Rule(TextChoices):
    """What an alert is about; the values are those of the API."""

    LOW_ATTENDANCE = "low_attendance", _("Low attendance")
    LOW_PERFORMANCE = "low_performance", _("Low performance")
    BEHAVIORAL_CONCERN = "behavioral_concerns", _("Behavioural concern")


@dataclass(frozen=True)
class Reason:
    """One rule that holds: `value` reached the `threshold`; shares of 0 to 1, for behaviour a number of notes.

    `subject` is the key of the subject where a reason is about one, None where it is about all marks.
    """

    rule: Rule
    value: Fraction
    threshold: Fraction
    subject: int | None = None


@dataclass(frozen=True)
class StudentFacts:
    """What the rules look at of one student: the school year to date, and the dates of the negative notes."""

    attendance: Attendance | None = None
    average: Average | None = None
    subjects: Mapping[int, Average] = field(default_factory=dict)
    negative_on: Collection[date] = ()


@dataclass(frozen=True)
class RiskFacts:
    """The same of many students, by key; `students` are those whom the alerts are about."""

    today: date
    students: set[int]
    attendance: StudentsAttendance
    marks: Marks
    negative_on: Mapping[int, list[date]]


def load_risk_facts(
    scope: Scope, attendance: KeptAttendance, marks: Marks, negative_on: Mapping[int, list[date]] | None = None
) -> RiskFacts:
    """The facts of the students who are in the scope's classes today; statements: absences, negative records.

    `negative_on` are these records where they are read already.
    """
    students = attendance.students_on(scope.today, scope.classes)
    if negative_on is None:
        negative_on = read_negative(negative_records(scope))
    return RiskFacts(scope.today, students, attendance.of_students(), marks, negative_on)


def read_risk_facts(scope: Scope, negative_on: Mapping[int, list[date]] | None = None) -> RiskFacts:
    """The same where nothing is read yet; statements: enrolments, registers, absences, marks, negative records."""
    year = scope.seen.calendar
    attendance = KeptAttendance.load(year, scope.classes, scope.enrolments())
    return load_risk_facts(scope, attendance, marks_seen(scope), negative_on)


def negative_records(scope: Scope) -> BehaviorRecordQuerySet:
    """The negative records of the year to date that this person sees."""
    records = BehaviorRecord.objects.visible_to(scope.seen.user).between(scope.seen.calendar.first, scope.today)
    return records.filter(behavior_type=BehaviorType.NEGATIVE).order_by()


def read_negative(records: BehaviorRecordQuerySet) -> dict[int, list[date]]:
    """The days of the records of each student; one statement."""
    rows: Any = records.values_list("student_id", IsoDay("date"))
    return by_student((student, day_of(day)) for student, day in rows)


def by_student(rows: Iterable[tuple[int, date]]) -> dict[int, list[date]]:
    """The days of each student, the earliest first."""
    found: dict[int, list[date]] = defaultdict(list)
    for student, day in sorted(rows):
        found[student].append(day)
    return dict(found)


def marks_seen(scope: Scope) -> Marks:
    """The marks of the year in the classes and subjects of the scope; one statement."""
    histograms = ScoreHistogram.objects.visible_to(scope.seen.user)
    return kept_marks(histograms.filter(school_class__in=[each.pk for each in scope.seen.classes]))


def identify_at_risk_students(facts: RiskFacts, thresholds: Thresholds) -> dict[int, list[Reason]]:
    """The reasons of each student who has any, by key; no statement.

    Averages are made only for those whom a rule holds for: a school has eight times as many as students.
    """
    marks = facts.marks.among(facts.students)
    subjects = marks.below_in_subjects(thresholds.subject)
    suspects = marks.below(thresholds.average) | subjects.keys()
    suspects |= facts.attendance.where(partial(is_low_of, most=thresholds.attendance)) & facts.students
    noted = {key for key, days in facts.negative_on.items() if has_many_notes(days, thresholds, facts.today)}
    suspects |= noted & facts.students
    averages = marks.of_students(suspects)
    found = {}
    for key in sorted(suspects):
        notes = facts.negative_on.get(key, ())
        of_student = StudentFacts(facts.attendance.get(key), averages.get(key), subjects.get(key, {}), notes)
        found[key] = reasons_of(of_student, thresholds, facts.today)
    return found


def reasons_of(facts: StudentFacts, thresholds: Thresholds, today: date) -> list[Reason]:
    """The rules that hold for one student, attendance first. No data is never a reason."""
    reasons = []
    attendance, average = facts.attendance, facts.average
    if attendance and attendance.rate is not None and is_low(attendance, thresholds.attendance):
        reasons.append(Reason(Rule.LOW_ATTENDANCE, attendance.rate, thresholds.attendance))
    if average and average.is_below(thresholds.average) and average.share is not None:
        reasons.append(Reason(Rule.LOW_PERFORMANCE, average.share, thresholds.average))
    for subject, of_subject in sorted(facts.subjects.items()):
        if of_subject.is_below(thresholds.subject) and of_subject.share is not None:
            reasons.append(Reason(Rule.LOW_PERFORMANCE, of_subject.share, thresholds.subject, subject))
    if has_many_notes(facts.negative_on, thresholds, today):
        notes = count_within(facts.negative_on, today, thresholds.note_days)
        reasons.append(Reason(Rule.BEHAVIORAL_CONCERN, Fraction(notes), Fraction(thresholds.negative_notes)))
    return reasons


def is_low(attendance: Attendance | None, most: Fraction) -> bool:
    """Whether the rate is at most `most`: from 10 recorded sessions on, and where 90 % of those due have a record."""
    if attendance is None:
        return False
    return is_low_of(attendance.attended, attendance.possible, attendance.counted, attendance.due, most=most)


def is_low_of(attended: int, possible: int, counted: int, due: int, *, most: Fraction) -> bool:
    """The same of the figures, in whole numbers: since when it holds is asked day by day."""
    if possible < FEWEST_SESSIONS or not due:
        return False
    enough = ENOUGH_COVERAGE
    is_covered = counted * enough.denominator >= enough.numerator * due
    return is_covered and attended * most.denominator <= most.numerator * possible


def has_many_notes(days: Collection[date], thresholds: Thresholds, today: date) -> bool:
    """Whether so many negative notes lie in the last days that they are a concern."""
    if len(days) < thresholds.negative_notes:
        return False
    return count_within(days, today, thresholds.note_days) >= thresholds.negative_notes


def count_within(days: Collection[date], today: date, length: int) -> int:
    """How many of these days lie in the last `length` days, today among them."""
    since = today - timedelta(days=length)
    return sum(since < day <= today for day in days)


def count_rules(at_risk: Mapping[int, list[Reason]]) -> dict[Rule, int]:
    """How many students each rule holds for; a student with two weak subjects counts once."""
    counted = Counter(rule for reasons in at_risk.values() for rule in {reason.rule for reason in reasons})
    return {rule: counted[rule] for rule in Rule}


def contenders(
    at_risk: Mapping[int, list[Reason]], stepped_back: Collection[int], number: int
) -> dict[int, list[Reason]]:
    """Who may be among the first `number` of `sorted_alerts`, which without names is open among those of one place."""
    places = {student: place_of(student, reasons, stepped_back) for student, reasons in at_risk.items()}
    last = sorted(places.values())[:number][-1:]
    return {student: at_risk[student] for student, place in places.items() if [place] <= last}


def place_of(student: int, reasons: list[Reason], stepped_back: Collection[int]) -> tuple[bool, int, int]:
    """What puts a student before another in the list of alerts, before their names do."""
    return student in stepped_back, -len({reason.rule for reason in reasons}), -len(reasons)


def sorted_alerts(
    at_risk: Mapping[int, list[Reason]], names: Mapping[int, str], stepped_back: Collection[int] = ()
) -> list[int]:
    """The students by number of rules, then of reasons, then by name, never by a score; `names` are full names.

    Those in `stepped_back`, about whom something was done of late, come behind the others.
    """

    def place(student: int) -> tuple[bool, int, int, str, int]:
        return *place_of(student, at_risk[student], stepped_back), names[student].casefold(), student

    return sorted(at_risk, key=place)
