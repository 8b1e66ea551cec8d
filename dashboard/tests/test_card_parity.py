"""The report page, its PDF and the functions print the same values; a card of a class is that of the child alone."""

from __future__ import annotations

import re
from datetime import date, timedelta

import pytest

from assessments.metrics import average_of
from assessments.models import Score
from attendance.metrics import student_attendance
from attendance.models import Status
from attendance.tests.factories import AttendanceRecordFactory
from attendance.tests.registers import text_of
from behavior.metrics import count_behavior
from behavior.models import BehaviorRecord
from behavior.tests.factories import BehaviorRecordFactory, by
from core.numbers import print_percent
from dashboard.card import child_card
from dashboard.class_cards import class_cards
from dashboard.period import PeriodForm
from dashboard.tests.cards import SECTIONS, address, busy_weeks, pdf_words, score
from students.calendar import load_calendar, year_to_date
from students.models import School
from students.tests.factories import (
    AcademicYearFactory,
    ClosureFactory,
    EnrolmentFactory,
    SchoolClassFactory,
    StudentFactory,
    TermFactory,
)
from tests.cast import MONDAY, YEAR_START, pupil

PERIODS = (
    {},
    {"period": "term"},
    {"period": "dates", "first": "2026-03-03", "last": "2026-03-10"},
    {"period": "dates", "first": "2025-05-01", "last": "2026-03-10"},
)
SAID = (
    "Amina Diallo",
    "school year 2025/26",
    "as of 16 Mar 2026, 09:00",
    "84.6 % attendance: 2 days missed of 13, 1 of them without an excuse, all registers counted.",
    "Absence so far: Chronic absence.",
    # (10 + 10.5 + 11 + 16 + 17 + 18.5 + 15 + 0) / 160 = 61.25 %
    "61.2 % average, grade D: of 7 graded, 1 missing",
    "New marks: English (2), Mathematics (6).",
    "2 days missed of 13: from 10 % on, absence is called chronic.",
    "Mathematics is rising: 85.8 % lately, 52.5 % before.",
    "Not handed in: Essay (English).",
    "Spring concert",
    "Helped",
    "A good start, well done.",
    "Ana Silva, 16 Mar 2026",
    "Mathematics is rising",
    "69.1 %",
    "37.5 %",
    "of 1 graded, 1 missing",
    "“Read the question twice” Dictation, Tue 3 Mar",
    "Bus was late",
    "Shared lunch with Bo",
    "Forgot the book",
    "Carried the chairs",
)


def page_words(answer) -> str:
    return text_of(answer).replace("\N{NO-BREAK SPACE}", " ")


