"""What the demo school tells about some of its children; everybody else comes and learns as most children do."""

from enum import Enum


class Story(Enum):
    """Written behind a child's name in families.py."""

    PERFECT = "perfect"  # there every day, never late
    WOBBLY = "wobbly"  # misses 5 to 10 %
    CHRONIC = "chronic"  # misses 10 to 20 %
    SEVERE = "severe"  # misses more than 20 %
    LATE = "late"  # often late, on Mondays above all
    JOINED = "joined"  # came during the year
    LEFT = "left"  # left during the year
    MOVED = "moved"  # changed to the other class of the grade
    ILL = "ill"  # since the school day before the latest
    AWAY = "away"  # a planned absence from the latest school day on
    TRAVELS = "travels"  # a planned absence next week
    COMPETED = "competed"  # a planned absence some weeks ago
    GIFTED = "gifted"  # marks above 90 %
    STRUGGLES = "struggles"  # marks below 60 %
    WEAK = "weak"  # fails one subject
    RISING = "rising"  # marks rise over the year
    FALLING = "falling"  # marks fall over the year
    FORGETS = "forgets"  # hands in two assignments of three
    UNRULY = "unruly"  # blamed often in the latest weeks
