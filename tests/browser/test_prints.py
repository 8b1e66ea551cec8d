"""The pages made for paper: one side of A4 for a class of 30, and a button where scripts run."""

from __future__ import annotations

import re

import pytest
from playwright.sync_api import expect

from tests.browser.conftest import DESK
from tests.browser.records import write_records
from tests.cast import pupil

pytestmark = pytest.mark.browser
PAGE = re.compile(rb"/Type\s*/Page\b")
SIZE = re.compile(rb"/MediaBox\s*\[0 0 ([0-9.]+) ([0-9.]+)\]")
A4 = (595, 842)  # points


def addresses(school) -> list[str]:
    return [
        f"/classes/{school.school_class.pk}/print/",
        f"/attendance/{school.school_class.pk}/{school.today.isoformat()}/print/",
    ]


@pytest.mark.parametrize("dark", [False, True], ids=["light", "dark"])
def test_a_class_of_30_fits_on_one_side_of_a4(dark, open_page, school_of_today):
    for number in (29, 30):
        pupil(f"Pupil{number}", "With A Rather Long Family-Name", school_of_today.school_class, school_of_today.today)
    page = open_page(school_of_today.teacher.user, size=DESK, dark=dark)
    for address in addresses(school_of_today):
        page.goto(address)
        expect(page.locator("tbody tr").nth(29)).to_be_visible()
        file = page.pdf(prefer_css_page_size=True)
        sizes = {tuple(round(float(side)) for side in size) for size in SIZE.findall(file)}
        assert (address, len(PAGE.findall(file)), sizes) == (address, 1, {A4})


@pytest.mark.parametrize("dark", [False, True], ids=["light", "dark"])
def test_paper_is_black_on_white_without_the_shell(dark, open_page, school_of_today):
    page = open_page(school_of_today.teacher.user, size=DESK, dark=dark)
    for address in addresses(school_of_today):
        page.goto(address)
        expect(page.get_by_role("button", name="Print")).to_be_visible()
        page.emulate_media(media="print")
        for gone in (".topbar", ".on-screen"):
            expect(page.locator(gone)).to_be_hidden()
        expect(page.locator("body")).to_have_css("background-color", "rgb(255, 255, 255)")
        for place in ("h1", ".page__head p", "tbody th >> nth=0"):
            expect(page.locator(place)).to_have_css("color", "rgb(0, 0, 0)")
        page.emulate_media(media="screen")


def test_the_button_prints_and_is_not_there_without_scripts(open_page, school_of_today):
    address = addresses(school_of_today)[0]
    page = open_page(school_of_today.teacher.user)
    page.add_init_script("window.printed = 0; window.print = () => { window.printed += 1; };")
    page.goto(address)
    page.get_by_role("button", name="Print").click()
    assert page.evaluate("window.printed") == 1
    plain = open_page(school_of_today.teacher.user, scripts=False)
    plain.goto(address)
    expect(plain.get_by_role("button", name="Print")).to_be_hidden()
    expect(plain.get_by_text("Print it with your browser")).to_be_visible()


@pytest.mark.parametrize("dark", [False, True], ids=["light", "dark"])
def test_the_report_of_a_child_fits_on_two_sides_of_a4_in_black(dark, open_page, school_of_today):
    write_records(school_of_today)
    page = open_page(school_of_today.parent.user, size=DESK, dark=dark)
    page.goto(f"/report/{school_of_today.pupils[0].student_id}/")
    expect(page.get_by_text("Mathematics is rising", exact=True)).to_be_visible()
    assert 1 <= len(PAGE.findall(page.pdf(format="A4"))) <= 2
    page.emulate_media(media="print")
    for gone in (".topbar", ".period", ".fold >> nth=0"):
        expect(page.locator(gone)).to_be_hidden()
    expect(page.locator("h1")).to_have_css("color", "rgb(0, 0, 0)")
    expect(page.locator(".findings__list a").first).to_have_css("color", "rgb(0, 0, 0)")
