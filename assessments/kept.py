"""The averages of many students at once, from the totals that are kept of their scores, or from the scores themselves.

The figures are those of metrics.py, exactly; what differs is the cost: a row a student and subject instead of a row a
score. All scores count here, published or not, so these figures are for staff alone.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Hashable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from fractions import Fraction
from functools import cached_property
from itertools import compress
from math import lcm
from operator import eq, mul
from typing import Any, NamedTuple, TypeVar

from django.core.exceptions import EmptyResultSet
from django.db import connections
from django.db.models import F, QuerySet, TextField
from django.db.models.functions import Cast

from assessments.metrics import FEWEST_GRADED, HIGH, Average, Grades, Shares, averages_by, shares_by
from assessments.models import State
from assessments.querysets import ScoreQuerySet, SubjectTotalQuerySet

EARNED = 3  # the place of the first column that is added up
SUMMED = ("earned", "weight", "graded", "missing", "exempt")
KeyT = TypeVar("KeyT", bound=Hashable)
HUNDRED = 100


class Columns(NamedTuple):
    """Totals side by side: a place in each column is one student in one subject of one class.

    earned over a common base, weight in hundredths; graded, missing, exempt: how many scores of each state.
    """

    students: Sequence[int] = ()
    classes: Sequence[int] = ()
    subjects: Sequence[int] = ()
    earned: Sequence[int] = ()
    weight: Sequence[int] = ()
    graded: Sequence[int] = ()
    missing: Sequence[int] = ()
    exempt: Sequence[int] = ()

    def where(self, chosen: Sequence[bool]) -> Columns:
        """The chosen places of each column."""
        return Columns(*(tuple(compress(column, chosen)) for column in self))


@dataclass(frozen=True)
class GroupAverage:
    """Of a subject or a class: the mean of the averages of its students, `students` of whom have one.

    graded, missing, exempt: how many scores of each state there are.
    """

    average: Fraction | None
    students: int
    graded: int
    missing: int
    exempt: int


@dataclass(frozen=True)
class Marks:
    """The averages of many students, added up in whole numbers: what is `earned` is over one common `base`.

    A column is added up when a figure asks for it: a school has eight times as many totals as students.
    """

    totals: Columns
    base: int

    def __bool__(self) -> bool:
        """Whether there is any score."""
        return bool(self.totals.students)

    @property
    def average(self) -> Fraction | None:
        """The mean of the students' averages; None without any."""
        return mean_of(zip(self._earned.values(), self._weight.values(), strict=True), self.base)[0]

    @cached_property
    def number_of_averages(self) -> int:
        """How many students have an average."""
        return sum(map(bool, self._weight.values()))

    def of_students(self) -> dict[int, Average]:
        """By student: the average over everything loaded."""
        return dict(zip(self._earned, self._averages(), strict=True))

    def by_subject(self) -> dict[int, GroupAverage]:
        """By subject: the mean of its students' averages in it."""
        return self._by("subjects")

    def by_class(self) -> dict[int, GroupAverage]:
        """By class, that of the work: the mean of its students' averages in it."""
        return self._by("classes")

    def in_subjects(self, students: Collection[int] | None = None) -> dict[int, dict[int, Average]]:
        """By student, then by subject; of these students or of all. Who has no score is not in it."""
        marks = self if students is None else self.among(students)
        found: dict[int, dict[int, Average]] = defaultdict(dict)
        each = marks._in("subjects")
        columns = zip(each.students, each.subjects, *each[EARNED:], strict=True)
        for student, subject, earned, *more in columns:
            found[student][subject] = Average(earned, self.base, *more)
        return dict(found)

    def among(self, students: Collection[int]) -> Marks:
        """The same, narrowed to these students."""
        wanted = frozenset(students)
        if wanted.issuperset(self._earned):
            return self  # with what it has added up already
        return Marks(self.totals.where(list(map(wanted.__contains__, self.totals.students))), self.base)

    def in_classes(self, classes: Collection[int]) -> Marks:
        """The same, narrowed to the work of these classes."""
        wanted = frozenset(classes)
        return Marks(self.totals.where(list(map(wanted.__contains__, self.totals.classes))), self.base)

    def below(self, bound: Fraction) -> set[int]:
        """Who has an average below a bound, by `metrics.Average.is_below`."""
        columns = (self._earned, self._earned.values(), self._weight.values(), self._graded.values())
        return set(self._below(bound, *columns))

    def below_in_a_subject(self, bound: Fraction) -> set[int]:
        """Who has an average below a bound in at least one subject."""
        each = self._in("subjects")
        return set(self._below(bound, each.students, each.earned, each.weight, each.graded))

    def judged(self) -> set[int]:
        """Who has as many graded scores as it takes to be a high performer, whatever their weight."""
        return {student for student, graded in self._graded.items() if graded >= FEWEST_GRADED}

    def high(self) -> set[int]:
        """Who is a high performer, by `metrics.Average.is_high`."""
        of, least = HIGH.denominator, HIGH.numerator * self.base
        columns = zip(self._earned.items(), self._weight.values(), self._graded.values(), strict=True)
        return {
            student
            for (student, earned), weight, graded in columns
            if weight and graded >= FEWEST_GRADED and earned * of >= least * weight
        }

    def _below(self, bound: Fraction, students: Iterable[int], *columns: Iterable[int]) -> Iterator[int]:
        of, least = bound.denominator, bound.numerator * self.base
        for student, earned, weight, graded in zip(students, *columns, strict=True):
            if earned * of < least * weight and graded >= FEWEST_GRADED:
                yield student

    @cached_property
    def _earned(self) -> dict[int, int]:
        return added(self.totals.students, self.totals.earned)

    @cached_property
    def _weight(self) -> dict[int, int]:
        return added(self.totals.students, self.totals.weight)

    @cached_property
    def _graded(self) -> dict[int, int]:
        return added(self.totals.students, self.totals.graded)

    @cached_property
    def _missing(self) -> dict[int, int]:
        return added(self.totals.students, self.totals.missing)

    @cached_property
    def _exempt(self) -> dict[int, int]:
        return added(self.totals.students, self.totals.exempt)

    def _averages(self) -> Iterator[Average]:
        columns = (self._earned, self._weight, self._graded, self._missing, self._exempt)
        for earned, *more in zip(*(column.values() for column in columns), strict=True):
            yield Average(earned, self.base, *more)

    def _in(self, group: str) -> Columns:
        """The totals with one place for each student in a group; most often a student is in one class alone, and the
        totals have one place for each subject already.
        """
        groups = getattr(self.totals, group)
        only = dict(zip(self.totals.students, groups, strict=True))
        if all(map(eq, groups, map(only.__getitem__, self.totals.students))):
            return self._whole(group, only)
        keys = list(zip(self.totals.students, groups, strict=True))
        if len(set(keys)) == len(keys):
            return self.totals
        sums = [added(keys, column) for column in self.totals[EARNED:]]
        students, groups = zip(*sums[0], strict=True)
        return Columns(students, **{group: groups})._replace(
            **dict(zip(SUMMED, (tuple(column.values()) for column in sums), strict=True))
        )

    def _whole(self, group: str, only: Mapping[int, int]) -> Columns:
        """The same where nobody is in two groups: what is added up of each student."""
        sums = (self._earned, self._weight, self._graded, self._missing, self._exempt)
        columns = dict(zip(SUMMED, (tuple(column.values()) for column in sums), strict=True))
        return Columns(tuple(only))._replace(**{group: tuple(only.values())}, **columns)

    def _by(self, group: str) -> dict[int, GroupAverage]:
        each = self._in(group)
        groups: Sequence[int] = getattr(each, group)
        states = [added(groups, column) for column in (each.graded, each.missing, each.exempt)]
        lines: dict[int, list[tuple[int, int]]] = defaultdict(list)
        for key, line in zip(groups, zip(each.earned, each.weight, strict=True), strict=True):
            lines[key].append(line)
        return {
            key: GroupAverage(*mean_of(of_group, self.base), *(column[key] for column in states))
            for key, of_group in lines.items()
        }


