"""What every page shows around its content: the school's name and the places of this role."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from django.http import HttpRequest
from django.urls import reverse
from django.utils.translation import gettext as _

from accounts.models import User
from accounts.roles import HOME_OF_ROLE, Role


@dataclass(frozen=True)
class Place:
    """One entry of the navigation."""

    label: str
    url: str
    icon: str
    is_current: bool


def places_of(user: User, path: str) -> list[Place]:
    """The three to five places of a role, the current one marked."""
    registers = (_("Registers"), reverse("attendance:today"), "clipboard-document-check")
    students = (_("Students"), reverse("students:list"), "user-group")
    children = (_("My children"), reverse("dashboard:report_home"), "heart")
    office = (_("Office"), reverse("admin:index"), "cog-6-tooth")
    home = (_("Home"), reverse("dashboard:home"), "home")
    entries = {
        Role.ADMIN: [home, registers, students, office],
        Role.TEACHER: [registers, students],
        Role.PARENT: [children],
    }[Role(user.role)]
    if hasattr(user, "parent") and children not in entries:
        entries = [*entries, children]
    return [Place(label, url, icon, path.startswith(url)) for label, url, icon in entries]


def shell(request: HttpRequest) -> dict[str, Any]:
    """Context of base.html."""
    school, user = getattr(request, "school", None), getattr(request, "user", None)
    if not isinstance(user, User):
        return {"school": school, "places": [], "home_url": reverse("account_login")}
    home_url = reverse(HOME_OF_ROLE[Role(user.role)])
    return {"school": school, "places": places_of(user, request.path), "home_url": home_url}
