"""Fixtures of the whole suite."""

import os
import shutil
import time
from collections.abc import Callable, Iterator
from importlib import import_module
from pathlib import Path
from typing import Any

import pytest
import time_machine
from django.apps import apps
from django.conf import settings
from django.db import connection
from django.db.models.signals import post_migrate
from django.test import Client
from django.test.utils import override_settings
from django.urls import reverse
from hypothesis import HealthCheck
from hypothesis import settings as hypothesis_settings

from accounts.audit_triggers import drop_triggers
from accounts.models import User
from tests.api_programs import Program, program_of
from tests.cast import NOW, Cast, make_cast
from tests.statements import count_statements

CHROMIUM = shutil.which("chromium")


# How long an example takes says how busy the machine is, not whether the code is right.
hypothesis_settings.register_profile("suite", deadline=None, suppress_health_check=[HealthCheck.too_slow])
hypothesis_settings.load_profile("suite")


def pytest_configure() -> None:
    """On a fresh clone nothing has been collected yet, and whitenoise warns of the missing folder."""
    Path(settings.STATIC_ROOT).mkdir(parents=True, exist_ok=True)


@pytest.hookimpl(trylast=True)
def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Browser tests run where Chromium is; elsewhere they are skipped aloud, or fail with REQUIRE_BROWSER=1.

    They come first, in whatever order: a file that takes minutes at the end would leave the other process idle. A
    browser, a live server and the machine's clock are in them: one that fails runs once more, and is counted as
    "rerun" at the end. No other test gets a second chance.
    """
    items.sort(key=lambda test: not test.get_closest_marker("browser"))
    is_here = CHROMIUM or os.environ.get("REQUIRE_BROWSER") == "1"
    for test in items:
        if test.get_closest_marker("browser"):
            test.add_marker(pytest.mark.flaky(reruns=1))
            if not is_here:
                reason = "chromium is not installed; REQUIRE_BROWSER=1 makes this fail"
                test.add_marker(pytest.mark.skip(reason=reason))


@pytest.fixture(scope="session")
def django_db_setup(django_db_setup: None, django_db_blocker: Any) -> None:
    """PostgreSQL learns nothing of the tables behind a test's back.

    A test's rows are never committed, so an automatic ANALYZE beside it finds the tables empty, and the planner then
    joins the next test's school row by row: minutes instead of milliseconds.
    """
    with django_db_blocker.unblock():
        if connection.vendor != "postgresql":
            return
        with connection.cursor() as cursor:
            for table in connection.introspection.table_names(cursor):
                cursor.execute(f'ALTER TABLE "{table}" SET (autovacuum_enabled = false)')


@pytest.fixture(autouse=True)
def flushable_audit(request: pytest.FixtureRequest) -> Iterator[None]:
    """SQLite flushes by DELETE, which the triggers of the audit refuse: a test with real transactions drops them.

    The flush makes them anew, since it ends with post_migrate. PostgreSQL flushes by TRUNCATE, which they let pass.
    """
    marker = request.node.get_closest_marker("django_db")
    if "transactional_db" not in request.fixturenames and not (marker and marker.kwargs.get("transaction")):
        yield
        return
    request.getfixturevalue("transactional_db")  # made before this fixture, so it flushes after it
    yield
    if connection.vendor == "sqlite":
        drop_triggers(connection)


@pytest.fixture(autouse=True)
def quick_passwords(settings: Any) -> None:
    """Tests hash new passwords with one cheap round; the real hashers stay behind it."""
    settings.PASSWORD_HASHERS = ["django.contrib.auth.hashers.MD5PasswordHasher", *settings.PASSWORD_HASHERS]


@pytest.fixture
def frozen() -> Iterator[time_machine.Traveller]:
    """Monday 16 March 2026, 09:00 at the school; the traveller can move on."""
    with time_machine.travel(NOW, tick=False) as traveller:
        yield traveller


@pytest.fixture
def cast(db: None, frozen: time_machine.Traveller) -> Cast:
    """The one cast of the suite, on its Monday."""
    return make_cast()


@pytest.fixture
def sign_in() -> Callable[[User], Client]:
    """A browser in which somebody is signed in, with the session already written."""

    def signed_in(user: User) -> Client:
        client = Client()
        client.force_login(user, backend="accounts.backends.RoleBackend")
        client.get(reverse("home"))
        return client

    return signed_in


@pytest.fixture
def program() -> Callable[[User], Program]:
    """A program that calls the API with a token of somebody."""
    return program_of


@pytest.fixture
def count_queries() -> Callable[[Callable[[], object]], int]:
    """How many SQL statements a call costs, those of the session and of transactions aside."""
    return count_statements


@pytest.fixture(scope="session", autouse=True)
def refill_after_flush() -> Iterator[None]:
    """A test with real transactions ends in a flush, which empties what data migrations wrote: write it again."""
    steps = [
        ("accounts.migrations.0002_role_groups", "make_groups"),
        ("accounts.migrations.0006_api_token_permissions", "grant_permissions"),
        ("students.migrations.0002_school_and_permissions", "make_school"),
        ("students.migrations.0002_school_and_permissions", "grant_permissions"),
        ("attendance.migrations.0002_permissions", "grant_permissions"),
        ("assessments.migrations.0002_scales_and_permissions", "make_categories"),
        ("assessments.migrations.0002_scales_and_permissions", "make_scales"),
        ("assessments.migrations.0002_scales_and_permissions", "grant_permissions"),
        ("behavior.migrations.0002_categories_and_permissions", "make_categories"),
        ("behavior.migrations.0002_categories_and_permissions", "grant_permissions"),
        ("participation.migrations.0002_permissions", "grant_permissions"),
        ("dashboard.migrations.0002_permissions", "grant_permissions"),
        ("dashboard.migrations.0005_alert_permissions", "grant_permissions"),
    ]

    def refill(**_kwargs: object) -> None:
        with override_settings(SIMPLE_HISTORY_ENABLED=False):  # as in a migration, whose models know no history
            for module, step in steps:
                getattr(import_module(module), step)(apps, None)

    post_migrate.connect(refill, sender=apps.get_app_config("dashboard"), weak=False)
    yield
    post_migrate.disconnect(refill, sender=apps.get_app_config("dashboard"))


@pytest.fixture(scope="session", autouse=True)
def no_stragglers(django_db_setup: None, django_db_blocker: Any) -> Iterator[None]:
    """PostgreSQL drops no database in use: wait for the last request of a closed browser window, then hang up."""
    yield
    if connection.vendor != "postgresql":
        return
    others = "FROM pg_stat_activity WHERE datname = current_database() AND pid <> pg_backend_pid()"
    with django_db_blocker.unblock(), connection.cursor() as cursor:
        for _attempt in range(50):
            cursor.execute(f"SELECT count(*) {others}")
            if cursor.fetchone() == (0,):
                return
            time.sleep(0.1)
        cursor.execute(f"SELECT pg_terminate_backend(pid) {others}")
