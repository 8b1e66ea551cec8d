"""Since when a rule has held: its dated rows replayed day by day, to the day from which on it held without a break."""

from __future__ import annotations

from bisect import bisect_left
from collections import defaultdict
from collections.abc import Iterable, Sequence
from datetime import date, timedelta
from fractions import Fraction

from assessments.metrics import Average
from attendance.metrics import ATTENDED
from dashboard.evidence import Evidence, Work
from dashboard.risk import count_within, is_low_of
from students.calendar import SchoolCalendar

ONE_DAY = timedelta(days=1)


def attendance_low_since(calendar: SchoolCalendar, evidence: Evidence, most: Fraction) -> date | None:
    """The day since which the rate, looked at after each day, has been at most `most`; None where it is not today.

    It asks what `risk.is_low` asks: 10 recorded sessions, and a record for 90 % of those due until that day.
    """
    steps: dict[date, list[int]] = defaultdict(lambda: [0, 0, 0, 0])  # attended, possible, counted, due
    school_days: dict[int, list[date]] = {}
    for starts_on, ends_on, school_class in evidence.places:
        days = school_days[school_class.pk] = calendar.school_days(school_class)
        end = bisect_left(days, ends_on) if ends_on else len(days)
        for day in days[bisect_left(days, starts_on) : end]:
            steps[day][3] += 1
    due_on = {key: set(days) for key, days in school_days.items()}
    for session in evidence.sessions:
        step = steps[session.day]
        step[0] += session.status in ATTENDED
        step[1] += 1
        step[2] += session.day in due_on.get(session.school_class, ())
    return last_start((day, is_low_of(*sums, most=most)) for day, sums in running(steps))


def running(steps: dict[date, list[int]]) -> Iterable[tuple[date, tuple[int, int, int, int]]]:
    """The sums after each day."""
    attended = possible = counted = due = 0
    for day in sorted(steps):
        more = steps[day]
        attended, possible, counted, due = attended + more[0], possible + more[1], counted + more[2], due + more[3]
        yield day, (attended, possible, counted, due)


def marks_low_since(works: Sequence[Work], bound: Fraction) -> date | None:
    """The day since which the average, looked at after each day with work, has been below `bound`; None if it is not.

    `works`: those that count, of all subjects or of one, the earliest first; dated by when the work was, not by when
    it was marked.
    """
    return last_start((day, average.is_below(bound)) for day, average in averages_by_day(works))


def averages_by_day(works: Iterable[Work]) -> Iterable[tuple[date, Average]]:
    """The average after each day that has work."""
    average, day = Average(), None
    for work in works:
        if day is not None and work.day != day:
            yield day, average
        day = work.day
        average.add(work.state, 1, weight=work.weight, max_score=work.max_score, points=work.points)
    if day is not None:
        yield day, average


def notes_many_since(days: Sequence[date], today: date, number: int, length: int) -> date | None:
    """The day since which at least `number` of these days have lain in the last `length`; None where they do not."""
    since, day = None, today
    while count_within(days, day, length) >= number:
        since, day = day, day - ONE_DAY
    return since


def last_start(states: Iterable[tuple[date, bool]]) -> date | None:
    """The first day of the run of days that hold which reaches the last one; None where the last does not hold."""
    start = None
    for day, holds in states:
        start = (start or day) if holds else None
    return start
