"""Checks of `manage.py check --deploy` about what came into the database."""

from typing import Any

from django.core.checks import CheckMessage, Error, Tags, register
from django.db import DatabaseError, connection


@register(Tags.security, deploy=True)
def no_demo_accounts(**_kwargs: Any) -> list[CheckMessage]:
    """Everybody knows the password of the demo school's accounts.

    Silent where there is no database yet: a build machine checks the settings before anything is migrated.
    """
    from accounts.models import User
    from exchange.demo.school import demo_accounts

    try:
        if User._meta.db_table not in connection.introspection.table_names():
            return []
        number = demo_accounts().count()
    except DatabaseError:
        return []
    if not number:
        return []
    return [
        Error(
            f"The database holds {number} accounts of the demo school, whose password is public.",
            hint="Set DATABASE_URL to a database that never held the demo school, and run migrate on it.",
            id="exchange.E001",
        )
    ]
