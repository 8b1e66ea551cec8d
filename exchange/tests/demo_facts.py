"""When the tests make the demo school, and what they count in it from raw rows, not by the code of the portal."""

from __future__ import annotations

from collections import Counter, defaultdict
from datetime import UTC, date, datetime, timedelta
from fractions import Fraction

from assessments.models import Score
from students.models import Closure, Term

DAY = timedelta(days=1)
SOME_WEDNESDAY = date(2026, 12, 9)
BEFORE_SCHOOL = datetime(2026, 12, 9, 7, 15, tzinfo=UTC)


def school_days(first: date, today: date) -> list[date]:
    """Weekdays of a term to date, without the closures."""
    terms = Term.objects.values_list("starts_on", "ends_on")
    closures = Closure.objects.values_list("starts_on", "ends_on")
    days = [first + number * DAY for number in range((today - first).days + 1)]
    return [
        day
        for day in days
        if day.isoweekday() <= 5
        and any(start <= day < end for start, end in terms)
        and not any(start <= day < end for start, end in closures)
    ]


def averages(*columns: str) -> dict[tuple[object, ...], Fraction]:
    """The weighted average of groups with at least 3 graded scores, recounted from the raw rows."""
    earned: dict[tuple[object, ...], Fraction] = defaultdict(Fraction)
    possible: dict[tuple[object, ...], Fraction] = defaultdict(Fraction)
    graded: Counter[tuple[object, ...]] = Counter()
    rows = Score.objects.exclude(state="exempt").values_list(
        "score", "max_score", "assessment__category__weight", *columns
    )
    for points, most, weight, *group in rows:
        possible[tuple(group)] += Fraction(weight)
        if points is not None:
            graded[tuple(group)] += 1
            earned[tuple(group)] += Fraction(weight) * Fraction(points) / Fraction(most)
    return {group: earned[group] / possible[group] for group in possible if graded[group] >= 3}
