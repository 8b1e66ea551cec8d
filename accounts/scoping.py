"""The door to rows: a queryset that must say who sees what, and the one way to fetch a row for a person."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Self, TypeVar

from django.db import models
from django.http import Http404

if TYPE_CHECKING:
    from accounts.models import User

ModelT = TypeVar("ModelT", bound=models.Model)


class ScopedQuerySet(models.QuerySet[ModelT]):
    """A queryset whose rows belong to somebody. Every one defines `visible_to`; forgetting it shows nothing."""

    def visible_to(self, user: User) -> Self:
        """The rows that this person may see. The rule is that of docs/permissions.md."""
        raise NotImplementedError(f"{type(self).__name__} does not say who may see its rows")


def visible_or_404(rows: ScopedQuerySet[ModelT], user: User, **lookup: Any) -> ModelT:
    """The one row that matches, if this person may see it.

    Not yours and not there are the same answer, Http404, so that an address tells nobody who exists.
    """
    row = rows.visible_to(user).filter(**lookup).first()
    if row is None:
        raise Http404
    return row
