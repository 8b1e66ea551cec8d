"""Who may see which profile."""

from __future__ import annotations

from typing import TYPE_CHECKING, Self

from accounts.roles import Role
from accounts.scoping import ScopedQuerySet

if TYPE_CHECKING:
    from accounts.models import Parent, Teacher, User  # noqa: F401


class TeacherQuerySet(ScopedQuerySet["Teacher"]):
    def visible_to(self, user: User) -> Self:
        """Admins see all, a teacher the own profile."""
        return self if user.role == Role.ADMIN else self.filter(user=user)


class ParentQuerySet(ScopedQuerySet["Parent"]):
    def visible_to(self, user: User) -> Self:
        """Admins see all, a parent the own profile."""
        return self if user.role == Role.ADMIN else self.filter(user=user)
