"""Sign-in by password, with permissions that follow the role at once."""

from __future__ import annotations

from typing import Any

from allauth.account.auth_backends import AuthenticationBackend
from django.contrib.auth.models import Permission
from django.db.models import BigAutoField, QuerySet

from accounts.models import User
from core.prepared import Given, Prepared


def active_user(pk: Any) -> QuerySet[User]:
    """The user of this key with both profiles."""
    return User.objects.filter(pk=pk, is_active=True).select_related("teacher", "parent")


SIGNED_IN = Prepared(lambda: active_user(Given("pk", BigAutoField())))


class RoleBackend(AuthenticationBackend):  # type: ignore[misc]
    """Gives a user the model permissions of the group that their role names.

    Membership rows are not consulted: a demotion takes effect with the next request, with nothing to sync.
    """

    def _get_group_permissions(self, user: User) -> QuerySet[Permission]:
        return Permission.objects.filter(group__name=user.role)

    def get_user(self, user_id: Any) -> User | None:
        """The signed-in user with both profiles, in one statement; None once they are deactivated."""
        return next(iter(SIGNED_IN.objects(pk=user_id)), None)
