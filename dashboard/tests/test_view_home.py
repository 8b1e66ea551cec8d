"""/dashboard/: the start of the office."""

import re
from datetime import date

import pytest
from pytest_django.asserts import assertContains

from accounts.models import AccessLog
from attendance.tests.factories import AttendanceRecordFactory, RegisterFactory
from students.models import Student
from students.tests.factories import AcademicYearFactory, ClosureFactory, SchoolClassFactory
from tests.cast import MONDAY, pupil

HOME = "/dashboard/"
QUERIES = 9


@pytest.fixture
def office(cast, sign_in):
    return sign_in(cast.office)


def words(response) -> str:
    """The text of the page in one line, without its tags."""
    assert response.status_code == 200
    return " ".join(re.sub(r"<[^>]+>", " ", response.content.decode()).split())


def test_it_says_how_many_students_and_classes_there_are(cast, office):
    Student.objects.filter(pk=cast.cleo.pk).update(left_on=MONDAY)
    old = AcademicYearFactory(starts_on=date(2024, 9, 1), ends_on=date(2025, 7, 1))
    SchoolClassFactory(name="6A", academic_year=old)
    said = words(office.get(HOME))
    assert "Monday 16 March 2026" in said
    assert "2 students in 2 classes." in said
    assert "Classes 7A 2 students 7B 1 student" in said
    assert "6A" not in said


def test_it_says_how_the_registers_of_the_day_stand(cast, office):
    for student in (cast.amina, cast.bo):
        AttendanceRecordFactory(student=student, school_class=cast.class_7a)
    RegisterFactory(school_class=cast.class_7a, present=2, taken_by=cast.ana.user)
    said = words(office.get(HOME))
    assert "Registers of today 7A taken 09:00 by Ana Silva: 2 present 7B not taken yet" in said


def test_it_lists_the_registers_missed_of_late(cast, office):
    said = words(office.get(HOME))
    assert "Missed in the last 14 days" in said
    assert "7B Fri 13 Mar not taken yet" in said


def test_each_class_leads_to_its_page(cast, office):
    assertContains(office.get(HOME), f'<a class="row-link" href="/classes/{cast.class_7a.pk}/">')


def test_a_school_without_classes_is_told_where_they_are_made(cast, office):
    for school_class in (cast.class_7a, cast.class_7b):
        school_class.enrolments.all().delete()
        school_class.assignments.all().delete()
        school_class.delete()
    response = office.get(HOME)
    assertContains(response, "There are no classes this school year.")
    assertContains(response, 'href="/admin/students/schoolclass/">Open the classes</a>')
    assertContains(response, "No register is due on this day.")


def test_on_a_closed_day_it_shows_the_school_day_before(cast, office):
    ClosureFactory(starts_on=MONDAY)
    assert "Registers of Fri 13 Mar" in words(office.get(HOME))


@pytest.mark.parametrize("person", ["ana", "mariam"])
def test_it_is_for_the_office_only(cast, sign_in, person):
    assert sign_in(getattr(cast, person).user).get(HOME).status_code == 403


def test_opening_it_is_noted_once_without_a_child(cast, office):
    AccessLog.objects.all().delete()
    office.get(HOME)
    assert list(AccessLog.objects.values_list("reader__username", "page", "student_id")) == [
        ("office", "dashboard:home", "")
    ]


@pytest.mark.parametrize("rows", [1, 3, 60])
def test_it_costs_the_same_for_any_number_of_classes_and_students(cast, office, count_queries, rows):
    for number in range(rows):
        school_class = SchoolClassFactory(name=f"Class {number}", academic_year=cast.year)
        pupil("Extra", f"Number{number}", school_class)
        RegisterFactory(school_class=school_class, taken_by=cast.ana.user)
    assert count_queries(lambda: office.get(HOME)) == QUERIES
