"""The period of a report: this term, this year, days of choice; what cannot be shown is said, nothing clamped."""

from __future__ import annotations

from datetime import date, timedelta

import pytest

from assessments.tests.factories import AssessmentFactory, ScoreFactory
from attendance.models import Status
from attendance.tests.factories import AttendanceRecordFactory
from attendance.tests.registers import text_of
from behavior.tests.factories import BehaviorRecordFactory
from dashboard.models import FamilyNote
from participation.tests.factories import ParticipationRecordFactory
from students.models import Term
from tests.cast import MONDAY, NOW

YEAR = "school year 2025/26"


@pytest.fixture
def mariam(cast, sign_in):
    return sign_in(cast.mariam.user)


@pytest.fixture
def terms(cast):
    """Term 1 until the end of January, Term 2 from February on."""
    days = [("Term 1", date(2025, 9, 1), date(2026, 2, 1)), ("Term 2", date(2026, 2, 2), date(2026, 7, 18))]
    for name, starts_on, ends_on in days:
        Term.objects.create(academic_year=cast.year, name=name, starts_on=starts_on, ends_on=ends_on)


@pytest.fixture
def facts(cast):
    """An absence and a mark in October, an absence and a mark in March."""
    for day, points in ((date(2025, 10, 6), 5), (date(2026, 3, 9), 15)):
        AttendanceRecordFactory(student=cast.amina, school_class=cast.class_7a, date=day, status=Status.ABSENT)
        work = AssessmentFactory(school_class=cast.class_7a, date_taken=day, published_at=NOW - timedelta(days=1))
        ScoreFactory(assessment=work, student=cast.amina, score=points)


def words(browser, cast, query=""):
    page = browser.get(f"/report/{cast.amina.student_id}/{query}")
    return page.status_code, text_of(page).replace("\N{NO-BREAK SPACE}", " ")


def test_the_year_to_date_is_shown_first(mariam, cast, terms, facts):
    status, said = words(mariam, cast)
    assert (status, f"7A · {YEAR} · as of 16 Mar 2026, 09:00" in said) == (200, True)
    assert "2 days missed of 2" in said
    assert "50.0 % average" in said


def test_this_term(mariam, cast, terms, facts):
    status, said = words(mariam, cast, "?period=term")
    assert (status, "7A · Term 2 · as of" in said) == (200, True)
    assert "1 day missed of 1" in said
    assert "75.0 % average" in said


def test_between_two_terms_the_one_that_began_last_is_this_term(mariam, cast, terms, facts):
    Term.objects.filter(name="Term 2").update(starts_on=MONDAY + timedelta(days=1))
    assert "7A · Term 1 · as of" in words(mariam, cast, "?period=term")[1]


def test_a_year_without_terms_shows_the_year(mariam, cast, facts):
    assert f"7A · {YEAR} · as of" in words(mariam, cast, "?period=term")[1]


def test_days_of_ones_choice_both_included(mariam, cast, terms, facts):
    status, said = words(mariam, cast, "?period=dates&first=2025-10-06&last=2026-03-08")
    assert (status, "7A · 6 Oct 2025 to 8 Mar 2026 · as of" in said) == (200, True)
    assert "1 day missed of 1" in said
    assert "25.0 % average" in said
    assert "2 days missed of 2" in words(mariam, cast, "?period=dates&first=2025-10-06&last=2026-03-09")[1]


def test_days_before_the_school_year_show_what_there_was(mariam, cast, facts):
    status, said = words(mariam, cast, "?period=dates&first=2025-01-01&last=2025-08-31")
    assert status == 200
    assert "No marks are published for this time yet." in said


def test_the_findings_are_of_the_year_whatever_the_period(mariam, cast, terms, facts):
    sentence = "Missed: Mon 9 Mar."
    AttendanceRecordFactory(
        student=cast.amina, school_class=cast.class_7a, date=date(2026, 3, 10), status=Status.ABSENT
    )
    assert "New since last week Missed: Tue 10 Mar." in words(mariam, cast)[1]
    said = words(mariam, cast, "?period=dates&first=2025-10-06&last=2025-12-01")[1]
    assert "New since last week Missed: Tue 10 Mar." in said
    assert sentence not in said


@pytest.mark.parametrize(
    ("query", "sentence"),
    [
        pytest.param("?period=decade", "Choose this term, this year, or days of your choice.", id="unknown"),
        pytest.param("?period=dates", "Give the first and the last day of the period.", id="no days"),
        pytest.param("?period=dates&first=2026-03-01", "Give the first and the last day of the period.", id="one day"),
        pytest.param(
            "?period=dates&first=2026-03-02&last=2026-03-01",
            "The first day is after the last. Exchange them.",
            id="order",
        ),
        pytest.param(
            "?period=dates&first=2026-03-01&last=2026-03-17",
            "The last day is still to come. Choose today or an earlier day.",
            id="tomorrow",
        ),
        pytest.param(
            "?period=dates&first=2022-03-01&last=2026-03-16", "Choose a period of at most three years.", id="an archive"
        ),
        pytest.param(
            "?period=dates&first=0001-01-01&last=0001-02-01", "Choose a period of at most three years.", id="year 1"
        ),
        pytest.param(
            "?period=dates&first=2026-02-30&last=2026-03-01", "Give the day as year-month-day", id="30 February"
        ),
        pytest.param(
            "?period=dates&first=%D9%A2%D9%A0%D9%A2%D9%A6-03-01&last=2026-03-01",
            "Give the day as year-month-day",
            id="arabic digits",
        ),
        pytest.param("?period=dates&first=1%00&last=2026-03-01", "Give the day as year-month-day", id="a null"),
    ],
)
def test_what_cannot_be_shown_is_said_and_the_year_is_shown(mariam, cast, facts, query, sentence):
    status, said = words(mariam, cast, query)
    assert (status, sentence in said, YEAR in said) == (400, True, True)
    assert "2 days missed of 2" in said


@pytest.mark.parametrize(
    ("query", "number"),
    [("", 12), ("?period=term", 12), ("?period=dates&first=2025-01-01&last=2026-03-01", 13)],
)
@pytest.mark.parametrize("marks", [1, 3])
def test_it_costs_the_same_at_any_number_of_rows(mariam, cast, terms, count_queries, query, number, marks):
    for place in range(marks):
        work = AssessmentFactory(school_class=cast.class_7a, published_at=NOW - timedelta(days=1))
        ScoreFactory(assessment=work, student=cast.amina)
        AttendanceRecordFactory(
            student=cast.amina, school_class=cast.class_7a, date=MONDAY - timedelta(days=place), status=Status.LATE
        )
        BehaviorRecordFactory(student=cast.amina, shared_with_parents=True)
        ParticipationRecordFactory(student=cast.amina)
        FamilyNote.objects.create(student=cast.amina, text=f"Note {place}", written_by=cast.ben.user)
    assert count_queries(lambda: mariam.get(f"/report/{cast.amina.student_id}/{query}")) == number
