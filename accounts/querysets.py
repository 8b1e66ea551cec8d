"""Who may see which profile."""

from __future__ import annotations

from typing import TYPE_CHECKING, Self

from django.db.models import F, Q
from django.utils import timezone

from accounts.roles import Role
from accounts.scoping import ScopedQuerySet

if TYPE_CHECKING:
    from accounts.models import ApiToken, Parent, Teacher, User  # noqa: F401


def spellings(word: str) -> list[str]:
    """A word of a search in the capitals that SQLite, which knows those of ASCII alone, must be asked for one by one.

    Otherwise "élise" would not find Élise there.
    """
    return [word] if word.isascii() else sorted({word, word.lower(), word.title(), word.upper()})


class UserQuerySet(ScopedQuerySet["User"]):
    def visible_to(self, user: User) -> Self:
        """Admins see all, anybody else the own row."""
        return self if user.role == Role.ADMIN else self.filter(pk=user.pk)

    def matching(self, text: str) -> Self:
        """The users whom a search finds: each word stands in the user name, the e-mail or a name of a profile."""
        users = self
        for word in text.split():
            found = Q(username__icontains=word) | Q(email__icontains=word)
            for spelling in spellings(word):
                found |= Q(teacher__full_name__icontains=spelling) | Q(parent__full_name__icontains=spelling)
            users = users.filter(found)
        return users


class TeacherQuerySet(ScopedQuerySet["Teacher"]):
    def visible_to(self, user: User) -> Self:
        """Admins see all, a teacher the own profile."""
        return self if user.role == Role.ADMIN else self.filter(user=user)


class ParentQuerySet(ScopedQuerySet["Parent"]):
    def visible_to(self, user: User) -> Self:
        """Admins see all, a parent the own profile."""
        return self if user.role == Role.ADMIN else self.filter(user=user)


class ApiTokenQuerySet(ScopedQuerySet["ApiToken"]):
    def visible_to(self, user: User) -> Self:
        """Admins see all, anybody else the own ones."""
        return self if user.role == Role.ADMIN else self.filter(user=user)

    def in_force(self) -> Self:
        """Those that open something now: not over, not revoked, of somebody who is active and has the same role."""
        return self.filter(expires_at__gt=timezone.now(), revoked_at=None, user__is_active=True, user__role=F("role"))
