"""Two clerks press the last button in the same moment, each in a thread with a connection of its own."""

from __future__ import annotations

import pytest

from accounts.roles import Role
from accounts.tests.factories import UserFactory
from attendance.tests.test_parallel import post_together
from students.models import AcademicYear, Enrolment, Rollover
from students.tests.rollover_school import NEXT, fields_of, make_school, press, preview

pytestmark = [pytest.mark.parallel, pytest.mark.django_db(transaction=True)]


def test_one_year_is_started_and_undone_once(frozen, sign_in):
    make_school()
    clerks = [sign_in(UserFactory(role=Role.ADMIN)) for _number in range(4)]
    pages = [press(clerk, preview(clerk), "confirm") for clerk in clerks]
    posts = [(clerk, NEXT, {**fields_of(page), "to": "write"}) for clerk, page in zip(clerks, pages, strict=True)]
    assert sorted(post_together(posts)) == [302, 422, 422, 422]
    rollover = Rollover.objects.get()
    assert Enrolment.objects.filter(school_class__academic_year=rollover.new_year).count() == 3
    address = f"/admin/students/academicyear/{rollover.new_year_id}/undo/"
    answers = post_together([(clerk, address, {}) for clerk in clerks])
    assert (answers.count(302), set(answers) <= {302, 404, 422}) == (1, True)
    assert AcademicYear.objects.count() == 1
