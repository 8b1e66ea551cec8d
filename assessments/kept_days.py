"""The averages of some days from the sheets that are kept of them (ScoreHistogram.by_day), for trends.

The figures are those of `kept.averages_over_time`, which adds up the scores themselves.
"""

from __future__ import annotations

import json
from bisect import bisect_left, bisect_right
from collections import defaultdict
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from fractions import Fraction
from functools import lru_cache
from itertools import chain
from math import lcm
from typing import NamedTuple


class DatedWork(NamedTuple):
    """The scores of a piece of work: weight, maximum and points in hundredths, the points in the order of the students.

    lacking: the places of those for whom it does not count; their points are 0.
    """

    students: str
    weight: int
    maximum: int
    points: Sequence[int]
    lacking: Sequence[int]


def averages_by_day(sheets: Iterable[tuple[str, str]], points: Sequence[tuple[date, date]]) -> list[Fraction | None]:
    """As `averages_over_time`, from the students and by_day of each ScoreHistogram; no statement."""
    spans = [(first.isoformat(), last.isoformat()) for first, last in points]
    if not spans:
        return []
    works = read_works(sheets, min(spans)[0], max(last for _first, last in spans))
    days = sorted(works)
    within = (days[bisect_left(days, first) : bisect_right(days, last)] for first, last in spans)
    keys = {each: tuple(map(int, each.split())) for each in {work.students for day in days for work in works[day]}}
    return [mean_of_works([*chain.from_iterable(map(works.__getitem__, chosen))], keys) for chosen in within]


def read_works(sheets: Iterable[tuple[str, str]], first: str, last: str) -> Mapping[str, list[DatedWork]]:
    """The works of the days from first to last, by day; those without a weight count nowhere and are left out."""
    works: dict[str, list[DatedWork]] = defaultdict(list)
    for students, by_day in sheets:
        start = 0
        while (day := by_day[start : start + len(first)]) >= first:  # the latest day stands first
            end = by_day.find("\n", start)
            end = len(by_day) if end < 0 else end
            if day <= last:
                works[day] += works_of_day(students, by_day[start + len(first) : end])
            start = end + 1
    return works


@lru_cache(maxsize=8192)
def works_of_day(students: str, text: str) -> list[DatedWork]:
    """The works of one sheet and day that have a weight. A process reads them once: what is shown again on the next
    day, or to the next reader, is for the most part the same.
    """
    return [DatedWork(students, *work) for work in json.loads(text) if work[0]]


def mean_of_works(works: Sequence[DatedWork], keys: Mapping[str, Sequence[int]]) -> Fraction | None:
    """The mean of the students' averages over some works; None where no student has a weight.

    Points are divided student by student only for those for whom some work of their class does not count, and those
    who have work in several classes or subjects with other students. All others of a sheet have the same weight.
    """
    common = lcm(*(work.maximum for work in works))
    alike: dict[str, list[DatedWork]] = defaultdict(list)
    for work in works:
        alike[work.students].append(work)
    shared = in_several([keys[students] for students in alike])
    sums = Sums()
    for students, same in alike.items():
        only = same[0]
        if len(same) == 1 and shared.isdisjoint(
            keys[students]
        ):  # of one work the average is the share, whatever its weight
            sums.by_weight[1] += sum(only.points) * (common // only.maximum)
            sums.number += len(only.points) - len(only.lacking)
        else:
            sums.add(same, common, keys[students], shared)
    return sums.mean(common)


def in_several(groups: Sequence[Sequence[int]]) -> set[int]:
    """Who is in more than one of these groups."""
    seen: set[int] = set()
    several: set[int] = set()
    for group in groups:
        several.update(seen.intersection(group))
        seen.update(group)
    return several


@dataclass
class Sums:
    """What students earned over a common maximum: of many together by their weight, of others one by one."""

    number: int = 0
    by_weight: defaultdict[int, int] = field(default_factory=lambda: defaultdict(int))
    earned: defaultdict[int, int] = field(default_factory=lambda: defaultdict(int))
    weights: defaultdict[int, int] = field(default_factory=lambda: defaultdict(int))

    def add(self, works: Sequence[DatedWork], common: int, keys: Sequence[int], shared: Collection[int]) -> None:
        """Count works of the same students; one by one those who are `shared` and those for whom a work is lacking."""
        weight, earned = sum(work.weight for work in works), earned_in(works, common)
        apart = {place: weight for place, key in enumerate(keys) if key in shared} if shared else {}
        for work in works:
            for place in work.lacking:
                apart[place] = apart.get(place, weight) - work.weight
        for place, rest in apart.items():
            self.weights[keys[place]] += rest
            self.earned[keys[place]] += earned[place]
        self.by_weight[weight] += sum(earned) - sum(earned[place] for place in apart)
        self.number += len(keys) - len(apart)

    def mean(self, common: int) -> Fraction | None:
        for key, weight in self.weights.items():
            if weight:
                self.by_weight[weight] += self.earned[key]
                self.number += 1
        if not self.number:
            return None
        below = lcm(*self.by_weight)
        total = sum(part * (below // weight) for weight, part in self.by_weight.items())
        return Fraction(total, common * below * self.number)


def earned_in(works: Sequence[DatedWork], common: int) -> list[int]:
    """What each student earned in works of the same students: weight x points over the common maximum."""
    by_factor: dict[int, list[Sequence[int]]] = defaultdict(list)
    for work in works:
        by_factor[work.weight * (common // work.maximum)].append(work.points)
    parts = []
    for factor, columns in by_factor.items():
        sums = columns[0] if len(columns) == 1 else map(sum, zip(*columns, strict=True))
        parts.append([factor * points for points in sums])
    return parts[0] if len(parts) == 1 else list(map(sum, zip(*parts, strict=True)))
