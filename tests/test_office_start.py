"""The start of the Django admin: what needs doing, each line a number and the rows behind it."""

from __future__ import annotations

import re
from datetime import date, timedelta

import pytest
from django.urls import reverse

from accounts.models import User
from accounts.tests.factories import ParentFactory, TeacherFactory, UserFactory
from attendance.tests.factories import AttendanceRecordFactory, RegisterFactory
from students.models import StudentParentLink
from students.tests.factories import (
    ClosureFactory,
    EnrolmentFactory,
    SchoolClassFactory,
    StudentFactory,
    StudentParentLinkFactory,
)
from tests.cast import MONDAY, YEAR_START, pupil

START = "/admin/"
QUERIES = 11
LINE = re.compile(r'<li><a class="row-link" href="([^"]+)"><span class="row-link__name">([^<]+)</span></a></li>')
TOMORROW = MONDAY + timedelta(days=1)


@pytest.fixture
def office(cast, sign_in):
    return sign_in(cast.office)


@pytest.fixture
def lines(office):
    """The lines of the page as a dict from words to address."""

    def read():
        answer = office.get(START)
        assert answer.status_code == 200
        return {words: address.replace("&amp;", "&") for address, words in LINE.findall(answer.content.decode())}

    return read


def take(school_class, students, day):
    RegisterFactory(school_class=school_class, date=day, present=len(students))
    for student in students:
        AttendanceRecordFactory(student=student, school_class=school_class, date=day)


def rows_behind(office, address):
    return list(office.get(address).context["cl"].result_list)


def test_registers_not_taken_are_those_of_two_weeks_and_of_today(cast, office, lines):
    # Two classes, eleven school days from Monday 2 March to Monday 16 March.
    words, address = next(iter(lines().items()))
    assert words == "22 registers not taken"
    assert address == f"{reverse('attendance:not_taken')}?start_date=2026-03-02&end_date=2026-03-16"
    take(cast.class_7a, [cast.amina, cast.bo], MONDAY)
    take(cast.class_7b, [cast.cleo], date(2026, 3, 2))
    take(cast.class_7b, [cast.cleo], date(2026, 2, 27))
    take(cast.class_7a, [cast.amina], date(2026, 3, 3))  # started: one of two
    assert "20 registers not taken" in lines()
    ClosureFactory(starts_on=date(2026, 3, 3), ends_on=TOMORROW)
    assert "1 register not taken" in lines()


def test_the_page_behind_lists_as_many_registers(cast, office, lines):
    listed = office.get(lines()["22 registers not taken"])
    assert listed.context["page"].paginator.count == 22


def test_people_not_invited_and_invitations_not_accepted(cast, office, lines):
    new = ParentFactory(full_name="New Parent", user__without_password=True)
    invited = [TeacherFactory(full_name=name, user__without_password=True) for name in ("Ina", "Ivo")]
    UserFactory(without_password=True, email="")
    UserFactory(without_password=True, is_active=False)
    StudentParentLinkFactory(parent=new, student=cast.bo, starts_on=YEAR_START)
    keys = [teacher.pk for teacher in invited]
    office.post("/admin/accounts/teacher/", {"action": "send_invitation", "_selected_action": keys})
    found = lines()
    behind = rows_behind(office, found["2 invitations not accepted"])
    assert [user.pk for user in behind] == [teacher.user.pk for teacher in invited]
    assert [user.pk for user in rows_behind(office, found["1 person not invited yet"])] == [new.user.pk]
    User.objects.filter(pk=invited[0].user.pk).update(password="chosen")
    assert "1 invitation not accepted" in lines()


def test_students_without_a_class_are_those_who_attend_and_wait_for_none(cast, office, lines):
    assert not any("without a class" in words for words in lines())
    lost = StudentFactory(given_name="Lost")
    StudentFactory(given_name="Left", left_on=MONDAY)
    next_year = SchoolClassFactory(academic_year=cast.year)
    pupil("Later", "On", next_year, starts_on=TOMORROW)
    ended = pupil("Ended", "Here", next_year)
    ended.enrolments.update(ends_on=MONDAY)
    moved = StudentFactory(given_name="Moved")
    EnrolmentFactory(student=moved, school_class=next_year, starts_on=TOMORROW, ends_on=TOMORROW)  # no day of it
    behind = rows_behind(office, lines()["3 students without a class"])
    assert {student.pk for student in behind} == {lost.pk, ended.pk, moved.pk}


def test_parents_without_a_child_are_those_who_may_sign_in_and_read_about_nobody(cast, office, lines):
    ParentFactory(full_name="Deactivated", user__is_active=False)
    waiting = ParentFactory(full_name="Waiting")
    StudentParentLinkFactory(parent=waiting, student=cast.bo, starts_on=TOMORROW)
    behind = rows_behind(office, lines()["1 parent without a child"])
    assert behind == [cast.former], "Fay's access ended yesterday"
    StudentParentLink.objects.all().delete()
    assert "4 parents without a child" in lines()


def test_with_nothing_to_do_it_says_so(cast, office, lines):
    ClosureFactory(starts_on=MONDAY - timedelta(days=14), ends_on=TOMORROW)
    User.objects.filter(pk=cast.former.user.pk).update(is_active=False)
    assert lines() == {}
    assert "Nothing to do here." in office.get(START).content.decode()


def test_the_page_of_one_app_has_no_such_list(cast, office):
    assert "What needs doing" in office.get(START).content.decode()
    assert "What needs doing" not in office.get("/admin/students/").content.decode()


@pytest.mark.parametrize("person", ["ana", "mariam"])
def test_it_is_for_the_office_only(cast, sign_in, client, person):
    assert sign_in(getattr(cast, person).user).get(START).status_code == 403
    assert client.get(START).status_code == 302


@pytest.mark.parametrize("rows", [1, 3, 60])
def test_it_costs_the_same_for_any_number_of_rows(cast, office, count_queries, rows):
    for number in range(rows):
        school_class = SchoolClassFactory(name=f"Class {number}", academic_year=cast.year)
        pupil("Extra", f"Number{number}", school_class)
        ParentFactory(user__without_password=True)
        StudentFactory()
    assert count_queries(lambda: office.get(START)) == QUERIES
