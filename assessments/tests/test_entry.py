"""How a typed score is read, by typed examples; what is no score is refused with what to type instead."""

from __future__ import annotations

from decimal import Decimal
from fractions import Fraction

import pytest

from assessments.entry import NotRead, Reading, looks_slipped, read_score
from assessments.models import Assessment, State

OF_20 = Assessment(max_score=Decimal(20))
OF_30 = Assessment(max_score=Decimal(30))
OF_7 = Assessment(max_score=Decimal(7))
EXTRA = Assessment(max_score=Decimal(20), allows_extra=True)


@pytest.mark.parametrize(
    ("text", "points"),
    [("17", "17"), (" 17 ", "17"), ("17.5", "17.5"), ("17,5", "17.5"), ("0", "0"), ("020", "20"), ("17.50000", "17.5")],
)
def test_points(text, points):
    assert read_score(text, OF_20) == Reading(State.GRADED, Decimal(points))


@pytest.mark.parametrize(
    ("text", "work", "points"),
    [
        ("85%", OF_20, "17"),
        ("85 %", OF_30, "25.5"),
        ("100%", OF_7, "7"),
        ("12,5%", OF_30, "3.75"),
        ("110%", EXTRA, "22"),
    ],
)
def test_a_percentage_is_of_the_maximum(text, work, points):
    assert read_score(text, work) == Reading(State.GRADED, Decimal(points))


@pytest.mark.parametrize(
    ("text", "state"), [("M", State.MISSING), ("m", State.MISSING), ("EX", State.EXEMPT), (" ex ", State.EXEMPT)]
)
def test_letters(text, state):
    assert read_score(text, OF_20) == Reading(state)


@pytest.mark.parametrize("text", ["", "   ", "\t"])
def test_nothing_is_not_graded(text):
    assert read_score(text, OF_20) == Reading(None)


def test_extra_credit_may_go_beyond_the_maximum_but_not_beyond_what_can_be_kept():
    assert read_score("99999.99", EXTRA).points == Decimal("99999.99")
    of_50000 = Assessment(max_score=Decimal(50_000), allows_extra=True)
    with pytest.raises(NotRead, match=r"Above 99999\.99, the highest number of points"):
        read_score("99999%", of_50000)


@pytest.mark.parametrize(
    ("share", "others", "is_slip"),
    [
        ("1/4", ["3/4"] * 5, True),  # exactly half the maximum away
        ("26/100", ["3/4"] * 5, False),
        ("1", ["1/2"] * 5, True),
        ("0", ["3/4"] * 3, False),  # four are too few
    ],
)
def test_a_slip_is_half_the_maximum_away_from_the_median(share, others, is_slip):
    shares = [Fraction(share), *map(Fraction, others)]
    assert bool(looks_slipped(Fraction(share), shares)) == is_slip
