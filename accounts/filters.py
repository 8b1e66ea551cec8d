"""How a list of users is narrowed."""

from __future__ import annotations

import django_filters
from django.utils.translation import gettext_lazy as _

from accounts.models import User
from accounts.querysets import UserQuerySet
from accounts.roles import Role

YES, NO = "true", "false"
LONGEST_SEARCH = 100  # SQLite refuses a statement with a thousand conditions


class UserFilter(django_filters.FilterSet):  # type: ignore[misc]
    """Search by name, user name or e-mail; role; whether they may sign in."""

    role = django_filters.ChoiceFilter(choices=Role.choices, label=_("Role"))
    search = django_filters.CharFilter(
        method="by_words", label=_("Name, user name or e-mail"), max_length=LONGEST_SEARCH
    )
    is_active = django_filters.ChoiceFilter(
        choices=[(YES, _("Active")), (NO, _("Deactivated"))], method="by_active", label=_("Active")
    )

    class Meta:
        model = User
        fields = ()

    def by_words(self, users: UserQuerySet, _name: str, value: str) -> UserQuerySet:
        return users.matching(value)

    def by_active(self, users: UserQuerySet, _name: str, value: str) -> UserQuerySet:
        return users.filter(is_active=value == YES)
