"""`check --deploy` and the accounts whose password everybody knows."""

from __future__ import annotations

import pytest
from django.core import checks
from django.db import connection

from accounts.tests.factories import UserFactory
from exchange.demo import DEMO_EMAIL_DOMAIN

pytestmark = pytest.mark.django_db


def errors_of_deployment() -> list[str]:
    messages = checks.run_checks(tags=[checks.Tags.security], include_deployment_checks=True)
    return [message.msg for message in messages if message.level >= checks.ERROR]


def test_a_demo_account_stops_a_deployment() -> None:
    UserFactory(email=f"teacher2@{DEMO_EMAIL_DOMAIN.upper()}", is_active=False)
    UserFactory()
    assert errors_of_deployment() == ["The database holds 1 accounts of the demo school, whose password is public."]


def test_other_people_do_not() -> None:
    UserFactory(email=f"somebody@not-{DEMO_EMAIL_DOMAIN}")
    assert errors_of_deployment() == []


def test_it_is_silent_on_an_ordinary_check() -> None:
    UserFactory(email=f"teacher@{DEMO_EMAIL_DOMAIN}")
    assert checks.run_checks(tags=[checks.Tags.security]) == []


def test_it_is_silent_before_the_first_migration() -> None:
    UserFactory(email=f"teacher@{DEMO_EMAIL_DOMAIN}")
    assert len(errors_of_deployment()) == 1
    with connection.cursor() as cursor:
        cursor.execute("ALTER TABLE accounts_user RENAME TO accounts_user_of_another_name")
    assert errors_of_deployment() == []
