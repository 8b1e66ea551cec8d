"""The database is down: 503 with what was typed, on pages and in the API; a fault of ours stays a 500."""

from __future__ import annotations

import socket
import sqlite3
from contextlib import contextmanager
from html.parser import HTMLParser
from urllib.parse import urlencode

import pytest
from django.db import ConnectionHandler, DatabaseError, InterfaceError, OperationalError, ProgrammingError, connection
from django.test import Client

from accounts.parking import owner_field
from attendance.models import AttendanceRecord
from attendance.tests.registers import address, page_posts, text_of
from sptrack.outage import is_outage

SAID = "The database does not answer just now. Please try again in a minute."
KEPT = "What you typed is not saved, but it is kept in this page."
OFFER = "Send it again"
FORM_KIND = "application/x-www-form-urlencoded"


def error_of(alias, question="SELECT 1"):
    """The error with which a database of these settings answers."""
    other = ConnectionHandler({"default": alias})["default"]
    try:
        with pytest.raises(DatabaseError) as raised, other.cursor() as cursor:
            cursor.execute(question)
    finally:
        other.close()
    return raised.value


def no_server():
    """The error of a PostgreSQL that is not running: a port that is ours, on which nobody listens."""
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        settings = {"HOST": "127.0.0.1", "PORT": taken.getsockname()[1], "NAME": "school", "USER": "nobody"}
        return error_of({"ENGINE": "django.db.backends.postgresql", **settings})


def no_file(folder):
    """The error of a SQLite whose folder is gone."""
    return error_of({"ENGINE": "django.db.backends.sqlite3", "NAME": str(folder / "gone" / "school.sqlite3")})


def held_file(folder):
    """The error of a SQLite that somebody else is writing, for longer than we wait."""
    file = folder / "held.sqlite3"
    holder = sqlite3.connect(file)
    holder.execute("CREATE TABLE marks (mark TEXT)")
    holder.execute("BEGIN EXCLUSIVE")
    try:
        waiting = {"ENGINE": "django.db.backends.sqlite3", "NAME": str(file), "OPTIONS": {"timeout": 0}}
        return error_of(waiting, "INSERT INTO marks VALUES ('A')")
    finally:
        holder.close()


def wrong_question(folder):
    """The error of a question that no database could answer; SQLite calls it operational too."""
    return error_of(
        {"ENGINE": "django.db.backends.sqlite3", "NAME": str(folder / "x.sqlite3")}, "SELECT mark FROM nowhere"
    )


@contextmanager
def down(error, word=""):
    """Every statement that holds the word, by default each one, meets the error."""

    def refuse(execute, sql, params, many, context):
        if word in sql:
            raise error
        return execute(sql, params, many, context)

    with connection.execute_wrapper(refuse):
        yield


class Form(HTMLParser):
    """The form with which the page of an outage sends again: where to, and every field."""

    def __init__(self, html):
        super().__init__()
        self.action, self.fields = None, {}
        self.feed(html)

    def handle_starttag(self, tag, attrs):
        found = dict(attrs)
        if tag == "form":
            self.action = found["action"]
        if tag == "input":
            self.fields[found["name"]] = found["value"]


@pytest.fixture
def ana(cast):
    """Ana's browser, whose forms are checked as in production."""
    browser = Client(enforce_csrf_checks=True, raise_request_exception=False)
    browser.force_login(cast.ana.user, backend="accounts.backends.RoleBackend")
    browser.get(address(cast.class_7a))
    return browser


@pytest.fixture
def typed(cast, ana):
    """What Ana has typed into the register of 7A."""
    line = {
        f"status-{cast.bo.student_id}": "late",
        f"note-{cast.bo.student_id}": "Bus “9” <late> & Zoë 🚌",
        "story": "one\r\ntwo",
    }
    signed = {"kept_for": owner_field(cast.ana.user, address(cast.class_7a))}
    return page_posts([cast.amina, cast.bo], **line) | signed | {"csrfmiddlewaretoken": ana.cookies["csrftoken"].value}


def send(browser, place, fields):
    return browser.post(place, urlencode(fields), content_type=FORM_KIND)


