"""The averages of many students at once, from the sheets that are kept of them, or from the scores themselves.

The figures are those of metrics.py, exactly; what differs is the cost: a row a class and subject instead of a row a
score. All scores count here, published or not, so these figures are for staff alone.
"""

from __future__ import annotations

import json
from collections import defaultdict
from collections.abc import Collection, Hashable, Iterable, Sequence
from dataclasses import dataclass
from fractions import Fraction
from functools import cached_property, lru_cache
from itertools import chain, compress
from math import lcm
from typing import NamedTuple, TypeVar

from assessments.metrics import FEWEST_GRADED, HIGH, Average, averages_by
from assessments.querysets import ScoreHistogramQuerySet, ScoreQuerySet

KeyT = TypeVar("KeyT", bound=Hashable)


class Columns(NamedTuple):
    """Totals side by side: a place in each column is one student.

    earned over a common base, weight in hundredths; graded, missing, exempt: how many scores of each state.
    """

    students: tuple[int, ...] = ()
    earned: Sequence[int] = ()
    weight: Sequence[int] = ()
    graded: Sequence[int] = ()
    missing: Sequence[int] = ()
    exempt: Sequence[int] = ()

    def where(self, chosen: Sequence[bool]) -> Columns:
        """The chosen places of each column."""
        return Columns(*(tuple(compress(column, chosen)) for column in self))


class Totals(NamedTuple):
    """The totals of one class in one subject; nobody stands in it twice."""

    school_class: int
    subject: int
    columns: Columns


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

    Sheets are added up when a figure asks for it: a school has eight times as many totals as students.
    """

    sheets: Sequence[Totals]
    base: int

    def __bool__(self) -> bool:
        """Whether there is any score."""
        return bool(self._students.students)

    @property
    def average(self) -> Fraction | None:
        """The mean of the students' averages; None without any."""
        return mean_of(self._students, self.base)[0]

    @cached_property
    def number_of_averages(self) -> int:
        """How many students have an average."""
        return sum(map(bool, self._students.weight))

    def of_students(self, students: Collection[int] | None = None) -> dict[int, Average]:
        """By student: the average over everything loaded; of these students or of all who have a score."""
        return self._averages(self._students, students)

    def by_subject(self) -> dict[int, GroupAverage]:
        """By subject: the mean of its students' averages in it."""
        return {subject: group_of(columns, self.base) for subject, columns in self._subjects.items()}

    def by_class(self) -> dict[int, GroupAverage]:
        """By class, that of the work: the mean of its students' averages in it."""
        return {school_class: group_of(columns, self.base) for school_class, columns in self._classes.items()}

    @property
    def subjects(self) -> set[int]:
        """The subjects that have a score."""
        return set(self._subjects)

    def in_subjects(self, students: Collection[int] | None = None) -> dict[int, dict[int, Average]]:
        """By student, then by subject; of these students or of all. Who has no score is not in it."""
        found: dict[int, dict[int, Average]] = defaultdict(dict)
        for subject, columns in self._subjects.items():
            for student, average in self._averages(columns, students).items():
                found[student][subject] = average
        return dict(found)

    def among(self, students: Collection[int]) -> Marks:
        """The same, narrowed to these students."""
        wanted = frozenset(students)
        if wanted.issuperset(self._students.students):
            return self  # with what it has added up already
        narrowed = (
            (sheet, sheet.columns.where([student in wanted for student in sheet.columns.students]))
            for sheet in self.sheets
        )
        return Marks([sheet._replace(columns=columns) for sheet, columns in narrowed if columns.students], self.base)

    def in_classes(self, classes: Collection[int]) -> Marks:
        """The same, narrowed to the work of these classes."""
        wanted = frozenset(classes)
        return Marks([sheet for sheet in self.sheets if sheet.school_class in wanted], self.base)

    def below(self, bound: Fraction) -> set[int]:
        """Who has an average below a bound, by `metrics.Average.is_below`."""
        return self._below(bound, self._students)

    def below_in_subjects(self, bound: Fraction) -> dict[int, dict[int, Average]]:
        """By student the subjects in which the average is below a bound; who has none is not in it."""
        found: dict[int, dict[int, Average]] = defaultdict(dict)
        for subject, columns in self._subjects.items():
            for student, average in self._averages(columns, self._below(bound, columns)).items():
                found[student][subject] = average
        return dict(found)

    def judged(self) -> set[int]:
        """Who has as many graded scores as it takes to be a high performer, whatever their weight."""
        columns = zip(self._students.students, self._students.graded, strict=True)
        return {student for student, graded in columns if graded >= FEWEST_GRADED}

    def high(self) -> set[int]:
        """Who is a high performer, by `metrics.Average.is_high`."""
        of, least = HIGH.denominator, HIGH.numerator * self.base
        students, earned, weights, graded, *_states = self._students
        return {
            student
            for student, points, weight, number in zip(students, earned, weights, graded, strict=True)
            if weight and number >= FEWEST_GRADED and points * of >= least * weight
        }

    def _below(self, bound: Fraction, columns: Columns) -> set[int]:
        of, least = bound.denominator, bound.numerator * self.base
        students, earned, weights, graded, *_states = columns
        return {
            student
            for student, points, weight, number in zip(students, earned, weights, graded, strict=True)
            if points * of < least * weight and number >= FEWEST_GRADED
        }

    def _averages(self, columns: Columns, students: Collection[int] | None) -> dict[int, Average]:
        if students is not None:
            if not students:
                return {}
            columns = columns.where([student in students for student in columns.students])
        rows = zip(*columns, strict=True)
        return {student: Average(earned, self.base, *more) for student, earned, *more in rows}

    @cached_property
    def _students(self) -> Columns:
        return together(list(self._classes.values()))

    @cached_property
    def _classes(self) -> dict[int, Columns]:
        parts: dict[int, list[Columns]] = defaultdict(list)
        for sheet in self.sheets:
            parts[sheet.school_class].append(sheet.columns)
        return {key: together(of_class) for key, of_class in parts.items()}

    @cached_property
    def _subjects(self) -> dict[int, Columns]:
        parts: dict[int, list[Columns]] = defaultdict(list)
        for sheet in self.sheets:
            parts[sheet.subject].append(sheet.columns)
        return {key: together(of_subject) for key, of_subject in parts.items()}


