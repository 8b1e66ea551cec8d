"""A teacher reads the mark book of a class of 28, sets a piece of work in it and publishes it."""

from __future__ import annotations

from datetime import timedelta
from decimal import Decimal

import pytest
from playwright.sync_api import expect

from assessments.models import Assessment, Score, State
from assessments.tests.factories import AssessmentFactory, ScoreFactory
from students.models import Subject
from students.tests.factories import SubjectFactory
from tests.browser.axe import problems_on
from tests.browser.conftest import DESK, PHONE

pytestmark = pytest.mark.browser
PIECES = 20
BOOK = "/assessments/"


@pytest.fixture
def maths(school_of_today) -> Subject:
    """Mathematics with 20 pieces of work in the class of 28, some of it published, missing, exempt or not graded."""
    maths = SubjectFactory(name="Mathematics")
    for number in range(PIECES):
        work = AssessmentFactory(
            title=f"Chapter {number + 1}: fractions",
            school_class=school_of_today.school_class,
            subject=maths,
            date_taken=school_of_today.today - timedelta(days=PIECES - number),
        )
        states = (State.MISSING, State.EXEMPT, State.GRADED, State.GRADED)
        Score.objects.bulk_create(
            ScoreFactory.build(student=student, assessment=work, state=states[(number + place) % 4])
            for place, student in enumerate(school_of_today.pupils[number % 2 :])
        )
    return maths


@pytest.mark.parametrize("size", [DESK, PHONE], ids=["desk", "phone"])
def test_heads_and_names_stay_in_sight_while_the_sheet_scrolls_by_keyboard(size, open_page, school_of_today, maths):
    page = open_page(school_of_today.teacher.user, size=size)
    page.goto(BOOK)
    sheet = page.get_by_role("region", name="Scores")
    name = sheet.get_by_role("rowheader", name="Zoë Baker")
    head = sheet.get_by_role("columnheader", name="Student")
    left, top = name.bounding_box()["x"], head.bounding_box()["y"]
    sheet.focus()
    for key, way in (("ArrowRight", "scrollLeft"), ("ArrowDown", "scrollTop")):
        for _press in range(40):
            page.keyboard.press(key)
            page.wait_for_timeout(20)  # milliseconds; the browser scrolls when it next draws
            if sheet.evaluate(f"sheet => sheet.{way}") > 100:
                break
        else:
            pytest.fail(f"{key} does not scroll the sheet")
    expect(sheet).to_be_focused()
    assert abs(name.bounding_box()["x"] - left) < 1
    assert abs(head.evaluate("head => head.getBoundingClientRect().top + scrollY") - top) < 1
    assert not page.evaluate("document.documentElement.scrollWidth > innerWidth")


@pytest.mark.parametrize("scripts", [True, False], ids=["with scripts", "without"])
def test_work_is_set_in_place_and_published(scripts, open_page, school_of_today, maths):
    page = open_page(school_of_today.teacher.user, scripts=scripts)
    page.goto(BOOK)
    page.get_by_text("Add a piece of work").click()
    page.get_by_label("Title").fill("Essay")
    page.get_by_label("Type").select_option("assignment")
    page.get_by_label("Out of").fill("17,5")
    page.get_by_role("button", name="Add", exact=True).click()
    expect(page.get_by_role("status")).to_contain_text("“Essay” is added.")
    work = Assessment.objects.get(title="Essay")
    assert (work.max_score, work.date_taken, work.subject) == (Decimal("17.5"), school_of_today.today, maths)
    page.get_by_role("link", name="not published Essay").click()
    page.get_by_role("button", name="Publish now").click()
    expect(page.get_by_role("status")).to_have_text("Published: parents read “Essay” now.")
    work.refresh_from_db()
    assert work.is_published
    page.get_by_role("link", name="Essay", exact=True).click()
    expect(page.get_by_role("heading", level=1)).to_have_text("Essay, 7A")


@pytest.mark.parametrize("size", [DESK, PHONE], ids=["desk", "phone"])
def test_axe_finds_nothing(size, open_page, school_of_today, maths):
    page = open_page(school_of_today.teacher.user, size=size)
    work = Assessment.objects.first()
    of_work = [f"{BOOK}{work.pk}/{what}/" for what in ("edit", "publish", "delete")]
    lists = ["records/", "records/?class_id=x&subject=y", "records/?student_id=STU9"]
    book = ["", "?sort=-average", "?term=x", f"?made={work.pk}", "new/"]
    found = {}
    for address in [*(BOOK + rest for rest in (*book, *lists)), *of_work]:
        page.goto(address)
        if details := page.locator("details.book__new:not([open]) > summary").all():
            details[0].click()
        if problems := problems_on(page):
            found[address] = problems
    assert found == {}
