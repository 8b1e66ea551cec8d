"""What a report says first, by typed examples at the thresholds; each rule has a case on either side of it."""

from __future__ import annotations

from dataclasses import replace
from datetime import date, timedelta
from decimal import Decimal
from fractions import Fraction

import pytest
from django.utils import timezone

from assessments.child_marks import marks_of
from assessments.metrics import Direction, Grades, trend_of
from assessments.models import Assessment, AssessmentCategory, Score, State
from attendance.metrics import Attendance
from attendance.models import AttendanceRecord, Status
from behavior.models import BehaviorRecord, BehaviorType
from dashboard.insights import Facts, insights_of
from participation.models import ParticipationRecord
from participation.models import Status as Part
from students.models import Subject

TODAY = date(2026, 3, 16)
NO_GRADES = Grades((), ())
MATHS = Subject(pk=1, name="Mathematics")
PLAIN = AssessmentCategory(weight=Decimal(1))


def attendance(missed, possible, *, due=None):
    counts = {Status.ABSENT: missed, Status.PRESENT: possible - missed}
    return Attendance(counts=counts, due=due or possible, counted=possible)


def score(points, *, days_ago=60, state=State.GRADED, title="Quiz", published_days_ago=50):
    """A score out of 100 in Mathematics."""
    work = Assessment(
        title=title,
        subject=MATHS,
        category=PLAIN,
        date_taken=TODAY - timedelta(days=days_ago),
        published_at=timezone.now() - timedelta(days=published_days_ago),
    )
    return Score(assessment=work, state=state, score=points and Decimal(points), max_score=Decimal(100))


def marks(*points, **more):
    return marks_of([score(each, **more) for each in points], NO_GRADES)


def note(kind, days_ago):
    return BehaviorRecord(behavior_type=kind, date=TODAY - timedelta(days=days_ago))


def took_part(status, days_ago):
    return ParticipationRecord(event_name="Science fair", status=status, date=TODAY - timedelta(days=days_ago))


def day(status, days_ago):
    return AttendanceRecord(status=status, date=TODAY - timedelta(days=days_ago))


def said(findings):
    return [finding.sentence.replace("\N{NO-BREAK SPACE}", " ") for finding in findings]


@pytest.fixture(autouse=True)
def monday(frozen):
    """The rules about published marks ask for the time."""


class TestToWatch:
    @pytest.mark.parametrize(
        ("missed", "possible", "sentence"),
        [
            (9, 100, "2 more absences reach 10 %."),  # 11 of 102; with one more 10 of 101 is 9.9 %
            (5, 100, None),  # 6 more would be needed: 11 of 106
            (6, 100, "5 more absences reach 10 %."),
            (10, 100, "10 days missed of 100: from 10 % on, absence is called chronic."),
            (25, 100, "25 days missed of 100: from 10 % on, absence is called chronic."),
            (0, 9, None),  # too few registers to say anything
            (0, 10, "2 more absences reach 10 %."),
        ],
    )
    def test_how_near_absence_is_to_ten_percent(self, missed, possible, sentence):
        found = insights_of(Facts(TODAY, attendance=attendance(missed, possible))).watch
        assert said(found) == ([sentence] if sentence else [])

    def test_nothing_follows_from_registers_of_which_less_than_nine_in_ten_are_counted(self):
        chronic = attendance(20, 89, due=100)
        assert said(insights_of(Facts(TODAY, attendance=chronic)).watch) == []
        assert said(insights_of(Facts(TODAY, attendance=replace(chronic, due=98))).watch) != []

    @pytest.mark.parametrize(
        ("points", "sentences"),
        [
            (("60", "60", "60"), []),
            (("60", "60", "59.9"), ["The average is below 60 %: 59.9 %."]),
            (("50", "50", "50"), ["The average is below 60 %: 50.0 %."]),
            (("50", "50", "49"), ["The average is below 60 %: 49.6 %.", "Mathematics is below 50 %: 49.6 %."]),
            (("10", "10"), []),  # two are too few
        ],
    )
    def test_low_averages(self, points, sentences):
        assert said(insights_of(Facts(TODAY, marks=marks(*points))).watch) == sentences

    def test_work_of_the_last_30_days_that_was_not_handed_in(self):
        rows = [
            score(None, state=State.MISSING, days_ago=29, title="Essay"),
            score(None, state=State.MISSING, days_ago=30, title="Old essay"),
            score(None, state=State.EXEMPT, days_ago=3, title="Test"),
        ]
        assert said(insights_of(Facts(TODAY, marks=marks_of(rows, NO_GRADES))).watch) == [
            "Not handed in: Essay (Mathematics)."
        ]

    @pytest.mark.parametrize(("days_ago", "sentences"), [(29, ["3 negative notes in 30 days."]), (30, [])])
    def test_three_negative_notes_in_30_days(self, days_ago, sentences):
        rows = [note(BehaviorType.NEGATIVE, 1), note(BehaviorType.NEGATIVE, 2), note(BehaviorType.NEGATIVE, days_ago)]
        assert said(insights_of(Facts(TODAY, behavior=rows)).watch) == sentences


