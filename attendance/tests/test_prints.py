"""What is printed: the blank register of a week, and the class list of today."""

from __future__ import annotations

import re
from datetime import date, timedelta

import pytest
from django.test import Client
from pytest_django.asserts import assertContains, assertNotContains

from accounts.models import AccessLog
from accounts.tests.audit_doors import forget_readings
from attendance.models import Status
from attendance.tests.factories import AttendanceRecordFactory, PlannedAbsenceFactory
from attendance.tests.registers import stored, text_of
from students.models import Enrolment, SchoolClass, Student
from students.tests.factories import ClosureFactory, EnrolmentFactory, GuardianFactory
from tests.cast import MONDAY, YEAR_END, pupil

DAY = timedelta(days=1)
WEDNESDAY = MONDAY + 2 * DAY
REGISTER_QUERIES = 7  # who you are, the school, the class, calendar, students, planned absences, the log
LIST_QUERIES = 5  # who you are, the school, the class, the roster, the log
CELL = re.compile(r'<(?:th|td)[^>]*?(?: class="([^"]*)")?>(.*?)</(?:th|td)>', re.DOTALL)


def paper(school_class: SchoolClass, day: date = MONDAY) -> str:
    return f"/attendance/{school_class.pk}/{day}/print/"


def class_list(school_class: SchoolClass) -> str:
    return f"/classes/{school_class.pk}/print/"


@pytest.fixture
def ana(cast, sign_in):
    return sign_in(cast.ana.user)


def table(client: Client, place: str) -> list[list[str]]:
    """The cells of the printed table, its head first; "x" is a grey one."""
    response = client.get(place)
    assert response.status_code == 200
    rows = response.content.decode().split("<tr")[1:]
    return [
        ["x" if "paper__off" in kind and not text_of(inside) else text_of(inside) for kind, inside in CELL.findall(row)]
        for row in rows
    ]


class TestBlankRegister:
    def test_students_by_family_name_a_box_a_school_day_and_room_to_sign(self, cast, ana):
        assert table(ana, paper(cast.class_7a)) == [
            ["Name", "Mon 16 Mar", "Tue 17 Mar", "Wed 18 Mar", "Thu 19 Mar", "Fri 20 Mar"],
            ["Amina Diallo", "", "", "", "", ""],
            ["Bo Lind", "", "", "", "", ""],
            ["Signature", "", "", "", "", ""],
        ]

    @pytest.mark.parametrize("day", [MONDAY, WEDNESDAY, MONDAY + 6 * DAY])
    def test_it_is_the_week_of_the_day(self, cast, ana, day):
        assert table(ana, paper(cast.class_7a, day))[0][1] == "Mon 16 Mar"
        assertContains(ana.get(paper(cast.class_7a, day)), "Week of 16 Mar 2026")

    def test_it_has_the_days_on_which_the_class_meets(self, cast, ana):
        SchoolClass.objects.filter(pk=cast.class_7a.pk).update(meets_on="36")
        assert table(ana, paper(cast.class_7a))[0] == ["Name", "Wed 18 Mar", "Sat 21 Mar"]

    def test_a_closed_day_is_grey_with_the_reason(self, cast, ana):
        assertNotContains(ana.get(paper(cast.class_7a)), "Snow")
        ClosureFactory(name="Snow", starts_on=WEDNESDAY)
        assert table(ana, paper(cast.class_7a))[1] == ["Amina Diallo", "", "", "x", "", ""]
        assertContains(ana.get(paper(cast.class_7a)), "The school is closed on Wed 18 Mar 2026: Snow.")

    def test_after_the_last_day_of_the_year_the_days_are_grey(self, cast, ana):
        last = YEAR_END - DAY  # Friday 17 July
        assert table(ana, paper(cast.class_7a, last))[1] == ["Amina Diallo", "", "", "", "", ""]
        response = ana.get(paper(cast.class_7a, last + 3 * DAY))
        assertContains(response, "Nobody is to be marked in this week.")
        assertContains(response, "Mon 20 Jul 2026 is outside the school year 2025/26.")

    def test_planned_absences_are_e_on_their_days_without_the_reason(self, cast, ana):
        PlannedAbsenceFactory(student=cast.bo, starts_on=MONDAY - DAY, ends_on=WEDNESDAY, reason="Operation")
        assert table(ana, paper(cast.class_7a))[2] == ["Bo Lind", "E", "E", "", "", ""]
        assertContains(ana.get(f"/attendance/{cast.class_7a.pk}/{MONDAY}/"), "Operation")
        assertNotContains(ana.get(paper(cast.class_7a)), "Operation")

    def test_who_joins_or_leaves_in_the_week_is_grey_on_the_other_days(self, cast, ana):
        Enrolment.objects.filter(student=cast.amina).update(ends_on=WEDNESDAY)
        Enrolment.objects.filter(student=cast.bo).update(ends_on=MONDAY)
        pupil("Cai", "New", cast.class_7a, starts_on=WEDNESDAY)
        assert table(ana, paper(cast.class_7a))[1:-1] == [
            ["Amina Diallo", "", "", "x", "x", "x"],
            ["Cai New", "x", "x", "", "", ""],
        ]

    def test_who_leaves_and_comes_back_has_one_line(self, cast, ana):
        Enrolment.objects.filter(student=cast.bo).update(ends_on=MONDAY + DAY)
        EnrolmentFactory(student=cast.bo, school_class=cast.class_7a, starts_on=WEDNESDAY + DAY)
        assert table(ana, paper(cast.class_7a))[2] == ["Bo Lind", "", "x", "x", "", ""]

    def test_it_is_blank_although_marks_are_stored(self, cast, ana):
        before = table(ana, paper(cast.class_7a))
        AttendanceRecordFactory(student=cast.bo, school_class=cast.class_7a, status=Status.ABSENT, note="Fever")
        assert table(ana, paper(cast.class_7a)) == before

    @pytest.mark.parametrize("day", ["1950-01-01", "2150-12-31"])
    def test_the_first_and_last_days_are_answered(self, cast, ana, day):
        assertContains(ana.get(paper(cast.class_7a, day)), "Nobody is to be marked in this week.")

    @pytest.mark.parametrize("day", ["0001-01-01", "1949-12-31", "2151-01-01", "9999-12-31"])
    def test_days_that_no_school_has_are_not_there(self, cast, ana, day):
        said = "Give a day between the years 1950 and 2150."
        assertContains(ana.get(paper(cast.class_7a, day)), said, status_code=404)

    @pytest.mark.parametrize("day", ["2026-02-30", "2026-3-16", "２０２６-03-16", "0000-01-01"])
    def test_what_is_no_day_is_not_there(self, cast, ana, day):
        assert ana.get(paper(cast.class_7a, day)).status_code == 404

    @pytest.mark.parametrize("number", [1, 3, 60])
    def test_it_costs_the_same_for_any_number_of_students(self, number, cast, ana, count_queries):
        Enrolment.objects.all().delete()
        for index in range(number):
            PlannedAbsenceFactory(student=pupil(f"Pupil{index}", "More", cast.class_7a), entered_by=cast.office)
        assert count_queries(lambda: ana.get(paper(cast.class_7a))) == REGISTER_QUERIES
        assert len(table(ana, paper(cast.class_7a))) == 1 + number + 1


