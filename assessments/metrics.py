"""What the numbers of assessments mean. Exact fractions are decided on; core.numbers prints them.

Sources: docs/metrics.md. Every metric says whether it counts published scores only: parents' pages and the report do,
staff pages and alerts do not. Percentages are shares between 0 and 1 here.
"""

from __future__ import annotations

from bisect import bisect_right
from collections import Counter, defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from decimal import Decimal
from fractions import Fraction
from functools import cached_property
from itertools import accumulate
from math import isqrt, lcm
from typing import Any, TypeVar

from django.db.models import Count, Sum, TextChoices
from django.utils.translation import gettext_lazy as _

from assessments.models import GradeBand, Score, State
from assessments.querysets import ScoreQuerySet

ROOT_STEPS = 10**6  # the spread is exact to a millionth before it is printed with one decimal
HUNDRED = 100
LATELY = 3  # graded scores that make up "lately", and the fewest before them
NOTICEABLE = Fraction(5, 100)
FEWEST_GRADED = 3  # below, an average is too young to praise or to worry about
HIGH = Fraction(85, 100)
LOW, LOW_IN_A_SUBJECT = Fraction(60, 100), Fraction(50, 100)


@dataclass
class Average:
    """A weighted average and what it is of: "of 7 graded, 1 missing, 1 exempt".

    Σ weight x score/max / Σ weight, over graded and missing scores; a missing one earns 0. Exempt and not graded ones
    are in neither.

    Added up in whole numbers, since a school's statistics add 50,000 times and fractions take ten times as long:
    `earned` in hundredths of a weight over `base`, a multiple of each maximum; `weight` in hundredths.
    """

    earned: int = 0
    base: int = 1
    weight: int = 0
    graded: int = 0
    missing: int = 0
    exempt: int = 0

    @property
    def share(self) -> Fraction | None:
        """The average between 0 and 1 (above 1 with extra credit); None without anything that counts."""
        return Fraction(self.earned, self.base * self.weight) if self.weight else None

    @property
    def is_high(self) -> bool | None:
        """Whether this is a high performer's average, 85 % or more; None below 3 graded scores."""
        if self.graded < FEWEST_GRADED or not self.weight:
            return None
        return self.earned * HIGH.denominator >= HIGH.numerator * self.base * self.weight

    def is_below(self, bound: Fraction) -> bool:
        """Whether it is below a bound, LOW or LOW_IN_A_SUBJECT, with at least 3 graded scores."""
        if self.graded < FEWEST_GRADED or not self.weight:
            return False
        return self.earned * bound.denominator < bound.numerator * self.base * self.weight

    @property
    def number(self) -> int:
        """How many scores there are, whatever their state."""
        return self.graded + self.missing + self.exempt

    def __add__(self, other: Average) -> Average:
        """The average over the scores of both."""
        base = lcm(self.base, other.base)
        return Average(
            self.earned * (base // self.base) + other.earned * (base // other.base),
            base,
            self.weight + other.weight,
            self.graded + other.graded,
            self.missing + other.missing,
            self.exempt + other.exempt,
        )

    def add(self, state: str, number: int, *, weight: Decimal, max_score: Decimal, points: Decimal | None) -> None:
        """Count `number` scores of one state, weight and maximum, with `points` altogether."""
        if state == State.EXEMPT:
            self.exempt += number
            return
        weighs = int(weight * HUNDRED)
        self.weight += weighs * number
        if state == State.MISSING:
            self.missing += number
            return
        self.graded += number
        most = int(max_score * HUNDRED)
        if self.base % most:
            base = lcm(self.base, most)
            self.earned *= base // self.base
            self.base = base
        self.earned += weighs * int((points or 0) * HUNDRED) * (self.base // most)


def averages_by(scores: ScoreQuerySet, *keys: str, published_only: bool) -> dict[tuple[Any, ...], Average]:
    """The averages of groups of scores; `keys` are the fields that make a group, such as "student". One statement.

    The database counts and adds whole hundredths; Python divides. Cost: a row a group, weight, maximum and state.
    """
    if published_only:
        scores = scores.published()
    rows = (
        scores.order_by()
        .values_list(*keys, "assessment__category__weight", "max_score", "state")
        .annotate(number=Count("pk"), points=Sum("score"))
    )
    found: dict[tuple[Any, ...], Average] = defaultdict(Average)
    for *key, weight, max_score, state, number, points in rows:
        found[tuple(key)].add(state, number, weight=weight, max_score=max_score, points=points)
    return dict(found)


def average_of(scores: ScoreQuerySet, *, published_only: bool) -> Average:
    """The average of one group of scores, for instance all of a student's; one statement."""
    return averages_by(scores, published_only=published_only).get((), Average())


def average_of_rows(scores: Iterable[Score]) -> Average:
    """The average of scores in hand, with assessment and category loaded; no statement."""
    average = Average()
    for score in scores:
        weight = score.assessment.category.weight
        average.add(score.state, 1, weight=weight, max_score=score.max_score, points=score.score)
    return average


def mean(shares: Iterable[Fraction | None]) -> Fraction | None:
    """The plain mean of what there is; None without anything.

    The average of a group is the mean of its students' averages, so that no student counts more for having more marks.
    """
    known = [share for share in shares if share is not None]
    return sum(known, Fraction()) / len(known) if known else None


def median(shares: Sequence[Fraction]) -> Fraction | None:
    """The middle value; between two middle ones their mean; None without any."""
    if not shares:
        return None
    ordered = sorted(shares)
    middle = len(ordered) // 2
    return ordered[middle] if len(ordered) % 2 else (ordered[middle - 1] + ordered[middle]) / 2


class Direction(TextChoices):
    """Where a student's marks in a subject are going, against the student's own marks before."""

    RISING = "rising", _("rising")
    STEADY = "steady", _("steady")
    FALLING = "falling", _("falling")


@dataclass(frozen=True)
class Trend:
    """The plain mean of the latest three graded scores beside that of the ones before."""

    before: Fraction
    lately: Fraction

    @property
    def direction(self) -> Direction:
        """Rising or falling from five percentage points on."""
        if self.lately - self.before >= NOTICEABLE:
            return Direction.RISING
        return Direction.FALLING if self.before - self.lately >= NOTICEABLE else Direction.STEADY


def trend_of(shares: Sequence[Fraction]) -> Trend | None:
    """The trend of graded shares from the oldest to the latest; None below six, which could be chance.

    The school's own convention (docs/metrics.md): three against at least three, five points apart.
    """
    before, lately = shares[:-LATELY], shares[-LATELY:]
    if len(before) < LATELY:
        return None
    return Trend(before=sum(before, Fraction()) / len(before), lately=sum(lately, Fraction()) / len(lately))


@dataclass(frozen=True)
class Spread:
    """Statistics of graded scores in percent of their maxima, each score once and without weights.

    deviation: the population standard deviation; missing: how many were not handed in, which are in no other figure.
    """

    count: int
    mean: Fraction | None
    median: Fraction | None
    deviation: Fraction | None
    lowest: Fraction | None
    highest: Fraction | None
    missing: int


def spread_of(shares: Mapping[Fraction, int], missing: int) -> Spread:
    """The statistics of shares, given with how often each occurs; in whole numbers over one denominator."""
    number = sum(shares.values())
    if not number:
        return Spread(0, None, None, None, None, None, missing)
    base = lcm(*(share.denominator for share in shares))
    marks = sorted((share.numerator * (base // share.denominator), times) for share, times in shares.items() if times)
    places = list(accumulate(times for _mark, times in marks))
    middle = sum(marks[bisect_right(places, place)][0] for place in ((number - 1) // 2, number // 2))
    total = sum(mark * times for mark, times in marks)
    squares = sum(mark * mark * times for mark, times in marks)
    # The root of a fraction is seldom one, so it is rounded down to a millionth.
    root = isqrt((number * squares - total * total) * ROOT_STEPS**2 // (number * base) ** 2)
    return Spread(
        count=number,
        mean=Fraction(total, number * base),
        median=Fraction(middle, 2 * base),
        deviation=Fraction(root, ROOT_STEPS),
        lowest=Fraction(marks[0][0], base),
        highest=Fraction(marks[-1][0], base),
        missing=missing,
    )


@dataclass
class Shares:
    """The graded scores of a group and how many are missing: `marks` says how often each (points, maximum) occurs."""

    marks: Counter[tuple[Decimal, Decimal]] = field(default_factory=Counter)
    missing: int = 0

    def __add__(self, other: Shares) -> Shares:
        """The scores of both."""
        return Shares(self.marks + other.marks, self.missing + other.missing)

    @cached_property
    def graded(self) -> Counter[Fraction]:
        """The graded scores as shares of their maxima, with how often each occurs."""
        found: Counter[Fraction] = Counter()
        for (points, max_score), number in self.marks.items():
            found[Fraction(points) / Fraction(max_score)] += number
        return found

    @property
    def spread(self) -> Spread:
        return spread_of(self.graded, self.missing)


GroupT = TypeVar("GroupT", Average, Shares)


def shares_by(scores: ScoreQuerySet, *keys: str, published_only: bool) -> dict[tuple[Any, ...], Shares]:
    """Graded shares and missing scores by group; one statement, a row for each different mark of a group."""
    if published_only:
        scores = scores.published()
    rows = (
        scores.exclude(state=State.EXEMPT)
        .order_by()
        .values_list(*keys, "max_score", "score")
        .annotate(number=Count("pk"))
    )
    found: dict[tuple[Any, ...], Shares] = defaultdict(Shares)
    for *key, max_score, points, number in rows:
        group = found[tuple(key)]
        if points is None:
            group.missing += number
        else:
            group.marks[points, max_score] += number
    return dict(found)


def regroup(groups: Mapping[tuple[Any, ...], GroupT], *places: int) -> dict[tuple[Any, ...], GroupT]:
    """Averages or shares of larger groups: those whose keys agree in these places, added up."""
    found: dict[tuple[Any, ...], GroupT] = {}
    for key, group in groups.items():
        larger = tuple(key[place] for place in places)
        found[larger] = found[larger] + group if larger in found else group
    return found


@dataclass(frozen=True)
class Grades:
    """A grade scale: `bounds` ascending in percent, with the grade that starts at each."""

    bounds: tuple[Decimal, ...]
    labels: tuple[str, ...]

    def of(self, share: Fraction | None) -> str | None:
        """The grade of a share, by the highest lower bound that it reaches exactly: 89.99 % is no A from 90 %.

        None without data, and below the lowest bound of a scale that does not start at 0.
        """
        if share is None:
            return None
        place = bisect_right(self.bounds, share * HUNDRED)
        return self.labels[place - 1] if place else None

    def distribution(self, shares: Mapping[Fraction, int]) -> dict[str, int]:
        """How many scores stand in each grade, the best grade first, all grades named."""
        counted: Counter[str] = Counter()
        for share, number in shares.items():
            if label := self.of(share):
                counted[label] += number
        return {label: counted[label] for label in reversed(self.labels)}


def load_grades() -> Grades:
    """The grade scale in use; one statement. No scale in use gives no grades."""
    bands = GradeBand.objects.filter(scale__in_use=True).order_by("lower_bound").values_list("lower_bound", "label")
    bounds, labels = zip(*bands, strict=True) if bands else ((), ())
    return Grades(tuple(bounds), tuple(labels))
