"""The pages of what fails, in a real browser: readable, within the screen, under the strict policy."""

from __future__ import annotations

from urllib.parse import urlencode

import pytest
from django.test import Client, override_settings

from attendance.tests.registers import address, page_posts
from tests.browser.axe import problems_on
from tests.browser.conftest import DESK, PHONE
from tests.test_error_pages import FAILURES, FORM
from tests.test_outage import down, no_file

# One of each shell: of somebody signed in, of somebody whom nobody asked yet, of nobody.
SHELLS = ("another role", "a body that is too large", "a fault of ours")
pytestmark = pytest.mark.browser


def answers(school, folder):
    """The page of each failure, as the portal gives it to a teacher."""
    browser = Client(enforce_csrf_checks=True, raise_request_exception=False)
    browser.force_login(school.teacher.user, backend="accounts.backends.RoleBackend")
    register = address(school.school_class, school.today)
    browser.get(register)
    token = {"csrfmiddlewaretoken": browser.cookies["csrftoken"].value}
    typed = page_posts(school.pupils, **{f"note-{school.pupils[0].student_id}": "x" * 190})
    with override_settings(ROOT_URLCONF="tests.test_error_pages"):
        found = {failure: FAILURES[failure][0](browser) for failure in SHELLS}
    with down(no_file(folder)):
        found["down, a form"] = browser.post(register, urlencode(typed | token), content_type=FORM)
        found["down, a page"] = browser.get("/students/")
        secret = {"login": "ana", "password": "a quiet sentence", **token}
        found["down, a password"] = browser.post("/accounts/login/", urlencode(secret), content_type=FORM)
    return found


def show(page, answer):
    """Open the page as if the browser had been given it, with its policy; its style comes from the live server."""
    headers = {name: value for name, value in answer.items() if name.startswith("Content-")}
    page.unroute_all()
    page.route("**/failed/", lambda route: route.fulfill(body=answer.content, headers=headers))
    page.goto("/failed/")


@pytest.mark.parametrize("size", [DESK, PHONE], ids=["desk", "phone"])
def test_every_page_of_a_failure_is_as_good_as_any_other(size, open_page, school_of_today, tmp_path):
    page = open_page(size=size)
    found = {}
    for failure, answer in answers(school_of_today, tmp_path).items():
        show(page, answer)
        for summary in page.locator("details.kept summary").all():
            summary.click()
        if problems := problems_on(page):
            found[failure] = problems
    assert found == {}
