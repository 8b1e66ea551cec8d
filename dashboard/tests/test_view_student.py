"""/students/<student_id>/: everything about a student on one page, for staff."""

import re
from datetime import date, timedelta

import pytest
from pytest_django.asserts import assertContains, assertNotContains

from accounts.models import AccessLog
from accounts.tests.audit_doors import forget_readings
from accounts.tests.factories import ParentFactory
from attendance.models import Status
from attendance.tests.factories import AttendanceRecordFactory
from dashboard.tests.factories import FollowUpFactory
from students.models import Student
from students.tests.factories import (
    EmergencyContactFactory,
    EnrolmentFactory,
    GuardianFactory,
    SchoolClassFactory,
    StudentParentLinkFactory,
)
from tests.cast import MONDAY, YEAR_START

QUERIES = 17


def address(student) -> str:
    return f"/students/{student.student_id}/"


@pytest.fixture
def ana(cast, sign_in):
    return sign_in(cast.ana.user)


def words(response) -> str:
    """The text of the page in one line, without its tags."""
    assert response.status_code == 200
    return " ".join(re.sub(r"<[^>]+>", " ", response.content.decode()).replace("\N{NO-BREAK SPACE}", " ").split())


def mark(cast, day: date, status: Status, **fields):
    return AttendanceRecordFactory(
        **{"student": cast.amina, "school_class": cast.class_7a, "date": day, "status": status} | fields
    )


def test_the_page_says_who_they_are(cast, ana):
    Student.objects.filter(pk=cast.amina.pk).update(date_of_birth=date(2013, 5, 6), gender="female")
    said = words(ana.get(address(cast.amina)))
    assert f"Amina Diallo {cast.amina.student_id} · 7A" in said
    assert "Born 6 May 2013 Gender Female Joined 1 Sep 2025" in said
    assert "7A main class, since 1 Sep 2025" in said


def test_what_is_not_known_is_a_dash(cast, ana):
    Student.objects.filter(pk=cast.amina.pk).update(enrollment_date=None)
    assert "Born – Gender Not recorded Joined –" in words(ana.get(address(cast.amina)))


def test_a_leaver_is_shown_with_the_last_day(cast, ana):
    Student.objects.filter(pk=cast.amina.pk).update(left_on=date(2026, 3, 14))
    assert "· 7A · last day 13 Mar 2026" in words(ana.get(address(cast.amina)))


def test_the_people_to_call_stand_in_their_order(cast, ana):
    GuardianFactory(student=cast.amina, name="Per", relationship="father", phone="2", priority=2)
    GuardianFactory(student=cast.amina, name="Mia", relationship="mother", phone="1", email="m@x.example", priority=1)
    EmergencyContactFactory(student=cast.amina, name="Gran", relationship="", phone="3")
    said = words(ana.get(address(cast.amina)))
    assert "Guardians Mia , mother 1 m@x.example Per , father 2 Emergency contacts Gran 3 About" in said


def test_a_student_without_people_or_classes_is_told_what_is_missing(cast, sign_in):
    cast.amina.enrolments.all().delete()
    cast.amina.parent_links.all().delete()
    response = sign_in(cast.office).get(address(cast.amina))
    for sentence in (
        "No guardian is noted.",
        "No emergency contact is noted.",
        "In no class yet.",
        "No parent has access yet. The office gives it.",
        "The student has been in no main class yet, so no register counts.",
    ):
        assertContains(response, sentence)
    assertContains(response, f'<a href="/students/{cast.amina.student_id}/edit/">Add one</a>', html=True, count=2)


def test_parents_with_open_access_are_named_and_those_before_are_not(cast, ana):
    StudentParentLinkFactory(
        student=cast.amina,
        relationship="uncle",
        parent=ParentFactory(full_name="Uncle Umar", user__email=""),
    )
    said = words(ana.get(address(cast.amina)))
    assert "Who may read the report Mariam Diallo Uncle Umar (uncle) · cannot be invited: no e-mail" in said
    assert "Fay Former" not in said
    cast.former.child_links.update(ends_on=MONDAY + timedelta(days=1))
    assert "Fay Former" in words(ana.get(address(cast.amina)))


def test_the_figures_are_those_of_the_report(cast, ana):
    cast.amina.enrolments.update(starts_on=date(2026, 3, 12))
    for day, status in ((12, Status.PRESENT), (13, Status.ABSENT), (16, Status.LATE)):
        mark(cast, date(2026, 3, day), status)
    figures = "66.6 % attendance: 1 day missed of 3, 1 of them without an excuse, all registers counted."
    assert f"Attendance 2025/26 {figures}" in words(ana.get(address(cast.amina)))
    assert figures in words(ana.get(f"/report/{cast.amina.student_id}/"))


def test_each_class_beside_the_main_one_has_its_own_figures(cast, ana):
    choir = SchoolClassFactory(name="Choir", academic_year=cast.year, meets_on="1")
    EnrolmentFactory(student=cast.amina, school_class=choir, starts_on=date(2026, 3, 2), is_primary=False)
    for day, status in ((2, Status.PRESENT), (9, Status.EXCUSED), (16, Status.PRESENT)):
        mark(cast, date(2026, 3, day), status, school_class=choir)
    said = words(ana.get(address(cast.amina)))
    assert "Choir 66.6 % attendance: 1 day missed of 3, all excused, all registers counted." in said
    assert "No register has been taken for this child in this school year yet." in said


