"""What every page shows around its content: the school's name and the places of this role."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cache
from typing import Any

from django.http import HttpRequest
from django.urls import reverse
from django.utils.safestring import SafeString
from django.utils.translation import gettext as _
from heroicons.templatetags.heroicons import heroicon_outline

from accounts.models import User
from accounts.roles import HOME_OF_ROLE, Role


@dataclass(frozen=True)
class Place:
    """One entry of the navigation; the icon is drawn."""

    label: str
    url: str
    icon: SafeString
    is_current: bool


@cache
def draw(icon: str) -> SafeString:
    """An outline icon as it stands in every page: copying and writing its XML anew took a tenth of an empty page."""
    return SafeString(heroicon_outline(icon, aria_hidden="true"))


def places_of(user: User, path: str) -> list[Place]:
    """The places of a role, five at most and one more for a teacher who is also a parent; the current one marked."""
    registers = (_("Registers"), reverse("attendance:today"), "clipboard-document-check")
    book = (_("Mark book"), reverse("assessments:book"), "book-open")
    behavior = (_("Behaviour"), reverse("behavior:list"), "star")
    students = (_("Students"), reverse("students:list"), "user-group")
    children = (_("My children"), reverse("dashboard:report_home"), "heart")
    office = (_("Office"), reverse("admin:index"), "cog-6-tooth")
    dashboard = (_("Dashboard"), reverse("dashboard:home"), "chart-bar")
    entries = {
        Role.ADMIN: [dashboard, registers, book, students, office],
        Role.TEACHER: [registers, book, behavior, students, dashboard],
        Role.PARENT: [children],
    }[Role(user.role)]
    if hasattr(user, "parent") and children not in entries:
        entries = [*entries, children]
    return [Place(label, url, draw(icon), path.startswith(url)) for label, url, icon in entries]


def shell(request: HttpRequest) -> dict[str, Any]:
    """Context of base.html."""
    school, user = getattr(request, "school", None), getattr(request, "user", None)
    if not isinstance(user, User):
        return {"school": school, "places": [], "home_url": reverse("account_login")}
    home_url = reverse(HOME_OF_ROLE[Role(user.role)])
    return {
        "school": school,
        "places": places_of(user, request.path),
        "home_url": home_url,
        "person_icon": draw("user-circle"),
    }
