"""The one rule for printing a percentage: 0 to 100, one decimal, truncated; no data is a dash."""

from decimal import Decimal
from fractions import Fraction

from django.utils.formats import number_format

NO_DATA = "–"


def percent(share: Fraction | None) -> Decimal | None:
    """A share between 0 and 1 as a percentage with one decimal, truncated toward zero.

    Truncated, never rounded, so that 84.96 % is not printed as the 85.0 % that it has not reached.
    None (no data) stays None.
    """
    if share is None:
        return None
    tenths = int(share * 1000)
    return Decimal(tenths) / 10


def print_percent(share: Fraction | None) -> str:
    """The share as shown on a page, such as "94.1 %" (with a no-break space), or "–" without data."""
    value = percent(share)
    if value is None:
        return NO_DATA
    return f"{number_format(value, decimal_pos=1)}\N{NO-BREAK SPACE}%"
