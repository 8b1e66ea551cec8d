"""A teacher enters the marks of a class of 28."""

from __future__ import annotations

import pytest
from playwright.sync_api import Page, expect

from assessments.models import Assessment, Score, State
from assessments.tests.factories import AssessmentFactory
from students.tests.factories import SubjectFactory
from tests.browser.conftest import DESK, PHONE

pytestmark = pytest.mark.browser
POINTS = [str(number % 11 + 10) for number in range(28)]


@pytest.fixture
def work(school_of_today) -> Assessment:
    """Quiz 3 of the class of 28, out of 20, written today."""
    maths = SubjectFactory(name="Mathematics")
    return AssessmentFactory(title="Quiz 3", school_class=school_of_today.school_class, subject=maths)


def open_scores(page: Page, work: Assessment) -> None:
    page.goto(f"/assessments/{work.pk}/scores/")
    expect(page.get_by_role("heading", level=1)).to_have_text("Quiz 3, 7A")


def column(work: Assessment) -> list[str]:
    """The stored scores in the order of the class list."""
    rows = Score.objects.filter(assessment=work).order_by("student__family_name", "student__given_name")
    return [row.state if row.score is None else f"{row.score:f}" for row in rows]


def test_28_marks_by_keyboard_alone(open_page, school_of_today, work):
    page = open_page(school_of_today.teacher.user)
    open_scores(page, work)
    expect(page.locator("[data-score]").first).to_be_focused()
    for points in POINTS:
        page.keyboard.type(points)
        page.keyboard.press("Enter")
    expect(page.get_by_role("button", name="Save").last).to_be_focused()
    expect(page.locator("[data-counts]")).to_have_text("28 graded.")
    page.keyboard.press("Enter")
    expect(page.locator(".note--done p")).to_have_text("28 graded.")
    assert column(work) == POINTS


def test_arrows_tab_and_the_note_by_keyboard(open_page, school_of_today, work):
    page = open_page(school_of_today.teacher.user)
    open_scores(page, work)
    inputs = page.locator("[data-score]")
    page.keyboard.press("ArrowDown")
    expect(inputs.nth(1)).to_be_focused()
    page.keyboard.press("Tab")
    expect(inputs.nth(2)).to_be_focused()
    page.keyboard.press("Shift+Enter")
    expect(inputs.nth(1)).to_be_focused()
    page.keyboard.press("ArrowUp")
    expect(inputs.first).to_be_focused()
    page.keyboard.type("m")
    page.keyboard.press("ArrowRight")
    page.keyboard.type("Ill that day")
    page.keyboard.press("Enter")
    expect(inputs.nth(1)).to_be_focused()
    page.keyboard.press("Control+s")
    expect(page.locator(".note--done p")).to_have_text("1 missing, 27 not graded yet.")
    assert list(Score.objects.values_list("state", "notes")) == [(State.MISSING, "Ill that day")]


def test_each_score_is_read_while_it_is_typed(open_page, school_of_today, work):
    page = open_page(school_of_today.teacher.user)
    open_scores(page, work)
    first, said = page.locator("[data-score]").first, page.locator("[data-read]").first
    for typed, read in (
        ("85%", "17 of 20 = 85.0 %"),
        ("17,5", "17.5 of 20 = 87.5 %"),
        ("ex", "Exempt"),
        ("21", "Above the maximum of 20."),
        ("1_0", "Not read as a score."),
        ("", ""),
    ):
        first.fill(typed)
        expect(said).to_have_text(read)
    for place, points in enumerate(["15", "16", "15", "16", "17"]):
        page.locator("[data-score]").nth(place + 1).fill(points)
    first.fill("1.9")
    expect(said).to_have_text("Class median 77.5 %, this is 9.5 %.")
    expect(page.locator(".scores__figures")).to_contain_text("lowest 9.5 % · highest 85.0 %")


