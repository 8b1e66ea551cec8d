"""What waits for the office. Each app registers, in AppConfig.ready(), where to look in its own rows."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from typing import Any

from django.db.models import Count
from django.urls import reverse
from django.utils.translation import ngettext

from accounts.invitations import Standing, standing_of
from accounts.models import User


@dataclass(frozen=True)
class Todo:
    """One line: how many of what, in words, and the address of the rows behind it."""

    label: str
    number: int
    address: str


Source = Callable[[Any], Iterable[Todo]]
SOURCES: dict[str, Source] = {}


def register(name: str, source: Source) -> None:
    """Have a function looked up whenever the office asks what waits; it takes the request of an admin."""
    SOURCES[name] = source


def what_to_do(request: Any) -> list[Todo]:
    """The lines that are not zero; what registered last comes first: the day's registers before people's accounts."""
    lines = [line for source in reversed(SOURCES.values()) for line in source(request)]
    return [line for line in lines if line.number]


def invitations(_request: Any) -> list[Todo]:
    """Who was never invited, and who was and has not chosen a password yet; in one statement."""
    standings = User.objects.order_by().annotate(standing=standing_of()).values("standing")
    numbers = dict(standings.annotate(number=Count("pk")).values_list("standing", "number"))
    waiting, new = numbers.get(Standing.INVITED, 0), numbers.get(Standing.NOT_INVITED, 0)
    users = reverse("admin:accounts_user_changelist")
    return [
        Todo(
            ngettext("%(number)d person not invited yet", "%(number)d people not invited yet", new) % {"number": new},
            new,
            f"{users}?standing={Standing.NOT_INVITED}",
        ),
        Todo(
            ngettext("%(number)d invitation not accepted", "%(number)d invitations not accepted", waiting)
            % {"number": waiting},
            waiting,
            f"{users}?standing={Standing.INVITED}",
        ),
    ]
