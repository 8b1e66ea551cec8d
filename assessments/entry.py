"""How a score is typed: "17", "17,5", "85%", "EX" exempt, "M" missing, nothing for not graded."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from decimal import Decimal
from fractions import Fraction

from django.utils.translation import gettext as _

from assessments.fields import MOST_POINTS, PLACES
from assessments.metrics import median
from assessments.models import Assessment, State
from assessments.scoresheet import TYPED_STATES, Entry
from core.numbers import print_percent, print_points

WORDS = {typed.casefold(): state for state, typed in TYPED_STATES.items()}
NUMBER = re.compile(r"^[0-9]{1,5}(?:[.,][0-9]{1,9})?$", re.ASCII)  # float() would take 1_0, nan, 1e3 and ١٢
LONGEST = 20  # no score is longer; what is typed is repeated no further in a message
FEWEST_FOR_MEDIAN = 5
SLIP = Fraction(1, 2)  # this far from the class's median, a score is asked about once


class NotRead(ValueError):
    """What was typed is no score; the message says what to type instead."""


@dataclass(frozen=True)
class Reading:
    """A typed score as it was understood; `state` is None for an empty field."""

    state: State | None
    points: Decimal | None = None

    def entry(self, notes: str) -> Entry | None:
        """What is to be stored; None takes the score away."""
        return Entry(self.state, self.points, notes) if self.state else None


def read_score(typed: str, assessment: Assessment) -> Reading:
    """Understand what was typed for one student.

    Nothing is rounded and nothing is brought within limits: a percentage that is no whole hundredth of a point, a
    third decimal and a score above the maximum each raise NotRead.
    """
    text = typed.strip()
    if not text:
        return Reading(None)
    if state := WORDS.get(text.casefold()):
        return Reading(state)
    is_percentage = text.endswith("%")
    number = text.removesuffix("%").rstrip() if is_percentage else text
    if not NUMBER.match(number):
        raise NotRead(why_no_number(number))
    points = Fraction(number.replace(",", "."))
    if is_percentage:
        points = points * Fraction(assessment.max_score) / 100
    return Reading(State.GRADED, points_within(points, assessment))


def why_no_number(text: str) -> str:
    """What is wrong with a text that should be a number, as precisely as can be said."""
    if re.fullmatch(r"[-−+][0-9.,]+", text):
        return _("Type the score without a sign; a score cannot be below 0.")
    if len(text) > LONGEST:
        return _("This is too long for a score. Type points such as 17 or 17.5.")
    if text and all(letter.isnumeric() or letter in ".,٫" for letter in text) and not text.isascii():
        return _("Type the digits 0 to 9, such as 17 or 17.5.")
    if sum(text.count(sign) for sign in ".,") > 1:
        return _("Type one decimal point or comma, such as 17.5.")
    return _("Type points such as 17 or 17.5, a percentage such as 85%, EX, M, or nothing.")


def points_within(points: Fraction, assessment: Assessment) -> Decimal:
    """The points as a whole number of hundredths not above what is allowed, else NotRead."""
    hundredths = points * 10**PLACES
    if hundredths.denominator != 1:
        raise NotRead(_("This is no whole hundredth of a point. Type the points with at most two decimals."))
    found = Decimal(hundredths.numerator).scaleb(-PLACES)
    if found > assessment.max_score and not assessment.allows_extra:
        raise NotRead(_("Above the maximum of %(most)s.") % {"most": print_points(assessment.max_score)})
    if found > MOST_POINTS:
        raise NotRead(
            _("Above %(most)s, the highest number of points there can be.") % {"most": print_points(MOST_POINTS)}
        )
    return found


def say_reading(reading: Reading, assessment: Assessment) -> str:
    """A reading in words: "17 of 20 = 85.0 %"."""
    if reading.state is None:
        return ""
    if reading.points is None:
        return str(reading.state.label)
    share = Fraction(reading.points) / Fraction(assessment.max_score)
    words = {
        "points": print_points(reading.points),
        "most": print_points(assessment.max_score),
        "percent": print_percent(share),
    }
    return _("%(points)s of %(most)s = %(percent)s") % words


def looks_slipped(share: Fraction, shares: Sequence[Fraction]) -> str | None:
    """Why a score is probably a slip of the hand, as a sentence; None where it is not, or too few are known to tell.

    `shares` are all graded scores of the piece of work. Half of the maximum away from their median is far: 1.9
    typed for 19, or 85 points for 85 %.
    """
    if len(shares) < FEWEST_FOR_MEDIAN:
        return None
    middle = median(shares)
    if middle is None or abs(share - middle) < SLIP:
        return None
    return _("Class median %(median)s, this is %(share)s.") % {
        "median": print_percent(middle),
        "share": print_percent(share),
    }