# --- What is an outage ----------------------------------------------------------------------------------


def test_a_database_that_cannot_be_used_is_an_outage_and_a_wrong_question_is_none(db, tmp_path):
    errors = [no_server(), no_file(tmp_path), held_file(tmp_path), wrong_question(tmp_path)]
    assert [type(error) for error in errors] == [OperationalError] * 4
    assert [is_outage(error) for error in errors] == [True, True, True, False]
    assert [is_outage(error) for error in (ProgrammingError("x"), ValueError("x"), None)] == [False] * 3


@pytest.mark.skipif(connection.vendor != "postgresql", reason="of PostgreSQL alone")
class TestPostgresql:
    def test_a_connection_that_the_server_ended_is_an_outage(self, transactional_db):
        other = connection.copy()
        with other.cursor() as cursor:
            cursor.execute("SELECT pg_backend_pid()")
            [key] = cursor.fetchone()
        with connection.cursor() as cursor:
            cursor.execute("SELECT pg_terminate_backend(%s, 10000)", [key])
        with pytest.raises(OperationalError) as ended, other.cursor() as cursor:
            cursor.execute("SELECT 1")
        with pytest.raises((OperationalError, InterfaceError)) as closed, other.cursor() as cursor:
            cursor.execute("SELECT 1")
        other.close()
        assert (is_outage(ended.value), is_outage(closed.value)) == (True, True)

    @pytest.mark.parametrize(
        ("question", "expected"),
        [
            ("SET LOCAL statement_timeout = 1; SELECT pg_sleep(10)", True),
            ("SELECT mark FROM nowhere", False),
            ("SELECT 1 / 0", False),
        ],
    )
    def test_an_error_is_judged_by_its_state(self, question, expected, transactional_db):
        other = connection.copy()
        with pytest.raises(DatabaseError) as raised, other.cursor() as cursor:
            cursor.execute(question)
        other.close()
        assert is_outage(raised.value) is expected


# --- Pages ----------------------------------------------------------------------------------------------


@pytest.fixture(params=["PostgreSQL does not run", "the file of SQLite is gone"])
def refusal(request, tmp_path, db):
    return no_server() if request.param.startswith("PostgreSQL") else no_file(tmp_path)


# Before the session is read; and in the midst of a page whose person and session were found.
MOMENTS = {"at once": "", "within the page": "attendance_"}


@pytest.mark.parametrize("moment", MOMENTS)
def test_what_was_typed_into_a_register_is_kept_and_can_be_sent_again(moment, cast, ana, typed, refusal):
    place = f"{address(cast.class_7a)}?from=a&to=b"
    with down(refusal, MOMENTS[moment]):
        answer = send(ana, place, typed)
    words = text_of(answer)
    assert (answer.status_code, answer["Retry-After"], answer["Cache-Control"]) == (503, "30", "private, no-store")
    assert (SAID in words, KEPT in words, "Bus “9” <late> & Zoë 🚌" in words) == (True, True, True)
    assert AttendanceRecord.objects.count() == 0
    form = Form(answer.content.decode())
    again = dict(form.fields)
    assert (form.action, again.pop("csrfmiddlewaretoken") != typed["csrfmiddlewaretoken"]) == (place, True)
    assert again == {name: value for name, value in typed.items() if name != "csrfmiddlewaretoken"}
    assert send(ana, form.action, form.fields).status_code == 302
    saved = AttendanceRecord.objects.get(student=cast.bo)
    assert (saved.status, "Zoë" in saved.note) == ("late", True)


@pytest.mark.parametrize("wrong", ["no token", "a token of somebody else", "sent from another site"])
def test_a_form_of_another_site_is_not_turned_into_one_of_ours(wrong, cast, ana, typed, refusal):
    headers = {}
    match wrong:
        case "no token":
            del typed["csrfmiddlewaretoken"]
        case "a token of somebody else":
            typed["csrfmiddlewaretoken"] = "x" * 64
        case "sent from another site":
            headers["HTTP_ORIGIN"] = "https://evil.example"
    with down(refusal):
        answer = ana.post(address(cast.class_7a), urlencode(typed), content_type=FORM_KIND, **headers)
    assert answer.status_code == 503
    assert (SAID in text_of(answer), OFFER in text_of(answer), "Zoë" in text_of(answer)) == (True, False, False)
    assert Form(answer.content.decode()).fields == {}