def test_the_latest_ten_marks_other_than_plainly_present_are_listed(cast, ana):
    days = [MONDAY - timedelta(days=number) for number in range(1, 30)]
    for number, day in enumerate(day for day in days if day.isoweekday() <= 5):
        mark(cast, day, Status.ABSENT if number < 11 else Status.PRESENT, note="" if number else "Ill")
    mark(cast, MONDAY, Status.PRESENT)
    page = ana.get(address(cast.amina))
    listed = page.context["staff_page"].exceptions
    assert [record.date for record in listed] == [day for day in days if day.isoweekday() <= 5][:10]
    assert "Fri 13 Mar A Absent 7A Ill" in words(page)


def test_a_present_mark_with_a_note_or_an_early_leave_is_listed(cast, ana):
    mark(cast, date(2026, 3, 12), Status.PRESENT, note="New glasses")
    mark(cast, date(2026, 3, 13), Status.PRESENT, left_early=True)
    said = words(ana.get(address(cast.amina)))
    assert "Fri 13 Mar P Present, left early 7A Thu 12 Mar P Present 7A New glasses" in said


def test_every_class_so_far_is_listed_the_latest_first(cast, ana):
    cast.amina.enrolments.update(ends_on=date(2026, 3, 2))
    EnrolmentFactory(student=cast.amina, school_class=cast.class_7b, starts_on=date(2026, 3, 2))
    cast.ben.assignments.update(teacher=cast.ana)
    said = words(ana.get(address(cast.amina)))
    assert "7B main class, since 2 Mar 2026 7A main class, 1 Sep 2025 to 1 Mar 2026" in said


def test_a_student_of_another_class_is_not_there(cast, ana, sign_in):
    assert sign_in(cast.ben.user).get(address(cast.cleo)).status_code == 200
    assert ana.get(address(cast.cleo)).status_code == 404


def test_a_parent_is_refused_even_for_their_own_child(cast, sign_in):
    assert sign_in(cast.mariam.user).get(address(cast.amina)).status_code == 403


@pytest.mark.parametrize("student_id", ["STU99999", "STU1", "stu00001", "STU00001x", "1"])
def test_an_id_that_is_nobodys_is_not_there(cast, sign_in, student_id):
    assert sign_in(cast.office).get(f"/students/{student_id}/").status_code == 404


def test_opening_the_page_is_noted_with_the_child(cast, ana):
    forget_readings()
    ana.get(address(cast.amina))
    ana.get(address(cast.cleo))
    assert list(AccessLog.objects.values_list("reader__username", "page", "student_id")) == [
        ("ana", "dashboard:student", cast.amina.student_id)
    ]


def test_the_page_leads_to_the_form_and_to_the_report(cast, ana):
    response = ana.get(address(cast.amina))
    assertContains(response, f'href="/students/{cast.amina.student_id}/edit/">Change</a>')
    assertContains(response, f'href="/report/{cast.amina.student_id}/">What the parent sees</a>')
    assertNotContains(response, "/admin/")


@pytest.mark.parametrize("rows", [1, 3, 12])
def test_the_page_costs_the_same_for_any_number_of_rows(cast, ana, count_queries, rows):
    GuardianFactory.create_batch(rows, student=cast.amina)
    EmergencyContactFactory.create_batch(rows, student=cast.amina)
    cast.amina.parent_links.all().delete()
    StudentParentLinkFactory.create_batch(rows, student=cast.amina)
    for number in range(rows):
        club = SchoolClassFactory(name=f"Club {number}", academic_year=cast.year)
        EnrolmentFactory(student=cast.amina, school_class=club, is_primary=False)
        mark(cast, MONDAY - timedelta(days=number), Status.ABSENT, school_class=club)
        mark(cast, MONDAY - timedelta(days=number), Status.ABSENT)
        FollowUpFactory(student=cast.amina)
    assert count_queries(lambda: ana.get(address(cast.amina))) == QUERIES


def test_a_mark_leads_to_its_register_only_where_the_reader_may_open_it(cast, sign_in):
    EnrolmentFactory(student=cast.amina, school_class=cast.class_7b, starts_on=YEAR_START, is_primary=False)
    day = date(2026, 3, 13)
    for school_class in (cast.class_7a, cast.class_7b):
        AttendanceRecordFactory(student=cast.amina, school_class=school_class, date=day, status="absent")
    own, other = (f"/attendance/{pk}/2026-03-13/" for pk in (cast.class_7a.pk, cast.class_7b.pk))
    for_ana = sign_in(cast.ana.user).get(f"/students/{cast.amina.student_id}/").content.decode()
    for_the_office = sign_in(cast.office).get(f"/students/{cast.amina.student_id}/").content.decode()
    assert (own in for_ana, other in for_ana) == (True, False)
    assert (own in for_the_office, other in for_the_office) == (True, True)
