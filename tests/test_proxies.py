"""Whose word counts about where a request comes from: that of TRUSTED_PROXY_COUNT proxies, of nobody else."""

from __future__ import annotations

import pytest
from allauth.account.adapter import get_adapter
from django.core.exceptions import PermissionDenied
from django.test import Client, RequestFactory

from accounts.tests.test_sign_in import LOCKED, SIGN_IN, WRONG
from tests.production import go_live


def address_of(*, forwarded, peer="192.0.2.7"):
    """Which address counts, for what a request says of itself."""
    headers = {"HTTP_X_FORWARDED_FOR": forwarded} if forwarded is not None else {}
    try:
        return get_adapter().get_client_ip(RequestFactory().get("/", REMOTE_ADDR=peer, **headers))
    except PermissionDenied:
        return "refused"


@pytest.mark.parametrize(
    ("proxies", "forwarded", "counts"),
    [
        (0, None, "192.0.2.7"),
        (0, "198.51.100.1", "192.0.2.7"),
        (0, "198.51.100.1, 198.51.100.2", "192.0.2.7"),
        (1, "198.51.100.1", "198.51.100.1"),
        (1, "203.0.113.66, 198.51.100.1", "198.51.100.1"),
        (2, "203.0.113.66, 198.51.100.1, 10.0.0.2", "198.51.100.1"),
    ],
)
def test_the_address_is_what_the_last_trusted_proxy_saw(proxies, forwarded, counts, settings):
    settings.ALLAUTH_TRUSTED_PROXY_COUNT = proxies
    assert address_of(forwarded=forwarded) == counts


def guess(number, **headers):
    return Client().post(SIGN_IN, {"login": f"name{number}", "password": "wrong"}, REMOTE_ADDR="192.0.2.7", **headers)


def test_without_a_proxy_a_forged_address_opens_no_lock(cast, frozen):
    for number in range(60):
        assert WRONG in guess(number, HTTP_X_FORWARDED_FOR=f"198.51.100.{number}").content.decode()
    assert LOCKED in guess(60, HTTP_X_FORWARDED_FOR="198.51.100.200").content.decode()


def test_without_a_proxy_a_forged_scheme_is_not_believed(db, settings):
    go_live(settings, TRUSTED_PROXY_COUNT="0")
    assert settings.SECURE_PROXY_SSL_HEADER is None
    assert Client().get("/accounts/login/", headers={"x-forwarded-proto": "https"}).status_code == 301
    assert Client().get("/accounts/login/", headers={"x-forwarded-ssl": "on"}).status_code == 301


def test_behind_a_proxy_its_scheme_is(db, settings):
    go_live(settings, TRUSTED_PROXY_COUNT="1")
    statuses = [
        Client().get("/accounts/login/", headers={"x-forwarded-proto": scheme}).status_code
        for scheme in ("https", "http", "")
    ]
    assert statuses == [200, 301, 301]
    assert Client().get("/accounts/login/", headers={"x-forwarded-ssl": "on"}).status_code == 301


@pytest.mark.parametrize("proxies", [0, 1])
def test_the_host_is_that_of_the_request_and_no_other_header(proxies, db, settings):
    settings.ALLAUTH_TRUSTED_PROXY_COUNT = proxies
    answer = Client().get("/students", headers={"x-forwarded-host": "evil.example", "forwarded": "host=evil.example"})
    assert (answer.status_code, answer.url) == (301, "/students/")
    assert Client().get("/accounts/login/", headers={"host": "evil.example"}).status_code == 400
