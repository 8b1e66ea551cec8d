"""The one rule about figures of few: a share of fewer than five students is not shown."""

from __future__ import annotations

from dataclasses import dataclass
from fractions import Fraction

FEWEST_STUDENTS = 5  # below, a figure tells of somebody; the school's convention (docs/metrics.md)
FEWER = "fewer than 5"  # what stands in its place in files; pages translate it


@dataclass(frozen=True)
class GroupShare:
    """A share of 0 to 1 that belongs to a group of so many students."""

    share: Fraction | None
    students: int

    @property
    def is_withheld(self) -> bool:
        """Whether there is a figure of too few students to show it."""
        return self.share is not None and self.students < FEWEST_STUDENTS

    @property
    def shown(self) -> Fraction | None:
        """The share where it may be shown; None where it is withheld or there is none."""
        return None if self.is_withheld else self.share
