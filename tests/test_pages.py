"""What holds on every page: one h1, a title, a language, no inline style or script, the strict policy."""

from __future__ import annotations

import re

import pytest
from django.test import Client

from tests.routes import address

PAGES = {
    "office": [
        "dashboard:home", "dashboard:student", "dashboard:report", "students:list", "students:new", "students:edit",
        "students:class", "attendance:today", "attendance:register", "dashboard:report_home",
        "students:class_print", "attendance:print", "attendance:records", "attendance:not_taken",
        "attendance:absent_today", "attendance:late_desk", "attendance:cover", "attendance:planned", "attendance:plan",
        "attendance:edit_planned", "attendance:withdraw_planned",
        "assessments:book", "assessments:records", "assessments:new", "assessments:edit", "assessments:delete",
        "assessments:publish", "assessments:statistics", "dashboard:class_cards",
        "dashboard:thresholds", "dashboard:at_risk", "dashboard:high_performers",
        "behavior:list", "behavior:new", "behavior:edit", "behavior:withdraw",
        "participation:list", "participation:events", "participation:new", "participation:event",
        "participation:edit", "participation:delete", "api:docs", "dashboard:opened", "dashboard:changes",
    ],
    "ana": [
        "students:list", "students:new", "attendance:today", "attendance:register", "dashboard:student",
        "dashboard:at_risk", "dashboard:home", "dashboard:high_performers", "accounts:profile",
    ],
    "mariam": [
        "dashboard:report", "dashboard:opened", "accounts:profile", "account_change_password", "account_logout",
        "account_reauthenticate",
    ],
    "anonymous": [
        "account_login", "account_signup", "account_reset_password", "account_reset_password_done",
        "account_reset_password_from_key", "account_reset_password_from_key_done", "account_inactive",
    ],
}  # fmt: skip
POLICY = {
    "default-src 'none'", "script-src 'self'", "style-src 'self'", "img-src 'self' data:", "font-src 'self'",
    "connect-src 'self'", "form-action 'self'", "base-uri 'none'", "frame-ancestors 'none'",
}  # fmt: skip
CASES = [(person, route) for person, routes in PAGES.items() for route in routes]


@pytest.mark.parametrize(("person", "route"), CASES)
def test_every_page_is_built_alike(person, route, cast, sign_in):
    users = {"office": cast.office, "ana": cast.ana.user, "mariam": cast.mariam.user}
    browser = sign_in(users[person]) if person in users else Client()
    answer = browser.get(address(route, cast.class_7a, cast.amina))
    page = answer.content.decode()
    assert answer.status_code == 200
    assert len(re.findall(r"<h1\b", page)) == 1
    assert re.search(r"<title>\s*[^\s<·][^<]* · SPTrack\s*</title>", page)
    assert '<html lang="en" dir="ltr">' in page
    assert not re.search(r"<style\b|\sstyle=|\son[a-z]+=|<script(?![^>]*\ssrc=)|javascript:", page)
    assert set(answer.headers["Content-Security-Policy"].split("; ")) == POLICY


@pytest.mark.parametrize(("person", "status"), [("office", 404), ("ana", 404), ("mariam", 404)])
def test_an_address_that_is_not_there_gets_a_page_in_words(person, status, cast, sign_in):
    users = {"office": cast.office, "ana": cast.ana.user, "mariam": cast.mariam.user}
    answer = sign_in(users[person]).get("/report/STU99999/")
    assert answer.status_code == status
    assert "There is nothing here" in answer.content.decode()


def test_the_other_familys_child_and_no_child_get_the_same_answer(cast, sign_in):
    nils = sign_in(cast.nils.user)
    refused, absent = nils.get(f"/report/{cast.amina.student_id}/"), nils.get("/report/STU99999/")
    assert (refused.status_code, absent.status_code) == (404, 404)
    without_token = re.compile(r'name="csrfmiddlewaretoken" value="[^"]+"')
    assert without_token.sub("", refused.content.decode()) == without_token.sub("", absent.content.decode())
