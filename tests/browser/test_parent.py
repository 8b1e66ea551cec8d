"""A parent reads the report on a phone."""

from __future__ import annotations

import pytest
from playwright.sync_api import expect

from tests.browser.conftest import PHONE

pytestmark = pytest.mark.browser


@pytest.mark.parametrize("scripts", [True, False], ids=["scripts", "no scripts"])
def test_a_parent_reads_the_report_at_360_pixels(scripts, open_page, school_of_today):
    page = open_page(school_of_today.parent.user, size=PHONE, scripts=scripts)
    expect(page.get_by_role("heading", level=1)).to_have_text("My children")
    page.get_by_role("link", name="Amina Diallo").click()
    expect(page.get_by_role("heading", level=1)).to_have_text("Amina Diallo")
    statement = page.locator(".statement").first
    expect(statement).to_contain_text("93.3\N{NO-BREAK SPACE}% attendance: 2 days missed of 30, 1 of them without")
    assert statement.bounding_box()["y"] < PHONE["height"] / 2, "the answer stands above the fold"
    expect(page.get_by_role("img", name="Attendance in")).to_be_visible()
    page.get_by_text("The same as a table").click()
    expect(page.locator("#attendance ~ * details table")).to_be_visible()
    expect(page.get_by_text("Dentist").first).to_be_visible()


def test_the_report_of_another_familys_child_is_not_there(open_page, school_of_today):
    page = open_page(school_of_today.parent.user, size=PHONE)
    answer = page.goto(f"/report/{school_of_today.pupils[5].student_id}/")
    assert answer.status == 404
    assert "Fatima" not in page.content()
