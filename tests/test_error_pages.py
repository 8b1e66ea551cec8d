"""One page for each way in which a request fails: in words, with a way on; under /api/ the same in JSON."""

from __future__ import annotations

import re

import pytest
from django.conf import settings as configured
from django.test import Client, override_settings
from django.urls import include, path

from accounts.access import public
from attendance.tests.registers import text_of
from sptrack.errors import too_many
from sptrack.urls import handler400, handler403, handler404, handler500  # noqa: F401  (Django asks this module for them)

FORM = "application/x-www-form-urlencoded"


def broken(request):
    raise RuntimeError("a fault of ours")


urlpatterns = [
    path("broken/", public(broken)),
    path("api/broken/", public(broken)),
    path("too-many/", public(too_many)),
    path("api/too-many/", public(too_many)),
    path("", include("sptrack.urls")),
]

FAILURES = {
    "a host that is not ours": (
        lambda browser: browser.get("/students/", headers={"host": "evil.example"}), 400,
        "This request could not be read", "Go back to the page that you came from and try again.",
    ),
    "a form in pieces": (
        lambda browser: browser.post("/students/new/", b"x", content_type="multipart/form-data; boundary=\xff"), 400,
        "This request could not be read", "Go back to the page that you came from and try again.",
    ),
    "another role": (
        lambda browser: browser.get("/admin/"), 403,
        "This page is not for your account", "Use the links above, or ask the school office if you should have it.",
    ),
    "a form that is too old": (
        lambda browser: browser.post("/students/new/", {"csrfmiddlewaretoken": "x" * 64}), 403,
        "This form is too old to be sent", "Go back, load the page again and send it once more.",
    ),
    "no such page": (
        lambda browser: browser.get("/no/such/page/"), 404,
        "There is nothing here", "Check the address, or start from the home page.",
    ),
    "a body that is too large": (
        lambda browser: browser.post("/students/new/", {"note": "x" * 2_500_001}), 413,
        "This is too much at once", "Nothing was saved. Go back, where what you typed should still be,",
    ),
    "too many fields": (
        lambda browser: browser.post("/students/new/", b"a=1&" * 5001, content_type=FORM), 413,
        "This is too much at once", "send it in smaller parts.",
    ),
    "too many tries": (
        lambda browser: browser.get("/too-many/"), 429,
        "Too many tries in a short time", "Wait a minute, then go back and try once more.",
    ),
    "a fault of ours": (
        lambda browser: browser.get("/broken/"), 500,
        "Something went wrong", "Something went wrong on our side. Nothing that you typed was half saved.",
    ),
}  # fmt: skip


@pytest.fixture
def ana(cast):
    """A browser whose forms are checked as in production, and which gets the page of a fault."""
    browser = Client(enforce_csrf_checks=True, raise_request_exception=False)
    browser.force_login(cast.ana.user, backend="accounts.backends.RoleBackend")
    return browser


@override_settings(ROOT_URLCONF=__name__)
@pytest.mark.parametrize("failure", FAILURES)
def test_each_failure_has_its_page(failure, ana):
    fail, status, heading, sentence = FAILURES[failure]
    answer = fail(ana)
    page = answer.content.decode()
    assert (answer.status_code, answer["Content-Type"]) == (status, "text/html; charset=utf-8")
    assert re.findall(r"<h1>(.*?)</h1>", page) == [heading]
    assert f"<title>{heading} · SPTrack</title>" in page
    assert sentence in text_of(page)
    assert re.search(r'<a class="btn btn-plain" href="/[^"]*">Go to the start page</a>', page)
    assert not re.search(r"<style\b|\sstyle=|\son[a-z]+=|<script(?![^>]*\ssrc=)|Traceback|RuntimeError", page)


JSON_FAILURES = {
    "a host that is not ours": (lambda browser: browser.get("/api/students/", headers={"host": "evil.example"}), 400),
    "no such page": (lambda browser: browser.get("/api/no/such/"), 404),
    "a body that is too large": (
        lambda browser: browser.post("/api/students/", "x" * 2_500_001, content_type="application/json"), 413,
    ),
    "too many tries": (lambda browser: browser.get("/api/too-many/"), 429),
    "a fault of ours": (lambda browser: browser.get("/api/broken/"), 500),
}  # fmt: skip


@override_settings(ROOT_URLCONF=__name__)
@pytest.mark.parametrize("failure", JSON_FAILURES)
def test_under_api_it_is_json(failure, ana):
    fail, status = JSON_FAILURES[failure]
    answer = fail(ana)
    assert (answer.status_code, answer["Content-Type"], list(answer.json())) == (status, "application/json", ["error"])


@override_settings(ROOT_URLCONF=__name__)
def test_too_many_tries_say_how_long_to_wait(ana):
    assert [ana.get(place)["Retry-After"] for place in ("/too-many/", "/api/too-many/")] == ["60", "60"]


def test_too_many_requests_for_a_new_password_get_that_page(cast, frozen):
    """The page that allauth answers with, by its own limit: 60 a minute from one address."""
    browser = Client()
    answers = [
        browser.post("/accounts/password/reset/", {"email": f"name{number}@school.example"}) for number in range(61)
    ]
    assert [answer.status_code for answer in answers] == [302] * 60 + [429]
    assert "Too many tries in a short time" in text_of(answers[-1])


# --- What may be sent -----------------------------------------------------------------------------------


def multipart(files):
    """A form with so many files, each of some letters."""
    parts = [
        f'--line\r\nContent-Disposition: form-data; name="f{number}"; filename="{number}.txt"\r\n\r\nletters\r\n'
        for number in range(files)
    ]
    return ("".join(parts) + "--line--\r\n").encode()


@pytest.mark.parametrize(("files", "status"), [(0, 200), (1, 413)])
def test_no_page_takes_a_file(files, status, db):
    answer = Client().post("/accounts/login/", multipart(files), content_type="multipart/form-data; boundary=line")
    assert (answer.status_code, configured.DATA_UPLOAD_MAX_NUMBER_FILES) == (status, 0)


ENDS = {
    FORM: (b"a=", b""),
    "multipart/form-data; boundary=line": (
        b'--line\r\nContent-Disposition: form-data; name="a"\r\n\r\n', b"\r\n--line--\r\n",
    ),
    "text/plain": (b"", b""),
}  # fmt: skip


@pytest.mark.parametrize(("size", "status"), [(2_500_000, 200), (2_500_001, 413)])
@pytest.mark.parametrize("kind", ENDS)
def test_a_body_is_refused_by_its_length_before_it_is_read(size, status, kind, db):
    begin, end = ENDS[kind]
    body = begin + b"x" * (size - len(begin) - len(end)) + end
    assert Client().post("/accounts/login/", body, content_type=kind).status_code == status


def test_a_length_that_is_no_number_is_refused(db):
    assert Client().get("/accounts/login/", CONTENT_LENGTH="-1").status_code == 413