def test_passwords_and_codes_are_not_in_the_page(cast, ana, refusal):
    token = {"csrfmiddlewaretoken": ana.cookies["csrftoken"].value}
    secret = {"password": "a quiet sentence", "password1": "another sentence", "code": "123 456", "otp": "99 88 77"}
    with down(refusal):
        answer = send(ana, "/accounts/login/", {"login": "ana", **secret, **token})
    words = text_of(answer)
    assert (answer.status_code, OFFER in words) == (503, False)
    assert "Passwords and codes are not kept: please type them again." in words
    assert words.endswith("Read what you typed login ana")
    assert [value for value in secret.values() if value in answer.content.decode()] == []


def test_the_code_of_a_subject_is_no_secret(cast, refusal):
    office = Client(enforce_csrf_checks=True, raise_request_exception=False)
    office.force_login(cast.office, backend="accounts.backends.RoleBackend")
    place = "/admin/students/subject/add/"
    office.get(place)
    typed = {"code": "MAT", "name": "Mathematics", "csrfmiddlewaretoken": office.cookies["csrftoken"].value}
    with down(refusal):
        form = Form(send(office, place, typed).content.decode())
    assert (form.fields["code"], form.fields["name"], form.action) == ("MAT", "Mathematics", place)
    assert send(office, form.action, form.fields).status_code == 302


def test_a_page_that_was_only_opened_says_so_and_leads_to_itself(cast, ana, refusal):
    with down(refusal):
        answer = ana.get("/students/", {"q": 'A"<b>'})
    assert (answer.status_code, answer["Retry-After"]) == (503, "30")
    assert (SAID in text_of(answer), OFFER in text_of(answer)) == (True, False)
    assert 'href="/students/?q=A%22%3Cb%3E"' in answer.content.decode()


@pytest.mark.parametrize("body", [b"a=1&" * 6000, b"\xff\xfe=%ff"])
def test_a_body_that_cannot_be_read_is_answered_all_the_same(body, cast, ana, refusal):
    with down(refusal):
        answer = ana.post(address(cast.class_7a), body, content_type=FORM_KIND)
    assert answer.status_code in {413, 503}
    assert OFFER not in text_of(answer)


@pytest.mark.parametrize("verb", ["GET", "POST"])
def test_the_api_says_it_in_json(verb, cast, program, refusal):
    caller = program(cast.ana.user)
    with down(refusal):
        answer = caller.call(verb, "/api/students/", {"given_name": "Dara"} if verb == "POST" else None)
    assert (answer.status_code, answer["Retry-After"], answer.json()) == (503, "30", {"error": SAID})


# --- Faults of ours -------------------------------------------------------------------------------------


def test_a_wrong_question_to_the_database_is_a_fault_of_ours(cast, ana, typed, program, tmp_path):
    error = wrong_question(tmp_path)
    with down(error, "attendance_"):
        answer = send(ana, address(cast.class_7a), typed)
        told = program(cast.ana.user).get("/api/attendance/")
    words = text_of(answer)
    assert (answer.status_code, "Retry-After" in answer, "Zoë" in words) == (500, False, False)
    assert "Something went wrong on our side. Nothing that you typed was half saved." in words
    assert f"tell the school office this number: {answer['X-Request-ID']}" in words
    assert (told.status_code, sorted(told.json())) == (500, ["error"])


def test_where_the_page_itself_cannot_be_drawn_its_words_come_alone(cast, ana, settings, refusal):
    settings.TEMPLATES = [{**settings.TEMPLATES[0], "DIRS": []}]
    with down(refusal):
        answer = ana.get("/students/")
    assert (answer.status_code, answer["Content-Type"]) == (503, "text/plain; charset=utf-8")
    assert answer.content.decode() == SAID
