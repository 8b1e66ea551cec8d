"""The registers that were due and not taken, over a range of days: the office's list of what is missing."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, timedelta

from django.utils.translation import gettext as _

from attendance.today import DueRegister, Sizes, due_registers
from students.calendar import in_words, load_calendar
from students.models import School, SchoolClass

LONGEST_RANGE = 400  # days: a school year and some weeks
WITHOUT_A_YEAR = 30  # days that are looked at where no school year holds the last one


class RangeRefused(Exception):
    """The range cannot be listed; the message says why and what to do."""


@dataclass(frozen=True)
class NotTaken:
    """What `/attendance/not-taken/` lists, the newest day first.

    first and last: the days looked at, both inclusive; last is never after today. why_none: what to say
    where nothing is listed.
    """

    first: date
    last: date
    missing: list[DueRegister]
    why_none: str


def registers_not_taken(
    school: School, classes: list[SchoolClass], class_id: int | None, start: date | None, end: date | None
) -> NotTaken:
    """The registers of these classes that were due and not taken. Raises RangeRefused for more than 400 days.

    Without a start, from the first day of the school year that the last day lies in. `classes` have their
    academic_year loaded. Three statements at any size: calendar, class sizes, registers.
    """
    today = school.today()
    last = min(end or today, today)
    first = start or usual_start(classes, last)
    if (last - first).days >= LONGEST_RANGE:
        message = _("From %(first)s to %(last)s is more than %(most)d days. Choose a shorter range.")
        raise RangeRefused(message % {"first": in_words(first), "last": in_words(last), "most": LONGEST_RANGE})
    chosen = [each for each in classes if class_id in {None, each.pk} and meets_within(each, first, last)]
    calendar = load_calendar(school, first, last)
    days = {day for each in chosen for day in calendar.school_days(each)}
    due = due_registers(chosen, calendar, Sizes(chosen, first, last), days)
    missing = [entry for entry in due if not entry.is_taken]
    return NotTaken(first, last, missing, why_none(first, last, classes=classes, due=due))


def usual_start(classes: list[SchoolClass], last: date) -> date:
    """The first day of the school year that a day lies in, or a month before it."""
    years = {each.academic_year for each in classes}
    starts = [year.starts_on for year in years if year.starts_on <= last < year.ends_on]
    longest_ago = last - timedelta(days=LONGEST_RANGE - 1)
    return max(min(starts, default=last - timedelta(days=WITHOUT_A_YEAR)), longest_ago)


def meets_within(school_class: SchoolClass, first: date, last: date) -> bool:
    """Whether the school year of a class holds one of the days."""
    year = school_class.academic_year
    return year.starts_on <= last and year.ends_on > first


def why_none(first: date, last: date, *, classes: list[SchoolClass], due: list[DueRegister]) -> str:
    """Why nothing is listed, as a sentence that holds where nothing is."""
    if not classes:
        return _("No class is assigned to you yet. Ask the school office.")
    if first > last:
        return _("These days are still to come. A register is due from the morning of its day.")
    if not due:
        return _("No register was due on these days: no class with students met. Choose other days.")
    return _("Every register of these days is taken. Nothing to do here.")
