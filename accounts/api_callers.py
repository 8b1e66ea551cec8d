"""Who calls the API, by token or by session, and how often they may."""

from __future__ import annotations

import time
from typing import Any

from allauth.account.adapter import get_adapter
from django.conf import settings
from django.utils.translation import gettext as _
from rest_framework.authentication import BaseAuthentication, SessionAuthentication
from rest_framework.exceptions import AuthenticationFailed
from rest_framework.request import Request
from rest_framework.throttling import BaseThrottle

from accounts.call_counts import count_call
from accounts.models import ApiToken, User
from accounts.tokens import find_token, note_use

MINUTE = 60  # seconds


class TokenAuthentication(BaseAuthentication):  # type: ignore[misc]
    """`Authorization: Bearer <secret>`. A token that is not in force is refused, whoever else is signed in."""

    def authenticate(self, request: Request) -> tuple[User, ApiToken] | None:
        kind, _space, secret = request.META.get("HTTP_AUTHORIZATION", "").partition(" ")
        if kind.lower() != "bearer":
            return None
        token = find_token(secret.strip())
        if token is None:
            raise AuthenticationFailed(_("This token is not in force. Make a new one, or ask the school office."))
        note_use(token)
        return token.user, token

    def authenticate_header(self, _request: Request) -> str:
        return 'Bearer realm="api"'


class BrowserAuthentication(SessionAuthentication):  # type: ignore[misc]
    """The session of a browser that signed in; whatever writes must send the CSRF token."""


class CallerThrottle(BaseThrottle):  # type: ignore[misc]
    """Counts by token, else by user, else, for somebody signed out, by address, in minutes of the clock.

    The rates are settings.API_RATES, in calls a minute.
    """

    def allow_request(self, request: Request, _view: Any) -> bool:
        most = settings.API_RATES["signed_in" if request.user.is_authenticated else "anonymous"]
        self.now = time.time()
        return count_call(caller_of(request), int(self.now // MINUTE)) <= most

    def wait(self) -> float:
        """The seconds until the next minute begins."""
        return MINUTE - self.now % MINUTE


def caller_of(request: Request) -> str:
    """Who is counted for themselves."""
    if isinstance(request.auth, ApiToken):
        return f"token:{request.auth.pk}"
    if request.user.is_authenticated:
        return f"user:{request.user.pk}"
    return f"address:{get_adapter().get_client_ip(request)}"
