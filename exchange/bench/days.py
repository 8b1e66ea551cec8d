"""The school year of the bench school: as many school days up to today as asked for."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, timedelta

from students.models import AcademicYear, Closure, Term

DAY = timedelta(days=1)
HOLIDAYS, WEEK = timedelta(days=14), timedelta(days=7)
REST_OF_YEAR = timedelta(weeks=8)
SCHOOL_DAYS_OF_WEEK = 5
# Fewer leave no room for three terms; more and the year, with its holidays, would not end before the next begins.
FEWEST_DAYS, MOST_DAYS = 10, 200


@dataclass(frozen=True)
class BenchYear:
    """The school days up to today, oldest first, and what lies between them; every end is the first day after."""

    days: list[date]
    terms: list[tuple[date, date]]
    closure: tuple[date, date]

    @property
    def starts_on(self) -> date:
        return self.terms[0][0]

    @property
    def ends_on(self) -> date:
        return self.terms[-1][1]


def plan_year(today: date, number: int) -> BenchYear:
    """A year with so many weekdays of school up to today: three terms, two weeks between them, a week closed."""
    last_term, closed, middle_term = number // 3, number // 2, number * 2 // 3
    gaps = {last_term: HOLIDAYS, closed: WEEK, middle_term: HOLIDAYS}
    days: list[date] = []
    day = today
    while len(days) < number:
        if day.isoweekday() <= SCHOOL_DAYS_OF_WEEK:
            days.append(day)
            day -= gaps.get(len(days), timedelta())
        day -= DAY
    third, second, after = days[last_term - 1], days[middle_term - 1], days[closed - 1]
    terms = [(days[-1], second - HOLIDAYS), (second, third - HOLIDAYS), (third, today + REST_OF_YEAR)]
    return BenchYear(days[::-1], terms, (after - WEEK, after))


def lay_calendar(plan: BenchYear) -> AcademicYear:
    """Store the year, its terms and its closure."""
    name = f"{plan.starts_on.year}/{(plan.starts_on.year + 1) % 100:02d}"
    year = AcademicYear(name=name, starts_on=plan.starts_on, ends_on=plan.ends_on)
    AcademicYear.objects.bulk_create([year])
    Term.objects.bulk_create(
        Term(academic_year=year, name=f"Term {number}", starts_on=starts_on, ends_on=ends_on)
        for number, (starts_on, ends_on) in enumerate(plan.terms, start=1)
    )
    Closure.objects.bulk_create([Closure(name="Half-term holiday", starts_on=plan.closure[0], ends_on=plan.closure[1])])
    return year
