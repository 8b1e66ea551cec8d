"""`/attendance/`: the list that a teacher starts from."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta

import pytest

from accounts.models import AccessLog
from accounts.tests.factories import TeacherFactory
from attendance.models import Status
from attendance.register import Mark, open_register
from attendance.services import take_register
from attendance.tests.factories import AttendanceRecordFactory, RegisterFactory
from attendance.tests.registers import address, row_links, stored, text_of
from students.models import Enrolment, School, SchoolClass
from students.moves import end_classes_of
from students.tests.factories import (
    AcademicYearFactory,
    ClosureFactory,
    EnrolmentFactory,
    SchoolClassFactory,
    TeachingAssignmentFactory,
    TermFactory,
)
from tests.cast import MONDAY, YEAR_START, pupil

TODAY = "/attendance/"
FRIDAY, SATURDAY = MONDAY - timedelta(days=3), MONDAY - timedelta(days=2)
DAYS = timedelta(days=1)
QUERIES = 7  # user, school, access log, classes, calendar, class sizes, registers


@pytest.fixture
def ana(cast, sign_in):
    """Ana's browser."""
    return sign_in(cast.ana.user)


def take(by, school_class, day=MONDAY, **statuses):
    """A register taken: every student present but those named by their given name."""
    opened = open_register(School.current(), school_class, day, by)
    marks = {}
    for line in opened.lines:
        status = statuses.get(line.full_name.split()[0], Status.PRESENT)
        if status:
            marks[line.student_id] = Mark(Status(status))
    take_register(by=by, opened=opened, marks=marks)


def due_on(response):
    """The lines of the day itself, without those that were missed."""
    return row_links(response.content.decode().split('id="missed"')[0])


def missed_on(response):
    page = response.content.decode()
    return row_links(page.split('id="missed"')[1]) if 'id="missed"' in page else []


def taken_every_day_but(by, school_class, *missed):
    """Every register of the last 14 days taken, but those of some days."""
    for number in range(15):
        day = MONDAY - number * DAYS
        if day.isoweekday() <= 5 and day not in missed:
            take(by, school_class, day)


class TestWhatARegisterSays:
    def test_not_taken_yet_with_a_link_to_the_register(self, cast, ana):
        assert due_on(ana.get(TODAY)) == [(address(cast.class_7a), "7A not taken yet")]

    def test_taken_when_by_whom_and_how_many(self, cast, ana, frozen):
        for number in range(26):
            pupil(f"Pupil{number}", "More", cast.class_7a)
        frozen.move_to(datetime(2026, 3, 16, 8, 57, tzinfo=UTC))
        take(cast.ana.user, cast.class_7a, Amina="late", Bo="absent")
        said = "7A taken 08:57 by Ana Silva: 26 present, 1 late, 1 absent"
        assert due_on(ana.get(TODAY)) == [(address(cast.class_7a), said)]

    def test_the_time_is_that_of_the_school(self, cast, ana, frozen):
        School.objects.update(time_zone="Pacific/Auckland")
        frozen.move_to(datetime(2026, 3, 15, 20, 5, tzinfo=UTC))  # Monday 09:05 there, still Sunday in Europe
        take(cast.ana.user, cast.class_7a)
        response = ana.get(TODAY)
        assert "Registers of today Monday 16 March 2026" in text_of(response)
        assert due_on(response) == [(address(cast.class_7a), "7A taken 09:05 by Ana Silva: 2 present")]

    def test_taken_on_a_later_day_names_that_day(self, cast, ana):
        take(cast.ana.user, cast.class_7a, FRIDAY)
        said = "7A taken Mon 16 Mar, 09:00 by Ana Silva: 2 present"
        assert due_on(ana.get(TODAY, {"date": "2026-03-13"})) == [(address(cast.class_7a, FRIDAY), said)]

    def test_started_until_every_student_has_a_mark(self, cast, ana):
        for number in range(25):
            pupil(f"Pupil{number}", "More", cast.class_7a)
        take(cast.ana.user, cast.class_7a, **{f"Pupil{number}": None for number in range(24)})
        pupil("Joined", "Since", cast.class_7a)
        assert due_on(ana.get(TODAY)) == [(address(cast.class_7a), "7A started: 3 of 28")]

    def test_the_mark_of_somebody_taken_off_the_day_does_not_stand_in_for_a_missing_one(self, cast, ana):
        take(cast.ana.user, cast.class_7a)
        pupil("Cai", "New", cast.class_7a, starts_on=MONDAY)
        assert due_on(ana.get(TODAY)) == [(address(cast.class_7a), "7A started: 2 of 3")]
        end_classes_of(by=cast.office, students=[cast.bo], ends_on=MONDAY)
        assert due_on(ana.get(TODAY)) == [(address(cast.class_7a), "7A started: 1 of 2")]

    def test_a_register_without_marks_is_not_taken(self, cast, ana):
        RegisterFactory(school_class=cast.class_7a, taken_by=cast.ana.user)
        assert due_on(ana.get(TODAY)) == [(address(cast.class_7a), "7A not taken yet")]


