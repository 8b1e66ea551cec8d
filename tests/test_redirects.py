"""A form leads on to a page of the portal, whatever address was put into it."""

from __future__ import annotations

import pytest
from django.test import Client

from accounts.tests.factories import PASSWORD
from tests.cast import MONDAY

OWN = "/attendance/"
ELSEWHERE = {
    "another site": "https://evil.example/",
    "without a scheme": "//evil.example/",
    "three slashes": "///evil.example/",
    "a backslash": "/\\evil.example/",
    "backslashes": "\\\\evil.example/",
    "a scheme without slashes": "https:evil.example/",
    "a script": "javascript:alert(1)",
    "a page in itself": "data:text/html,<script>alert(1)</script>",
    "a tab before it": "\thttps://evil.example/",
    "a space before it": " //evil.example/",
    "our name within another": "https://testserver.evil.example/",
    "our name as a password": "https://testserver@evil.example/",
}


def sign_in(cast, browsers, to):
    return Client().post("/accounts/login/", {"login": "ana", "password": PASSWORD, "next": to})


def open_sign_in(cast, browsers, to):
    return browsers(cast.ana.user).get("/accounts/login/", {"next": to})


def sign_out(cast, browsers, to):
    return browsers(cast.ana.user).post("/accounts/logout/", {"next": to})


def sign_out_by_address(cast, browsers, to):
    return browsers(cast.ana.user).post(f"/accounts/logout/?next={to}")


def confirm_who_you_are(cast, browsers, to):
    return browsers(cast.ana.user).post("/accounts/reauthenticate/", {"password": PASSWORD, "next": to})


def change_the_password(cast, browsers, to):
    new = {"oldpassword": PASSWORD, "password1": "four other quiet words", "password2": "four other quiet words"}
    return browsers(cast.ana.user).post("/accounts/password/change/", {**new, "next": to})


def note_a_follow_up(cast, browsers, to):
    typed = {"kind": "spoke", "note": "", "done_on": MONDAY, "look_again_on": MONDAY, "next": to}
    return browsers(cast.ana.user).post(f"/students/{cast.amina.student_id}/follow-up/", typed)


def sign_in_to_the_admin(cast, browsers, to):
    return browsers(cast.office).get("/admin/login/", {"next": to})


# How each form is used, where it leads with an own address, and where with any other.
FORMS = {
    sign_in: (OWN, "/"),
    open_sign_in: (OWN, "/"),
    sign_out: (OWN, "/accounts/login/"),
    sign_out_by_address: (OWN, "/accounts/login/"),
    confirm_who_you_are: (OWN, "/"),
    change_the_password: (OWN, "/accounts/password/change/"),
    note_a_follow_up: ("/dashboard/at-risk/", None),
    sign_in_to_the_admin: ("/admin/", "/admin/"),
}


@pytest.mark.parametrize("form", FORMS, ids=lambda form: form.__name__)
def test_an_own_address_is_followed(form, cast, sign_in):
    own, _default = FORMS[form]
    answer = form(cast, sign_in, own)
    assert (answer.status_code, answer.url) == (302, own)


@pytest.mark.parametrize("elsewhere", ELSEWHERE)
@pytest.mark.parametrize("form", FORMS, ids=lambda form: form.__name__)
def test_no_other_one_is(form, elsewhere, cast, sign_in):
    _own, default = FORMS[form]
    answer = form(cast, sign_in, ELSEWHERE[elsewhere])
    expected = default or f"/students/{cast.amina.student_id}/#follow-up"
    assert (answer.status_code, answer.url) == (302, expected)


@pytest.mark.parametrize("form", [sign_in, sign_out, confirm_who_you_are], ids=lambda form: form.__name__)
def test_a_new_line_begins_no_header(form, cast, sign_in):
    answer = form(cast, sign_in, "/\r\nSet-Cookie: a=b")
    assert (answer.status_code, answer.url, "a" in answer.cookies) == (302, "/%0D%0ASet-Cookie:%20a=b", False)


@pytest.mark.parametrize(
    "path", ["//evil.example/students", "//evil.example", "//students", "/\\evil.example/students"]
)
def test_an_address_without_its_last_slash_leads_nowhere_else(path, cast, sign_in):
    ana = sign_in(cast.ana.user)
    assert ana.get("/", PATH_INFO="/students").url == "/students/"
    answer = ana.get("/", PATH_INFO=path)
    assert (answer.status_code, answer.headers.get("Location")) == (404, None)
