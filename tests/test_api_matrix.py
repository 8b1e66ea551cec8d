"""Every route of the JSON API × verb × caller, with the status written by hand. A route missing here fails the build.

Order of refusal: signed out 401, role 403, verb 405, row 404. Rows, people and their names are those of
test_access_matrix.py; all call with a token. `expired` has one of the office that is over, `demoted` one of somebody
who was an admin and is a parent now. Bodies are empty, so whoever may write is told what is missing (400).
"""

from __future__ import annotations

from datetime import timedelta

import pytest

from accounts.models import User
from accounts.roles import Role
from accounts.tests.factories import UserFactory
from tests.api_programs import Program, program_of
from tests.routes import address, walk

PEOPLE = ("anonymous", "office", "ana", "ben", "mariam", "nils", "former", "gone", "expired", "demoted")
TABLE = """
route                 verb    anonymous office ana ben mariam nils former gone expired demoted
api:login             GET     405       405    405 405 405    405  405    405  405     405
api:login             POST    400       400    400 400 400    400  400    400  400     400
api:logout            GET     401       405    405 405 405    405  405    401  401     401
api:logout            POST    401       400    400 400 400    400  400    401  401     401
api:me                GET     401       200    200 200 200    200  200    401  401     401
api:me                POST    401       405    405 405 405    405  405    401  401     401
api:schema            GET     401       200    200 200 200    200  200    401  401     401
api:schema            POST    401       405    405 405 405    405  405    401  401     401
api:students          GET     401       200    200 200 200    200  200    401  401     401
api:students          POST    401       400    400 400 403    403  403    401  401     401
api:students          PUT     401       405    405 405 405    405  405    401  401     401
api:student           GET     401       200    200 404 200    404  404    401  401     401
api:student           PUT     401       400    400 404 403    403  403    401  401     401
api:student           PATCH   401       200    200 404 403    403  403    401  401     401
api:student           DELETE  401       200    403 403 403    403  403    401  401     401
api:student           POST    401       405    405 405 405    405  405    401  401     401
api:attendance        GET     401       200    200 200 200    200  200    401  401     401
api:attendance        POST    401       400    400 400 403    403  403    401  401     401
api:attendance        DELETE  401       405    405 405 405    405  405    401  401     401
api:attendance_batch  POST    401       400    400 400 403    403  403    401  401     401
api:attendance_batch  GET     401       405    405 405 403    403  403    401  401     401
api:attendance_rate   GET     401       200    200 404 200    404  404    401  401     401
api:attendance_rate   POST    401       405    405 405 405    405  405    401  401     401
api:assessments       GET     401       200    200 200 200    200  200    401  401     401
api:assessments       POST    401       400    400 400 403    403  403    401  401     401
api:assessments       DELETE  401       405    405 405 405    405  405    401  401     401
api:assessment        GET     401       200    200 404 200    404  404    401  401     401
api:assessment        PUT     401       400    400 404 403    403  403    401  401     401
api:assessment        PATCH   401       200    200 404 403    403  403    401  401     401
api:assessment        DELETE  401       200    200 404 403    403  403    401  401     401
api:assessment        POST    401       405    405 405 405    405  405    401  401     401
api:assessment_statistics  GET   401    200    200 200 403    403  403    401  401     401
api:assessment_statistics  POST  401    405    405 405 403    403  403    401  401     401
api:behavior          GET     401       200    200 200 200    200  200    401  401     401
api:behavior          POST    401       400    400 400 403    403  403    401  401     401
api:behavior          DELETE  401       405    405 405 405    405  405    401  401     401
api:behavior_record   GET     401       200    200 404 200    404  404    401  401     401
api:behavior_record   PUT     401       400    400 404 403    403  403    401  401     401
api:behavior_record   PATCH   401       200    200 404 403    403  403    401  401     401
api:behavior_record   DELETE  401       200    200 404 403    403  403    401  401     401
api:behavior_record   POST    401       405    405 405 405    405  405    401  401     401
api:participation     GET     401       200    200 200 200    200  200    401  401     401
api:participation     POST    401       400    400 400 403    403  403    401  401     401
api:participation     DELETE  401       405    405 405 405    405  405    401  401     401
api:participation_record  GET     401   200    200 404 200    404  404    401  401     401
api:participation_record  PUT     401   400    400 404 403    403  403    401  401     401
api:participation_record  PATCH   401   200    200 404 403    403  403    401  401     401
api:participation_record  DELETE  401   200    200 404 403    403  403    401  401     401
api:participation_record  POST    401   405    405 405 405    405  405    401  401     401
api:dashboard_summary      GET  401   200    200 200 403    403  403    401  401     401
api:dashboard_summary      POST 401   405    405 405 403    403  403    401  401     401
api:dashboard_performance  GET  401   200    200 404 403    403  403    401  401     401
api:dashboard_performance  POST 401   405    405 405 403    403  403    401  401     401
api:dashboard_subjects     GET  401   200    200 200 403    403  403    401  401     401
api:dashboard_subjects     POST 401   405    405 405 403    403  403    401  401     401
api:dashboard_trends       GET  401   200    200 200 403    403  403    401  401     401
api:dashboard_trends       POST 401   405    405 405 403    403  403    401  401     401
api:dashboard_alerts       GET  401   200    200 200 403    403  403    401  401     401
api:dashboard_alerts       POST 401   405    405 405 403    403  403    401  401     401
api:users             GET     401       200    403 403 403    403  403    401  401     401
api:users             POST    401       405    403 403 403    403  403    401  401     401
api:teachers          POST    401       400    403 403 403    403  403    401  401     401
api:teachers          GET     401       405    403 403 403    403  403    401  401     401
api:parents           POST    401       400    403 403 403    403  403    401  401     401
api:parents           GET     401       405    403 403 403    403  403    401  401     401
api:user              GET     401       200    403 403 403    403  403    401  401     401
api:user              PUT     401       400    403 403 403    403  403    401  401     401
api:user              PATCH   401       200    403 403 403    403  403    401  401     401
api:user              DELETE  401       409    403 403 403    403  403    401  401     401
api:user              POST    401       405    403 403 403    403  403    401  401     401
api:assignments       GET     401       200    403 403 403    403  403    401  401     401
api:assignments       POST    401       400    403 403 403    403  403    401  401     401
api:assignments       DELETE  401       405    403 403 403    403  403    401  401     401
api:assignment        DELETE  401       200    403 403 403    403  403    401  401     401
api:assignment        GET     401       405    403 403 403    403  403    401  401     401
api:classes           GET     401       200    200 200 403    403  403    401  401     401
api:classes           POST    401       405    405 405 403    403  403    401  401     401
api:class             GET     401       200    200 404 403    403  403    401  401     401
api:class             DELETE  401       405    405 405 403    403  403    401  401     401
api:class_attendance  GET     401       200    200 404 403    403  403    401  401     401
api:class_attendance  POST    401       405    405 405 403    403  403    401  401     401
api:own_classes       GET     401       200    200 200 403    403  403    401  401     401
api:own_classes       POST    401       405    405 405 403    403  403    401  401     401
api:children          GET     401       200    200 200 200    200  200    401  401     401
api:children          POST    401       405    405 405 405    405  405    401  401     401
api:child_report      GET     401       200    200 404 200    404  404    401  401     401
api:child_report      POST    401       405    405 405 405    405  405    401  401     401
"""
QUERIES = {"api:attendance_rate": "?student_id={student_id}"}
ROWS = [line.split() for line in TABLE.strip().splitlines()[1:]]
API_ROUTES = sorted({row[0] for row in ROWS})