class TestPageAndPdf:
    @pytest.fixture
    def mariam(self, cast, sign_in):
        busy_weeks(cast)
        return sign_in(cast.mariam.user)

    def test_both_say_all_of_it(self, cast, mariam):
        page = page_words(mariam.get(f"/report/{cast.amina.student_id}/"))
        card = pdf_words(mariam.get(address(cast.amina)))
        assert [said for said in SAID if said not in page] == []
        assert [said for said in SAID if said not in card] == []

    def test_every_percentage_of_the_page_but_those_of_single_marks_is_on_the_card(self, cast, mariam):
        page, card = mariam.get(f"/report/{cast.amina.student_id}/"), pdf_words(mariam.get(address(cast.amina)))
        shown = re.sub(r"<details.*?</details>", " ", page.content.decode(), flags=re.DOTALL)
        figures = set(re.findall(r"[0-9.]+ %", re.sub(r"<[^>]+>", " ", shown).replace("\N{NO-BREAK SPACE}", " ")))
        assert {"84.6 %", "61.2 %", "69.1 %", "37.5 %"} <= figures
        assert figures <= set(re.findall(r"[0-9.]+ %", card))

    def test_the_functions_give_the_figures_of_the_card(self, cast, mariam):
        card = pdf_words(mariam.get(address(cast.amina)))
        attendance = student_attendance(year_to_date(School.current(), cast.class_7a), cast.amina)
        average = average_of(Score.objects.filter(student=cast.amina), published_only=True)
        behavior = count_behavior(BehaviorRecord.objects.filter(student=cast.amina), shared_only=True)
        rate, mean = (
            print_percent(share).replace("\N{NO-BREAK SPACE}", " ") for share in (attendance.rate, average.share)
        )
        assert f"{rate} attendance: {attendance.missed} days missed of {attendance.possible}" in card
        assert f"{mean} average, grade D: of {average.graded} graded, {average.missing} missing" in card
        assert f"Behaviour: {behavior.positive} positive, {behavior.negative} negative" in card

    def test_the_months_add_up_to_the_figure_above_them(self, cast, mariam):
        card = pdf_words(mariam.get(address(cast.amina)))
        # Present, late, excused, absent, missed, attendance: counted by hand from busy_weeks.
        assert "February 2026 2 0 0 0 0 of 2 100.0 % March 2026 8 1 1 1 2 of 11 81.8 %" in card
        assert "Altogether 10 1 1 1 2 of 13 84.6 %" in card

    @pytest.mark.parametrize("query", PERIODS[1:])
    def test_another_period_gives_the_same_on_both(self, cast, mariam, query):
        page = page_words(mariam.get(f"/report/{cast.amina.student_id}/", query))
        card = pdf_words(mariam.get(address(cast.amina), query))
        figure = re.search(r"[0-9.]+ % attendance: \d+ days? missed of \d+", page)
        average = re.search(r"[0-9.]+ % average, grade \w: of \d+ graded", page)
        assert figure
        assert average
        assert figure[0] in card
        assert average[0] in card


