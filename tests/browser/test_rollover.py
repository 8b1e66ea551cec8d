"""The office starts the next school year, corrects one student, and takes it back; without scripts too."""

from __future__ import annotations

import pytest
from playwright.sync_api import Page, expect

from students.models import AcademicYear, Enrolment, SchoolClass
from students.tests.factories import SchoolClassFactory
from tests.browser.axe import problems_on
from tests.browser.conftest import DESK, PHONE, SchoolOfToday, follow
from tests.cast import pupil

pytestmark = pytest.mark.browser


def shown_well(page: Page) -> None:
    """Axe finds nothing by WCAG, the policy refuses nothing, and nothing is wider than the screen."""
    assert problems_on(page, is_ours=False) == []
    assert page.evaluate("document.documentElement.scrollWidth <= innerWidth")


def start_the_year(page: Page, *, well: bool) -> None:
    """The three steps, with Bo repeating."""
    page.goto("/admin/students/academicyear/")
    follow(page, page.get_by_role("link", name="Start the next school year"))
    if well:
        shown_well(page)
    page.get_by_label("Name:").first.fill("Next year")
    page.get_by_role("button", name="Next: classes and students").click()
    page.locator("summary", has_text="28 students: 28 move on, 0 repeat").click()
    if well:
        shown_well(page)
    page.get_by_label("Bo Lind").select_option(label="7A")
    page.get_by_role("button", name="Next: look it over").click()
    expect(page.locator("strong", has_text="27 move on, 1 repeats, 1 leaves the school.")).to_be_visible()
    if well:
        shown_well(page)
    page.get_by_role("button", name="Start Next year").click()
    expect(page.locator(".messagelist")).to_contain_text("Next year is ready: 27 move on, 1 repeats, 1 leaves")


@pytest.mark.parametrize("size", [DESK, PHONE], ids=["desk", "phone"])
@pytest.mark.parametrize("scripts", [True, False], ids=["scripts", "no scripts"])
def test_the_office_starts_the_next_year_and_takes_it_back(size, scripts, open_page, school_of_today):
    add_a_leaver(school_of_today)
    page = open_page(school_of_today.office, size=size, scripts=scripts)
    start_the_year(page, well=scripts)
    page.goto("/admin/students/schoolclass/")
    page.get_by_role("link", name="Next year").first.click()
    expect(page.locator("#result_list tbody th")).to_have_text(["7A", "8A"])
    assert Enrolment.objects.get(ends_on=None, student__given_name="Bo").school_class.name == "7A"
    page.goto(f"/admin/students/academicyear/{AcademicYear.objects.get(name='Next year').pk}/change/")
    page.get_by_role("link", name="Undo the start of this year").click()
    expect(page.get_by_role("list").filter(has_text="These go")).to_contain_text("2 classes, 28 enrolments")
    if scripts:
        shown_well(page)
    page.get_by_role("button", name="Yes, undo it").click()
    expect(page.locator(".messagelist")).to_contain_text("The start of Next year is undone.")
    assert [school_class.name for school_class in SchoolClass.objects.all()] == ["7A", "8C"]


def add_a_leaver(school: SchoolOfToday) -> None:
    """An 8C of one student, so that 7A is not the highest level."""
    year = school.school_class.academic_year
    pupil("Lena", "Last", SchoolClassFactory(name="8C", grade_level="8", academic_year=year), starts_on=year.starts_on)
