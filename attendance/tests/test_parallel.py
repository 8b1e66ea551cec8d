"""Many teachers saving in the same second, each in a thread with a connection of its own."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from threading import Barrier

import pytest
from django.db import connections

from accounts.tests.factories import TeacherFactory
from attendance.models import AttendanceRecord, Register
from attendance.tests.registers import YES, address, page_posts, stored
from students.models import Student
from students.tests.factories import SchoolClassFactory, TeachingAssignmentFactory
from tests.cast import pupil

pytestmark = [pytest.mark.parallel, pytest.mark.django_db(transaction=True)]
TOGETHER = 20


def post_together(posts):
    """Send all (browser, address, fields) in the same moment; the statuses of the answers in that order."""
    start = Barrier(len(posts))

    def send(browser, place, posted):
        try:
            start.wait(timeout=60)
            return browser.post(place, posted).status_code
        finally:
            connections.close_all()

    with ThreadPoolExecutor(len(posts)) as threads:
        return [answer.result() for answer in [threads.submit(send, *post) for post in posts]]


@pytest.fixture
def teachers(cast, sign_in):
    """20 teachers with a class of 5 each, signed in."""
    found = []
    for number in range(TOGETHER):
        teacher = TeacherFactory()
        school_class = SchoolClassFactory(name=f"Class {number}", academic_year=cast.year)
        TeachingAssignmentFactory(teacher=teacher, school_class=school_class)
        pupils = [pupil(f"Pupil{index}", "More", school_class) for index in range(5)]
        found.append((sign_in(teacher.user), school_class, pupils))
    return found


def test_20_identical_saves_of_one_register_give_one_register(cast, sign_in):
    for number in range(26):
        pupil(f"Pupil{number}", "More", cast.class_7a)
    students = list(Student.objects.enrolled_on(cast.class_7a, cast.year.starts_on))
    posted = page_posts(students, "late")
    answers = post_together([(sign_in(cast.ana.user), address(cast.class_7a), posted) for _number in range(TOGETHER)])
    assert answers == [302] * TOGETHER
    register = Register.objects.get()
    assert (register.late, register.recorded, register.version, register.taken_by) == (28, 28, 1, cast.ana.user)
    assert sorted(AttendanceRecord.objects.values_list("student", "status")) == sorted(
        (student.pk, "late") for student in students
    )
    assert AttendanceRecord.history.count() == 28
    assert Register.history.count() == 1


def test_of_20_different_first_saves_one_wins_and_the_others_are_asked(cast, sign_in):
    statuses = ["present", "late", "excused", "absent"] * (TOGETHER // 4)
    students = [cast.amina, cast.bo]
    browser_posts = [
        (sign_in(cast.ana.user), address(cast.class_7a), page_posts(students, each) | YES) for each in statuses
    ]
    answers = post_together(browser_posts)
    (status,) = set(AttendanceRecord.objects.values_list("status", flat=True))
    assert answers == [302 if each == status else 409 for each in statuses]
    register = Register.objects.get()
    assert (getattr(register, status), register.recorded, register.version) == (2, 2, 1)
    assert (AttendanceRecord.history.count(), Register.history.count()) == (2, 1)


def test_20_teachers_save_20_registers_at_once(teachers):
    posts = [(browser, address(school_class), page_posts(pupils)) for browser, school_class, pupils in teachers]
    assert post_together(posts) == [302] * TOGETHER
    taken = Register.objects.values_list("school_class", "present", "version")
    assert sorted(taken) == sorted((school_class.pk, 5, 1) for _browser, school_class, _pupils in teachers)
    assert AttendanceRecord.objects.count() == 5 * TOGETHER
    before = stored()
    assert post_together(posts) == [302] * TOGETHER
    assert stored() == before
