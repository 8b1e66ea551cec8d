"""/students/<student_id>/changes/: the office reads who changed what of a student, old value → new value."""

import re
from datetime import date

import pytest
from django.urls import reverse
from pytest_django.asserts import assertContains

from accounts.models import AccessLog
from accounts.tests.audit_doors import forget_readings
from attendance.models import AttendanceRecord, Status
from students.models import Guardian
from students.services import delete_student, enrol, save_by, update_student
from tests.cast import MONDAY

QUERIES = 7  # who you are, the school, the student, the log, how many, which, the versions
CELLS = re.compile(r'<th scope="row">(.*?)</th>\s*<td>(.*?)</td>\s*<td>(.*?)</td>\s*<td>(.*?)</td>', re.DOTALL)


def place(student):
    return reverse("dashboard:changes", args=[student.student_id])


@pytest.fixture
def office(cast, sign_in):
    browser = sign_in(cast.office)
    forget_readings()
    return browser


def lines(response):
    """Who, what and the values of each line, from the last one on."""
    assert response.status_code == 200
    found = CELLS.findall(response.content.decode())
    return [(who, what, *values.replace("&#x27;", "'").split("<br>")) for _when, who, what, values in found]


def test_a_student_without_a_change_says_so(cast, office):
    assertContains(office.get(place(cast.amina)), "Nothing about this student has been changed")


def test_each_change_is_told_with_the_old_and_the_new_value(cast, office, frozen):
    save_by(cast.amina, cast.office)
    frozen.move_to("2026-03-16T09:10:00+00:00")
    update_student(
        by=cast.ana.user,
        student=cast.amina,
        details={"given_name": "Aminata", "gender": "female", "left_on": date(2026, 7, 1)},
    )
    page = office.get(place(cast.amina))
    assertContains(page, '<th scope="row">Mon 16 Mar 2026, 09:10</th>', html=True)
    assert lines(page)[1] == (
        "Ana Silva",
        "Student changed",
        "Given name: Amina → Aminata",
        "Gender: Not recorded → Female",
        "Last day at the school: – → 30 Jun 2026",
    )
    assert lines(page)[0][:2] == ("Ana Silva", "Enrolment changed")


def test_rows_about_the_student_are_told_too_and_classes_by_name(cast, office):
    enrol(by=cast.office, student=cast.amina, school_class=cast.class_7b, starts_on=MONDAY)
    mark = AttendanceRecord(student=cast.amina, school_class=cast.class_7a, date=MONDAY, status=Status.ABSENT)
    save_by(mark, cast.ana.user)
    mark.status = Status.LATE
    save_by(mark, cast.ana.user)
    mark._history_user = cast.office
    mark.delete()
    told = lines(office.get(place(cast.amina)))
    assert {(who, what) for who, what, *_values in told} == {
        ("office", "Enrolment added"),
        ("Ana Silva", "Attendance record added"),
        ("Ana Silva", "Attendance record changed"),
        ("office", "Attendance record removed"),
    }
    changed = next(values for _who, what, *values in told if what.endswith("changed"))
    assert changed == ["Mark: Absent → Late"]
    enrolled = next(values for _who, what, *values in told if what == "Enrolment added")
    assert "Class: 7B" in enrolled


def test_a_change_by_a_program_names_no_person(cast, office):
    save_by(cast.amina, None)
    assert lines(office.get(place(cast.amina)))[0][:2] == ("A program of the school", "Student changed")


def test_nothing_of_another_student_is_among_them(cast, office):
    save_by(Guardian(student=cast.bo, name="Berta Lind"), cast.office)
    assert lines(office.get(place(cast.bo)))[0][1] == "Guardian added"
    assert lines(office.get(place(cast.amina))) == []


def test_opening_it_is_noted(cast, office):
    office.get(place(cast.amina))
    assert AccessLog.objects.values_list("page", "student_id").get() == ("dashboard:changes", cast.amina.student_id)


def test_it_comes_in_pages(cast, office):
    for _number in range(30):
        save_by(cast.amina, cast.office)
    first, second = (lines(office.get(place(cast.amina), {"page": page})) for page in (1, 2))
    assert (len(first), len(second)) == (25, 5)
    assert first[0] == ("office", "Student changed", "saved without a change")
    assert office.get(place(cast.amina), {"page": 3}).status_code == 404


@pytest.mark.parametrize("rows", [1, 3, 24])
def test_it_costs_the_same_for_any_number_of_changes(cast, office, count_queries, rows):
    for number in range(rows):
        save_by(Guardian(student=cast.amina, name=f"Guardian {number}"), cast.office)
    assert count_queries(lambda: office.get(place(cast.amina))) == QUERIES


def test_after_erasing_there_is_none(cast, office):
    save_by(cast.amina, cast.office)
    where = place(cast.amina)
    assert office.get(where).status_code == 200
    delete_student(by=cast.office, student=cast.amina)
    assert office.get(where).status_code == 404


@pytest.mark.parametrize(("person", "linked"), [("office", 1), ("ana", 0)])
def test_the_students_page_leads_the_office_to_it(cast, sign_in, person, linked):
    users = {"office": cast.office, "ana": cast.ana.user}
    page = sign_in(users[person]).get(reverse("dashboard:student", args=[cast.amina.student_id]))
    assertContains(page, f'href="{place(cast.amina)}"', count=linked)
