"""Since when an alert holds, and what would clear it, by examples counted by hand."""

from __future__ import annotations

from datetime import date, timedelta
from decimal import Decimal
from fractions import Fraction

import pytest
from hypothesis import given
from hypothesis import strategies as st

from dashboard.clearing import Works, day_cleared, weeks_to_clear, works_to_clear
from dashboard.evidence import Evidence, Place, Session, Work
from dashboard.since import attendance_low_since, marks_low_since, notes_many_since
from students.calendar import SchoolCalendar
from students.models import AcademicYear, School, SchoolClass

MONDAY = date(2026, 3, 2)
NINETY, SIXTY = Fraction(90, 100), Fraction(60, 100)
YEAR = AcademicYear(pk=1, starts_on=MONDAY, ends_on=MONDAY + timedelta(days=200))
CLASS = SchoolClass(pk=7, academic_year=YEAR)


def calendar(last):
    return SchoolCalendar(School(weekdays="12345"), MONDAY, last, [], {1: []}, set())


def school_day(number):
    """The so-manyth school day, Monday 2 March being the first."""
    return MONDAY + timedelta(days=(number - 1) // 5 * 7 + (number - 1) % 5)


def came(marks):
    """A student of the class whose sessions are these letters: P, L, E, A, or a dot without a mark."""
    names = {"P": "present", "L": "late", "E": "excused", "A": "absent"}
    sessions = [Session(school_day(number), 7, names[each], "") for number, each in enumerate(marks, 1) if each != "."]
    return Evidence(sessions=sessions, places=[Place(MONDAY, None, CLASS)])


class TestLowAttendanceSince:
    @pytest.mark.parametrize(
        ("marks", "session"),
        [
            ("AAPPPPPPPPPPPPPPPPPP", 10),  # 18 of 20: low from the tenth session on
            ("APPPPPPPPPPPPPPPPPPP", None),  # 19 of 20
            ("PPPPPPPPPAPPPPPPPPPP", None),
            ("PPPPPPPPPPPPPPPPPAEP", 19),  # 17 of 19 is the first below 90 %
            ("APPPPPPPPPPPPPPPPPPA", 20),  # low at 9 of 10, not at 10 of 11; again at 18 of 20
            ("AAAAAAAAA", None),  # 9 sessions
        ],
    )
    def test_the_session_after_which_it_held_without_a_break(self, marks, session):
        found = attendance_low_since(calendar(school_day(len(marks))), came(marks), NINETY)
        assert found == (None if session is None else school_day(session))

    def test_days_without_a_mark_break_it_where_too_few_are_counted(self):
        marks = "AAPPPPPPPP" + "..PPPPPPPP"
        found = attendance_low_since(calendar(school_day(20)), came(marks), NINETY)
        # 10 of 11 counted; 10 of 12 is too few; 18 of 20 is enough again.
        assert found == school_day(20)

    def test_days_before_joining_and_after_leaving_are_not_due(self):
        evidence = came("..........AAPPPPPPPP")
        assert attendance_low_since(calendar(school_day(20)), evidence, NINETY) is None
        evidence.places[0] = evidence.places[0]._replace(starts_on=school_day(11))
        assert attendance_low_since(calendar(school_day(20)), evidence, NINETY) == school_day(20)
        evidence.places[0] = evidence.places[0]._replace(ends_on=school_day(21))
        assert attendance_low_since(calendar(school_day(30)), evidence, NINETY) == school_day(20)

    def test_nothing_recorded(self):
        assert attendance_low_since(calendar(school_day(20)), Evidence(), NINETY) is None


def work(day, points, *, state="graded", weight=1):
    reached = None if points is None else Decimal(points)
    return Work(day, 1, "Quiz", 1, "Mathematics", state, reached, Decimal(100), Decimal(weight))


class TestLowMarksSince:
    def test_the_day_of_the_work_from_which_on_it_held(self):
        days = [MONDAY + timedelta(days=number) for number in range(6)]
        marks = [work(day, points) for day, points in zip(days, (50, 50, 50, 95, 10, 10), strict=True)]
        assert marks_low_since(marks[:2], SIXTY) is None  # two graded
        assert marks_low_since(marks[:3], SIXTY) == days[2]
        assert marks_low_since(marks[:4], SIXTY) is None  # 61.25 %
        assert marks_low_since(marks, SIXTY) == days[4]

    def test_work_of_one_day_is_looked_at_together(self):
        marks = [work(MONDAY, 0), work(MONDAY, 0), work(MONDAY, 0), work(MONDAY, 100), work(MONDAY, 100)]
        marks += [work(MONDAY, 100), work(MONDAY, 100)]
        assert marks_low_since(marks[:3], SIXTY) == MONDAY
        assert marks_low_since(marks, SIXTY) == MONDAY  # 57.1 %
        assert marks_low_since([*marks, work(MONDAY, 100)], SIXTY) is None

    def test_weights_and_missing_work_count(self):
        marks = [work(MONDAY, 90, weight=3), work(MONDAY, 30), work(MONDAY, 30)]
        assert marks_low_since(marks, SIXTY) is None  # 66 %
        tuesday = MONDAY + timedelta(days=1)
        assert marks_low_since([*marks, work(tuesday, None, state="missing")], SIXTY) == tuesday  # 55 %

    def test_no_work(self):
        assert marks_low_since([], SIXTY) is None


class TestManyNotesSince:
    def test_the_day_of_the_third_note_within_30_days(self):
        days = [MONDAY, MONDAY + timedelta(days=10), MONDAY + timedelta(days=20)]
        assert notes_many_since(days, MONDAY + timedelta(days=20), 3, 30) == days[2]
        assert notes_many_since(days, MONDAY + timedelta(days=29), 3, 30) == days[2]
        assert notes_many_since(days, MONDAY + timedelta(days=30), 3, 30) is None

    def test_a_fourth_note_keeps_it_going_and_a_gap_breaks_it(self):
        first, later = MONDAY, MONDAY + timedelta(days=29)
        assert notes_many_since([first, first, first, later], later, 3, 30) == first
        days = [first, first, first, *[first + timedelta(days=31)] * 3]
        assert notes_many_since(days, first + timedelta(days=31), 3, 30) == first + timedelta(days=31)


class TestWhatClears:
    @pytest.mark.parametrize(
        ("attended", "possible", "most", "days_a_week", "weeks"),
        [
            (21, 25, NINETY, 5, 4),  # 3 weeks give 36 of 40, exactly 90 %; 4 give 41 of 45
            (9, 10, NINETY, 5, 1),  # exactly 90 %: 14 of 15
            (8, 10, NINETY, 5, 3),  # 18 of 20 is exactly 90 %; 23 of 25
            (8, 10, NINETY, 1, 11),
            (80, 100, Fraction(92, 100), 5, 31),  # 150 more days give exactly 92 %: 230 of 250
            (0, 10, Fraction(0), 5, 1),
            (8, 10, Fraction(1), 5, None),
            (8, 10, NINETY, 0, None),
        ],
    )
    def test_full_weeks_without_an_absence(self, attended, possible, most, days_a_week, weeks):
        assert weeks_to_clear(attended, possible, most, days_a_week) == weeks

    @given(
        st.integers(0, 200), st.integers(10, 200), st.integers(0, 999).map(lambda each: Fraction(each, 1000)),
        st.integers(1, 7),
    )  # fmt: skip
    def test_no_fewer_weeks_would_do(self, attended, possible, most, days):
        attended = min(attended, possible)
        weeks = weeks_to_clear(attended, possible, most, days)

        def clears(number):
            return Fraction(attended + number * days, possible + number * days) > most

        assert clears(weeks)
        assert weeks == 0 or not clears(weeks - 1)

    @pytest.mark.parametrize(
        ("share", "number", "bound", "expected"),
        [
            (Fraction(50, 100), 8, SIXTY, Works(4, Fraction(80, 100))),  # 8 × 50 and 4 × 80 are 720 of 1,200
            (Fraction(599, 1000), 3, SIXTY, Works(1, Fraction(80, 100))),
            (Fraction(0), 3, Fraction(50, 100), Works(6, Fraction(75, 100))),
            (Fraction(60, 100), 3, Fraction(615, 1000), Works(1, Fraction(808, 1000))),  # 80.75 %, rounded up
            (Fraction(99, 100), 3, Fraction(999, 1000), Works(27, Fraction(1))),
            (Fraction(99, 100), 3, Fraction(1), None),
        ],
    )
    def test_pieces_of_work_half_way_between_the_threshold_and_all_points(self, share, number, bound, expected):
        assert works_to_clear(share, number, bound) == expected

    @given(
        st.integers(0, 999).map(lambda each: Fraction(each, 1000)), st.integers(1, 30),
        st.integers(0, 999).map(lambda each: Fraction(each, 1000)),
    )  # fmt: skip
    def test_no_less_work_would_do(self, share, number, bound):
        works = works_to_clear(share, number, bound)
        reached = [(share * number + works.share * more) / (number + more) for more in range(works.number + 1)]
        assert reached[-1] >= bound
        assert all(each < bound for each in reached[:-1])

    def test_the_first_day_with_fewer_notes_in_the_window(self):
        days = [date(2026, 3, 1), date(2026, 3, 10), date(2026, 3, 10), date(2026, 3, 16)]
        assert day_cleared(days, 3, 30) == date(2026, 4, 9)
        assert notes_many_since(days, date(2026, 4, 8), 3, 30) is not None
        assert notes_many_since(days, date(2026, 4, 9), 3, 30) is None
        assert day_cleared(days, 1, 7) == date(2026, 3, 23)
