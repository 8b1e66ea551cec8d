"""Axe finds nothing on any page, light and dark, and no page is wider than a phone."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from datetime import timedelta

import pytest
from playwright.sync_api import Page

from assessments.models import Assessment
from tests.browser.axe import problems_on
from tests.browser.conftest import DESK, PHONE, SchoolOfToday, follow
from tests.browser.records import write_records

pytestmark = pytest.mark.browser


def pages_of(person: str, school: SchoolOfToday, work: Assessment) -> Iterator[tuple[str, Callable[[Page], object]]]:
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
            "/attendance/records/", "/attendance/records/?date=nonsense&status=x",
            "/attendance/records/?student_id=STU9",
            "/attendance/not-taken/", "/attendance/not-taken/?start_date=2001-01-01", f"{register}print/",
            f"/classes/{school.school_class.pk}/print/",
            "/attendance/planned-absences/", "/attendance/planned-absences/?when=x",
            "/attendance/planned-absences/new/", f"/attendance/planned-absences/new/?student={student}",
            "/attendance/absent-today/",
            f"/attendance/absent-today/?date={(school.today - timedelta(days=5)).isoformat()}",
            "/attendance/absent-today/?date=x", "/attendance/late-desk/", "/attendance/late-desk/?search=a",
            "/attendance/late-desk/?search=nobody",
            "/assessments/statistics/", "/assessments/statistics/?term=x", "/assessments/", "/assessments/records/",
            "/assessments/new/", f"/assessments/{work.pk}/scores/", f"/assessments/{work.pk}/edit/",
            f"/assessments/{work.pk}/publish/", f"/assessments/{work.pk}/delete/",
            "/behavior/", "/behavior/?start_date=x", "/behavior/?search=nobody", "/behavior/new/",
            f"/behavior/new/?class_id={school.school_class.pk}", f"/behavior/new/?student={student}",
            "/dashboard/", "/dashboard/?period=90d", "/dashboard/?class_id=x", "/dashboard/high-performers/",
            "/dashboard/high-performers/?term=x",
            "/dashboard/at-risk/", "/dashboard/at-risk/?attendance=99", "/dashboard/at-risk/?attendance=x&class_id=9",
            "/participation/", "/participation/?status=x", "/participation/new/", "/participation/events/",
        ],
        "parent": [
            "/profile/", "/report/", f"/report/{student}/", f"/report/{student}/?month=x",
            f"/report/{student}/?period=dates", f"/report/{student}/opened/", "/students/",
        ],
        "office": [
            f"{register}cover/", "/dashboard/thresholds/", "/dashboard/thresholds/?attendance=99&note_days=7",
            "/dashboard/thresholds/?average=x", "/dashboard/", f"/dashboard/cards/{school.school_class.pk}/",
            f"/students/{student}/changes/", f"/report/{student}/opened/", "/admin/accounts/accesslog/",
            f"/admin/accounts/accesslog/?student_id={student}", "/admin/", "/admin/students/student/",
            f"/admin/students/student/{school.pupils[0].pk}/change/",
            "/admin/accounts/user/", "/admin/students/school/1/change/", "/admin/students/schoolclass/",
            "/admin/accounts/parent/add/", "/admin/accounts/teacher/add/",
            "/admin/students/academicyear/", "/admin/students/academicyear/next/",
        ],
    }  # fmt: skip
    for address in addresses[person]:
        yield address, lambda page, address=address: page.goto(address)
    if person == "office":
        yield "/admin/ asks before an action", choose_action
        yield "/admin/ asks again", lambda page: choose_action(page, "Move")
    if person == "teacher":
        yield "scores with a mistake", lambda page: post_wrong_score(page, work)
        yield "register with a mistake", lambda page: post_mistake(page, register)
        yield "student form with mistakes", lambda page: post_mistake(page, "/students/new/")
        yield "event of a class", lambda page: new_event(page, str(school.school_class.pk))
        yield "event with its receipt", lambda page: follow(page, page.get_by_role("button", name="Save").last)
        yield "event changed", lambda page: follow(page, page.get_by_role("link", name="Change the event"))
        yield "event deleted", lambda page: follow(page, page.get_by_role("link", name="Delete this event"))
        yield "mixed group", lambda page: new_event(page, "mixed")
        yield "students to add", find_students
        yield "register taken", lambda page: take_register(page, register)


def choose_action(page: Page, button: str = "") -> None:
    """The page of the office that asks before it moves students, at first or with what is missing."""
    page.goto("/admin/students/student/")
    page.locator("input.action-select").first.check()
    page.locator("select[name=action]").first.select_option("move_to_class")
    follow(page, page.get_by_role("button", name="Go").first)
    if button:
        follow(page, page.get_by_role("button", name=button))
        assert page.locator("[role=alert]").count() == 1


def new_event(page: Page, school_class: str) -> None:
    """Make an event; its page, for a class with everybody set to attended. The name tells one run from the next."""
    page.goto("/participation/new/")
    page.get_by_label("Name").fill(f"Event {school_class} {page.evaluate('performance.timeOrigin')}")
    page.get_by_label("Who").select_option(school_class)
    follow(page, page.get_by_role("button", name="Add"))
    if school_class != "mixed":
        page.get_by_role("button", name="Set the rest to attended").click()
        page.get_by_text("Not saved yet").wait_for()


def find_students(page: Page) -> None:
    page.get_by_label("Add students").fill("a")
    follow(page, page.get_by_role("button", name="Find"))
    page.get_by_role("button", name="Add them").wait_for()


def take_register(page: Page, register: str) -> None:
    page.goto(register)
    follow(page, page.get_by_role("button", name="Save"))


def post_wrong_score(page: Page, work: Assessment) -> None:
    page.goto(f"/assessments/{work.pk}/scores/")
    page.locator("[data-score]").nth(1).fill("99")
    follow(page, page.get_by_role("button", name="Save").last)
    assert page.locator("[role=alert]").count() == 1


def post_mistake(page: Page, address: str) -> None:
    page.goto(address)
    for field in page.locator("input[name^=minutes]").all()[:1]:
        page.locator("summary", has_text="Minutes").first.click()
        field.fill("12")
    follow(page, page.get_by_role("button", name="Save"))
    assert page.locator("[role=alert]").count() == 1


@pytest.mark.parametrize("size", [DESK, PHONE], ids=["desk", "phone"])
@pytest.mark.parametrize("person", ["anonymous", "teacher", "parent", "office"])
def test_axe_finds_nothing_in_light_or_dark(person, size, open_page, school_of_today):
    users = {
        "anonymous": None,
        "teacher": school_of_today.teacher.user,
        "parent": school_of_today.parent.user,
        "office": school_of_today.office,
    }
    work = write_records(school_of_today)
    page = open_page(users[person], size=size)
    found = {}
    for name, visit in pages_of(person, school_of_today, work):
        visit(page)
        if problems := problems_on(page, is_ours="/admin/" not in name):
            found[name] = problems
    assert found == {}
