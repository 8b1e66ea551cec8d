"""The one rule for printing a percentage."""

from __future__ import annotations

from decimal import Decimal
from fractions import Fraction

import pytest
from django.utils import translation

from core.numbers import percent, print_percent, print_points


@pytest.mark.parametrize(
    ("share", "value", "printed"),
    [
        (Fraction(8496, 10000), "84.9", "84.9"),  # truncated: 85.0 is not reached
        (Fraction(9999, 10000), "99.9", "99.9"),
        (Fraction(999999, 1000000), "99.9", "99.9"),
        (Fraction(1), "100", "100.0"),
        (Fraction(0), "0", "0.0"),
        (Fraction(1, 2000), "0", "0.0"),
        (Fraction(1, 1000), "0.1", "0.1"),
        (Fraction(9, 10), "90", "90.0"),
        (Fraction(1, 3), "33.3", "33.3"),
        (Fraction(2, 3), "66.6", "66.6"),
        (Fraction(29, 100), "29", "29.0"),  # as a float 0.29 × 1000 is 289.99…
        (Fraction(11, 10), "110", "110.0"),
        (Fraction(-8496, 10000), "-84.9", "-84.9"),  # toward zero, as of a difference
    ],
)
def test_one_decimal_truncated(share, value, printed):
    assert percent(share) == Decimal(value)
    assert print_percent(share) == f"{printed}\N{NO-BREAK SPACE}%"


def test_no_data_is_none_and_a_dash_and_never_zero():
    assert percent(None) is None
    assert print_percent(None) == "–"
    assert print_percent(Fraction(0)) != print_percent(None)


def test_the_value_is_an_exact_decimal():
    assert percent(Fraction(941, 1000)) == Decimal("94.1")
    assert str(percent(Fraction(941, 1000))) == "94.1"
    assert str(percent(Fraction(1))) == "100.0", "a column of a file has one decimal all the way down"


def test_the_decimal_sign_is_that_of_the_language():
    with translation.override("de"):
        assert print_percent(Fraction(941, 1000)) == "94,1\N{NO-BREAK SPACE}%"
        assert print_points(Decimal("17.50")) == "17,5"
    assert print_percent(Fraction(941, 1000)) == "94.1\N{NO-BREAK SPACE}%", "each language keeps its own"
    assert print_points(Decimal("17.5")) == "17.5"


@pytest.mark.parametrize(
    ("points", "printed"),
    [("17", "17"), ("17.00", "17"), ("17.50", "17.5"), ("0.05", "0.05"), ("100", "100"), ("0", "0")],
)
def test_points_have_no_zeros_behind(points, printed):
    assert print_points(Decimal(points)) == printed
    assert print_points(Decimal(points), localized=False) == printed
