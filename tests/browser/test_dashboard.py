"""A head teacher opens one page on Monday morning; a teacher opens the same on a phone."""

from __future__ import annotations

from datetime import timedelta
from itertools import pairwise

import pytest
from playwright.sync_api import expect

from accounts.models import Parent
from assessments.recounting import recount_totals
from attendance.models import AttendanceRecord, Status
from attendance.recounting import recount_registers
from tests.browser.axe import problems_on
from tests.browser.conftest import DESK, PHONE, follow
from tests.browser.records import write_records

pytestmark = pytest.mark.browser


@pytest.fixture
def school(school_of_today):
    """The class of 28 with marks of all on thirty days and quizzes; the first two miss two of them."""
    write_records(school_of_today)
    AttendanceRecord.objects.bulk_create(
        AttendanceRecord(
            student=pupil,
            school_class=school_of_today.school_class,
            date=school_of_today.today - timedelta(days=number),
            status=Status.ABSENT if number % 9 == 0 and place < 6 else Status.PRESENT,
        )
        for place, pupil in enumerate(school_of_today.pupils[2:])
        for number in range(1, 31)
    )
    recount_registers(by=None, repair=True)
    recount_totals(repair=True)
    return school_of_today


@pytest.mark.parametrize("size", [DESK, PHONE], ids=["desk", "phone"])
def test_axe_finds_nothing_on_the_full_pages_with_all_folds_open(size, open_page, school):
    page = open_page(school.office, size=size)
    for place in ("/dashboard/", "/dashboard/high-performers/", f"/students/{school.pupils[0].student_id}/"):
        page.goto(place)
        page.evaluate("document.querySelectorAll('details.fold').forEach(fold => { fold.open = true; })")
        assert (place, problems_on(page)) == (place, [])


def test_the_figures_lead_to_their_rows_and_the_charts_say_what_they_show(open_page, school):
    page = open_page(school.office)
    page.goto("/dashboard/")
    for chart in ("Attendance over time", "Average over time", "How many graded scores stand in each grade"):
        expect(page.get_by_role("img", name=chart)).to_be_visible()
    expect(page.get_by_role("link", name="28 students")).to_be_visible()
    page.get_by_text("The trend as a table").click()
    rows = page.get_by_role("table", name="Attendance and average over time").get_by_role("row")
    expect(rows).to_have_count(31)
    page.get_by_role("link", name="attendance", exact=False).first.click()
    expect(page.get_by_role("heading", level=1)).to_have_text("Attendance marks")


def test_without_scripts_on_a_phone_a_teacher_finds_whom_to_talk_to(open_page, school):
    page = open_page(school.teacher.user, size=PHONE, scripts=False)
    page.get_by_role("link", name="Dashboard").click()
    expect(page.get_by_role("heading", level=1)).to_have_text("Your classes")
    page.get_by_role("combobox", name="Trend").select_option("90d")
    follow(page, page.get_by_role("button", name="Show"))
    assert "period=90d" in page.url
    expect(page.get_by_role("heading", name="Whom to talk to")).to_be_visible()
    assert page.evaluate("document.documentElement.scrollWidth") == PHONE["width"]


def test_a_teacher_who_is_a_parent_has_all_places_on_a_phone(open_page, school):
    """Six places are the most that the bar at the bottom holds."""
    Parent.objects.create(user=school.teacher.user, full_name="Ana Silva")
    page = open_page(school.teacher.user, size=PHONE)
    page.goto("/dashboard/")
    places = page.get_by_role("navigation", name="Places").get_by_role("link")
    assert places.count() == 6
    assert problems_on(page) == []
    boxes = [place.bounding_box() for place in places.all()]
    assert all(box["x"] >= 0 and box["x"] + box["width"] <= PHONE["width"] for box in boxes)
    assert all(left["x"] + left["width"] <= right["x"] + 1 for left, right in pairwise(boxes))