def together(parts: Sequence[Columns]) -> Columns:
    """The totals of several sheets with one place for each student.

    Most often the sheets of a class are of the same students, and those of a subject have none in common.
    """
    alike: dict[tuple[int, ...], list[Columns]] = defaultdict(list)
    for part in parts:
        alike[part.students].append(part)
    sums = [added_up(students, same) for students, same in alike.items()]
    if not sums:
        return Columns()
    if len(sums) == 1:
        return sums[0]
    students, *numbers = (tuple(chain.from_iterable(column)) for column in zip(*sums, strict=True))
    if len(set(students)) < len(students):
        by_student = [added(students, column) for column in numbers]
        students, numbers = tuple(by_student[0]), [tuple(column.values()) for column in by_student]
    return Columns(students, *numbers)


def added_up(students: tuple[int, ...], sheets: Sequence[Columns]) -> Columns:
    """The totals of sheets that are of the same students in the same order."""
    if len(sheets) == 1:
        return sheets[0]
    _students, *columns = zip(*sheets, strict=True)
    return Columns(students, *(tuple(map(sum, zip(*column, strict=True))) for column in columns))


def added(keys: Iterable[KeyT], column: Iterable[int]) -> dict[KeyT, int]:
    """The sum of a column by key, in the order in which the keys come first."""
    sums: dict[KeyT, int] = defaultdict(int)
    for key, number in zip(keys, column, strict=True):
        sums[key] += number
    return sums


def group_of(columns: Columns, base: int) -> GroupAverage:
    return GroupAverage(*mean_of(columns, base), sum(columns.graded), sum(columns.missing), sum(columns.exempt))


def mean_of(columns: Columns, base: int) -> tuple[Fraction | None, int]:
    """The mean of earned / (base x weight) over the places with a weight, as `metrics.mean`, and how many they are.

    Equal weights are added before anything is divided: a school has few different ones.
    """
    by_weight = added(columns.weight, columns.earned)
    by_weight.pop(0, None)
    number = len(columns.weight) - columns.weight.count(0)
    if not number:
        return None, 0
    common = lcm(*by_weight)
    total = sum(part * (common // weight) for weight, part in by_weight.items())
    return Fraction(total, base * common * number), number


def kept_marks(histograms: ScoreHistogramQuerySet) -> Marks:
    """From what is kept, which is of whole school years; one statement."""
    rows = histograms.order_by().values_list("school_class_id", "subject_id", "students", "totals")
    return marks_of_sheets(rows)


def marks_of_sheets(rows: Iterable[tuple[int, int, str, str]]) -> Marks:
    """The same from the columns of the rows: class, subject, students and totals; no statement."""
    read = [(school_class, subject, *sheet_of(*texts)) for school_class, subject, *texts in rows if texts[-1]]
    base = lcm(*{own for *_keys, own, _columns in read})
    sheets = [
        Totals(
            school_class,
            subject,
            columns if own == base else columns._replace(earned=[points * (base // own) for points in columns.earned]),
        )
        for school_class, subject, own, columns in read
    ]
    return Marks(sheets, base)


@lru_cache(maxsize=4096)
def sheet_of(students: str, totals: str) -> tuple[int, Columns]:
    """The base and the columns of one sheet. A process reads a sheet once for as long as its scores stay the same: of
    the sheets of a school (1,600 for 10,000 students) a save changes one.
    """
    own, *columns = json.loads(totals)
    return own, Columns(keys_of(students), *map(tuple, columns))


@lru_cache(maxsize=4096)
def keys_of(students: str) -> tuple[int, ...]:
    """The students of a sheet; one tuple for the subjects of a class, which have the same."""
    return tuple(map(int, students.split()))


def live_marks(scores: ScoreQuerySet) -> Marks:
    """From the scores, of a term for instance; one statement, a row a student, subject, weight, maximum and state."""
    groups = ("student", "assessment__school_class", "assessment__subject")
    found = averages_by(scores, *groups, published_only=False)
    base = lcm(*{average.base for average in found.values()})
    lines: dict[tuple[int, int], list[tuple[int, ...]]] = defaultdict(list)
    for (student, school_class, subject), each in found.items():
        earned = each.earned * (base // each.base)
        lines[school_class, subject].append((student, earned, each.weight, each.graded, each.missing, each.exempt))
    return Marks([totals_of(*key, of_sheet) for key, of_sheet in lines.items()], base)


def totals_of(school_class: int, subject: int, lines: Iterable[tuple[int, ...]]) -> Totals:
    """Lines as columns, in the order of the students."""
    return Totals(school_class, subject, Columns(*zip(*sorted(lines), strict=True)))
