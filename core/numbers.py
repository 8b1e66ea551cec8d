"""The one rule for printing a percentage: 0 to 100, one decimal, truncated; no data is a dash. And for points."""

from decimal import Decimal
from fractions import Fraction
from functools import lru_cache

from django.utils.formats import number_format
from django.utils.translation import get_language

NO_DATA = "–"
KEPT = 4096  # printed numbers that are kept: a page prints the same few hundred again and again


def percent(share: Fraction | None) -> Decimal | None:
    """A share between 0 and 1 as a percentage with one decimal, truncated toward zero.

    Truncated, never rounded, so that 84.96 % is not printed as the 85.0 % that it has not reached.
    None (no data) stays None.
    """
    return None if share is None else Decimal(tenths_of(share)).scaleb(-1)


def tenths_of(share: Fraction) -> int:
    """A share in thousandths, truncated toward zero; in whole numbers, which are divided faster than fractions."""
    tenths = abs(share.numerator) * 1000 // share.denominator
    return -tenths if share.numerator < 0 else tenths


def percent_number(share: Fraction | None) -> float | None:
    """The same as a number for JSON: 93.1, or None without data."""
    value = percent(share)
    return None if value is None else float(value)


def print_percent(share: Fraction | None) -> str:
    """The share as shown on a page, such as "94.1 %" (with a no-break space), or "–" without data."""
    return NO_DATA if share is None else tenths_in_words(tenths_of(share), get_language())


@lru_cache(KEPT)
def tenths_in_words(tenths: int, _language: str | None) -> str:
    """Tenths of a percent in the active language, which is named so that each language keeps its own."""
    return f"{number_format(Decimal(tenths).scaleb(-1), decimal_pos=1)}\N{NO-BREAK SPACE}%"


def print_points(points: Decimal | None, *, localized: bool = True) -> str:
    """Points without trailing zeros: "17", "17.5"; "–" without any. `localized` False always has a decimal point."""
    if points is None:
        return NO_DATA
    return points_in_words(points, get_language()) if localized else f"{plain_points(points):f}"


@lru_cache(KEPT)
def points_in_words(points: Decimal, _language: str | None) -> str:
    """Points in the active language, which is named as above."""
    return number_format(plain_points(points))


def plain_points(points: Decimal) -> Decimal:
    return points.quantize(Decimal(1)) if points == points.to_integral_value() else points.normalize()