def test_a_column_pasted_from_a_spreadsheet_fills_down(open_page, school_of_today, work):
    page = open_page(school_of_today.teacher.user)
    open_scores(page, work)
    paste(page, "17,5\r\nM\r\n\r\nEX\r\n20\r\n")
    assert [page.locator("[data-score]").nth(place).input_value() for place in range(5)] == [
        "17,5", "M", "", "EX", "20",
    ]  # fmt: skip
    page.get_by_role("button", name="Save").last.click()
    expect(page.locator(".note--done p")).to_have_text("2 graded, 1 missing, 1 exempt, 24 not graded yet.")
    assert column(work) == ["17.5", "missing", "exempt", "20"]


def test_cells_beyond_the_class_are_flagged_not_dropped(open_page, school_of_today, work):
    page = open_page(school_of_today.teacher.user)
    open_scores(page, work)
    paste(page, "\n".join([*POINTS, "13"]))
    expect(page.locator("[data-score]").last).to_have_value(f"{POINTS[-1]} 13")
    expect(page.locator("[data-read]").last).to_have_text("Not read as a score.")


def paste(page: Page, text: str) -> None:
    """Paste a text into the input in focus, as the browser's clipboard hands it over."""
    page.evaluate(
        """text => {
            const clipboardData = new DataTransfer();
            clipboardData.setData("text", text);
            document.activeElement.dispatchEvent(
                new ClipboardEvent("paste", { clipboardData, bubbles: true, cancelable: true }));
        }""",
        text,
    )


def test_fill_the_blanks(open_page, school_of_today, work):
    page = open_page(school_of_today.teacher.user)
    open_scores(page, work)
    page.locator("[data-score]").nth(3).fill("12")
    page.get_by_label("Fill the blanks with").fill("M")
    page.get_by_role("button", name="Fill", exact=True).click()
    expect(page.locator("[data-counts]")).to_have_text("1 graded, 27 missing.")
    assert Score.objects.count() == 0


def test_two_teachers_clash_and_one_chooses(open_page, school_of_today, work):
    page = open_page(school_of_today.teacher.user)
    open_scores(page, work)
    other = open_page(school_of_today.office)
    open_scores(other, work)
    other.locator("[data-score]").first.fill("12")
    other.get_by_role("button", name="Save").last.click()
    expect(other.locator(".note--done p")).to_have_text("1 graded, 27 not graded yet.")
    page.locator("[data-score]").first.fill("17")
    page.locator("[data-score]").nth(1).fill("9")
    page.get_by_role("button", name="Save").last.click()
    expect(page.get_by_role("heading", level=1)).to_have_text("1 score was changed meanwhile")
    page.get_by_role("radio", name="17 you,").check()
    page.get_by_role("button", name="Save these choices").click()
    expect(page.locator("[data-score]").first).to_have_value("17")
    assert column(work) == ["17", "9"]


@pytest.mark.parametrize("size", [DESK, PHONE], ids=["desk", "phone"])
def test_without_scripts_a_bad_score_stays_and_the_others_save(open_page, school_of_today, work, size):
    page = open_page(school_of_today.teacher.user, size=size, scripts=False)
    open_scores(page, work)
    for place, points in enumerate(POINTS):
        page.locator("[data-score]").nth(place).fill(points if place else "21")
    page.get_by_role("button", name="Check without saving").click()
    expect(page.locator("main")).to_contain_text("Not saved yet. This is how each line is read.")
    expect(page.locator("[data-read]").nth(1)).to_have_text("11 of 20 = 55.0 %")
    page.get_by_role("button", name="Save").last.click()
    expect(page.locator("[data-read]").first).to_have_text("Above the maximum of 20.")
    assert column(work) == POINTS[1:]
    page.locator("[data-score]").first.fill("20")
    page.get_by_role("button", name="Save").last.click()
    expect(page.locator(".note--done p")).to_have_text("28 graded.")
