"""The office enters a parent with a child in one form, and the parent gets in by the mail."""

from __future__ import annotations

import re

import pytest
from django.core import mail
from playwright.sync_api import expect

from accounts.models import Parent
from tests.browser.conftest import DESK, PHONE, follow

pytestmark = pytest.mark.browser
NEW_PASSWORD = "seven purple umbrellas"


@pytest.mark.parametrize("size", [DESK, PHONE], ids=["desk", "phone"])
def test_from_the_form_of_the_office_to_the_report_of_the_child(size, open_page, school_of_today):
    office = open_page(school_of_today.office, size=size)
    office.goto("/admin/accounts/parent/add/")
    office.get_by_label("Full name").fill("Rosa Lind")
    office.get_by_label("E-mail").fill("rosa.lind@example.org")
    office.locator("#child_links-0 .select2-selection").click()
    office.locator(".select2-search__field").fill("Chidi")
    office.locator(".select2-results__option", has_text="Chidi Obi").click()
    office.get_by_label("Relationship").first.fill("Mother")
    assert office.evaluate("document.documentElement.scrollWidth <= innerWidth")
    office.get_by_role("button", name="Save", exact=True).click()
    expect(office.get_by_text("Invitation sent: Rosa Lind.")).to_be_visible()
    assert Parent.objects.get(full_name="Rosa Lind").child_links.get().student == school_of_today.pupils[2]

    [invitation] = mail.outbox
    assert invitation.to == ["rosa.lind@example.org"]
    assert "user name: rosa.lind" in invitation.body
    parent = open_page(size=size)
    parent.goto(re.search(r"http://localhost(/\S+/reset/key/\S+)", invitation.body)[1])
    for field in parent.locator("input[type=password]").all():
        field.fill(NEW_PASSWORD)
    follow(parent, parent.locator("main button[type=submit]"))
    parent.goto("/accounts/login/")
    parent.get_by_label("Username").fill("rosa.lind")
    parent.get_by_label("Password").fill(NEW_PASSWORD)
    parent.get_by_role("button", name="Sign in").click()
    expect(parent.get_by_role("heading", level=1)).to_have_text("Chidi Obi")


def test_students_are_moved_without_scripts(open_page, school_of_today):
    office = open_page(school_of_today.office, size=PHONE, scripts=False)
    office.goto("/admin/students/student/?q=Chidi")
    office.locator("input.action-select").check()
    office.locator("select[name=action]").select_option("Move to a class from a date")
    office.get_by_role("button", name="Go").click()
    office.get_by_label("New class").select_option("7A (This year)")
    office.get_by_role("button", name="Move").click()
    expect(office.get_by_role("alert")).to_have_text("Nothing was changed. Correct what is named below.")
    expect(office.locator(".errorlist")).to_contain_text(f"Chidi Obi ({school_of_today.pupils[2].student_id}) is in 7A")
    expect(office.get_by_label("New class").locator("option:checked")).to_have_text("7A (This year)")
