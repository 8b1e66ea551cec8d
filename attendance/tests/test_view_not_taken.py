"""/attendance/not-taken/: the registers that were due and not taken, by class and day."""

from __future__ import annotations

import re
from datetime import UTC, date, datetime, timedelta

import pytest
from django.test import Client
from pytest_django.asserts import assertContains, assertNotContains

from accounts.models import AccessLog
from accounts.tests.audit_doors import forget_readings
from accounts.tests.factories import TeacherFactory
from attendance.tests.factories import AttendanceRecordFactory, RegisterFactory
from attendance.tests.registers import address, stored, text_of
from students.models import AcademicYear, Enrolment, SchoolClass
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

LIST = "/attendance/not-taken/"
QUERIES = 7  # who you are, the school, classes, calendar, class sizes, registers, the log
DAY = timedelta(days=1)
FRIDAY, THURSDAY = MONDAY - 3 * DAY, MONDAY - 4 * DAY
LINE = re.compile(r'<tr>\s*<th scope="row"><a href="([^"]+)">(.*?)</tr>', re.DOTALL)


@pytest.fixture
def office(cast, sign_in):
    return sign_in(cast.office)


@pytest.fixture
def ana(cast, sign_in):
    return sign_in(cast.ana.user)


def take(school_class, *days, leaving_out=()):
    """Registers of these days with a mark for each student of the class, but for some."""
    for day in days:
        marked = [each.student for each in school_class.enrolments.all() if each.student not in leaving_out]
        RegisterFactory(school_class=school_class, date=day, present=len(marked))
        for student in marked:
            AttendanceRecordFactory(student=student, school_class=school_class, date=day)


def listed(client: Client, **query: object) -> list[str]:
    """The registers on the page in its order, as class and day."""
    response = client.get(LIST, query)
    assert response.status_code == 200
    return [f"{due.school_class} {due.date:%d.%m.}" for due in response.context["page"]]


def lines_of(client: Client, **query: object) -> list[tuple[str, str]]:
    """Where each line leads and what it says."""
    return [(place, text_of(inside)) for place, inside in LINE.findall(client.get(LIST, query).content.decode())]


def sheet(client: Client, **query: object) -> list[str]:
    """The lines of the CSV."""
    response = client.get(LIST, {**query, "format": "csv"})
    assert (response.status_code, response["Content-Type"]) == (200, "text/csv; charset=utf-8")
    return b"".join(response.streaming_content).decode().split("\r\n")


class TestWhatIsListed:
    def test_the_newest_day_first_then_by_class_each_with_its_teacher_and_register(self, cast, office):
        cast.class_7a.homeroom_teacher = cast.ana
        cast.class_7a.save()
        take(cast.class_7a, THURSDAY, leaving_out=[cast.bo])
        assert lines_of(office, start_date=THURSDAY) == [
            (address(cast.class_7a), "7A , today today Ana Silva not taken yet"),
            (address(cast.class_7b), "7B , today today – not taken yet"),
            (address(cast.class_7a, FRIDAY), "7A , Fri 13 Mar Fri 13 Mar Ana Silva not taken yet"),
            (address(cast.class_7b, FRIDAY), "7B , Fri 13 Mar Fri 13 Mar – not taken yet"),
            (address(cast.class_7a, THURSDAY), "7A , Thu 12 Mar Thu 12 Mar Ana Silva started: 1 of 2"),
            (address(cast.class_7b, THURSDAY), "7B , Thu 12 Mar Thu 12 Mar – not taken yet"),
        ]

    def test_what_was_taken_is_not_on_it(self, cast, ana):
        take(cast.class_7a, FRIDAY)
        assert listed(ana, start_date=THURSDAY) == ["7A 16.03.", "7A 12.03."]

    def test_the_mark_of_somebody_taken_off_the_day_does_not_stand_in_for_a_missing_one(self, cast, ana):
        take(cast.class_7a, FRIDAY)
        end_classes_of(by=cast.office, students=[cast.bo], ends_on=FRIDAY)
        assert listed(ana, start_date=FRIDAY, end_date=FRIDAY) == []
        pupil("Cai", "New", cast.class_7a, starts_on=FRIDAY)
        assert listed(ana, start_date=FRIDAY, end_date=FRIDAY) == ["7A 13.03."]

    def test_weekends_closures_and_days_before_anybody_joined_owe_nothing(self, cast, ana):
        assert listed(ana, start_date=THURSDAY) == ["7A 16.03.", "7A 13.03.", "7A 12.03."]
        ClosureFactory(starts_on=FRIDAY)
        assert listed(ana, start_date=THURSDAY) == ["7A 16.03.", "7A 12.03."]
        Enrolment.objects.filter(school_class=cast.class_7a).update(starts_on=MONDAY)
        assert listed(ana, start_date=THURSDAY) == ["7A 16.03."]

    def test_a_page_holds_25_and_the_rest_follow(self, ana):
        assert len(listed(ana)) == 25
        assert listed(ana, page=6)[-1] == "7A 01.09."
        assertContains(ana.get(LIST, {"page": 6}), "Page 6 of 6")


