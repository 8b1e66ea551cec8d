"""The grades of many scores from the distributions that are kept, and averages over time from the scores themselves.

All scores count here, published or not, so these figures are for staff alone.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Iterator, Sequence
from datetime import date, timedelta
from fractions import Fraction
from math import lcm
from typing import Any

from django.core.exceptions import EmptyResultSet
from django.db import connections
from django.db.models import F, QuerySet

from assessments.metrics import Grades, Shares, shares_by
from assessments.models import State
from assessments.querysets import ScoreQuerySet


def grade_counts(grades: Grades, histograms: Iterable[Sequence[int]], scores: ScoreQuerySet) -> dict[str, int]:
    """How many graded scores stand in each grade, the best first; {} without a scale.

    From the counts of the kept histograms, without a statement, where the scale starts its grades at whole percents.
    Else from `scores`, which must be those of the histograms; one statement.
    """
    if any(bound % 1 for bound in grades.bounds):
        return live_grade_counts(grades, scores)
    counts = list(map(sum, zip(*histograms, strict=True)))
    starts = list(map(int, grades.bounds))
    spans = zip(grades.labels, starts, [*starts[1:], None], strict=False)  # no grade, no span
    return {label: sum(counts[first:end]) for label, first, end in [*spans][::-1]}


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
