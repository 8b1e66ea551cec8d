"""What would clear an alert: the least that has to happen, counted exactly. docs/metrics.md has worked examples."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import date, timedelta
from fractions import Fraction
from math import ceil, floor
from typing import NamedTuple

TENTHS = 1000  # of a percent in the whole


class Works(NamedTuple):
    """So many pieces of work, each at this share."""

    number: int
    share: Fraction


def weeks_to_clear(attended: int, possible: int, most: Fraction, days_a_week: int) -> int | None:
    """How many full weeks without an absence lift the rate above `most`; None where none ever do.

    The least n with (attended + n x days) / (possible + n x days) > most.
    """
    if most >= 1 or not days_a_week:
        return None
    lacking = most * possible - attended
    return max(0, floor(lacking / (days_a_week * (1 - most))) + 1)


def works_to_clear(share: Fraction, number: int, bound: Fraction) -> Works | None:
    """How many further pieces of work, half-way between the bound and 100 %, lift an average to the bound.

    `number`: how many pieces of work the average is of, without those of weight 0; a further one weighs as much as they
    do on average. Half-way is rounded up to a tenth of a percent, so that it is what is printed. None for 100 %.
    """
    at = Fraction(ceil((bound + 1) / 2 * TENTHS), TENTHS)
    if bound >= 1:
        return None
    return Works(max(0, ceil(number * (bound - share) / (at - bound))), at)


def day_cleared(days: Iterable[date], number: int, length: int) -> date:
    """The first day on which fewer than `number` of these days lie in the last `length`, if no other comes."""
    return sorted(days)[-number] + timedelta(days=length)
