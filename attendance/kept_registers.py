"""The registers of one class as their kept counts tell, for kept.py."""

from __future__ import annotations

from bisect import bisect_left
from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from datetime import date
from functools import cached_property
from itertools import accumulate, compress, pairwise
from operator import eq
from typing import NamedTuple

from attendance.metrics import Attendance
from attendance.models import Status
from core.packed import day_of, whole

STATUSES = (Status.PRESENT, Status.LATE, Status.EXCUSED, Status.ABSENT)  # the order of all counts here
FOREVER = date.max


class Span(NamedTuple):
    """One enrolment: who, in which class, from when until when (exclusive, or open)."""

    student: int
    school_class: int
    starts_on: date
    ends_on: date | None
    is_primary: bool

    def covers(self, day: date) -> bool:
        return self.starts_on <= day and (self.ends_on is None or day < self.ends_on)


class Segment(NamedTuple):
    """Days, the last exclusive, on which one number of students is enrolled, at least one."""

    first: date
    end: date
    size: int


class Within(NamedTuple):
    """The registers from one day to another: sessions due, registers there are, those on school days; whether all."""

    due: int
    registers: int
    counted: int
    is_all: bool


@dataclass(frozen=True)
class RegisterDays:
    """The days of registers in order, and how they were sorted; most classes of a school share them."""

    days: Sequence[date]
    places: Sequence[int]
    school_days: Sequence[date]

    @classmethod
    def sorted_from(cls, texts: Sequence[str], school_days: Sequence[date]) -> RegisterDays:
        """From days such as 2026-03-31, in any order."""
        places = sorted(range(len(texts)), key=texts.__getitem__)
        return cls([day_of(texts[place]) for place in places], places, school_days)

    def in_order(self, column: Sequence[int]) -> Sequence[int]:
        """A column of the same rows, in the order of the days."""
        return column if self.is_sorted else [column[place] for place in self.places]

    @cached_property
    def is_sorted(self) -> bool:
        return all(map(eq, self.places, range(len(self.places))))

    @cached_property
    def on_school_days(self) -> list[bool]:
        """Whether each register is one of a school day."""
        return list(map(set(self.school_days).__contains__, self.days))

    @cached_property
    def before(self) -> list[int]:
        """How many of the registers before each, and in the end of all, are on school days."""
        return list(accumulate(self.on_school_days, initial=0))


@dataclass
class ClassRegisters:
    """The registers of one class in a calendar, by day.

    school_days: those of the calendar. spans: the enrolments with a day in the calendar. is_whole: whether these are
    all that there are; where not, only their own figures can be told. attended, totals: by day, how many were there and
    how many of those enrolled have a mark. counts: of all days, in the order of STATUSES.
    """

    school_days: Sequence[date]
    is_whole: bool
    spans: list[Span] = field(default_factory=list)
    of_days: RegisterDays = RegisterDays((), (), ())
    attended_text: str = ""
    totals: Sequence[int] = ()
    counts: Sequence[int] = (0,) * len(STATUSES)
    _within: dict[tuple[date, date | None], Within] = field(default_factory=dict)

    @property
    def days(self) -> Sequence[date]:
        return self.of_days.days

    @property
    def on_school_days(self) -> list[bool]:
        return self.of_days.on_school_days

    @cached_property
    def attended(self) -> Sequence[int]:
        """Read when a trend asks for it: an alert does not."""
        return self.of_days.in_order(whole(self.attended_text.split()))

    @cached_property
    def has_primary(self) -> bool:
        return any(span.is_primary for span in self.spans)

    @cached_property
    def has_others(self) -> bool:
        return not all(span.is_primary for span in self.spans)

    @cached_property
    def segments(self) -> list[Segment]:
        """How many students are enrolled from when to when."""
        return segments(self.spans)

    @cached_property
    def incomplete(self) -> list[int]:
        """The places of the registers in which somebody who is enrolled has no mark."""
        lacking = []
        for first, end, size in self.segments:
            start, stop = self.places(first, end)
            if min(self.totals[start:stop], default=size) >= size:
                continue
            lacking += [place for place, total in enumerate(self.totals[start:stop], start) if total < size]
        return lacking

    def places(self, first: date, end: date | None) -> tuple[int, int]:
        """Where the registers from a day to an exclusive (or open) end begin and stop."""
        return bisect_left(self.days, first), bisect_left(self.days, end) if end else len(self.days)

    def within(self, first: date, end: date | None) -> Within:
        """What lies in a span; kept, since most students of a class have the same one."""
        key = (first, end)
        if key not in self._within:
            start, stop = self.places(first, end)
            stop = max(start, stop)
            before = self.of_days.before
            counted = before[stop] - before[start]
            due = max(0, bisect_left(self.school_days, end or FOREVER) - bisect_left(self.school_days, first))
            self._within[key] = Within(due, stop - start, counted, stop - start == len(self.days))
        return self._within[key]

    @cached_property
    def everybody(self) -> Attendance:
        """The figures of all who were enrolled."""
        counted = sum(compress(self.totals, self.on_school_days))
        due = sum(size * self.within(first, end).due for first, end, size in self.segments)
        return Attendance(dict(zip(STATUSES, self.counts, strict=True)), due, counted)

    def due_and_taken(self) -> tuple[int, int]:
        """How many registers were due, with somebody enrolled, and how many of them are taken: nobody lacks a mark."""
        within = [self.within(first, end) for first, end, _size in self.segments]
        lacking = sum(self.on_school_days[place] for place in self.incomplete)
        return sum(each.due for each in within), sum(each.counted for each in within) - lacking

    def due_and_taken_on(self, day: date) -> tuple[bool, bool]:
        """Whether the register of a day was due, and whether it is taken."""
        enrolled = sum(span.covers(day) for span in self.spans)
        is_due = enrolled > 0 and day in self.school_days
        return is_due, is_due and day in self.days and self.totals[self.days.index(day)] >= enrolled


def segments(spans: Iterable[Span]) -> list[Segment]:
    """How many students are enrolled from when to when, without the days on which nobody is."""
    changes: dict[date, int] = defaultdict(int)
    for span in spans:
        changes[span.starts_on] += 1
        changes[span.ends_on or FOREVER] -= 1
    days = sorted(changes)
    sizes = accumulate(changes[day] for day in days)
    return [Segment(first, end, size) for (first, end), size in zip(pairwise(days), sizes, strict=False) if size]
