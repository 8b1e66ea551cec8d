"""The averages of some days from the sheets that are kept of them (ScoreHistogram.by_day), for trends.

The figures are those of `kept.averages_over_time`, which adds up the scores themselves.
"""

from __future__ import annotations

import json
from bisect import bisect_left, bisect_right
from collections import defaultdict
from collections.abc import Iterable, Sequence
from datetime import date
from fractions import Fraction
from itertools import chain
from math import lcm
from typing import Any, NamedTuple


class DatedWork(NamedTuple):
    """The scores of a piece of work that count: weight, maximum and points in hundredths; points for each student."""

    weight: int
    maximum: int
    students: Sequence[int]
    points: Sequence[int]


def averages_by_day(sheets: Iterable[Any], points: Sequence[tuple[date, date]]) -> list[Fraction | None]:
    """As `averages_over_time`, from ScoreHistogram.by_day of each class and subject; no statement."""
    spans = [(first.isoformat(), last.isoformat()) for first, last in points]
    works: dict[str, list[DatedWork]] = defaultdict(list)
    if spans:
        read_works(sheets, min(spans)[0], max(last for _first, last in spans), works)
    days = sorted(works)
    within = (days[bisect_left(days, first) : bisect_right(days, last)] for first, last in spans)
    return [mean_of_works([*chain.from_iterable(map(works.__getitem__, chosen))]) for chosen in within]


def read_works(sheets: Iterable[Any], first: str, last: str, works: dict[str, list[DatedWork]]) -> None:
    """Add the works of the days from first to last to those by day; who has no score that counts is left out."""
    for sheet in sheets:
        for day, text in sheet.get("days", {}).items():
            if not first <= day <= last:
                continue
            for weight, maximum, points in json.loads(text):
                works[day].append(DatedWork(weight, maximum, *scored(sheet["students"], points)))


def scored(students: Sequence[int], points: Sequence[Any]) -> tuple[Sequence[int], Sequence[int]]:
    """The students who have points, and these."""
    if None not in points:
        return students, points
    both = [pair for pair in zip(students, points, strict=True) if pair[1] is not None]
    return [student for student, _points in both], [each for _student, each in both]


def mean_of_works(works: Sequence[DatedWork]) -> Fraction | None:
    """The mean of the students' averages over some works; None where no student has a weight."""
    weighing = [work for work in works if work.weight]
    students = set().union(*(work.students for work in weighing))
    if not students:
        return None
    common = lcm(*(work.maximum for work in weighing))
    if len(students) == sum(len(work.students) for work in weighing):  # nobody has two, so no weight matters
        earned = sum(sum(work.points) * (common // work.maximum) for work in weighing)
        return Fraction(earned, common * len(students))
    of_student: dict[int, int] = defaultdict(int)
    weights: dict[int, int] = defaultdict(int)
    for weight, maximum, keys, points in weighing:
        factor = weight * (common // maximum)
        for key, each in zip(keys, points, strict=True):
            of_student[key] += each * factor
            weights[key] += weight
    by_weight: dict[int, int] = defaultdict(int)
    for key, weight in weights.items():
        by_weight[weight] += of_student[key]
    below = lcm(*by_weight)
    total = sum(part * (below // weight) for weight, part in by_weight.items())
    return Fraction(total, common * below * len(students))
