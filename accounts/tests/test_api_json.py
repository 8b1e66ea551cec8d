"""What every route of the API does with bodies, queries and errors, shown on /api/students/.

What it refuses is in tests/test_api_odd_input.py.
"""

from __future__ import annotations

import pytest
from django.test import Client
from django.urls import path

from accounts.access import ANY_ROLE
from accounts.api_access import ApiView, api_allow
from students.models import Student
from tests.api_programs import Program

LIST = "/api/students/"
NAME = b'{"name": "Ada Lee"}'


@pytest.fixture
def office(cast, program):
    return program(cast.office)


class Broken(ApiView):
    @api_allow(*ANY_ROLE)
    def get(self, request):
        raise RuntimeError("nobody foresaw this")


urlpatterns = [path("api/broken/", Broken.as_view())]
handler500 = "sptrack.errors.server_error"


def test_the_deepest_nesting_that_is_read_is_100(office):
    said = office.post(LIST, b'{"name": ' + b"[" * 99 + b"]" * 99 + b"}").json()
    assert list(said["fields"]) == ["name"]
    said = office.post(LIST, b'{"name": ' + b"[" * 100 + b"]" * 100 + b"}").json()
    assert said == {"error": "This is nested more than 100 deep."}


def test_a_character_outside_of_the_first_plane_is_whole(office):
    assert office.post(LIST, b'{"name": "\\ud840\\udc00 Lee"}').status_code == 201
    assert Student.objects.get(family_name="Lee").given_name == "\U00020000"


@pytest.mark.parametrize("kind", ["application/x-www-form-urlencoded", "multipart/form-data; boundary=x", "text/plain"])
@pytest.mark.parametrize(("size", "status"), [(10, 415), (10_000_000, 413)])
def test_a_form_of_a_browser_is_415_and_413_where_it_is_huge(cast, sign_in, kind, size, status):
    answer = sign_in(cast.office).generic("POST", LIST, b"a" * size, content_type=kind)
    assert (answer.status_code, answer.headers["Content-Type"]) == (status, "application/json")
    assert answer.json()["error"]


@pytest.mark.parametrize("kind", ["application/json", 'Application/JSON; charset="UTF-8"'])
def test_json_is_json_however_it_is_written(office, kind):
    assert office.post(LIST, NAME, CONTENT_TYPE=kind).status_code == 201


@pytest.mark.parametrize("kind", ["text/html", "application/xml;q=0.9", "nonsense"])
def test_answers_are_json_whatever_is_accepted(office, kind):
    answer = office.get(LIST, HTTP_ACCEPT=kind)
    assert (answer.status_code, answer.headers["Content-Type"]) == (200, "application/json")


# --- Queries ----------------------------------------------------------------------------------------


def test_a_filter_without_a_value_is_refused(cast, office):
    """A program whose variable was empty would else read the marks of everybody."""
    answer = office.get("/api/attendance/?student_id=")
    assert (answer.status_code, answer.json()["fields"]) == (400, {"student_id": ["Give a value, or leave this out."]})
    assert office.get(f"/api/classes/{cast.class_7a.pk}/attendance/?date=").status_code == 400


@pytest.mark.parametrize("query", ["?search=%ED%A0%80", "?search=%ff", "?search=%25%5F%5C", "?search=%F0%9F%98%80"])
def test_odd_bytes_in_a_search_find_nobody(office, query):
    answer = office.get(LIST + query)
    assert (answer.status_code, answer.json()) == (200, [])


def test_a_list_comes_by_pages_that_link_to_each_other(cast, office):
    answer = office.get(LIST, {"page_size": 2, "search": "a"})
    assert [len(answer.json()), answer.headers["X-Total-Count"]] == [2, "2"]
    answer = office.get(LIST, {"page_size": 1, "page": 2})
    place = "http://testserver/api/students/?page_size=1&page="
    assert (len(answer.json()), answer.headers["X-Total-Count"]) == (1, "3")
    assert answer.headers["Link"].split(", ") == [
        f'<{place}1>; rel="first"',
        f'<{place}1>; rel="prev"',
        f'<{place}3>; rel="next"',
        f'<{place}3>; rel="last"',
    ]
    pages = [office.get(LIST, {"page_size": 1, "page": number}).json()[0]["full_name"] for number in (1, 2, 3)]
    assert pages == ["Amina Diallo", "Bo Lind", "Cleo Marsh"]