class TestClassList:
    def test_name_id_born_and_whom_to_call_first(self, cast, ana):
        Student.objects.filter(pk=cast.amina.pk).update(date_of_birth=date(2013, 5, 4))
        GuardianFactory(student=cast.amina, name="Second Diallo", phone="0210 000 002", priority=2)
        GuardianFactory(student=cast.amina, name="Mariam Diallo", phone="0210 000 001", priority=1)
        assert table(ana, class_list(cast.class_7a)) == [
            ["Name", "Student id", "Born", "First guardian", "Phone"],
            ["Amina Diallo", cast.amina.student_id, "4 May 2013", "Mariam Diallo", "0210 000 001"],
            ["Bo Lind", cast.bo.student_id, "–", "–", "–"],
        ]
        assertContains(ana.get(class_list(cast.class_7a)), "2 students on Mon 16 Mar 2026")

    def test_it_is_the_class_of_today(self, cast, ana):
        Enrolment.objects.filter(student=cast.bo).update(ends_on=MONDAY)
        pupil("Dara", "Tomorrow", cast.class_7a, starts_on=MONDAY + DAY)
        assert [row[0] for row in table(ana, class_list(cast.class_7a))] == ["Name", "Amina Diallo"]

    def test_an_empty_class_says_so(self, cast, ana):
        Enrolment.objects.all().delete()
        assertContains(ana.get(class_list(cast.class_7a)), "Nobody is enrolled in this class today.")

    @pytest.mark.parametrize("number", [1, 3, 60])
    def test_it_costs_the_same_for_any_number_of_students(self, number, cast, ana, count_queries):
        Enrolment.objects.all().delete()
        for index in range(number):
            GuardianFactory(student=pupil(f"Pupil{index}", "More", cast.class_7a))
        assert count_queries(lambda: ana.get(class_list(cast.class_7a))) == LIST_QUERIES
        assert len(table(ana, class_list(cast.class_7a))) == 1 + number


@pytest.mark.parametrize("place", [paper, class_list])
class TestWhoPrints:
    def test_staff_of_the_class_and_the_office_and_nobody_else(self, place, cast, sign_in):
        address = place(cast.class_7a)
        people = {
            "ana": cast.ana.user, "office": cast.office, "ben": cast.ben.user, "mariam": cast.mariam.user,
        }  # fmt: skip
        answers = {name: sign_in(user).get(address).status_code for name, user in people.items()}
        assert answers == {"ana": 200, "office": 200, "ben": 404, "mariam": 403}
        assert Client().get(address).url == f"/accounts/login/?next={address}"

    def test_a_class_that_does_not_exist_is_not_there(self, place, cast, sign_in):
        for number in (0, 999_999, int("9" * 30)):
            assert sign_in(cast.office).get(place(SchoolClass(pk=number))).status_code == 404

    def test_printing_writes_one_line_of_the_access_log_and_nothing_else(self, place, cast, ana):
        forget_readings()
        before = stored()
        ana.get(place(cast.class_7a))
        assert stored() == before
        pages = {paper: "attendance:print", class_list: "students:class_print"}
        assert list(AccessLog.objects.values_list("page", "path", "student_id")) == [
            (pages[place], place(cast.class_7a), "")
        ]

    def test_it_can_be_printed_without_scripts(self, place, cast, ana):
        response = ana.get(place(cast.class_7a))
        assertContains(response, "Print it with your browser: Ctrl+P, or Print in its menu.")
        assertContains(response, "data-print hidden>Print</button>")


def test_the_pages_before_lead_there(cast, ana):
    page = ana.get(f"/classes/{cast.class_7a.pk}/")
    assertContains(page, f'href="{class_list(cast.class_7a)}"')
    assertContains(page, f'href="{paper(cast.class_7a)}"')
    today = ana.get("/attendance/")
    assertContains(today, f'href="{paper(cast.class_7a)}"')
    assertContains(today, 'href="/attendance/records/"')
    assertContains(today, 'href="/attendance/not-taken/"')