class TestMissed:
    def test_from_14_days_ago_to_yesterday_each_with_a_link(self, cast, ana):
        SchoolClass.objects.update(meets_on="1234567")
        missed = missed_on(ana.get(TODAY))
        assert [place for place, _said in missed] == [
            address(cast.class_7a, date(2026, 3, number)) for number in range(15, 1, -1)
        ]
        assert [said for _place, said in missed][:3] == [
            "7A yesterday not taken yet", "7A Sat 14 Mar not taken yet", "7A Fri 13 Mar not taken yet",
        ]  # fmt: skip

    def test_taken_ones_are_gone_and_started_ones_stay(self, cast, ana):
        taken_every_day_but(cast.ana.user, cast.class_7a, FRIDAY, date(2026, 3, 4))
        take(cast.ana.user, cast.class_7a, date(2026, 3, 4), Bo=None)
        assert missed_on(ana.get(TODAY)) == [
            (address(cast.class_7a, "2026-03-13"), "7A Fri 13 Mar not taken yet"),
            (address(cast.class_7a, "2026-03-04"), "7A Wed 4 Mar started: 1 of 2"),
        ]

    def test_nothing_was_missed_on_closed_days_nor_by_a_class_that_was_empty(self, cast, ana):
        taken_every_day_but(cast.ana.user, cast.class_7a, FRIDAY)
        empty = SchoolClassFactory(name="Chess", academic_year=cast.year)
        TeachingAssignmentFactory(teacher=cast.ana, school_class=empty)
        assert [place for place, _said in missed_on(ana.get(TODAY))] == [address(cast.class_7a, FRIDAY)]
        ClosureFactory(starts_on=FRIDAY)
        assert missed_on(ana.get(TODAY)) == []

    def test_students_who_joined_later_owe_nothing_for_the_days_before(self, cast, ana):
        Enrolment.objects.filter(school_class=cast.class_7a).update(starts_on=FRIDAY)
        assert [place for place, _said in missed_on(ana.get(TODAY))] == [address(cast.class_7a, FRIDAY)]

    def test_the_day_that_is_shown_is_not_repeated(self, cast, ana):
        taken_every_day_but(cast.ana.user, cast.class_7a, FRIDAY)
        response = ana.get(TODAY, {"date": "2026-03-13"})
        assert (due_on(response), missed_on(response)) == (
            [(address(cast.class_7a, FRIDAY), "7A not taken yet")],
            [],
        )


