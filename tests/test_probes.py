"""/healthz/ and /readyz/: for whoever watches the server, without signing in; they tell yes or no and no more."""

from __future__ import annotations

import pytest
from django.db import connection
from django.db.migrations.recorder import MigrationRecorder
from django.test import Client

from tests.test_outage import down, no_file

LIVES, READY, NOT_READY = (200, "ok\n"), (200, "ready\n"), (503, "not ready\n")


def ask(path, **more):
    answer = Client(raise_request_exception=False).get(path, **more)
    return answer.status_code, answer.content.decode()


def test_a_portal_that_works_is_alive_and_ready(db):
    assert (ask("/healthz/"), ask("/readyz/")) == (LIVES, READY)


def test_without_its_database_it_is_alive_and_not_ready(db, tmp_path):
    with down(no_file(tmp_path)):
        assert (ask("/healthz/"), ask("/readyz/")) == (LIVES, NOT_READY)


def test_before_its_migrations_are_applied_it_is_not_ready(db):
    """A new version beside a database that is still the old one's."""
    recorder = MigrationRecorder(connection)
    recorder.record_unapplied("students", "0001_initial")
    assert (ask("/healthz/"), ask("/readyz/")) == (LIVES, NOT_READY)
    recorder.record_applied("students", "0001_initial")
    assert ask("/readyz/") == READY


def test_migrations_of_a_later_version_do_no_harm(db):
    """An old worker that still runs while a new one has migrated."""
    MigrationRecorder(connection).record_applied("students", "9999_of_tomorrow")
    assert ask("/readyz/") == READY


def test_a_database_without_any_table_is_not_ready(db):
    with connection.cursor() as cursor:
        cursor.execute("ALTER TABLE django_migrations RENAME TO put_away")
        try:
            assert ask("/readyz/") == NOT_READY
        finally:
            cursor.execute("ALTER TABLE put_away RENAME TO django_migrations")


def test_health_costs_no_statement_and_readiness_few(db, count_queries):
    ask("/readyz/")
    assert (count_queries(lambda: ask("/healthz/")), count_queries(lambda: ask("/readyz/"))) == (0, 2)


@pytest.mark.parametrize("path", ["/healthz/", "/readyz/"])
def test_any_name_of_the_machine_will_do_and_no_redirect_to_https(path, db, settings):
    settings.SECURE_SSL_REDIRECT = True
    assert Client().get("/accounts/login/").status_code == 301
    for host in ("10.0.0.7:8000", "web", "evil.example"):
        assert ask(path, headers={"host": host})[0] == 200


@pytest.mark.parametrize("path", ["/healthz/", "/readyz/"])
def test_they_are_read_only_and_nobody_keeps_them(path, db):
    answers = [Client().generic(verb, path) for verb in ("GET", "HEAD", "POST", "DELETE")]
    assert [answer.status_code for answer in answers] == [200, 200, 405, 405]
    assert (answers[0]["Cache-Control"], "Set-Cookie" in answers[0]) == ("no-store", False)
