"""How long somebody stays signed in, and what a change of their account does to an open session."""

import pytest
from django.conf import settings as configured
from django.contrib.sessions.models import Session
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext

from accounts.models import User
from accounts.roles import Role
from accounts.tests.factories import PASSWORD
from students.models import Student
from students.tests.posted import everything_stored

SIGN_IN = "/accounts/login/"
PAGE = "/students/"
MINUTE = 60


@pytest.fixture
def ana(cast, sign_in):
    return sign_in(cast.ana.user)


def session_writes(client: Client, address: str = PAGE) -> int:
    """How many statements of a GET write a session."""
    with CaptureQueriesContext(connection) as captured:
        assert client.get(address).status_code == 200
    statements = [query["sql"] for query in captured.captured_queries if "django_session" in query["sql"]]
    return sum(statement.startswith(("INSERT", "UPDATE", "DELETE")) for statement in statements)


def is_signed_in(client: Client) -> bool:
    response = client.get(PAGE)
    assert (response.status_code, response.headers.get("Location")) in {
        (200, None),
        (302, f"{SIGN_IN}?next={PAGE}"),
    }
    return response.status_code == 200


# --- Idle -----------------------------------------------------------------------------------------------


def test_thirty_minutes_are_the_default():
    assert (configured.SESSION_IDLE_MINUTES, configured.SESSION_COOKIE_AGE) == (30, 1800)


def test_a_session_ends_after_thirty_minutes_without_a_request(ana, frozen):
    frozen.shift(30 * MINUTE - 1)
    assert is_signed_in(ana)
    frozen.shift(30 * MINUTE + 1)
    assert not is_signed_in(ana)


def test_the_portal_ends_it_even_where_the_cookie_would_live_longer(ana, cast, frozen, settings, sign_in):
    settings.SESSION_COOKIE_AGE = 7 * 24 * 60 * MINUTE
    ana = sign_in(cast.ana.user)
    frozen.shift(30 * MINUTE)
    assert is_signed_in(ana)
    frozen.shift(30 * MINUTE + 1)
    assert not is_signed_in(ana)


def test_an_ended_session_does_not_come_back(ana, frozen):
    frozen.shift(30 * MINUTE + 1)
    assert not is_signed_in(ana)
    frozen.shift(-10 * MINUTE)
    assert not is_signed_in(ana)


def test_each_request_gives_thirty_minutes_more(ana, frozen):
    for _count in range(5):
        frozen.shift(29 * MINUTE)
        assert is_signed_in(ana)


def test_the_time_of_the_last_request_is_written_at_most_once_a_minute(ana, frozen):
    written = []
    for seconds in (0, 1, 58, 1, 1, 59, 60):
        frozen.shift(seconds)
        written.append(session_writes(ana))
    assert written == [0, 0, 0, 1, 0, 1, 1]


def test_reading_pages_writes_nothing_but_the_session_and_the_log(cast, ana, frozen):
    frozen.shift(5 * MINUTE)
    before = everything_stored()
    for address in (PAGE, f"/students/{cast.amina.student_id}/", f"/report/{cast.amina.student_id}/", "/attendance/"):
        assert ana.get(address).status_code == 200
    after = everything_stored()
    assert len(after.pop("accounts.AccessLog")) - len(before.pop("accounts.AccessLog")) == 4
    assert after == before


def test_somebody_signed_out_leaves_no_session(cast):
    assert Client().get(SIGN_IN).status_code == 200
    assert Session.objects.count() == 0


# --- However busy -----------------------------------------------------------------------------------------


def stay_busy(client: Client, frozen, hours: float) -> list[bool]:
    """Whether somebody is still signed in, asked every 20 minutes."""
    answers = []
    for _count in range(round(hours * 3)):
        frozen.shift(20 * MINUTE)
        answers.append(is_signed_in(client))
    return answers


def test_twelve_hours_are_the_default():
    assert configured.SESSION_HOURS == 12