class TestWhichDays:
    def test_by_default_the_school_year_up_to_today_and_it_says_so(self, ana):
        # 28 weeks of 5 days from Monday 1 September 2025, and today.
        assertContains(ana.get(LIST), "141 registers from Mon 1 Sep 2025 to Mon 16 Mar 2026")
        assertContains(ana.get(LIST), "Unless you choose a first day, the list starts with the school year.")

    @pytest.mark.parametrize(
        ("start", "end", "found"),
        [
            ("2026-03-13", "", ["7A 16.03.", "7A 13.03."]),
            ("2026-03-14", "", ["7A 16.03."]),
            ("2025-09-01", "2025-09-02", ["7A 02.09.", "7A 01.09."]),
            ("", "2025-09-01", ["7A 01.09."]),
            ("2026-03-13", "2026-03-13", ["7A 13.03."]),
            ("2026-03-16", "2026-12-31", ["7A 16.03."]),
        ],
    )
    def test_from_the_first_to_the_last_both_inclusive_and_never_past_today(self, ana, start, end, found):
        assert listed(ana, start_date=start, end_date=end) == found

    def test_the_range_looked_at_ends_today_where_a_later_day_is_chosen(self, ana):
        response = ana.get(LIST, {"start_date": "2026-03-13", "end_date": "2026-06-30"})
        assertContains(response, "2 registers from Fri 13 Mar 2026 to Mon 16 Mar 2026")

    def test_between_two_years_a_month_back(self, cast, sign_in, frozen):
        frozen.move_to(datetime(2026, 8, 1, 9, tzinfo=UTC))
        ana = sign_in(cast.ana.user)
        assertContains(ana.get(LIST), "from Thu 2 Jul 2026 to Sat 1 Aug 2026")
        assert (listed(ana)[0], listed(ana)[-1]) == ("7A 17.07.", "7A 02.07.")

    def test_400_days_are_listed_and_one_more_is_refused_in_words(self, ana):
        first = date(2025, 2, 10)
        assert (MONDAY - first).days + 1 == 400
        assert ana.get(LIST, {"start_date": first}).status_code == 200
        response = ana.get(LIST, {"start_date": first - DAY})
        said = "From Sun 9 Feb 2025 to Mon 16 Mar 2026 is more than 400 days. Choose a shorter range."
        assertContains(response, f'<p class="wrong">{said}</p>', status_code=400, html=True)
        assertContains(response, 'value="2025-02-09"', status_code=400)

    def test_a_school_year_of_two_years_starts_the_list_400_days_back(self, cast, ana):
        AcademicYear.objects.update(starts_on=date(2024, 9, 1))
        assertContains(ana.get(LIST), "from Mon 10 Feb 2025 to Mon 16 Mar 2026")


