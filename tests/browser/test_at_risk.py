"""A teacher finds whom to talk to, reads why, notes what was done, and finds it on the list again."""

from __future__ import annotations

import re
from datetime import timedelta

import pytest
from playwright.sync_api import expect

from behavior.models import BehaviorType
from behavior.tests.factories import BehaviorRecordFactory, by
from tests.browser.axe import problems_on
from tests.browser.conftest import DESK, PHONE

pytestmark = pytest.mark.browser
LIST = "/dashboard/at-risk/"


@pytest.fixture
def blamed(school_of_today):
    """Amina has seven negative notes of this week, Bo three."""
    for pupil, number in zip(school_of_today.pupils[:2], (7, 3), strict=True):
        for days in range(number):
            BehaviorRecordFactory(
                student=pupil,
                behavior_type=BehaviorType.NEGATIVE,
                notes=f"Note {days}",
                date=school_of_today.today - timedelta(days=days),
                **by(school_of_today.teacher),
            )
    return school_of_today


@pytest.mark.parametrize("scripts", [True, False], ids=["scripts", "no scripts"])
@pytest.mark.parametrize("size", [DESK, PHONE], ids=["desk", "phone"])
def test_from_the_alert_to_what_was_done_and_back(size, scripts, open_page, blamed):
    page = open_page(blamed.teacher.user, size=size, scripts=scripts)
    page.goto(f"{LIST}?rule=behavioral_concerns")
    names = page.locator(".alert-of__name a")
    expect(names).to_have_text(["Amina Diallo", "Bo Lind"])
    expect(page.get_by_role("heading", name="7 negative notes in 30 days: 3 raise it")).to_be_visible()
    expect(page.get_by_text("Note 4").first).to_be_hidden()
    page.get_by_text("7 pieces of evidence").click()
    expect(page.get_by_text("Note 4").first).to_be_visible()
    page.get_by_role("link", name="Note what was done Amina Diallo").click()
    page.get_by_label("What was done").select_option("spoke")
    page.get_by_role("button", name="Note it").click()
    expect(page).to_have_url(re.compile(r"/dashboard/at-risk/\?rule=behavioral_concerns(#.*)?$"))
    expect(names).to_have_text(["Bo Lind", "Amina Diallo"])
    expect(page.locator(".alert-of__done")).to_contain_text("Spoke to the family on")


def test_another_threshold_for_one_look_by_keyboard(open_page, blamed):
    page = open_page(blamed.office)
    page.goto(LIST)
    page.get_by_label("Attendance up to (%)").fill("95,5")
    page.keyboard.press("Enter")
    expect(page.get_by_text("Thresholds for this look only")).to_be_visible()
    page.get_by_role("link", name="Back to the thresholds in force").click()
    expect(page.get_by_text("Thresholds for this look only")).to_have_count(0)


@pytest.mark.parametrize("size", [DESK, PHONE], ids=["desk", "phone"])
def test_axe_finds_nothing_on_alerts_with_their_evidence(size, open_page, blamed):
    page = open_page(blamed.office, size=size)
    page.goto(f"{LIST}?attendance=99")
    page.get_by_text("7 pieces of evidence").click()
    assert problems_on(page) == []
    for query in ("?attendance=x&class_id=9", "?rule=low_attendance"):
        page.goto(LIST + query)
        assert problems_on(page) == []
