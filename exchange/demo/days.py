"""The school year of the demo school, laid around today so that there is always a past, a present and a future."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, timedelta

Span = tuple[str, date, date]  # name, first day, first day after

DAY = timedelta(days=1)
WEEK = timedelta(weeks=1)
WEEKS_OF_YEAR = 45
FEWEST_WEEKS_BEFORE = 12
MOST_WEEKS_BEFORE = 42
# The week that a break begins in when the year begins in the first week of September, and its weeks.
LONG_BREAKS = ((16, 2), (30, 2))
SHORT_BREAKS = ((7, 1), (23, 1), (38, 1))
SINGLE_DAYS = ((4, 4, "Staff training day"), (9, 2, "Storm warning"), (34, 0, "Staff training day"))
SEPTEMBER = 9


@dataclass(frozen=True)
class YearPlan:
    """A school year with its terms and closures; every end is the first day after."""

    name: str
    starts_on: date
    ends_on: date
    terms: list[Span]
    closures: list[Span]


def plan_year(today: date) -> YearPlan:
    """The year that begins on the Monday of 1 September, or is moved to have 12 to 42 weeks before today.

    Neither a break nor a closure touches this week, the two before or the one after: whoever looks at the demo
    school, on whatever day, finds registers of the days before and one due today.
    """
    monday = monday_of(today)
    weeks = (monday - latest_september(monday)) // WEEK
    weeks = min(max(weeks, FEWEST_WEEKS_BEFORE), MOST_WEEKS_BEFORE)
    start = monday - weeks * WEEK
    end = last_friday(start, WEEKS_OF_YEAR) + DAY
    breaks = [(away_from_now(week, length, weeks), length) for week, length in LONG_BREAKS]
    return YearPlan(
        name=f"{start.year}/{end.year % 100:02d}",
        starts_on=start,
        ends_on=end,
        terms=lay_terms(start, breaks),
        closures=lay_closures(start, weeks),
    )


def lay_terms(start: date, breaks: list[tuple[int, int]]) -> list[Span]:
    """The three terms, with the long breaks between them."""
    firsts = [0, *(week + length for week, length in breaks)]
    lasts = [*(week for week, _length in breaks), WEEKS_OF_YEAR]
    return [
        (f"Term {number}", start + first * WEEK, last_friday(start, last) + DAY)
        for number, (first, last) in enumerate(zip(firsts, lasts, strict=True), start=1)
    ]


def lay_closures(start: date, weeks: int) -> list[Span]:
    """The week in the middle of each term and a few single days."""
    closures = []
    for usual, length in SHORT_BREAKS:
        week = away_from_now(usual, length, weeks)
        closures.append(("Half-term holiday", start + week * WEEK, last_friday(start, week + length) + DAY))
    for week, weekday, name in SINGLE_DAYS:
        if week not in kept_open(weeks):
            day = start + week * WEEK + weekday * DAY
            closures.append((name, day, day + DAY))
    return sorted(closures, key=lambda closure: closure[1])


def away_from_now(week: int, length: int, now: int) -> int:
    """The week that a break begins in: as usual, or just before or after the weeks that are kept open."""
    weeks_open = kept_open(now)
    if week + length <= weeks_open.start or week >= weeks_open.stop:
        return week
    return weeks_open.start - length if week <= now else weeks_open.stop


def kept_open(now: int) -> range:
    return range(now - 2, now + 2)


def monday_of(day: date) -> date:
    return day - day.weekday() * DAY


def latest_september(monday: date) -> date:
    """The Monday of the latest week with a 1 September in it, up to this one."""
    this_year = monday_of(date(monday.year, SEPTEMBER, 1))
    return this_year if this_year <= monday else monday_of(date(monday.year - 1, SEPTEMBER, 1))


def last_friday(start: date, week: int) -> date:
    """The Friday before the given week begins."""
    return start + week * WEEK - 3 * DAY
