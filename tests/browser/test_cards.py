"""The report cards of a class: the office presses one button, is told what happens, and has the file."""

from __future__ import annotations

from pathlib import Path

import pytest
from playwright.sync_api import expect
from pypdf import PdfReader

from tests.browser.conftest import PHONE

pytestmark = pytest.mark.browser
MADE = "The file is made and among your downloads."


def test_the_file_comes_by_itself_and_the_page_says_so(open_page, school_of_today):
    page = open_page(school_of_today.office)
    page.goto(f"/dashboard/cards/{school_of_today.school_class.pk}/")
    expect(page.get_by_text("28 cards, of those in the class today")).to_be_visible()
    with page.expect_download() as coming:
        page.get_by_role("button", name="Make the file").click()
    download = coming.value
    assert download.suggested_filename == "cards-7a.pdf"
    assert len(PdfReader(Path(download.path())).pages) >= 28
    expect(page.get_by_role("status")).to_have_text(MADE)
    assert page.evaluate("window.refused") == []


def test_while_it_is_made_the_page_says_so_and_a_second_press_does_nothing(open_page, school_of_today):
    page = open_page(school_of_today.office, size=PHONE)
    asked = []

    def hold_back(route):
        asked.append(route)

    page.route("**/cards.pdf*", hold_back)
    page.goto(f"/dashboard/cards/{school_of_today.school_class.pk}/")
    button = page.get_by_role("button", name="Make the file")
    with page.expect_request("**/cards.pdf*"):
        button.click()
    expect(page.get_by_role("status")).to_have_text("The cards are being made. The file comes by itself.")
    button.click(force=True)
    assert len(asked) == 1
    with page.expect_download():
        asked[0].continue_()
    expect(page.get_by_role("status")).to_have_text(MADE)
    expect(button).not_to_have_attribute("aria-disabled", "true")


def test_a_portal_that_does_not_answer_is_said_in_words(open_page, school_of_today):
    page = open_page(school_of_today.office)
    page.add_init_script("window.fetch = () => Promise.reject(new TypeError('Failed to fetch'))")
    page.goto(f"/dashboard/cards/{school_of_today.school_class.pk}/")
    page.get_by_role("button", name="Make the file").click()
    expect(page.get_by_role("status")).to_contain_text("The portal did not answer.")


def test_days_that_cannot_be_are_answered_by_the_page(open_page, school_of_today):
    page = open_page(school_of_today.office)
    page.goto(f"/dashboard/cards/{school_of_today.school_class.pk}/")
    page.get_by_label("Period").select_option("dates")
    page.get_by_role("button", name="Make the file").click()
    expect(page.get_by_role("alert")).to_have_text("Give the first and the last day of the period.")


def test_without_scripts_the_button_downloads_it(open_page, school_of_today):
    page = open_page(school_of_today.office, scripts=False)
    page.goto(f"/dashboard/cards/{school_of_today.school_class.pk}/")
    with page.expect_download() as coming:
        page.get_by_role("button", name="Make the file").click()
    assert coming.value.suggested_filename == "cards-7a.pdf"