class TestEmpty:
    @pytest.mark.parametrize(
        ("query", "said"),
        [
            (
                {"start_date": "2026-03-14", "end_date": "2026-03-15"},
                "No register was due on these days: no class with students met. Choose other days.",
            ),
            (
                {"start_date": "2026-03-17"},
                "These days are still to come. A register is due from the morning of its day.",
            ),
            (
                {"start_date": "2020-01-01", "end_date": "2020-06-30"},
                "No register was due on these days: no class with students met. Choose other days.",
            ),
        ],
    )
    def test_days_without_a_register_say_why(self, ana, query, said):
        response = ana.get(LIST, query)
        assertContains(response, said)
        assertContains(response, "Show the whole school year")
        assertNotContains(response, "Download as CSV")

    def test_days_outside_the_terms_owe_nothing(self, cast, ana):
        TermFactory(academic_year=cast.year, ends_on=FRIDAY + DAY)
        assert listed(ana, start_date=FRIDAY) == ["7A 13.03."]
        assertContains(ana.get(LIST, {"start_date": MONDAY}), "No register was due on these days")

    def test_when_all_are_taken_it_says_so(self, cast, ana):
        take(cast.class_7a, FRIDAY, MONDAY)
        response = ana.get(LIST, {"start_date": FRIDAY})
        assertContains(response, "Every register of these days is taken. Nothing to do here.")

    def test_a_teacher_without_a_class_is_told_whom_to_ask(self, cast, sign_in):
        response = sign_in(TeacherFactory().user).get(LIST)
        assertContains(response, "No class is assigned to you yet. Ask the school office.")


class TestWhoseRegisters:
    def test_the_office_sees_all_classes_and_a_teacher_the_own(self, cast, office, ana, sign_in):
        shown = {
            name: listed(browser, start_date=MONDAY)
            for name, browser in {"office": office, "ana": ana, "ben": sign_in(cast.ben.user)}.items()
        }
        assert shown == {"office": ["7A 16.03.", "7B 16.03."], "ana": ["7A 16.03."], "ben": ["7B 16.03."]}

    @pytest.mark.parametrize("query", [{}, {"format": "csv"}])
    def test_parents_are_refused_and_the_signed_out_led_to_the_sign_in(self, cast, sign_in, query):
        assert sign_in(cast.mariam.user).get(LIST, query).status_code == 403
        assert Client().get(LIST, query).url.startswith("/accounts/login/?next=/attendance/not-taken/")

    def test_by_class_and_only_by_an_own_one(self, cast, office, ana):
        assert listed(office, class_id=cast.class_7b.pk, start_date=MONDAY) == ["7B 16.03."]
        for number in (cast.class_7b.pk, 999_999):
            response = ana.get(LIST, {"class_id": number})
            said = f"Select a valid choice. {number} is not one of the available choices."
            assertContains(response, said, status_code=400)
            assert list(response.context["page"]) == []

    def test_reading_writes_one_line_of_the_access_log_and_nothing_else(self, office):
        forget_readings()
        before = stored()
        office.get(LIST, {"start_date": "2026-03-13"})
        assert stored() == before
        assert list(AccessLog.objects.values_list("page", "path", "student_id")) == [("attendance:not_taken", LIST, "")]


class TestCsv:
    def test_it_holds_what_is_filtered(self, cast, ana, office):
        SchoolClass.objects.filter(pk=cast.class_7a.pk).update(homeroom_teacher=cast.ana)
        take(cast.class_7a, FRIDAY, leaving_out=[cast.bo])
        head = "\ufeffdate,class_id,class,homeroom_teacher,marked,enrolled"
        lines = [
            f"2026-03-16,{cast.class_7a.pk},7A,Ana Silva,0,2",
            f"2026-03-13,{cast.class_7a.pk},7A,Ana Silva,1,2",
        ]
        assert sheet(ana, start_date=FRIDAY) == [head, *lines, ""]
        assert sheet(office, start_date=MONDAY) == [head, lines[0], f"2026-03-16,{cast.class_7b.pk},7B,,0,1", ""]

    def test_it_holds_every_page(self, ana):
        assert len(sheet(ana, page=2)) == 1 + 141 + 1

    def test_a_name_that_a_spreadsheet_would_run_is_disarmed(self, cast, ana):
        SchoolClass.objects.filter(pk=cast.class_7a.pk).update(name="=7+1")
        assert sheet(ana, start_date=MONDAY)[1] == f"2026-03-16,{cast.class_7a.pk},'=7+1,,0,2"