class TestClassAndChild:
    """Students with everything that could be counted differently when a whole class is read at once."""

    @pytest.fixture
    def roster(self, cast):
        busy_weeks(cast)
        TermFactory(academic_year=cast.year, name="Spring", starts_on=date(2026, 3, 4), ends_on=date(2026, 4, 1))
        ClosureFactory(name="Training day", starts_on=date(2026, 3, 11))
        self.moved_from_7b(cast)
        self.of_an_earlier_year(cast)
        self.in_a_class_of_another_year(cast)
        only_a_guest = StudentFactory(given_name="Gil", family_name="Guest")
        EnrolmentFactory(student=only_a_guest, school_class=cast.class_7a, is_primary=False, starts_on=YEAR_START)
        pupil("Tia", "Today", cast.class_7a, starts_on=MONDAY)
        return list(cast.class_7a.enrolments.order_by("pk").values_list("student", flat=True))

    def moved_from_7b(self, cast):
        """Bo was in 7B until 8 March: a mark in each class, and one in 7A of a day when he was not there yet."""
        cast.bo.enrolments.update(starts_on=date(2026, 3, 9))
        EnrolmentFactory(
            student=cast.bo, school_class=cast.class_7b, is_primary=True, starts_on=YEAR_START, ends_on=date(2026, 3, 9)
        )
        for school_class, day in ((cast.class_7b, 5), (cast.class_7a, 10), (cast.class_7a, 6), (cast.class_7a, 11)):
            AttendanceRecordFactory(
                student=cast.bo, school_class=school_class, date=date(2026, 3, day), status=Status.ABSENT
            )
        score(cast.bo, cast.class_7b, "Mathematics", "20", date(2026, 3, 5))
        BehaviorRecordFactory(student=cast.bo, shared_with_parents=True, date=date(2026, 3, 5), **by(cast.ben))

    def of_an_earlier_year(self, cast):
        """Bo's rows of the year before, which only days of one's choice reach."""
        before = AcademicYearFactory(name="2024/25", starts_on=date(2024, 9, 1), ends_on=date(2025, 7, 18))
        class_6a = SchoolClassFactory(name="6A", academic_year=before)
        EnrolmentFactory(
            student=cast.bo, school_class=class_6a, is_primary=True, starts_on=before.starts_on, ends_on=before.ends_on
        )
        AttendanceRecordFactory(student=cast.bo, school_class=class_6a, date=date(2025, 5, 5), status=Status.LATE)
        score(cast.bo, class_6a, "Mathematics", "2", date(2025, 5, 6))
        BehaviorRecordFactory(student=cast.bo, shared_with_parents=True, date=date(2025, 5, 6), **by(cast.ana))

    def in_a_class_of_another_year(self, cast):
        """Yara's main class has a school year of its own; in 7A she has a subject."""
        own = AcademicYearFactory(name="Evening 2026", starts_on=date(2026, 1, 5), ends_on=date(2026, 12, 1))
        evening = SchoolClassFactory(name="Evening", academic_year=own, meets_on="26")
        yara = pupil("Yara", "Year", evening, starts_on=date(2026, 1, 5))
        EnrolmentFactory(student=yara, school_class=cast.class_7a, is_primary=False, starts_on=YEAR_START)
        AttendanceRecordFactory(student=yara, school_class=evening, date=date(2026, 3, 7), status=Status.EXCUSED)
        AttendanceRecordFactory(student=yara, school_class=cast.class_7a, date=date(2026, 3, 5), status=Status.ABSENT)

    @pytest.mark.parametrize("query", PERIODS)
    @pytest.mark.parametrize("sections", [SECTIONS, ("assessments", "behavior"), ("attendance",), ()])
    def test_each_card_of_the_class_is_the_card_of_the_child(self, cast, roster, query, sections):
        school = School.current()
        students = list(type(cast.bo).objects.filter(pk__in=[*roster, cast.cleo.pk]))
        chooser = PeriodForm(query, today=MONDAY)
        together = class_cards(school, students, sections=sections, chooser=chooser)
        alone = [child_card(school, student, sections=sections, chooser=chooser) for student in students]
        assert len(together) == 6
        assert together == alone

    @pytest.mark.parametrize("query", PERIODS)
    def test_the_days_of_each_card_are_those_that_the_database_counts(self, cast, roster, query):
        """The page counts the rows that it shows; metrics.student_attendance counts in the database."""
        school, chooser = School.current(), PeriodForm(query, today=MONDAY)
        reports = [
            child_card(school, student, sections=SECTIONS, chooser=chooser).report
            for student in type(cast.bo).objects.filter(pk__in=roster)
        ]
        counted = {
            report.student.given_name: student_attendance(
                load_calendar(school, report.period.first, report.period.last), report.student
            )
            for report in reports
            if report.period
        }
        assert {each.student.given_name: each.attendance.figures for each in reports if each.attendance} == counted
        assert set(counted) == {"Amina", "Bo", "Yara", "Tia"}

    def test_what_the_cards_hold_tells_the_students_apart(self, cast, roster):
        """So that the test above compares something: each row is counted for one student alone."""
        chooser = PeriodForm(PERIODS[3], today=MONDAY)
        students = list(type(cast.bo).objects.filter(pk__in=roster))
        cards = class_cards(School.current(), students, sections=SECTIONS, chooser=chooser)
        found = {
            card.report.student.given_name: (
                card.report.attendance and card.report.attendance.figures.possible,
                card.report.marks and card.report.marks.average.graded,
                card.report.behavior and len(card.report.behavior.records),
            )
            for card in cards
        }
        # Up to 10 March. Bo: a day in 6A, one in 7B, one in 7A; the one in 7A before he came counts nowhere.
        assert found == {
            "Amina": (9, 7, 1),
            "Bo": (3, 2, 2),
            "Yara": (1, 0, 0),
            "Gil": (None, None, None),
            "Tia": (0, 0, 0),
        }


def test_a_class_without_any_main_class_among_its_students_reads_nothing(cast):
    guest = StudentFactory()
    EnrolmentFactory(student=guest, school_class=cast.class_7a, is_primary=False, starts_on=MONDAY - timedelta(days=3))
    chooser = PeriodForm({}, today=MONDAY)
    cards = class_cards(School.current(), [guest], sections=SECTIONS, chooser=chooser)
    assert cards == [child_card(School.current(), guest, sections=SECTIONS, chooser=chooser)]
    assert cards[0].report.school_class is None
