"""What every answer tells the browser, what may be kept of it, and the cookies."""

from __future__ import annotations

import pytest
from django.test import Client

from accounts.tests.factories import PASSWORD
from attendance.tests.registers import address, page_posts
from tests.production import go_live, live_settings
from tests.test_pages import POLICY

EVERYWHERE = {
    "Referrer-Policy": "same-origin",
    "Cross-Origin-Opener-Policy": "same-origin",
    "X-Content-Type-Options": "nosniff",
}
SWITCHED_OFF = {"camera=()", "microphone=()", "geolocation=()", "payment=()", "usb=()", "display-capture=()"}


def ask(cast, browsers, case):
    """The answer of each kind, with its status."""
    office, ana, nobody = browsers
    student = cast.amina.student_id
    return {
        "a page": lambda: ana.get("/students/"),
        "a page of the admin": lambda: office.get("/admin/students/student/"),
        "the words of the admin's scripts": lambda: office.get("/admin/jsi18n/"),
        "a list as CSV": lambda: ana.get("/students/", {"format": "csv"}),
        "a card as PDF": lambda: ana.get(f"/report/{student}/card.pdf"),
        "the API": lambda: ana.get(f"/api/students/{student}/"),
        "the API's schema": lambda: ana.get("/api/schema/"),
        "a saved form": lambda: ana.post(address(cast.class_7a), page_posts([cast.amina, cast.bo])),
        "a refused form": lambda: ana.post("/students/new/", {}),
        "a refused role": lambda: ana.get("/admin/"),
        "a refused verb": lambda: ana.post("/students/"),
        "a row of somebody else": lambda: ana.get(f"/report/{cast.cleo.student_id}/"),
        "no such page": lambda: ana.get("/no/such/page/"),
        "no such page of the API": lambda: ana.get("/api/no/such/"),
        "too much": lambda: ana.post("/students/new/", {"note": "x" * 2_500_001}),
        "the sign-in": lambda: nobody.get("/accounts/login/"),
        "led to the sign-in": lambda: nobody.get("/students/"),
        "a host that is not ours": lambda: nobody.get("/students/", headers={"host": "evil.example"}),
    }[case]()


STATUSES = {
    "a page": 200, "a page of the admin": 200, "the words of the admin's scripts": 200, "a list as CSV": 200,
    "a card as PDF": 200, "the API": 200, "the API's schema": 200, "a saved form": 302, "a refused form": 422,
    "a refused role": 403, "a refused verb": 405, "a row of somebody else": 404, "no such page": 404,
    "no such page of the API": 404, "too much": 413, "the sign-in": 200, "led to the sign-in": 302,
    "a host that is not ours": 400,
}  # fmt: skip


@pytest.fixture
def browsers(cast, sign_in):
    return sign_in(cast.office), sign_in(cast.ana.user), Client()


@pytest.mark.parametrize("case", STATUSES)
def test_no_answer_of_a_view_is_kept_and_each_has_the_policies(case, cast, browsers):
    answer = ask(cast, browsers, case)
    assert (answer.status_code, answer.headers["Cache-Control"]) == (STATUSES[case], "private, no-store")
    assert {name: answer.headers[name] for name in EVERYWHERE} == EVERYWHERE
    assert set(answer.headers["Content-Security-Policy"].split("; ")) == POLICY
    assert set(answer.headers["Permissions-Policy"].split(", ")) >= SWITCHED_OFF
    if answer.streaming:
        b"".join(answer)


def test_static_files_may_be_kept_and_have_the_policies_too(client):
    answer = client.get("/static/css/tokens.css")
    assert b"--ink" in b"".join(answer)
    assert answer.headers["Cache-Control"] == "max-age=60, public"  # for good where names hold a hash, as in production
    assert set(answer.headers["Permissions-Policy"].split(", ")) >= SWITCHED_OFF
    assert {name: answer.headers[name] for name in EVERYWHERE} == EVERYWHERE


# --- HTTPS ----------------------------------------------------------------------------------------------


def test_with_https_plain_http_is_led_to_it_and_a_browser_remembers_for_a_year(db, settings):
    go_live(settings, ALLOWED_HOSTS="testserver")
    plain = Client().get("/students/?q=a")
    assert (plain.status_code, plain.url) == (301, "https://testserver/students/?q=a")
    assert "Strict-Transport-Security" not in plain.headers
    secure = Client().get("/accounts/login/", secure=True)
    assert secure.status_code == 200
    assert secure.headers["Strict-Transport-Security"] == "max-age=31536000; includeSubDomains; preload"


def cookies_of_a_day(cast, *, secure):
    """Every cookie that a teacher's browser was ever given, by name, as it was given last with a value."""
    browser, given = Client(), {}

    def keep(answer):
        given.update({name: dict(morsel) for name, morsel in answer.cookies.items() if morsel.value})
        return answer

    keep(browser.get("/accounts/login/", secure=secure))
    sent = {"login": "ana", "password": PASSWORD}
    assert keep(browser.post("/accounts/login/", sent, secure=secure)).status_code == 302
    keep(browser.get("/students/", secure=secure))
    register = page_posts([cast.amina, cast.bo])
    assert keep(browser.post(address(cast.class_7a), register, secure=secure)).status_code == 302
    sent = {"oldpassword": PASSWORD, "password1": "four other quiet words", "password2": "four other quiet words"}
    assert keep(browser.post("/accounts/password/change/", sent, secure=secure)).status_code == 302
    keep(browser.get("/attendance/", secure=secure))
    return given


def test_with_https_every_cookie_is_bound_to_the_host(cast, settings):
    go_live(settings)
    given = cookies_of_a_day(cast, secure=True)
    assert set(given) == {"__Host-sessionid", "__Host-csrftoken", "__Host-messages"}
    for cookie in given.values():
        assert (cookie["secure"], cookie["path"], cookie["domain"]) == (True, "/", "")
        assert (cookie["httponly"], cookie["samesite"]) == (True, "Lax")


def test_without_https_the_same_cookies_have_plain_names(cast):
    given = cookies_of_a_day(cast, secure=False)
    assert set(given) == {"sessionid", "csrftoken", "messages"}
    assert {(cookie["httponly"], cookie["samesite"]) for cookie in given.values()} == {(True, "Lax")}


def test_https_is_on_unless_it_is_switched_off():
    nothing_said, off = live_settings(HTTPS=None), live_settings(HTTPS="0")
    assert (nothing_said["HTTPS"], nothing_said["SECURE_SSL_REDIRECT"]) == (True, True)
    assert (off["HTTPS"], "SECURE_SSL_REDIRECT" in off) == (False, False)