class Callers(dict):
    """A program per person, with a token made when first asked for."""

    def __init__(self, cast):
        self.users = {
            "office": cast.office,
            "ana": cast.ana.user,
            "ben": cast.ben.user,
            "mariam": cast.mariam.user,
            "nils": cast.nils.user,
            "former": cast.former.user,
            "gone": cast.gone,
        }

    def __missing__(self, person):
        self[person] = self.make(person)
        return self[person]

    def make(self, person):
        if person == "anonymous":
            return Program()
        if person == "expired":
            program = program_of(self.users["office"], valid_for=timedelta(days=1))
            self.users["office"].api_tokens.update(created_at="2026-03-01T00:00Z", expires_at="2026-03-16T08:59Z")
            return program
        if person == "demoted":
            user = UserFactory(role=Role.ADMIN)
            program = program_of(user)
            User.objects.filter(pk=user.pk).update(role=Role.PARENT)
            return program
        return program_of(self.users[person])


@pytest.fixture
def callers(cast):
    made = Callers(cast)
    made["expired"]  # before the office has a token that is not over
    return made


def place(route, cast):
    return address(route, cast.class_7a, cast.amina) + QUERIES.get(route, "").format(student_id=cast.amina.student_id)


@pytest.mark.parametrize("row", ROWS, ids=[f"{row[0]}-{row[1]}" for row in ROWS])
def test_each_caller_gets_the_answer_of_the_table(row, cast, callers):
    route, verb, *expected = row
    body = None if verb in {"GET", "DELETE"} else {}
    people = sorted(PEOPLE, key=lambda person: person == "office")  # last: it may remove the student
    # The place is asked for anew each time: one person may remove the row, and the next finds another one there.
    answers = {person: callers[person].call(verb, place(route, cast), body) for person in people}
    assert {person: answers[person].status_code for person in PEOPLE} == dict(
        zip(PEOPLE, map(int, expected), strict=True)
    )
    for answer in answers.values():
        assert answer.headers["Content-Type"] == "application/json"
        assert answer.status_code < 400 or answer.json()["error"]
        assert (answer.status_code == 401) is ("WWW-Authenticate" in answer.headers)


@pytest.mark.parametrize("route", API_ROUTES)
def test_a_route_answers_without_its_last_slash_too(route, cast, callers):
    url = address(route, cast.class_7a, cast.amina)
    query = QUERIES.get(route, "").format(student_id=cast.amina.student_id)
    answers = [callers["office"].get(each + query) for each in (url, url.removesuffix("/"))]
    assert answers[0].status_code == answers[1].status_code
    assert answers[0].content == answers[1].content


@pytest.mark.parametrize("route", API_ROUTES)
@pytest.mark.parametrize("verb", ["OPTIONS", "TRACE", "LINK"])
def test_no_route_answers_another_verb(route, verb, cast, callers):
    assert callers["office"].call(verb, place(route, cast)).status_code == 405


@pytest.mark.parametrize("route", [row[0] for row in ROWS if row[1] == "GET" and row[3] == "200"])
def test_a_session_reads_what_a_token_reads(route, cast, callers, sign_in):
    for person, user in (("ana", cast.ana.user), ("nils", cast.nils.user)):
        mine, theirs = callers[person].get(place(route, cast)), sign_in(user).get(place(route, cast))
        assert (mine.status_code, mine.content) == (theirs.status_code, theirs.content)


def test_no_route_of_the_api_is_missing_from_the_table():
    found = {route for route in walk() if route.startswith("api:")} - {"api:docs"}  # a page
    assert found == set(API_ROUTES), "put the new route into the table, with who may call it"
