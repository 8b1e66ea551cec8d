"""Each page runs in the school's time zone and language."""

from __future__ import annotations

import zoneinfo
from collections.abc import Callable

from django.http import HttpRequest, HttpResponseBase
from django.utils import timezone, translation

from accounts.access import PortalRequest
from students.models import School

WITHOUT_SCHOOL = ("/static/", "/healthz/", "/readyz/")


class SchoolRequest(PortalRequest):
    """A request behind the door, with the school's settings."""

    school: School


class SchoolMiddleware:
    """Loads the school once a request; "today" and all times on the page are the school's."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponseBase]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponseBase:
        if request.path.startswith(WITHOUT_SCHOOL):
            return self.get_response(request)
        school = School.current()
        request.school = school  # type: ignore[attr-defined]
        with (
            timezone.override(zoneinfo.ZoneInfo(school.time_zone)),
            translation.override(school.language),
        ):
            return self.get_response(request)