class TestWhichDay:
    def test_on_a_weekend_the_latest_school_day_and_says_so(self, cast, ana, frozen):
        frozen.move_to(datetime(2026, 3, 15, 9, tzinfo=UTC))
        response = ana.get(TODAY)
        assert due_on(response) == [(address(cast.class_7a, FRIDAY), "7A not taken yet")]
        said = text_of(response)
        assert "Registers of Fri 13 Mar Friday 13 March 2026" in said
        assert "Today, Sunday 15 March, is no school day. These are the registers of Friday 13 March." in said

    def test_on_a_school_day_it_says_nothing_of_the_kind(self, ana):
        assert "is no school day" not in text_of(ana.get(TODAY))

    def test_in_a_closure_the_latest_school_day_before_it(self, cast, ana):
        ClosureFactory(name="Snow", starts_on=FRIDAY, ends_on=MONDAY + DAYS)
        response = ana.get(TODAY)
        assert due_on(response) == [(address(cast.class_7a, "2026-03-12"), "7A not taken yet")]
        assert "These are the registers of Thursday 12 March." in text_of(response)

    def test_after_a_long_summer_the_last_day_of_the_year(self, cast, sign_in, frozen):
        frozen.move_to(datetime(2026, 9, 1, 9, tzinfo=UTC))
        assert due_on(sign_in(cast.ana.user).get(TODAY)) == [(address(cast.class_7a, "2026-07-17"), "7A not taken yet")]

    def test_the_day_asked_for(self, cast, ana):
        response = ana.get(TODAY, {"date": "2026-01-14"})
        assert due_on(response) == [(address(cast.class_7a, "2026-01-14"), "7A not taken yet")]
        assert 'value="2026-01-14"' in response.content.decode()
        assert "is no school day" not in text_of(response)

    def test_an_empty_choice_is_no_choice(self, cast, ana):
        assert due_on(ana.get(TODAY, {"date": ""})) == [(address(cast.class_7a), "7A not taken yet")]

    @pytest.mark.parametrize("day", ["1950-01-01", "2150-12-31"])
    def test_far_away_days_are_outside_the_school_year(self, ana, day):
        response = ana.get(TODAY, {"date": day})
        assert (response.status_code, due_on(response)) == (200, [])
        assert "is outside the school year 2025/26." in text_of(response)

    @pytest.mark.parametrize(
        ("typed", "said"),
        {
            "day that no month has": ("2026-02-30", "Give the day as 2026-11-23: year, month, day."),
            "year 0": ("0000-01-01", "Give the day as 2026-11-23: year, month, day."),
            "first year too early": ("1949-12-31", "Give a day between the years 1950 and 2150."),
            "first year too late": ("2151-01-01", "Give a day between the years 1950 and 2150."),
            "last day that Python knows": ("9999-12-31", "Give a day between the years 1950 and 2150."),
            "other order": ("16/03/2026", "Give the day as 2026-11-23: year, month, day."),
            "full-width digits": ("２０２６-03-16", "Give the day as 2026-11-23: year, month, day."),
            "NUL": ("2026-03-16\0", "Give the day as 2026-11-23: year, month, day."),
            "words": ("<b>today</b>", "Give the day as 2026-11-23: year, month, day."),
        }.values(),
    )
    def test_a_bad_date_is_a_400_that_says_what_to_type_and_keeps_it(self, cast, ana, typed, said):
        response = ana.get(TODAY, {"date": typed})
        assert response.status_code == 400
        assert said in text_of(response)
        assert response.context["chooser"]["date"].value() == typed
        assert due_on(response) == [(address(cast.class_7a), "7A not taken yet")]


