"""Who calls the API, by token or by session, and how often they may."""

from __future__ import annotations

from typing import Any

from allauth.account.adapter import get_adapter
from django.conf import settings
from django.utils.translation import gettext as _
from rest_framework.authentication import BaseAuthentication, SessionAuthentication
from rest_framework.exceptions import AuthenticationFailed
from rest_framework.request import Request
from rest_framework.throttling import SimpleRateThrottle

from accounts.models import ApiToken, User
from accounts.tokens import find_token, note_use


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


class CallerThrottle(SimpleRateThrottle):  # type: ignore[misc]
    """Counts by token, else by user, else, for somebody signed out, by address; rates are settings.API_RATES.

    The count is read, then written: of requests that workers take at the same moment only one counts, and what others
    count between the two is lost. A caller who keeps N workers busy gets about N times the rate through. This guards
    the server, not a secret; sign-in attempts are counted apart, by allauth.
    """

    def __init__(self) -> None:
        """The rate depends on the caller; see `allow_request`."""

    def allow_request(self, request: Request, view: Any) -> bool:
        kind = "signed_in" if request.user.is_authenticated else "anonymous"
        self.rate = settings.API_RATES[kind]
        self.num_requests, self.duration = self.parse_rate(self.rate)
        allowed: bool = super().allow_request(request, view)
        return allowed

    def get_cache_key(self, request: Request, _view: Any) -> str:
        if isinstance(request.auth, ApiToken):
            return f"api:token:{request.auth.pk}"
        if request.user.is_authenticated:
            return f"api:user:{request.user.pk}"
        return f"api:address:{get_adapter().get_client_ip(request)}"