def test_a_session_ends_twelve_hours_after_the_sign_in(ana, frozen):
    assert stay_busy(ana, frozen, 12) == [True] * 36
    frozen.shift(1)
    assert not is_signed_in(ana)


def test_the_hours_are_a_setting(ana, frozen, settings):
    settings.SESSION_HOURS = 1
    assert stay_busy(ana, frozen, 1) == [True] * 3
    assert stay_busy(ana, frozen, 0.34) == [False]


def test_signing_in_again_begins_anew(cast, ana, frozen):
    assert all(stay_busy(ana, frozen, 11))
    ana.force_login(cast.ana.user, backend="accounts.backends.RoleBackend")
    assert all(stay_busy(ana, frozen, 11))


def test_a_session_from_before_the_hours_were_counted_gets_them_from_now_on(cast, ana, frozen):
    session = ana.session
    del session["begun_at"]
    session.save()
    assert is_signed_in(ana)
    assert stay_busy(ana, frozen, 12) == [True] * 36
    assert stay_busy(ana, frozen, 1) == [False, False, False]


# --- Changes of the account -----------------------------------------------------------------------------


def test_a_demotion_takes_effect_with_the_next_request(cast, sign_in):
    office = sign_in(cast.office)
    assert (office.get("/dashboard/thresholds/").status_code, office.get("/admin/").status_code) == (200, 200)
    User.objects.filter(pk=cast.office.pk).update(role=Role.TEACHER)
    assert (office.get("/dashboard/thresholds/").status_code, office.get("/admin/").status_code) == (403, 403)
    assert list(office.get(PAGE).context["page"]) == []
    User.objects.filter(pk=cast.office.pk).update(role=Role.PARENT)
    assert office.get(PAGE).status_code == 403


def test_a_promotion_takes_effect_with_the_next_request(cast, ana):
    assert ana.get("/admin/").status_code == 403
    User.objects.filter(pk=cast.ana.user.pk).update(role=Role.ADMIN)
    assert ana.get("/admin/").status_code == 200


def test_a_deactivation_takes_effect_with_the_next_request(cast, ana):
    assert is_signed_in(ana)
    User.objects.filter(pk=cast.ana.user.pk).update(is_active=False)
    assert not is_signed_in(ana)


def test_what_somebody_deactivated_sends_changes_nothing(cast, ana):
    User.objects.filter(pk=cast.ana.user.pk).update(is_active=False)
    before = everything_stored()
    response = ana.post(f"/students/{cast.amina.student_id}/edit/", {"given_name": "Taken"})
    assert response.status_code == 302
    assert everything_stored() == before
    assert Student.objects.get(pk=cast.amina.pk).given_name == "Amina"


def test_a_new_password_ends_the_sessions_of_the_old_one(cast, ana):
    assert is_signed_in(ana)
    cast.ana.user.set_password("another four words entirely")
    cast.ana.user.save()
    assert not is_signed_in(ana)


# --- Signing out ----------------------------------------------------------------------------------------


def test_signing_out_ends_the_session(cast, ana):
    response = ana.post("/accounts/logout/")
    assert (response.status_code, response.url) == (302, SIGN_IN)
    assert not is_signed_in(ana)


def test_a_link_alone_does_not_sign_out(ana):
    assert ana.get("/accounts/logout/").status_code == 200
    assert is_signed_in(ana)


def test_signing_in_starts_a_session_of_its_own(cast):
    client = Client()
    client.post(SIGN_IN, {"login": "ana", "password": PASSWORD})
    first = client.session.session_key
    client.post("/accounts/logout/")
    client.post(SIGN_IN, {"login": "ana", "password": PASSWORD})
    assert client.session.session_key != first
    cookie = client.cookies[configured.SESSION_COOKIE_NAME]
    assert (cookie["httponly"], cookie["samesite"], cookie["max-age"]) == (True, "Lax", 1800)
