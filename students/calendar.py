"""Which days are school days: the one rule that registers, coverage and calendars ask."""

from __future__ import annotations

from bisect import bisect_left
from collections import defaultdict
from dataclasses import dataclass, field
from datetime import date, timedelta

from django.db.models import F, Value
from django.utils.formats import date_format
from django.utils.translation import gettext as _

from students.models import Closure, School, SchoolClass, Term
from students.weekdays import SHORT_NAMES

Span = tuple[date, date, str]  # first day, first day after, name


@dataclass
class SchoolCalendar:
    """The closures and terms that touch a range of days, and the answers they give."""

    school: School
    first: date
    last: date
    closures: list[Span]
    terms: dict[int, list[Span]]
    years_with_terms: set[int]
    _school_days: dict[int, list[date]] = field(default_factory=dict)

    def why_no_school(self, school_class: SchoolClass, day: date) -> str | None:
        """Why a class does not meet on a day, as a sentence; None on a school day.

        Asks for `day` between first and last, and for the class with its academic_year loaded.
        """
        year = school_class.academic_year
        if not year.starts_on <= day < year.ends_on:
            return _("%(date)s is outside the school year %(year)s.") % {"date": in_words(day), "year": year.name}
        weekdays = school_class.meets_on or self.school.weekdays
        if str(day.isoweekday()) not in weekdays:
            days = ", ".join(str(SHORT_NAMES[int(number)]) for number in weekdays)
            return _("%(class)s does not meet on %(date)s, but on %(days)s.") % {
                "class": school_class.name,
                "date": in_words(day),
                "days": days,
            }
        for starts_on, ends_on, name in self.closures:
            if starts_on <= day < ends_on:
                return _("The school is closed on %(date)s: %(name)s.") % {"date": in_words(day), "name": name}
        if year.pk in self.years_with_terms and not any(
            starts_on <= day < ends_on for starts_on, ends_on, _name in self.terms[year.pk]
        ):
            return _("%(date)s lies between two terms.") % {"date": in_words(day)}
        return None

    def school_days(self, school_class: SchoolClass) -> list[date]:
        """The school days of a class from first to last, in order."""
        if school_class.pk not in self._school_days:
            length = (self.last - self.first).days + 1
            days = (self.first + timedelta(days=number) for number in range(length))
            self._school_days[school_class.pk] = [day for day in days if not self.why_no_school(school_class, day)]
        return self._school_days[school_class.pk]

    def count_school_days(self, school_class: SchoolClass, starts_on: date, ends_on: date | None) -> int:
        """How many of them lie in a span with an exclusive (or open) end."""
        days = self.school_days(school_class)
        end = bisect_left(days, ends_on) if ends_on else len(days)
        return max(0, end - bisect_left(days, starts_on))


def in_words(day: date) -> str:
    return date_format(day, "D j M Y")


def load_calendar(school: School, first: date, last: date) -> SchoolCalendar:
    """The calendar from first to last, both inclusive, in one statement."""
    columns = ("kind", "year", "starts_on", "ends_on", "name")
    closures = Closure.objects.overlapping(first, last).annotate(kind=Value("closure"), year=Value(0))
    terms = Term.objects.annotate(kind=Value("term"), year=F("academic_year_id"))
    rows = closures.order_by().values_list(*columns).union(terms.order_by().values_list(*columns), all=True)
    calendar = SchoolCalendar(school, first, last, [], defaultdict(list), set())
    for kind, year, starts_on, ends_on, name in rows:
        if kind == "closure":
            calendar.closures.append((starts_on, ends_on, name))
        else:
            calendar.years_with_terms.add(year)
            calendar.terms[year].append((starts_on, ends_on, name))
    return calendar


def year_to_date(school: School, school_class: SchoolClass) -> SchoolCalendar:
    """The school year of a class, up to today or to its end; the class has its academic_year loaded."""
    year = school_class.academic_year
    return load_calendar(school, year.starts_on, min(school.today(), year.ends_on - timedelta(days=1)))
