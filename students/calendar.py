"""Which days are school days: the one rule that registers, coverage and calendars ask."""

from __future__ import annotations

from bisect import bisect_left
from collections import defaultdict
from dataclasses import dataclass, field
from datetime import date, timedelta
from enum import Enum, auto
from typing import Any

from django.db.models import DateField, F, QuerySet, Value
from django.utils.formats import date_format
from django.utils.translation import gettext as _

from core.prepared import Given, Prepared
from students.models import AcademicYear, Closure, School, SchoolClass, Term
from students.weekdays import SHORT_NAMES

Span = tuple[date, date, str]  # first day, first day after, name


class NoSchool(Enum):
    """What keeps a class from meeting on a day."""

    OUTSIDE_YEAR = auto()
    OTHER_WEEKDAY = auto()
    CLOSED = auto()
    OUTSIDE_TERMS = auto()


@dataclass
class SchoolCalendar:
    """The closures and terms that touch a range of days, and the answers they give."""

    school: School
    first: date
    last: date
    closures: list[Span]
    terms: dict[int, list[Span]]
    years_with_terms: set[int]
    _school_days: dict[tuple[int, str], list[date]] = field(default_factory=dict)

    def no_school(self, school_class: SchoolClass, day: date) -> NoSchool | None:
        """What keeps a class from meeting on a day; None on a school day.

        Asks for `day` between first and last, and for the class with its academic_year loaded.
        """
        year = school_class.academic_year
        if not year.starts_on <= day < year.ends_on:
            return NoSchool.OUTSIDE_YEAR
        if str(day.isoweekday()) not in self.weekdays(school_class):
            return NoSchool.OTHER_WEEKDAY
        if self.closed_for(day) is not None:
            return NoSchool.CLOSED
        terms = self.terms[year.pk]
        if year.pk in self.years_with_terms and not any(start <= day < end for start, end, _name in terms):
            return NoSchool.OUTSIDE_TERMS
        return None

    def why_no_school(self, school_class: SchoolClass, day: date) -> str | None:
        """The same as a sentence."""
        words: dict[NoSchool, str] = {
            NoSchool.OUTSIDE_YEAR: _("%(date)s is outside the school year %(year)s."),
            NoSchool.OTHER_WEEKDAY: _("%(class)s does not meet on %(date)s, but on %(days)s.")
            if school_class.meets_on
            else _("The school does not meet on %(date)s, but on %(days)s."),
            NoSchool.CLOSED: _("The school is closed on %(date)s: %(closure)s."),
            NoSchool.OUTSIDE_TERMS: _("%(date)s is outside the terms of the school year %(year)s."),
        }
        reason = self.no_school(school_class, day)
        if reason is None:
            return None
        sentence: str = words[reason] % {
            "class": school_class.name,
            "closure": self.closed_for(day),
            "date": in_words(day),
            "days": ", ".join(str(SHORT_NAMES[int(number)]) for number in self.weekdays(school_class)),
            "year": school_class.academic_year.name,
        }
        return sentence

    def weekdays(self, school_class: SchoolClass) -> str:
        """The ISO numbers of the weekdays on which a class meets, such as "12345"."""
        days: str = school_class.meets_on or self.school.weekdays
        return days

    def closed_for(self, day: date) -> str | None:
        """The name of the closure that the day lies in."""
        return next((name for starts_on, ends_on, name in self.closures if starts_on <= day < ends_on), None)

    def school_days(self, school_class: SchoolClass) -> list[date]:
        """The school days of a class from first to last, in order."""
        kind = (school_class.academic_year_id, self.weekdays(school_class))  # all that `no_school` asks of a class
        if kind not in self._school_days:
            year = school_class.academic_year
            first = max(self.first, year.starts_on)
            length = (min(self.last, year.ends_on) - first).days + 1
            days = (first + timedelta(days=number) for number in range(length))
            self._school_days[kind] = [day for day in days if not self.no_school(school_class, day)]
        return self._school_days[kind]

    def count_school_days(self, school_class: SchoolClass, starts_on: date, ends_on: date | None) -> int:
        """How many of them lie in a span with an exclusive (or open) end."""
        days = self.school_days(school_class)
        end = bisect_left(days, ends_on) if ends_on else len(days)
        return max(0, end - bisect_left(days, starts_on))


def in_words(day: date) -> str:
    return date_format(day, "D j M Y")


def closures_and_terms(first: Any, last: Any) -> QuerySet[Closure, Any]:
    """Kind, year, starts_on, ends_on and name of the closures from first to last, and of all terms."""
    columns = ("kind", "year", "starts_on", "ends_on", "name")
    closures = Closure.objects.overlapping(first, last).annotate(kind=Value("closure"), year=Value(0))
    terms = Term.objects.annotate(kind=Value("term"), year=F("academic_year_id"))
    return closures.order_by().values_list(*columns).union(terms.order_by().values_list(*columns), all=True)


SPANS = Prepared(lambda: closures_and_terms(Given("first", DateField()), Given("last", DateField())))


def load_calendar(school: School, first: date, last: date) -> SchoolCalendar:
    """The calendar from first to last, both inclusive, in one statement."""
    calendar = SchoolCalendar(school, first, last, [], defaultdict(list), set())
    for kind, year, starts_on, ends_on, name in SPANS.rows(first=first, last=last):
        if kind == "closure":
            calendar.closures.append((starts_on, ends_on, name))
        else:
            calendar.years_with_terms.add(year)
            calendar.terms[year].append((starts_on, ends_on, name))
    return calendar


def year_began_on(day: date) -> date:
    """The first day of the school year that a day lies in, or that began last; the day itself before all years."""
    began = AcademicYear.objects.filter(starts_on__lte=day).order_by("-starts_on").values_list("starts_on", flat=True)
    return began.first() or day


def year_to_date(school: School, school_class: SchoolClass) -> SchoolCalendar:
    """The school year of a class, up to today or to its end; the class has its academic_year loaded."""
    year = school_class.academic_year
    return load_calendar(school, year.starts_on, min(school.today(), year.ends_on - timedelta(days=1)))
