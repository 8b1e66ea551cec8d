"""The office rehearses thresholds and puts them in force; a teacher notes on a phone what was done."""

from __future__ import annotations

import re
from datetime import timedelta

import pytest
from playwright.sync_api import Page, expect

from attendance.models import AttendanceRecord, Status
from attendance.recounting import recount_registers
from dashboard.models import FollowUp, ThresholdSet
from tests.browser.axe import problems_on
from tests.browser.conftest import DESK, PHONE

pytestmark = pytest.mark.browser
SIZES = pytest.mark.parametrize("size", [DESK, PHONE], ids=["desk", "phone"])
SESSIONS, MISSED = 25, 2


@pytest.fixture
def school_at_risk(school_of_today):
    """Everybody was marked on 25 days; Bo Lind missed two of them, 92 %, and Amina Diallo 3, 88 %."""
    AttendanceRecord.objects.all().delete()
    absent = {"Amina Diallo": MISSED + 1, "Bo Lind": MISSED}
    days = [school_of_today.today - timedelta(days=number) for number in range(SESSIONS)]
    for pupil in school_of_today.pupils:
        pupil.enrolments.update(starts_on=days[-1])
        AttendanceRecord.objects.bulk_create(
            AttendanceRecord(
                student=pupil,
                school_class=school_of_today.school_class,
                date=day,
                status=Status.ABSENT if number < absent.get(pupil.full_name, 0) else Status.PRESENT,
            )
            for number, day in enumerate(days)
        )
    recount_registers(by=None, repair=True)
    return school_of_today


def is_sound(page: Page) -> None:
    assert problems_on(page) == []


@SIZES
@pytest.mark.parametrize("scripts", [True, False], ids=["scripts", "plain"])
def test_the_office_rehearses_92_percent_sees_who_would_be_added_and_puts_it_in_force(
    size, scripts, open_page, school_at_risk
):
    page = open_page(school_at_risk.office, size=size, scripts=scripts)
    page.goto("/dashboard/thresholds/")
    expect(page.locator("main")).to_contain_text("In force: version 0")
    page.get_by_label("Rate of at most").fill("92")
    page.get_by_label("Rate of at most").press("Enter")
    expect(page.locator("main")).to_contain_text("At 92\N{NO-BREAK SPACE}% it would be 2 students instead of 1")
    expect(page.get_by_role("row", name="Bo Lind")).to_contain_text("92.0\N{NO-BREAK SPACE}%")
    expect(page.get_by_label("Rate of at most")).to_have_value("92")
    assert ThresholdSet.objects.count() == 0
    page.get_by_role("button", name="Put in force").click()
    expect(page.get_by_role("status")).to_contain_text("Version 1 is in force from now on")
    expect(page.get_by_role("heading", name="In force: version 1")).to_be_visible()
    assert ThresholdSet.objects.get().attendance == 92


@SIZES
def test_axe_finds_nothing_in_a_rehearsal_with_names_in_mistakes_and_in_a_clash(size, open_page, school_at_risk):
    page = open_page(school_at_risk.office, size=size)
    page.goto("/dashboard/thresholds/?attendance=92.5&note_days=7")
    expect(page.get_by_role("row", name="Bo Lind")).to_be_visible()
    is_sound(page)
    ThresholdSet.objects.create(version=1, attendance=95, set_by=school_at_risk.office)
    page.get_by_role("button", name="Put in force").click()
    expect(page.get_by_role("alert")).to_contain_text("has put version 1 in force meanwhile")
    is_sound(page)
    page.get_by_label("within so many days").fill("400")
    page.get_by_role("button", name="Rehearse").click()
    expect(page.get_by_label("within so many days")).to_have_value("400")
    expect(page.locator("#id_note_days-wrong")).to_have_text("Give a whole number from 1 to 365.")
    is_sound(page)


@pytest.mark.parametrize("scripts", [True, False], ids=["scripts", "plain"])
def test_a_teacher_notes_a_follow_up_on_a_phone_and_withdraws_it(scripts, open_page, school_of_today):
    child = school_of_today.pupils[0]
    page = open_page(school_of_today.teacher.user, size=PHONE, scripts=scripts)
    page.goto(f"/students/{child.student_id}/#follow-up")
    expect(page.get_by_role("heading", name="Follow-up")).to_be_in_viewport()
    page.get_by_role("button", name="Note it").click()
    expect(page.get_by_role("alert")).to_contain_text("Not saved.")
    page.get_by_label("What was done").select_option("Spoke to the family")
    page.get_by_label("Note", exact=True).fill("They will call the doctor")
    if scripts:
        is_sound(page)
    page.get_by_role("button", name="Note it").click()
    expect(page.get_by_role("status")).to_contain_text("Noted for Amina Diallo: Spoke to the family.")
    action = FollowUp.objects.get()
    assert (action.student, action.note, action.done_on) == (child, "They will call the doctor", school_of_today.today)
    assert (action.look_again_on - action.done_on).days == 14
    if scripts:
        is_sound(page)
    page.get_by_role("button", name=re.compile("Withdraw.*Spoke to the family")).click()
    expect(page.get_by_role("status")).to_contain_text("Withdrawn: Spoke to the family")
    assert FollowUp.objects.count() == 0
