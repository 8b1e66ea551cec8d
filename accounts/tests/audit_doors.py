"""What tests do to the audit that the portal cannot: its triggers are off meanwhile, and on again afterwards."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

from django.db import connection

from accounts.audit_triggers import drop_triggers, make_triggers
from accounts.models import AccessLog


@contextmanager
def without_triggers() -> Iterator[None]:
    """PostgreSQL changes no trigger of a table with deferred checks pending: they are made first."""
    if connection.in_atomic_block:
        connection.check_constraints()
    drop_triggers(connection)
    yield
    if connection.in_atomic_block:
        connection.check_constraints()
    make_triggers(connection)


def forget_readings() -> None:
    """Empty the log of who opened what, so that a test sees its own lines alone."""
    with without_triggers():
        AccessLog.objects.all().delete()
