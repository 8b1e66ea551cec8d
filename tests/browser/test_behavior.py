"""A teacher notes behaviour on a phone, standing in a corridor: one hand, ten seconds, with scripts or without."""

from __future__ import annotations

import pytest
from playwright.sync_api import expect

from behavior.models import BehaviorRecord
from tests.browser.conftest import DESK, PHONE

pytestmark = pytest.mark.browser
SIZES = pytest.mark.parametrize("size", [DESK, PHONE], ids=["desk", "phone"])


@pytest.mark.parametrize("scripts", [True, False], ids=["scripts", "plain"])
def test_a_teacher_notes_behaviour_of_three_students_on_a_phone(scripts, open_page, school_of_today):
    page = open_page(school_of_today.teacher.user, size=PHONE, scripts=scripts)
    page.goto(f"/classes/{school_of_today.school_class.pk}/")
    page.get_by_role("link", name="Note behaviour").click()
    for name in ("Bo Lind", "Gao Lin", "Zoë Baker"):
        page.get_by_label(name, exact=True).check()
    page.get_by_label("Positive").check()
    page.get_by_label("Kindness").check()
    page.get_by_label("What happened").fill("Showed the new pupil round")
    page.get_by_label("Share with parents").check()
    page.get_by_role("button", name="Save (3)" if scripts else "Save").click()
    expect(page.locator(".note--done")).to_contain_text("Kindness: Bo Lind, Gao Lin, Zoë Baker. Parents can read it.")
    noted = BehaviorRecord.objects.order_by("student__given_name")
    assert [str(record.student) for record in noted] == ["Bo Lind", "Gao Lin", "Zoë Baker"]
    assert {(record.behavior_type, record.category.name, record.notes) for record in noted} == {
        ("positive", "Kindness", "Showed the new pupil round")
    }
    assert {(record.date, record.shared_with_parents, record.teacher) for record in noted} == {
        (school_of_today.today, True, school_of_today.teacher)
    }
    page.get_by_role("button", name="Undo").click()
    expect(page.locator(".note--done")).to_have_text("Undone: 3 records are withdrawn.")
    assert BehaviorRecord.objects.count() == 0


@SIZES
def test_a_double_click_on_save_notes_nothing_twice_and_a_step_back_finds_a_new_form(size, open_page, school_of_today):
    page = open_page(school_of_today.teacher.user, size=size)
    page.goto(f"/behavior/new/?class_id={school_of_today.school_class.pk}")
    page.get_by_label("Bo Lind", exact=True).check()
    page.get_by_label("Negative").check()
    page.get_by_label("Homework").check()
    page.get_by_role("button", name="Save").dblclick()
    expect(page.locator(".note--done")).to_contain_text("Homework: Bo Lind. Only staff read it.")
    page.go_back()
    expect(page.get_by_label("Bo Lind", exact=True)).not_to_be_checked()
    expect(page.get_by_role("button", name="Save", exact=True)).to_be_visible()
    assert BehaviorRecord.objects.count() == 1


@SIZES
def test_everyone_is_ticked_at_once_and_unticked_again(size, open_page, school_of_today):
    page = open_page(school_of_today.teacher.user, size=size)
    page.goto(f"/behavior/new/?class_id={school_of_today.school_class.pk}")
    page.get_by_role("button", name="Everyone").click()
    expect(page.get_by_role("button", name="Save (28)")).to_be_visible()
    page.get_by_role("button", name="Everyone").click()
    expect(page.get_by_role("button", name="Save", exact=True)).to_be_visible()


@SIZES
def test_a_mistake_is_shown_beside_what_was_typed_and_a_record_is_edited_and_withdrawn(
    size, open_page, school_of_today
):
    page = open_page(school_of_today.teacher.user, size=size)
    page.goto(f"/behavior/new/?student={school_of_today.pupils[0].student_id}")
    page.get_by_label("What happened").fill("Ran in the laboratory")
    page.get_by_role("button", name="Save").click()
    expect(page.locator("[role=alert]")).to_contain_text("Not saved.")
    page.get_by_role("link", name="Choose Positive or Negative.").click()
    expect(page.locator("#wrong-behavior_type")).to_be_in_viewport()
    expect(page.get_by_label("Amina Diallo", exact=True)).to_be_checked()
    page.get_by_label("Negative").check()
    page.get_by_label("Safety").check()
    page.get_by_role("button", name="Save").click()
    page.get_by_role("link", name="What is noted").click()
    page.get_by_role("link", name="Edit Amina Diallo").click()
    expect(page.get_by_label("What happened")).to_have_value("Ran in the laboratory")
    page.get_by_label("What happened").fill("Ran in the laboratory, twice")
    page.get_by_role("button", name="Save").click()
    expect(page.locator("main")).to_contain_text("Ran in the laboratory, twice")
    page.get_by_role("link", name="Withdraw Amina Diallo").click()
    page.get_by_role("button", name="Withdraw it").click()
    expect(page.locator("main")).to_contain_text("Nothing has been noted of your students yet.")
    assert [version.history_type for version in BehaviorRecord.history.all()] == ["-", "~", "+"]
