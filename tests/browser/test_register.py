"""A teacher takes the register of a class of 28 with 3 exceptions."""

from __future__ import annotations

import pytest
from playwright.sync_api import Page, expect

from attendance.models import AttendanceRecord, Register, Status
from tests.browser.conftest import DESK, PHONE, SchoolOfToday

pytestmark = pytest.mark.browser


def take_the_register(page: Page, school: SchoolOfToday) -> None:
    """From the page a teacher lands on: open the class, mark three exceptions, save."""
    page.get_by_role("link", name="7A not taken yet").click()
    expect(page.get_by_role("heading", level=1)).to_have_text("7A, today")
    expect(page.locator("main")).to_contain_text("Not taken yet")
    for name, mark in (("Bo Lind", "Absent"), ("Chidi Obi", "Excused"), ("Dana Levy", "Late")):
        page.get_by_role("radio", name=f"{name}: {mark}").check(force=True)
    page.get_by_role("button", name="Save").click()
    expect(page.locator(".note--done")).to_have_text("25 present, 1 late, 1 excused, 1 absent.")


def assert_stored(school: SchoolOfToday) -> None:
    register = Register.objects.get(school_class=school.school_class, date=school.today)
    assert (register.present, register.late, register.excused, register.absent) == (25, 1, 1, 1)
    assert register.taken_by == school.teacher.user
    stored = AttendanceRecord.objects.filter(date=school.today).values_list("student__given_name", "status")
    exceptions = {name: status for name, status in stored if status != Status.PRESENT}
    assert exceptions == {"Bo": "absent", "Chidi": "excused", "Dana": "late"}
    assert len(stored) == 28


@pytest.mark.parametrize("size", [DESK, PHONE], ids=["desk", "phone"])
@pytest.mark.parametrize("scripts", [True, False], ids=["scripts", "no scripts"])
def test_a_register_of_28_with_3_exceptions_by_mouse(size, scripts, open_page, school_of_today):
    page = open_page(school_of_today.teacher.user, size=size, scripts=scripts)
    take_the_register(page, school_of_today)
    assert_stored(school_of_today)
    page.get_by_role("link", name="Registers").first.click()
    expect(page.locator(".rows").first).to_contain_text("by Ana Silva: 25 present, 1 late, 1 excused, 1 absent")


def test_the_counts_move_as_marks_are_chosen(open_page, school_of_today):
    page = open_page(school_of_today.teacher.user)
    page.goto(f"/attendance/{school_of_today.school_class.pk}/{school_of_today.today.isoformat()}/")
    save = page.get_by_role("button", name="Save")
    expect(save).to_have_text("Save: 28 P")
    page.get_by_role("radio", name="Bo Lind: Absent").check(force=True)
    expect(save).to_have_text("Save: 27 P, 1 A")
    expect(page.locator(".counters")).to_contain_text("27 Present")


def test_what_was_typed_is_still_there_after_a_mistake(open_page, school_of_today):
    page = open_page(school_of_today.teacher.user, scripts=False)
    page.goto(f"/attendance/{school_of_today.school_class.pk}/{school_of_today.today.isoformat()}/")
    page.get_by_text("Minutes, note Bo Lind").click()
    page.get_by_label("Minutes late Bo Lind").fill("12")
    page.get_by_label("Note (parents can read it) Bo Lind").fill("Bus")
    page.get_by_role("button", name="Save").click()
    row = page.locator(".register__row--wrong")
    expect(row).to_contain_text("Minutes are noted, but the mark is not Late. Choose Late or clear the minutes.")
    expect(page.get_by_label("Note (parents can read it) Bo Lind")).to_have_value("Bus")
    assert AttendanceRecord.objects.filter(date=school_of_today.today).count() == 0
    page.get_by_role("radio", name="Bo Lind: Late").check(force=True)
    page.get_by_role("button", name="Save").click()
    expect(page.locator(".note--done")).to_have_text("27 present, 1 late.")
    record = AttendanceRecord.objects.get(date=school_of_today.today, student__given_name="Bo")
    assert (record.status, record.minutes_late, record.note) == ("late", 12, "Bus")