ISO = "Give the day as year-month-day, such as 2026-09-14."
YEARS = "Give a day between the years 1950 and 2150."
BAD = {
    "a day exists": ({"start_date": "2026-02-30"}, ISO),
    "a day is in ASCII digits": ({"end_date": "２０２６-03-13"}, ISO),
    "a day holds no NUL": ({"start_date": "2026-03-13\0"}, ISO),
    "a day is short": ({"end_date": "9" * 10_000}, ISO),
    "year 1 is too early": ({"start_date": "0001-01-01"}, YEARS),
    "year 1 is too early for the last day": ({"end_date": "0001-01-01"}, YEARS),
    "year 9999 is too late": ({"end_date": "9999-12-31"}, YEARS),
    "a range does not end before it starts": (
        {"start_date": "2026-03-13", "end_date": "2026-03-12"},
        "The last day is before the first. Change one of the two.",
    ),
    "a range is not over a century": (
        {"start_date": "1950-01-01", "end_date": "2150-12-31"},
        "From Sun 1 Jan 1950 to Mon 16 Mar 2026 is more than 400 days. Choose a shorter range.",
    ),
    "a class is a number": ({"class_id": "7A"}, "Select a valid choice. 7A is not one of the available choices."),
    "a class is in ASCII digits": (
        {"class_id": "１"}, "Select a valid choice. １ is not one of the available choices.",
    ),
}  # fmt: skip


@pytest.mark.parametrize(("query", "said"), BAD.values(), ids=BAD)
def test_bad_input_is_answered_with_what_to_change_and_no_register(office, query, said):
    response = office.get(LIST, query)
    assertContains(response, f'<p class="wrong">{said}</p>', status_code=400, html=True)
    assert list(response.context["page"]) == []
    assert office.get(LIST, {**query, "format": "csv"})["Content-Type"] == "text/html; charset=utf-8"


@pytest.mark.parametrize("day", ["1950-01-01", "2150-12-31"])
def test_the_first_and_last_years_are_answered(office, day):
    assert listed(office, start_date=day, end_date=day) == []


@pytest.mark.parametrize("page", ["7", "0", "x", "9" * 5000])
def test_a_page_that_is_not_there_names_the_last_one(ana, page):
    assertContains(ana.get(LIST, {"page": page}), "The last one is page 6.", status_code=404)


@pytest.mark.parametrize("number", [1, 3, 60])
def test_it_costs_the_same_for_any_number_of_classes_students_and_days(number, cast, sign_in, count_queries):
    teacher = TeacherFactory()
    for index in range(number):
        school_class = SchoolClassFactory(name=f"Class {index}", academic_year=cast.year, homeroom_teacher=cast.ana)
        TeachingAssignmentFactory(teacher=teacher, school_class=school_class, starts_on=YEAR_START)
        EnrolmentFactory(school_class=school_class)
        take(school_class, MONDAY - index * DAY)
    browser = sign_in(teacher.user)
    query = {"start_date": MONDAY - number * DAY}
    assert count_queries(lambda: browser.get(LIST, query)) == QUERIES
    assert count_queries(lambda: sheet(browser, **query)) == QUERIES


def test_a_new_year_starts_the_list_anew(cast, sign_in, frozen):
    frozen.move_to(datetime(2026, 9, 2, 9, tzinfo=UTC))
    year = AcademicYearFactory(name="2026/27", starts_on=date(2026, 9, 1), ends_on=date(2027, 7, 17))
    EnrolmentFactory(school_class=SchoolClassFactory(name="8A", academic_year=year))
    assert listed(sign_in(cast.office)) == ["8A 02.09.", "8A 01.09."]
