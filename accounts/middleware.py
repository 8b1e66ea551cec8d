"""Two of the fences that no view can forget, what keeps a form over the end of its session, addresses of the API."""

from __future__ import annotations

import time
from collections.abc import Callable
from typing import Any

from django.conf import settings
from django.contrib.auth import logout
from django.core.exceptions import PermissionDenied
from django.http import HttpRequest, HttpResponse, HttpResponseBase

from accounts import parking
from accounts.access import is_declared, is_of_api

GetResponse = Callable[[HttpRequest], HttpResponseBase]
SEEN_KEY = "seen_at"
BEGUN_KEY = "begun_at"
TOUCH_SECONDS = 60


class DeclaredAudienceMiddleware:
    """A view that does not declare its audience answers nobody, not even an admin (403)."""

    def __init__(self, get_response: GetResponse) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponseBase:
        return self.get_response(request)

    def process_view(self, _request: HttpRequest, view: Callable[..., Any], _args: Any, _kwargs: Any) -> None:
        if not is_declared(view):
            raise PermissionDenied(f"{view.__module__}.{view.__qualname__} does not declare its audience")


class SessionLifeMiddleware:
    """Ends a session after SESSION_IDLE_MINUTES without a request, and after SESSION_HOURS in any case.

    The time of the last request is written at most once a minute, since each write of the session costs
    three statements. A session begins with the sign-in; one from before that was noted, with the next request.
    """

    def __init__(self, get_response: GetResponse) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponseBase:
        if request.session.session_key and request.user.is_authenticated:
            now = int(time.time())
            seen, begun = request.session.get(SEEN_KEY, now), request.session.get(BEGUN_KEY, now)
            if now - seen > settings.SESSION_IDLE_MINUTES * 60 or now - begun > settings.SESSION_HOURS * 3600:
                logout(request)
            elif SEEN_KEY not in request.session or BEGUN_KEY not in request.session or now - seen >= TOUCH_SECONDS:
                request.session[SEEN_KEY] = now
                request.session[BEGUN_KEY] = begun
        return self.get_response(request)


class ParkedFormMiddleware:
    """Keeps a form that arrives signed out, before the sign-in is asked for and it would be lost."""

    def __init__(self, get_response: GetResponse) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponseBase:
        return self.get_response(request)

    def process_view(self, request: HttpRequest, view: Any, _args: Any, _kwargs: Any) -> HttpResponse | None:
        if not getattr(view, "login_required", True):
            return None  # no form leads there, and the API reads its body itself
        if request.method == "POST" and not request.user.is_authenticated and parking.OWNER in request.POST:
            return parking.park(request)
        return None


class ApiPathMiddleware:
    """An address of the API without its last slash is the same address: a redirect would lose the body of a POST."""

    def __init__(self, get_response: GetResponse) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponseBase:
        if is_of_api(request.path) and not request.path_info.endswith("/"):
            request.path_info += "/"
        return self.get_response(request)
