"""Sign-in by password, with permissions that follow the role at once."""

from __future__ import annotations

from typing import Any

from allauth.account.auth_backends import AuthenticationBackend
from django.contrib.auth.models import Permission
from django.db.models import QuerySet

from accounts.models import User


class RoleBackend(AuthenticationBackend):  # type: ignore[misc]
    """Gives a user the model permissions of the group that their role names.

    Membership rows are not consulted: a demotion takes effect with the next request, with nothing to sync.
    """

    def _get_group_permissions(self, user: User) -> QuerySet[Permission]:
        return Permission.objects.filter(group__name=user.role)

    def get_user(self, user_id: Any) -> User | None:
        """The signed-in user with both profiles, in one statement; None once they are deactivated."""
        return User.objects.filter(pk=user_id, is_active=True).select_related("teacher", "parent").first()
