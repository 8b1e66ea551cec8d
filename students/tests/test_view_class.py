"""/classes/<id>/: a class with its roster of today."""

from datetime import date

import pytest
from pytest_django.asserts import assertContains

from accounts.models import AccessLog
from students.models import SchoolClass
from students.tests.factories import EnrolmentFactory, GuardianFactory, TeachingAssignmentFactory
from tests.cast import MONDAY, pupil

QUERIES = 5  # who you are, the school, the class, the roster, the log


def address(school_class: SchoolClass) -> str:
    return f"/classes/{school_class.pk}/"


def roster(response) -> list[tuple[str, str | None]]:
    assert response.status_code == 200
    return [(student.full_name, student.guardian_contact) for student in response.context["roster"]]


def test_a_teacher_opens_the_roster_of_their_class(cast, sign_in):
    GuardianFactory(student=cast.bo, phone="0210 000 002", priority=2)
    GuardianFactory(student=cast.bo, phone="0210 000 001", priority=1)
    response = sign_in(cast.ana.user).get(address(cast.class_7a))
    assert roster(response) == [("Amina Diallo", None), ("Bo Lind", "0210 000 001")]
    assertContains(response, "2 students today")
    assertContains(response, '<a href="tel:0210 000 001">0210 000 001</a>', html=True)
    assertContains(response, f'href="/attendance/{cast.class_7a.pk}/2026-03-16/"')


def test_the_page_names_year_grade_level_and_homeroom_teacher(cast, sign_in):
    cast.class_7a.homeroom_teacher = cast.ana
    cast.class_7a.save()
    response = sign_in(cast.office).get(address(cast.class_7a))
    assertContains(response, "<p>2025/26 · grade level 7 · Ana Silva</p>", html=True)


def test_the_roster_is_that_of_today(cast, sign_in):
    cast.amina.enrolments.update(ends_on=MONDAY)
    pupil("Dara", "Tomorrow", cast.class_7a, starts_on=date(2026, 3, 17))
    pupil("Edo", "Today", cast.class_7a, starts_on=MONDAY)
    assert roster(sign_in(cast.ana.user).get(address(cast.class_7a))) == [("Bo Lind", None), ("Edo Today", None)]


def test_a_student_enrolled_beside_their_main_class_stands_on_the_roster(cast, sign_in):
    EnrolmentFactory(student=cast.cleo, school_class=cast.class_7a, is_primary=False)
    assert roster(sign_in(cast.ana.user).get(address(cast.class_7a)))[-1] == ("Cleo Marsh", None)


def test_the_class_of_another_teacher_is_not_there(cast, sign_in):
    ana = sign_in(cast.ana.user)
    assert ana.get(address(cast.class_7b)).status_code == 404
    TeachingAssignmentFactory(teacher=cast.ana, school_class=cast.class_7b, starts_on=MONDAY, ends_on=date(2026, 3, 17))
    assert ana.get(address(cast.class_7b)).status_code == 200


@pytest.mark.parametrize("number", ["0", "999999", "9" * 30])
def test_a_class_that_does_not_exist_is_not_there(cast, sign_in, number):
    assert sign_in(cast.office).get(f"/classes/{number}/").status_code == 404


def test_the_office_opens_any_class(cast, sign_in):
    assert roster(sign_in(cast.office).get(address(cast.class_7b))) == [("Cleo Marsh", None)]


def test_a_parent_is_refused(cast, sign_in):
    assert sign_in(cast.mariam.user).get(address(cast.class_7a)).status_code == 403


def test_an_empty_class_is_told_what_to_do(cast, sign_in):
    cast.class_7b.enrolments.all().delete()
    response = sign_in(cast.ben.user).get(address(cast.class_7b))
    assertContains(response, "Nobody is enrolled in this class today.")
    assertContains(response, '<a class="btn btn-primary" href="/students/new/">Add a student</a>', html=True)


def test_opening_a_roster_is_noted_once_without_a_child(cast, sign_in):
    sign_in(cast.ana.user).get(address(cast.class_7a))
    assert list(AccessLog.objects.exclude(page="attendance:today").values_list("page", "path", "student_id")) == [
        ("students:class", address(cast.class_7a), "")
    ]


@pytest.mark.parametrize("rows", [1, 3, 60])
def test_the_page_costs_the_same_for_any_number_of_students(cast, sign_in, count_queries, rows):
    cast.class_7a.enrolments.exclude(student=cast.amina).delete()
    for number in range(rows - 1):
        GuardianFactory(student=pupil("Extra", f"Number{number}", cast.class_7a))
    ana = sign_in(cast.ana.user)
    assert count_queries(lambda: ana.get(address(cast.class_7a))) == QUERIES
