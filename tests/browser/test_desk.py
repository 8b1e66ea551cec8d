"""The office calls an absent child's mother, notes who came late, and gives a class to another teacher."""

from __future__ import annotations

import re
from datetime import timedelta

import pytest
from django.utils import timezone
from playwright.sync_api import expect

from accounts.tests.factories import TeacherFactory
from attendance.models import AttendanceRecord, Register
from attendance.tests.factories import AttendanceRecordFactory, RegisterFactory
from students.models import Student, TeachingAssignment
from tests.browser.conftest import DESK, PHONE

pytestmark = pytest.mark.browser
SIZES = pytest.mark.parametrize("size", [DESK, PHONE], ids=["desk", "phone"])


def mark_of(student: Student) -> tuple[str, str]:
    """The mark of today and its note."""
    mark = AttendanceRecord.objects.get(student=student, date=timezone.localdate())
    return mark.status, mark.note


@SIZES
def test_the_mother_of_an_absent_child_is_called_and_the_child_excused(size, open_page, school_of_today):
    amina = school_of_today.pupils[0]
    RegisterFactory(school_class=school_of_today.school_class, taken_by=school_of_today.teacher.user)
    AttendanceRecordFactory(student=amina, school_class=school_of_today.school_class, status="absent")
    page = open_page(school_of_today.office, size=size, scripts=False)
    page.get_by_role("link", name="Registers", exact=True).click()
    page.get_by_role("link", name="Absent today").click()
    line = page.locator(".call", has_text="Amina Diallo")
    expect(line.get_by_role("link", name="+44 7700 900001")).to_have_attribute("href", "tel:+44 7700 900001")
    line.get_by_label("Reason Amina Diallo").fill("Flu since last night")
    line.get_by_role("button", name="Excused Amina Diallo").click()
    expect(page.locator(".note--done")).to_have_text("Amina Diallo: excused, “Flu since last night”.")
    expect(page.locator(".call")).to_have_count(0)
    page.get_by_text("With a reason: 1 excused, 0 absent").click()
    expect(page.locator("main details")).to_contain_text("Flu since last night")
    assert mark_of(amina) == ("excused", "Flu since last night")
    assert Register.objects.get().taken_by == school_of_today.teacher.user


@SIZES
def test_a_pupil_at_the_late_desk(size, open_page, school_of_today):
    page = open_page(school_of_today.office, size=size)
    page.goto("/attendance/")
    page.get_by_role("link", name="Late desk").click()
    page.get_by_label("Name or student id").fill("lind")
    page.keyboard.press("Enter")
    time = page.get_by_label("Time Bo Lind")
    expect(time).to_have_value(re.compile(r"^[0-2][0-9]:[0-5][0-9]$"))
    typed = time.input_value()
    page.get_by_role("button", name="Arrived late Bo Lind").click()
    expect(page.locator(".note--done")).to_have_text(f"Bo Lind, 7A: Late, “Arrived {typed}”.")
    assert mark_of(school_of_today.pupils[1]) == ("late", f"Arrived {typed}")
    page.goto("/attendance/")
    expect(page.locator(".rows").first).to_contain_text("started: 1 of 28")


@SIZES
def test_cover_in_two_clicks(size, open_page, school_of_today):
    ben = TeacherFactory(full_name="Ben Okafor", user__username="ben")
    page = open_page(school_of_today.office, size=size)
    page.goto("/attendance/")
    page.get_by_role("link", name="Give cover 7A").first.click()
    page.get_by_role("button", name="Ben Okafor").click()
    expect(page.locator(".note--done")).to_contain_text("Ben Okafor covers 7A on")
    given = TeachingAssignment.objects.get(teacher=ben)
    assert (given.starts_on, given.ends_on) == (school_of_today.today, school_of_today.today + timedelta(days=1))
    expect(open_page(ben.user, size=size).get_by_role("link", name="7A not taken yet")).to_be_visible()
