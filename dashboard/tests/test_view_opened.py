"""/report/<student_id>/opened/: parents read who opened the record of their child, by role and class."""

import re
from datetime import datetime

import pytest
from django.urls import reverse
from django.utils import timezone
from pytest_django.asserts import assertContains, assertNotContains

from accounts.models import AccessLog
from accounts.tests.audit_doors import forget_readings
from accounts.tests.factories import AccessLogFactory, ParentFactory, TeacherFactory
from students.tests.factories import StudentParentLinkFactory
from tests.cast import MONDAY

QUERIES = 9
LINE = re.compile(r'<th scope="row">([^<]+)</th>\s*<td>([^<]+)</td>\s*<td>([^<]+)</td>')


def place(student):
    return reverse("dashboard:opened", args=[student.student_id])


@pytest.fixture
def mariam(cast, sign_in):
    browser = sign_in(cast.mariam.user)
    forget_readings()
    return browser


def opened_by(user, student, page="dashboard:report", **more):
    return AccessLogFactory(reader=user, student_id=student.student_id, page=page, path="/x/", **more)


def lines(response):
    """Who and what, from the last one on."""
    assert response.status_code == 200
    return [found[1:] for found in LINE.findall(response.content.decode())]


def test_each_opening_is_told_by_role_and_class(cast, mariam):
    other = ParentFactory(full_name="Omar Diallo")
    StudentParentLinkFactory(student=cast.amina, parent=other)
    opened_by(cast.ana.user, cast.amina, "dashboard:student")
    opened_by(cast.office, cast.amina, "students:edit")
    opened_by(other.user, cast.amina)
    opened_by(cast.ben.user, cast.amina, "attendance:absent_today")
    opened_by(cast.ana.user, cast.bo)
    assert lines(mariam.get(place(cast.amina))) == [
        ("You", "who opened the record"),
        ("A teacher", "the list of those absent, with the contacts"),
        ("A parent or guardian of the child", "the report"),
        ("The school office", "the form with the contacts"),
        ("A teacher of 7A", "the student&#x27;s page"),
    ]


def test_a_line_says_when_by_the_schools_clock(cast, mariam):
    row = opened_by(cast.ana.user, cast.amina)
    assert timezone.localtime(row.read_at) == datetime(2026, 3, 16, 9, 0, tzinfo=row.read_at.tzinfo)
    assertContains(mariam.get(place(cast.amina)), '<th scope="row">Mon 16 Mar 2026, 09:00</th>', html=True)


def test_no_name_of_anybody_stands_on_the_page(cast, mariam, sign_in):
    for user in (cast.ana.user, cast.office):
        opened_by(user, cast.amina)
    page = mariam.get(place(cast.amina))
    assert [who for who, _what in lines(page)][1:] == ["The school office", "A teacher of 7A"]
    for name in ("Ana Silva", ">ana<", ">office<", "192.0.2.1"):
        assertNotContains(page, name)


def test_the_class_is_that_of_the_day(cast, mariam):
    """Ana had Amina's class until today, Ben has it from today on; what Ana opened yesterday stays hers."""
    cast.ana.assignments.update(ends_on=MONDAY)
    cast.ben.assignments.update(school_class=cast.class_7a, starts_on=MONDAY)
    for teacher in (cast.ana, cast.ben):
        opened_by(teacher.user, cast.amina)
    assert [who for who, _what in lines(mariam.get(place(cast.amina)))] == ["You", "A teacher of 7A", "A teacher"]


def test_a_parent_whose_access_has_ended_is_still_told_as_a_parent(cast, mariam):
    opened_by(cast.former.user, cast.amina)
    opened_by(cast.nils.user, cast.amina)
    assert [who for who, _what in lines(mariam.get(place(cast.amina)))] == [
        "You",
        "Somebody who is not linked to the child any more",
        "A parent or guardian of the child",
    ]


def test_a_teacher_who_is_a_parent_reads_it_of_the_own_child_alone(cast, sign_in):
    StudentParentLinkFactory(student=cast.cleo, parent=ParentFactory(user=cast.ana.user, full_name="Ana Silva"))
    ana = sign_in(cast.ana.user)
    assert lines(ana.get(place(cast.cleo)))[0] == ("You", "who opened the record")
    assert ana.get(place(cast.amina)).status_code == 404


def test_opening_it_is_noted(cast, mariam):
    mariam.get(place(cast.amina))
    rows = AccessLog.objects.values_list("reader__username", "page", "student_id")
    assert list(rows) == [("mariam", "dashboard:opened", cast.amina.student_id)]


@pytest.mark.parametrize("rows", [1, 3, 24])
def test_it_costs_the_same_for_any_number_of_readers(cast, mariam, count_queries, rows):
    for _number in range(rows):
        opened_by(TeacherFactory().user, cast.amina)
    assert count_queries(lambda: mariam.get(place(cast.amina))) == QUERIES


def test_it_comes_in_pages(cast, mariam):
    for _number in range(30):
        opened_by(cast.ana.user, cast.amina)
    assert len(lines(mariam.get(place(cast.amina)))) == 25
    assert len(lines(mariam.get(place(cast.amina), {"page": 2}))) == 30 + 2 - 25
    assert mariam.get(place(cast.amina), {"page": 9}).status_code == 404
    assert mariam.get(place(cast.amina), {"page": "x"}).status_code == 404


@pytest.mark.parametrize(("person", "linked"), [("mariam", True), ("office", True), ("ana", False)])
def test_the_report_leads_to_it_whoever_may_open_it(cast, sign_in, person, linked):
    users = {"mariam": cast.mariam.user, "office": cast.office, "ana": cast.ana.user}
    page = sign_in(users[person]).get(reverse("dashboard:report", args=[cast.amina.student_id]))
    link = f'<a href="{place(cast.amina)}">Who opened this record</a>'
    assertContains(page, link, count=int(linked), html=True)
