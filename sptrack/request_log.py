"""One line of the log for each request: who asked for which page, how it was answered, and how long that took.

It names no address, for in addresses and queries stand names; the user is a number, the page the name of its route.
"""

from __future__ import annotations

import logging
import re
import secrets
import time
from collections.abc import Callable
from contextvars import ContextVar

from django.conf import settings
from django.http import HttpRequest, HttpResponseBase
from django.urls import Resolver404, resolve
from django.utils.functional import SimpleLazyObject

HEADER = "X-Request-ID"
PLAIN_TOKEN = re.compile(r"[A-Za-z0-9_-]{8,64}")
METHODS = frozenset({"GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS"})
NOTHING = "-"

logger = logging.getLogger("sptrack.requests")
# What a line of any logger belongs to; each request sets it anew.
request_id: ContextVar[str] = ContextVar("request_id", default=NOTHING)


class RequestLogMiddleware:
    """The outermost: also what the others answer, or refuse, is in the log."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponseBase]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponseBase:
        started = time.perf_counter()
        token = request_id.set(name_of(request))
        request.request_id = request_id.get()  # type: ignore[attr-defined]
        try:
            response = self.get_response(request)
            response[HEADER] = request_id.get()
            logger.info(
                "method=%s route=%s status=%d ms=%d user=%s",
                method_of(request),
                route_of(request),
                response.status_code,
                (time.perf_counter() - started) * 1000,  # of a streamed file: until it begins
                user_of(request),
            )
        finally:
            request_id.reset(token)
        return response


def name_of(request: HttpRequest) -> str:
    """The id that a trusted proxy gave, so that its log and ours can be laid side by side; else one of our own."""
    given = request.headers.get(HEADER, "")
    if settings.ALLAUTH_TRUSTED_PROXY_COUNT and PLAIN_TOKEN.fullmatch(given):
        return given
    return secrets.token_hex(8)


def method_of(request: HttpRequest) -> str:
    """The verb; any other word is somebody's text."""
    return request.method if request.method in METHODS else "OTHER"


def route_of(request: HttpRequest) -> str:
    """The name of the route; "-" where there is none, and for static files."""
    try:
        return (request.resolver_match or resolve(request.path_info)).view_name
    except Resolver404:
        return NOTHING


def user_of(request: HttpRequest) -> str:
    """The number of the user whom this request has loaded by now; to look at one not loaded would ask the database."""
    user = getattr(request, "user", None)
    if isinstance(user, SimpleLazyObject):
        user = getattr(request, "_cached_user", None)
    return str(getattr(user, "pk", None) or NOTHING)
