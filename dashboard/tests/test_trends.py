"""The days and weeks of a trend, and the one rule about figures of few."""

from __future__ import annotations

from datetime import date, timedelta
from fractions import Fraction

import pytest
from django.http import QueryDict

from dashboard.dashboard_form import DashboardForm
from dashboard.groups import GroupShare
from dashboard.scope import Scope, seen_year
from dashboard.trends import Period, rate_between, spans_of
from students.models import School, TeachingAssignment
from students.tests.factories import ClosureFactory, SchoolClassFactory, TermFactory
from tests.cast import MONDAY, YEAR_START

ONE_DAY = timedelta(days=1)


def spans(cast, period: Period, term: str = ""):
    seen = seen_year(cast.office, School.current())
    scope = Scope(seen, seen.classes, term)
    return spans_of(scope.calendar(), scope.classes, period)


def test_a_month_is_the_school_days_of_thirty_days_each_alone(cast):
    found = spans(cast, Period.MONTH)
    assert all(first == last for first, last in found)
    assert (found[0][0], found[-1][0]) == (date(2026, 2, 16), MONDAY)  # 15 February is a Sunday
    assert len(found) == 21


def test_a_day_on_which_one_class_meets_is_a_point(cast):
    ClosureFactory(starts_on=date(2026, 3, 11))
    SchoolClassFactory(name="Choir", academic_year=cast.year, meets_on="7")
    days = [first for first, _last in spans(cast, Period.MONTH)]
    assert date(2026, 3, 15) in days
    assert date(2026, 3, 11) not in days


def test_longer_periods_are_weeks_from_monday_to_sunday_up_to_today(cast):
    quarter, year = spans(cast, Period.QUARTER), spans(cast, Period.YEAR)
    assert (quarter[0], quarter[-1]) == ((date(2025, 12, 15), date(2025, 12, 21)), (MONDAY, MONDAY))
    assert len(quarter) == 14
    assert year[0] == (YEAR_START, date(2025, 9, 7))
    assert len(year) == 29


def test_the_first_week_begins_with_the_year_or_the_term(cast):
    TermFactory(academic_year=cast.year, name="Spring", starts_on=date(2026, 3, 4), ends_on=date(2026, 4, 1))
    TermFactory(academic_year=cast.year, name="Summer", starts_on=date(2026, 4, 13), ends_on=date(2026, 7, 18))
    found = spans(cast, Period.QUARTER, "Spring")
    assert found == [(date(2026, 3, 4), date(2026, 3, 8)), (date(2026, 3, 9), date(2026, 3, 15)), (MONDAY, MONDAY)]
    assert spans(cast, Period.QUARTER, "Summer") == spans(cast, Period.MONTH, "Summer") == []


def test_a_rate_is_over_all_marks_of_its_days():
    days = {MONDAY: (9, 10), MONDAY - ONE_DAY: (1, 2), MONDAY - 2 * ONE_DAY: (0, 100)}
    assert rate_between(days, (MONDAY - ONE_DAY, MONDAY)) == Fraction(10, 12)
    assert rate_between(days, (MONDAY + ONE_DAY, MONDAY + ONE_DAY)) is None


def test_a_form_of_nothing_is_thirty_days_and_offers_what_is_seen(cast):
    TeachingAssignment.objects.filter(teacher=cast.ben).delete()
    form = DashboardForm(QueryDict(), seen=seen_year(cast.ana.user, School.current()))
    assert form.is_valid()
    assert form.chosen_period == Period.MONTH
    assert [label for _key, label in form.fields["class_id"].choices] == ["All classes", "7A"]


@pytest.mark.parametrize(
    ("share", "students", "is_withheld", "shown"),
    [
        (Fraction(1, 2), 5, False, Fraction(1, 2)),
        (Fraction(1, 2), 4, True, None),
        (Fraction(1, 2), 0, True, None),
        (None, 4, False, None),
        (Fraction(0), 4, True, None),
    ],
)
def test_a_share_of_fewer_than_five_is_withheld_and_no_data_is_no_secret(share, students, is_withheld, shown):
    found = GroupShare(share, students)
    assert (found.is_withheld, found.shown) == (is_withheld, shown)