def added(keys: Iterable[KeyT], column: Iterable[int]) -> dict[KeyT, int]:
    """The sum of a column by key, in the order in which the keys come first."""
    sums: dict[KeyT, int] = defaultdict(int)
    for key, number in zip(keys, column, strict=True):
        sums[key] += number
    return sums


def mean_of(lines: Iterable[tuple[int, int]], base: int) -> tuple[Fraction | None, int]:
    """The mean of earned / (base x weight) over the lines with a weight, as `metrics.mean`, and how many they are.

    Equal weights are added before anything is divided: a school has few different ones.
    """
    by_weight: dict[int, int] = defaultdict(int)
    number = 0
    for earned, weight in lines:
        if weight:
            by_weight[weight] += earned
            number += 1
    if not number:
        return None, 0
    common = lcm(*by_weight)
    total = sum(part * (common // weight) for weight, part in by_weight.items())
    return Fraction(total, base * common * number), number


def kept_marks(totals: SubjectTotalQuerySet) -> Marks:
    """From the kept totals, which are of whole school years; one statement."""
    digits = [Cast(name, TextField()) for name in ("earned", "base")]
    keys = ("student_id", "school_class_id", "subject_id")
    rows = totals.order_by().values_list(*keys, *digits, "weight", "graded", "missing", "exempt")
    columns = list(zip(*rows, strict=True))
    if not columns:
        return Marks(Columns(), 1)
    students, classes, subjects, earned, bases, *more = columns
    base = lcm(*map(int, set(bases)))
    factors = {each: base // int(each) for each in set(bases)}
    over_base = list(map(mul, map(int, earned), map(factors.__getitem__, bases)))
    return Marks(Columns(students, classes, subjects, over_base, *more), base)


def live_marks(scores: ScoreQuerySet) -> Marks:
    """From the scores, of a term for instance; one statement, a row a student, subject, weight, maximum and state."""
    groups = ("student", "assessment__school_class", "assessment__subject")
    found = averages_by(scores, *groups, published_only=False)
    base = lcm(*{average.base for average in found.values()})
    rows = [
        (*key, each.earned * (base // each.base), each.weight, each.graded, each.missing, each.exempt)
        for key, each in found.items()
    ]
    return Marks(Columns(*zip(*rows, strict=True)), base)


def grade_counts(grades: Grades, histograms: Iterable[Sequence[int]], scores: ScoreQuerySet) -> dict[str, int]:
    """How many graded scores stand in each grade, the best first; {} without a scale.

    From the counts of the kept histograms, without a statement, where the scale starts its grades at whole percents.
    Else from `scores`, which must be those of the histograms; one statement.
    """
    if any(bound % 1 for bound in grades.bounds):
        return live_grade_counts(grades, scores)
    counts = [sum(column) for column in zip(*histograms, strict=True)]
    return grades.distribution({Fraction(percent, HUNDRED): number for percent, number in enumerate(counts)})


def live_grade_counts(grades: Grades, scores: ScoreQuerySet) -> dict[str, int]:
    """The same from the scores, whatever the scale; one statement."""
    return grades.distribution(shares_by(scores, published_only=False).get((), Shares()).graded)


# By point: the students' totals of weights, in how many lines each stands, and what those lines earned.
OVER_TIME = """
    WITH span (place, day) AS (VALUES {spans})
    SELECT place, total, lines, weight, most, COUNT(*), SUM(points)
    FROM (
        SELECT place, weight, most, SUM(points) AS points,
               SUM(SUM(weight)) OVER mine AS total, COUNT(*) OVER mine AS lines
        FROM ({scores}) AS dated JOIN span ON span.day = dated.day
        GROUP BY place, who, weight, most
        WINDOW mine AS (PARTITION BY place, who)
    ) AS counted
    GROUP BY place, total, lines, weight, most
"""


def averages_over_time(scores: ScoreQuerySet, points: Sequence[tuple[date, date]]) -> list[Fraction | None]:
    """For each point, its first and its last day inclusive, the mean of the students' averages over the scores dated
    in it; None without any. Points may overlap. One statement.

    The database adds whole numbers for all students whose weights have the same total, since only these are divided
    by the same number: a few rows a point, where a row a student would be 50,000 a year.
    """
    spans = [(place, day) for place, (first, last) in enumerate(points) for day in days_between(first, last)]
    if not spans:
        return [None] * len(points)
    days = [day for _place, day in spans]
    dated = (
        scores.exclude(state=State.EXEMPT)
        .filter(assessment__date_taken__range=(min(days), max(days)))
        .order_by()
        .values(
            who=F("student"),
            day=F("assessment__date_taken"),
            weight=F("assessment__category__weight"),
            most=F("max_score"),
            points=F("score"),
        )
    )
    return [mean_of_lines(lines) for lines in read_over_time(dated, spans, len(points))]


# total of the weights, lines of a student, weight, maximum, lines, points
Line = tuple[int, int, int, int, int, int]


def days_between(first: date, last: date) -> Iterator[date]:
    """All days of a point."""
    return (first + timedelta(number) for number in range((last - first).days + 1))


def read_over_time(dated: QuerySet[Any, Any], spans: Sequence[tuple[int, date]], number: int) -> list[list[Line]]:
    """The lines of each of `number` points; `spans` are their days, `dated` the scores as OVER_TIME names them."""
    connection = connections[dated.db]
    found: list[list[Line]] = [[] for _point in range(number)]
    try:
        inner, its_params = dated.query.get_compiler(dated.db).as_sql()
    except EmptyResultSet:  # a queryset that can have no rows, such as that of a parent
        return found
    days = [connection.ops.adapt_datefield_value(day) for _place, day in spans]
    values = ", ".join(f"({place}, %s)" for place, _day in spans)
    with connection.cursor() as cursor:
        cursor.execute(OVER_TIME.format(spans=values, scores=inner), [*days, *its_params])
        for place, *line in cursor.fetchall():
            found[place].append(tuple(int(value or 0) for value in line))
    return found


def mean_of_lines(lines: Sequence[Line]) -> Fraction | None:
    """Σ weight x points / (maximum x total) over the number of students; None where no student has a weight."""
    earned: dict[int, int] = defaultdict(int)
    of_students: dict[int, int] = defaultdict(int)
    for total, each, weight, most, count, points in lines:
        if total:
            earned[total * most] += weight * points
            of_students[each] += count
    students = sum(count // each for each, count in of_students.items())
    if not students:
        return None
    common = lcm(*earned)
    return Fraction(sum(part * (common // below) for below, part in earned.items()), common * students)
