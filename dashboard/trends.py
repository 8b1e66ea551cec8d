"""How attendance and averages went, point by point: a day with school, or a week. docs/metrics.md has the rules."""

from __future__ import annotations

from bisect import bisect_left
from collections.abc import Callable, Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from fractions import Fraction
from functools import partial

from django.db.models import TextChoices
from django.utils.translation import gettext_lazy as _

from assessments.kept import averages_over_time
from assessments.models import Score
from assessments.querysets import ScoreQuerySet
from attendance.metrics import ATTENDED
from attendance.models import AttendanceRecord
from dashboard.scope import Scope
from students.calendar import SchoolCalendar
from students.models import Enrolment, SchoolClass, Student

ONE_DAY, ONE_WEEK = timedelta(days=1), timedelta(weeks=1)
LATELY = timedelta(days=30)
Span = tuple[date, date]  # first and last day, both inclusive
Days = Mapping[date, tuple[int, int]]  # attended and possible by day


class Period(TextChoices):
    """How far back a trend reaches; the values are those of the API."""

    MONTH = "30d", _("30 days")
    QUARTER = "90d", _("90 days")
    YEAR = "1y", _("1 year")


LENGTHS = {Period.MONTH: LATELY, Period.QUARTER: timedelta(days=90), Period.YEAR: timedelta(days=365)}


@dataclass(frozen=True)
class TrendPoint:
    """A day, or a week named by its Monday; shares of 0 to 1, None without any record or score."""

    day: date
    attendance: Fraction | None
    average: Fraction | None


@dataclass(frozen=True)
class Trend:
    """The points of a period; `lately` is the same over its last 30 days, as counted, to be shown as a GroupShare."""

    points: list[TrendPoint]
    lately: TrendPoint


def scores_in(scope: Scope) -> ScoreQuerySet:
    """The scores that somebody sees of the work of the scope's classes."""
    classes = [each.pk for each in scope.classes]
    return Score.objects.visible_to(scope.seen.user).filter(assessment__school_class__in=classes)


def days_of(calendar: SchoolCalendar, student: Student) -> Days:
    """A student's days in their main classes; one statement."""
    primary = Enrolment.objects.filter(student=student, is_primary=True)
    records = AttendanceRecord.objects.between(calendar.first, calendar.last).within(primary)
    return count_days(records.order_by().values_list("date", "status"))


def count_days(marks: Iterable[tuple[date, str]]) -> Days:
    """Attended and possible by day."""
    days: dict[date, tuple[int, int]] = {}
    for day, status in marks:
        attended, possible = days.get(day, (0, 0))
        days[day] = (attended + (status in ATTENDED), possible + 1)
    return days


def trend_of(
    calendar: SchoolCalendar, classes: Collection[SchoolClass], period: Period, days: Days, scores: ScoreQuerySet
) -> Trend:
    """The trend up to the calendar's last day, of any scores; one statement."""
    return trend_by(calendar, classes, period, days, partial(averages_over_time, scores))


def trend_by(
    calendar: SchoolCalendar,
    classes: Collection[SchoolClass],
    period: Period,
    days: Days,
    averages_in: Callable[[Sequence[Span]], list[Fraction | None]],
) -> Trend:
    """The same with the averages of each point as they are given."""
    spans = spans_of(calendar, classes, period)
    lately = lately_in(calendar)
    *averages, average_lately = averages_in([*spans, lately])
    points = [
        TrendPoint(name_of(span, period), rate_between(days, span), average)
        for span, average in zip(spans, averages, strict=True)
    ]
    return Trend(points, TrendPoint(lately[0], rate_between(days, lately), average_lately))


def lately_in(calendar: SchoolCalendar) -> Span:
    """The last 30 days."""
    return max(calendar.first, calendar.last - LATELY + ONE_DAY), calendar.last


def name_of(span: Span, period: Period) -> date:
    """The day that names a point: its only one, or the Monday of its week."""
    return span[0] if period == Period.MONTH else monday_of(span[0])


def monday_of(day: date) -> date:
    return day - timedelta(days=day.weekday())


def spans_of(calendar: SchoolCalendar, classes: Collection[SchoolClass], period: Period) -> list[Span]:
    """The days of each point: every day on which one of the classes meets, or weeks from Monday to Sunday.

    The first week is a whole one unless the calendar begins within it. None where the calendar has not begun.
    """
    first = first_day_of(calendar, period)
    if first > calendar.last:
        return []
    if period == Period.MONTH:
        of_classes = (calendar.school_days(each) for each in classes)
        met = {day for days in of_classes for day in days[bisect_left(days, first) :]}
        return [(day, day) for day in sorted(met)]
    weeks = (calendar.last - monday_of(first)) // ONE_WEEK + 1
    mondays = (monday_of(first) + number * ONE_WEEK for number in range(weeks))
    return [(max(monday, calendar.first), min(monday + 6 * ONE_DAY, calendar.last)) for monday in mondays]


def first_day_of(calendar: SchoolCalendar, period: Period) -> date:
    """The first day that a trend looks at: its weeks are whole ones, as far as the calendar has begun."""
    first = max(calendar.first, calendar.last - LENGTHS[period] + ONE_DAY)
    return first if period == Period.MONTH else max(calendar.first, monday_of(first))


def rate_between(days: Days, span: Span) -> Fraction | None:
    """The attendance rate of some days; None without a record."""
    first, last = span
    within = [counts for day, counts in days.items() if first <= day <= last]
    possible = sum(number for _attended, number in within)
    return Fraction(sum(attended for attended, _possible in within), possible) if possible else None