def test_an_empty_list_has_one_page(office):
    answer = office.get(LIST, {"search": "nobody"})
    assert (answer.status_code, answer.json(), answer.headers["X-Total-Count"]) == (200, [], "0")


# --- Errors outside of a view -----------------------------------------------------------------------


@pytest.mark.parametrize(
    "address",
    [
        "/api",
        "/api/",
        "/api/nothing/",
        "/api/students/STU1/",
        "/api/students/STU99999/",
        "/api/students/%00/",
        "/api/students/../admin/",
        "/api/students/" + "9" * 5000,
        "/api/students//",
    ],
)
@pytest.mark.parametrize("verb", ["GET", "POST"])
def test_an_address_that_is_not_there_is_told_in_json(office, address, verb):
    answer = office.call(verb, address)
    assert answer.status_code in {404, 405}
    assert answer.headers["Content-Type"] == "application/json"
    assert answer.json()["error"]


def test_a_failure_of_ours_is_told_in_json_without_its_trace(office, settings):
    settings.ROOT_URLCONF = __name__
    answer = office.get("/api/broken/")
    assert (answer.status_code, list(answer.json())) == (500, ["error"])
    assert "foresaw" not in answer.content.decode()


def test_an_unknown_host_is_told_in_json(office):
    answer = office.get(LIST, HTTP_HOST="evil.example")
    assert (answer.status_code, list(answer.json())) == (400, ["error"])


def test_a_form_of_a_page_that_is_sent_to_the_api_is_not_kept(cast):
    from accounts import parking

    answer = Client().post(LIST, {parking.OWNER: "x"})
    assert answer.status_code == 401


# --- How often --------------------------------------------------------------------------------------


def test_a_token_a_user_and_an_address_are_counted_for_themselves(cast, program, sign_in, settings, frozen):
    settings.API_RATES = {"signed_in": 2, "anonymous": 1}
    me = "/api/auth/me/"
    first, second, browser, nobody = (
        program(cast.ana.user),
        program(cast.ana.user),
        sign_in(cast.ana.user),
        Program("x"),
    )
    for caller, free in ((first, 2), (second, 2), (browser, 2), (nobody, 1)):
        answers = [caller.get(me) for _time in range(free + 1)]
        assert {answer.status_code for answer in answers[:-1]} == ({401} if caller is nobody else {200})
        assert answers[-1].status_code == 429
        assert 1 <= int(answers[-1].headers["Retry-After"]) <= 60
        assert answers[-1].json()["error"]
    frozen.shift(61)
    assert first.get(me).status_code == 200


# --- Other sites ------------------------------------------------------------------------------------


def test_a_listed_site_may_call_with_a_token_and_never_with_a_session(cast, office, settings):
    settings.CORS_ALLOWED_ORIGINS = ["https://timetable.example"]
    origin = {"HTTP_ORIGIN": "https://timetable.example"}
    asked = {"HTTP_ACCESS_CONTROL_REQUEST_METHOD": "PUT", "HTTP_ACCESS_CONTROL_REQUEST_HEADERS": "authorization"}
    preflight = Client().options(LIST, **origin, **asked)
    assert preflight.headers["Access-Control-Allow-Origin"] == "https://timetable.example"
    assert "authorization" in preflight.headers["Access-Control-Allow-Headers"]
    answer = office.get(LIST, **origin)
    assert answer.headers["Access-Control-Allow-Origin"] == "https://timetable.example"
    assert "X-Total-Count" in answer.headers["Access-Control-Expose-Headers"]
    for each in (preflight, answer):
        assert "Access-Control-Allow-Credentials" not in each.headers
    assert "Access-Control-Allow-Origin" not in office.get(LIST, HTTP_ORIGIN="https://evil.example").headers
    assert "Access-Control-Allow-Origin" not in office.get("/students/", **origin).headers