class TestToPraise:
    @pytest.mark.parametrize(
        ("points", "sentences"),
        [
            (("85", "85", "85"), ["A high average: 85.0 %."]),
            (("85", "85", "84.96"), []),
            (("100", "100"), []),
        ],
    )
    def test_a_high_average(self, points, sentences):
        assert said(insights_of(Facts(TODAY, marks=marks(*points))).praise) == sentences

    def test_twenty_registers_without_a_day_missed(self):
        days = [day(Status.LATE if number % 5 == 0 else Status.PRESENT, number) for number in range(1, 21)]
        assert said(insights_of(Facts(TODAY, days=days)).praise) == ["Not a day missed of the last 20."]
        assert said(insights_of(Facts(TODAY, days=days[1:])).praise) == []
        assert said(insights_of(Facts(TODAY, days=[*days[1:], day(Status.EXCUSED, 1)])).praise) == []

    @pytest.mark.parametrize(
        ("points", "praise", "watch"),
        [
            (["70", "70", "70", "75", "75", "75"], ["Mathematics is rising: 75.0 % lately, 70.0 % before."], []),
            (["70", "70", "70", "74", "75", "75"], [], []),
            (["75", "75", "75", "70", "70", "70"], [], ["Mathematics is falling: 70.0 % lately, 75.0 % before."]),
            (["70", "70", "80", "80", "80"], [], []),  # two before are too few
        ],
    )
    def test_a_subject_that_rises_or_falls_by_five_points(self, points, praise, watch):
        found = insights_of(Facts(TODAY, marks=marks(*points)))
        assert (said(found.praise), said(found.watch)) == (praise, watch)

    def test_two_positive_notes_in_30_days(self):
        rows = [note(BehaviorType.POSITIVE, 1), note(BehaviorType.POSITIVE, 29), note(BehaviorType.NEGATIVE, 1)]
        assert said(insights_of(Facts(TODAY, behavior=rows)).praise) == ["2 positive notes in 30 days."]
        assert said(insights_of(Facts(TODAY, behavior=rows[1:])).praise) == []

    def test_what_was_led_or_won(self):
        rows = [took_part(Part.LED, 29), took_part(Part.AWARD, 30), took_part(Part.ATTENDED, 1)]
        assert said(insights_of(Facts(TODAY, participation=rows)).praise) == ["Led: Science fair."]


class TestChanges:
    def test_days_missed_in_the_last_seven(self):
        days = [day(Status.EXCUSED, 6), day(Status.ABSENT, 3), day(Status.ABSENT, 7), day(Status.PRESENT, 1)]
        assert said(insights_of(Facts(TODAY, days=days)).changes) == ["Missed: Tue 10 Mar, Fri 13 Mar."]

    def test_a_week_without_a_day_missed_and_one_without_registers(self):
        assert said(insights_of(Facts(TODAY, days=[day(Status.LATE, 6)])).changes) == ["No day missed."]
        assert said(insights_of(Facts(TODAY, days=[day(Status.LATE, 7)])).changes) == []

    def test_marks_published_in_the_last_seven_days_whenever_they_were_written(self):
        rows = [score("50", published_days_ago=6), score("50", published_days_ago=6), score("50", published_days_ago=7)]
        assert said(insights_of(Facts(TODAY, marks=marks_of(rows, NO_GRADES))).changes) == [
            "New marks: Mathematics (2)."
        ]

    def test_notes_and_events(self):
        behavior = [note(BehaviorType.POSITIVE, 6), note(BehaviorType.NEGATIVE, 7)]
        events = [took_part(Part.HELPED, 6), took_part(Part.ABSENT, 1), took_part(Part.HELPED, 7)]
        assert said(insights_of(Facts(TODAY, behavior=behavior, participation=events)).changes) == [
            "Behaviour: 1 positive, 0 negative.",
            "Science fair: Helped.",
        ]


def test_a_child_of_whom_nothing_may_be_read_has_no_findings():
    found = insights_of(Facts(TODAY))
    assert (found.changes, found.praise, found.watch) == ([], [], [])


def test_a_trend_is_of_six_scores_at_least():
    shares = [Fraction(number, 10) for number in (5, 5, 5, 8, 8, 8)]
    assert trend_of(shares).direction == Direction.RISING
    assert trend_of(shares[1:]) is None
