"""/api/auth/: signing in with a body of JSON, the lock that it shares with the page, and out again."""

from __future__ import annotations

import pytest
from django.test import Client

from accounts.models import User
from accounts.tests.factories import PASSWORD
from accounts.tests.test_sign_in import LOCKED, try_password
from students.models import Student

LOGIN, LOGOUT, ME = "/api/auth/login/", "/api/auth/logout/", "/api/auth/me/"


def send(username, password=PASSWORD, client=None, **more):
    body = {"username": username, "password": password, **more}
    return (client or Client()).post(LOGIN, body, content_type="application/json", REMOTE_ADDR="192.0.2.7")


def test_signing_in_opens_a_session(cast):
    client = Client()
    answer = send(" ANA ", client=client)
    ana = {"user_id": cast.ana.user.pk, "username": "ana", "role": "teacher"}
    assert (answer.status_code, answer.json()) == (200, ana)
    assert client.get(ME).json() == ana
    assert client.get("/attendance/").status_code == 200
    assert User.objects.get(username="ana").last_login is not None


def test_a_wrong_password_and_an_unknown_name_are_answered_alike(cast):
    answers = [send("ana", "wrong"), send("nobody", "wrong")]
    assert {answer.status_code for answer in answers} == {401}
    assert answers[0].json() == answers[1].json()
    assert answers[0].headers["WWW-Authenticate"] == 'Bearer realm="api"'


def test_the_lock_is_that_of_the_page(cast, frozen):
    for number in range(3):
        assert send("ana", f"wrong {number}").status_code == 401
    for number in range(2):
        try_password("ana", f"wrong {number}")
    locked = send("ana")
    assert (locked.status_code, locked.headers["Retry-After"]) == (429, "300")
    assert LOCKED in try_password("ana").content.decode()
    assert send("ben").status_code == 200
    frozen.shift(301)
    assert send("ana").status_code == 200


def test_somebody_deactivated_is_told_only_with_the_right_password(cast):
    client = Client()
    assert "closed" in send("gone", client=client).json()["error"]
    assert "closed" not in send("gone", "wrong").json()["error"]
    assert client.get(ME).status_code == 401


@pytest.mark.parametrize(
    ("body", "field"),
    [
        ({}, "username"),
        ({"username": "ana"}, "password"),
        ({"username": "ana", "password": ""}, "password"),
        ({"username": "ana", "password": ["x"]}, "password"),
        ({"username": "x" * 5000, "password": "x"}, "username"),
        ({"username": "ana", "password": "x", "remember": True}, "remember"),
    ],
)
def test_what_cannot_be_a_name_or_password_is_refused_by_name(cast, body, field):
    answer = Client().post(LOGIN, body, content_type="application/json")
    assert answer.status_code == 400
    assert field in answer.json()["fields"]


def test_a_form_of_another_site_signs_nobody_in(cast):
    answer = Client().post(LOGIN, {"username": "ana", "password": PASSWORD})
    assert answer.status_code == 415


def test_a_session_writes_with_the_csrf_token_that_it_is_told(cast):
    client = Client(enforce_csrf_checks=True)
    told = send("office", client=client).headers["X-CSRFToken"]
    sent = {"data": {"name": "Ada Lee"}, "content_type": "application/json"}
    refused = client.post("/api/students/", **sent)
    assert (refused.status_code, list(refused.json())) == (403, ["error"])
    assert not Student.objects.filter(given_name="Ada").exists()
    assert client.post("/api/students/", **sent, HTTP_X_CSRFTOKEN=told).status_code == 201
    told = client.get(ME).headers["X-CSRFToken"]
    left = client.post(LOGOUT, content_type="application/json", HTTP_X_CSRFTOKEN=told)
    assert left.json() == {"message": "You are signed out."}
    assert client.get(ME).status_code == 401


def test_a_session_that_was_idle_too_long_is_over(cast, frozen):
    client = Client()
    send("ana", client=client)
    frozen.shift(31 * 60)
    assert client.get(ME).status_code == 401


def test_a_token_has_no_session_to_end(cast, program):
    assert program(cast.ana.user).post(LOGOUT).status_code == 400
