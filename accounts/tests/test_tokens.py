"""API tokens: how they are made, what they open, what ends them."""

from __future__ import annotations

import re
from datetime import timedelta
from hashlib import sha256

import pytest
from django.core.exceptions import PermissionDenied
from django.db import connection
from django.test import Client
from pytest_django.asserts import assertContains

from accounts.models import ApiToken, User
from accounts.roles import Role
from accounts.tokens import create_token, revoke_token
from tests.api_programs import Program, program_of

ME = "/api/auth/me/"
NEW, LIST = "/admin/accounts/apitoken/add/", "/admin/accounts/apitoken/"
DAY = timedelta(days=1)
SECRET = re.compile(r"spt_[A-Za-z0-9_-]{43}")


def opens(program: Program) -> bool:
    answer = program.get(ME)
    assert answer.status_code in {200, 401}
    return answer.status_code == 200


def test_a_token_stands_for_its_user(cast):
    for user in (cast.office, cast.ana.user, cast.mariam.user):
        answer = program_of(user).get(ME)
        assert answer.json() == {"user_id": user.pk, "username": user.username, "role": user.role}


def test_only_the_hash_of_a_token_is_kept(cast):
    token, secret = create_token(by=cast.office, name="timetable", valid_for=DAY)
    assert SECRET.fullmatch(secret)
    assert (token.digest, token.prefix) == (sha256(secret.encode()).hexdigest(), secret[:8])
    with connection.cursor() as cursor:
        for table in ("accounts_apitoken", "accounts_historicalapitoken"):
            cursor.execute(f"SELECT * FROM {table}")  # noqa: S608
            assert secret not in str(cursor.fetchall())
            assert cursor.description


def test_a_token_ends_at_its_time(cast, frozen):
    program = program_of(cast.office, valid_for=DAY)
    frozen.shift(DAY - timedelta(seconds=1))
    assert opens(program)
    frozen.shift(1)
    assert not opens(program)


@pytest.mark.parametrize("valid_for", [timedelta(), -DAY, 367 * DAY])
def test_no_token_is_made_for_no_time_or_for_ever(cast, valid_for):
    with pytest.raises(ValueError, match="366 days"):
        create_token(by=cast.office, name="x", valid_for=valid_for)


@pytest.mark.parametrize("change", [{"is_active": False}, {"role": Role.PARENT}, {"role": Role.ADMIN}])
def test_a_token_stops_at_once_when_its_user_is_deactivated_or_gets_another_role(cast, change):
    program = program_of(cast.ana.user)
    assert opens(program)
    User.objects.filter(pk=cast.ana.user.pk).update(**change)
    assert not opens(program)


def test_its_owner_and_admins_revoke_a_token_and_nobody_else(cast):
    token, secret = create_token(by=cast.ana.user, name="x", valid_for=DAY)
    with pytest.raises(PermissionDenied):
        revoke_token(by=cast.ben.user, token=token)
    assert opens(Program(secret))
    revoke_token(by=cast.ana.user, token=token)
    assert not opens(Program(secret))
    revoked_at = ApiToken.objects.get(pk=token.pk).revoked_at
    revoke_token(by=cast.office, token=token)
    assert ApiToken.objects.get(pk=token.pk).revoked_at == revoked_at
    assert [(row.history_type, row.history_user) for row in ApiToken.history.filter(id=token.pk)] == [
        ("~", cast.ana.user),
        ("+", cast.ana.user),
    ]


def test_the_last_use_is_noted_at_most_once_a_minute_and_writes_no_history(cast, frozen):
    program = program_of(cast.ana.user)
    noted = []
    for seconds in (0, 59, 1):
        frozen.shift(seconds)
        opens(program)
        noted.append(ApiToken.objects.get().last_used_at)
    assert noted[0] == noted[1]
    assert noted[2] - noted[0] == timedelta(seconds=60)
    assert ApiToken.history.count() == 1


@pytest.mark.parametrize(
    "header", ["Bearer", "Bearer ", "Bearer x", "Bearer spt_" + "a" * 43, "bearer \u00e9", "Bearer spt_" + "a" * 5000]
)
def test_what_is_no_token_in_force_is_refused_even_beside_a_session(cast, sign_in, header):
    answer = sign_in(cast.office).get(ME, HTTP_AUTHORIZATION=header)
    assert answer.status_code == 401
    assert answer.headers["WWW-Authenticate"] == 'Bearer realm="api"'


def test_another_kind_of_authorization_is_not_ours_to_judge(cast, sign_in):
    assert sign_in(cast.office).get(ME, HTTP_AUTHORIZATION="Basic eDp5").status_code == 200
    assert Client().get(ME, HTTP_AUTHORIZATION="Basic eDp5").status_code == 401


def test_a_token_opens_no_page(cast):
    program = program_of(cast.office)
    assert program.get("/students/").status_code == 302


# --- In the office ----------------------------------------------------------------------------------


def test_an_admin_makes_a_token_that_is_shown_once(cast, sign_in):
    browser = sign_in(cast.office)
    page = browser.post(NEW, {"name": "timetable", "valid_for": "30"})
    secret = SECRET.search(page.content.decode())[0]
    token = ApiToken.objects.get()
    assert "no-store" in page.headers["Cache-Control"]
    assert (token.user, token.name, token.expires_at - token.created_at) == (cast.office, "timetable", 30 * DAY)
    assert opens(Program(secret))
    for address in (LIST, f"{LIST}{token.pk}/change/", f"{LIST}{token.pk}/history/"):
        later = browser.get(address)
        assertContains(later, "timetable")
        assert secret not in later.content.decode()


@pytest.mark.parametrize("typed", [{"name": ""}, {"valid_for": "3650"}, {"valid_for": ""}, {"name": "a\u202eb"}])
def test_a_token_needs_a_name_and_a_time(cast, sign_in, typed):
    page = sign_in(cast.office).post(NEW, {"name": "timetable", "valid_for": "30", **typed})
    assert page.status_code == 200
    assert not ApiToken.objects.exists()


def test_an_admin_revokes_anybodys_token(cast, sign_in):
    token, secret = create_token(by=cast.ana.user, name="x", valid_for=DAY)
    chosen = {"action": "revoke", "_selected_action": [token.pk]}
    page = sign_in(cast.office).post(LIST, chosen, follow=True)
    assertContains(page, "1 token is revoked.")
    assertContains(page, "Revoked")
    assert not opens(Program(secret))
