"""Axe finds nothing on any page, light and dark, and no page is wider than a phone."""

from __future__ import annotations

from collections.abc import Callable, Iterator

import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Page

from tests.browser.conftest import DESK, PHONE, SchoolOfToday

pytestmark = pytest.mark.browser
# Django's own admin is held to WCAG 2.2 AA; our pages to axe's best practices too.
WCAG_ONLY = {"runOnly": ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa"]}


def pages_of(person: str, school: SchoolOfToday) -> Iterator[tuple[str, Callable[[Page], object]]]:
    """The pages of a role as (name, how to get there)."""
    register = f"/attendance/{school.school_class.pk}/{school.today.isoformat()}/"
    student = school.pupils[0].student_id
    addresses = {
        "anonymous": [
            "/accounts/login/", "/accounts/signup/", "/accounts/password/reset/", "/accounts/password/reset/done/",
            "/accounts/password/reset/key/1-x/", "/accounts/password/reset/key/done/", "/accounts/inactive/",
        ],
        "teacher": [
            "/attendance/", "/attendance/?date=nonsense", "/attendance/?date=2001-01-01", register,
            f"/attendance/{school.school_class.pk}/2001-01-01/", f"/classes/{school.school_class.pk}/", "/students/",
            "/students/?search=nobody", "/students/?page=9", "/students/new/", f"/students/{student}/",
            f"/students/{student}/edit/", "/accounts/password/change/", "/accounts/logout/", "/report/",
        ],
        "parent": ["/report/", f"/report/{student}/", f"/report/{student}/?month=x", "/students/"],
        "office": [
            "/dashboard/", "/admin/", "/admin/students/student/",
            f"/admin/students/student/{school.pupils[0].pk}/change/",
            "/admin/accounts/user/", "/admin/students/school/1/change/", "/admin/students/schoolclass/",
        ],
    }  # fmt: skip
    for address in addresses[person]:
        yield address, lambda page, address=address: page.goto(address)
    if person == "teacher":
        yield "register with a mistake", lambda page: post_mistake(page, register)
        yield "student form with mistakes", lambda page: post_mistake(page, "/students/new/")
        yield "register taken", lambda page: (page.goto(register), page.get_by_role("button", name="Save").click())


def post_mistake(page: Page, address: str) -> None:
    page.goto(address)
    for field in page.locator("input[name^=minutes]").all()[:1]:
        page.locator("summary", has_text="Minutes").first.click()
        field.fill("12")
    page.get_by_role("button", name="Save").click()
    assert page.locator("[role=alert]").count() == 1


@pytest.mark.parametrize("dark", [False, True], ids=["light", "dark"])
@pytest.mark.parametrize("size", [DESK, PHONE], ids=["desk", "phone"])
@pytest.mark.parametrize("person", ["anonymous", "teacher", "parent", "office"])
def test_axe_finds_nothing(person, size, dark, open_page, school_of_today):
    users = {
        "anonymous": None,
        "teacher": school_of_today.teacher.user,
        "parent": school_of_today.parent.user,
        "office": school_of_today.office,
    }
    page = open_page(users[person], size=size, dark=dark)
    found = {}
    for name, visit in pages_of(person, school_of_today):
        visit(page)
        problems = [f"refused by the policy: {directive}" for directive in page.evaluate("window.refused")]
        rules = WCAG_ONLY if name.startswith("/admin/") else {}
        # Preloading would have axe write a style element, which the policy refuses.
        violations = Axe().run(page, options={"preload": False, **rules}).response["violations"]
        problems += [f"{problem['id']}: {problem['nodes'][0]['html'][:150]}" for problem in violations]
        if page.evaluate("document.documentElement.scrollWidth > innerWidth") and "/admin/" not in name:
            problems.append("wider than the screen")
        if problems:
            found[name] = problems
    assert found == {}