class TestNothingDue:
    def test_a_weekend_is_said_once_for_all_classes(self, cast, sign_in):
        response = sign_in(cast.office).get(TODAY, {"date": "2026-03-14"})
        assert "No register is due on this day." in text_of(response)
        said = "The school does not meet on Sat 14 Mar 2026, but on Mon, Tue, Wed, Thu, Fri."
        assert text_of(response).count(said) == 1

    def test_a_class_that_meets_on_other_weekdays_says_which(self, cast, ana):
        SchoolClass.objects.filter(name="7A").update(meets_on="26")
        assert due_on(ana.get(TODAY)) == [(address(cast.class_7a, SATURDAY), "7A not taken yet")]
        response = ana.get(TODAY, {"date": "2026-03-16"})
        assert "7A does not meet on Mon 16 Mar 2026, but on Tue, Sat." in text_of(response)

    def test_a_closure_is_named(self, ana):
        ClosureFactory(name="Snow")
        response = ana.get(TODAY, {"date": "2026-03-16"})
        assert "The school is closed on Mon 16 Mar 2026: Snow." in text_of(response)

    def test_a_day_outside_the_terms(self, cast, ana):
        TermFactory(academic_year=cast.year, ends_on=FRIDAY + DAYS)
        response = ana.get(TODAY, {"date": "2026-03-16"})
        assert "Mon 16 Mar 2026 is outside the terms of the school year 2025/26." in text_of(response)

    def test_a_teacher_without_a_class_is_told_whom_to_ask(self, cast, sign_in):
        response = sign_in(TeacherFactory().user).get(TODAY)
        assert "No class of this school year is assigned to you. Ask the school office." in text_of(response)

    def test_a_class_without_students_is_not_called_unassigned(self, cast, ana):
        Enrolment.objects.all().delete()
        said = text_of(ana.get(TODAY))
        assert "Nobody is enrolled in a class that meets on this day." in said
        assert "is assigned to you" not in said

    def test_a_year_that_has_not_begun(self, cast, sign_in):
        teacher = TeacherFactory()
        year = AcademicYearFactory(name="2026/27", starts_on=date(2026, 9, 1), ends_on=date(2027, 7, 20))
        TeachingAssignmentFactory(teacher=teacher, school_class__academic_year=year, starts_on=YEAR_START)
        EnrolmentFactory(school_class__academic_year=year)
        response = sign_in(teacher.user).get(TODAY)
        assert "No register is due on this day." in text_of(response)
        assert "No class of this school year is assigned to you." in text_of(response)

    def test_the_office_is_led_to_the_classes(self, cast, sign_in):
        SchoolClass.objects.update(meets_on="2")
        response = sign_in(cast.office).get(TODAY, {"date": "2026-03-16"})
        assert 'href="/admin/students/schoolclass/"' in response.content.decode()


class TestWhoseRegisters:
    def test_a_teacher_sees_the_own_classes_and_the_office_all(self, cast, sign_in):
        shown = {
            person: [said for _place, said in due_on(sign_in(user).get(TODAY))]
            for person, user in {"ana": cast.ana.user, "ben": cast.ben.user, "office": cast.office}.items()
        }
        assert shown == {
            "ana": ["7A not taken yet"],
            "ben": ["7B not taken yet"],
            "office": ["7A not taken yet", "7B not taken yet"],
        }

    def test_an_assignment_that_ended_or_has_not_begun_shows_nothing(self, cast, sign_in):
        teacher = TeacherFactory()
        assignment = TeachingAssignmentFactory(teacher=teacher, school_class=cast.class_7a, ends_on=MONDAY + DAYS)
        browser = sign_in(teacher.user)
        assert len(due_on(browser.get(TODAY))) == 1
        assignment.ends_on = MONDAY
        assignment.save()
        assert due_on(browser.get(TODAY)) == []
        assignment.starts_on, assignment.ends_on = MONDAY + DAYS, None
        assignment.save()
        assert due_on(browser.get(TODAY)) == []

    def test_reading_writes_one_line_of_the_access_log_and_nothing_else(self, cast, ana):
        before, lines = stored(), AccessLog.objects.filter(page="attendance:today").count()
        ana.get(TODAY)
        assert stored() == before
        assert AccessLog.objects.filter(page="attendance:today").count() == lines + 1


@pytest.mark.parametrize("number", [1, 3, 60])
def test_it_costs_the_same_for_any_number_of_classes(number, cast, sign_in, count_queries):
    teacher = TeacherFactory()
    for index in range(number):
        school_class = SchoolClassFactory(name=f"Class {index}", academic_year=cast.year)
        TeachingAssignmentFactory(teacher=teacher, school_class=school_class)
        EnrolmentFactory(school_class=school_class)
        take(teacher.user, school_class)
    browser = sign_in(teacher.user)
    pages = []
    assert count_queries(lambda: pages.append(browser.get(TODAY))) == QUERIES
    assert len(due_on(pages[0])) == number


@pytest.mark.parametrize("number", [1, 3, 60])
def test_it_costs_the_same_for_any_number_of_students_and_missed_days(number, cast, ana, count_queries):
    for index in range(number):
        student = pupil(f"Pupil{index}", "More", cast.class_7a)
        AttendanceRecordFactory(student=student, school_class=cast.class_7a, date=FRIDAY)
    assert count_queries(lambda: ana.get(TODAY)) == QUERIES
