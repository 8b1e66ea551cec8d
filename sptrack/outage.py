"""The database is down: told apart from a fault of ours, and answered with a page that keeps what was typed.

Nothing here asks the database, so no session and no user: the page is the one of somebody signed out.
"""

from __future__ import annotations

import re
from typing import Any

from django.core.exceptions import SuspiciousOperation
from django.db import InterfaceError, OperationalError
from django.http import HttpRequest, HttpResponse, UnreadablePostError
from django.http.multipartparser import MultiPartParserError
from django.middleware.csrf import CsrfViewMiddleware, get_token

from accounts.parking import LEFT_OUT

RETRY_AFTER = 30  # seconds
TOKEN = "csrfmiddlewaretoken"  # noqa: S105  (the name of a field)
# Of PostgreSQL's error classes: connection, transaction rolled back (deadlock), resources, operator intervention
# (shutdown, statement timeout), system; and a lock that could not be had.
POSTGRESQL_STATES = ("08", "40", "53", "57", "58", "55P03")
# SQLite raises OperationalError for a missing column too; these are the codes of a file that cannot be used just now.
SQLITE_NAMES = ("SQLITE_BUSY", "SQLITE_LOCKED", "SQLITE_CANTOPEN", "SQLITE_IOERR", "SQLITE_READONLY", "SQLITE_FULL")
SECRET = re.compile(r"passw|secret|token|otp|recovery", re.IGNORECASE)
CODE = re.compile(r"\bcode", re.IGNORECASE)  # of a second step; elsewhere a subject has one
SIGNING_IN = "/accounts/"


def is_outage(error: BaseException | None) -> bool:
    """Whether it is the database that cannot be used just now; or, for False, that the question to it was wrong."""
    if isinstance(error, InterfaceError):
        return "connection" in str(error) and "closed" in str(error)
    if not isinstance(error, OperationalError):
        return False
    cause = error.__cause__
    if name := getattr(cause, "sqlite_errorname", ""):
        return str(name).startswith(SQLITE_NAMES)
    if type(cause).__module__.startswith("sqlite3"):
        return False
    state = getattr(cause, "sqlstate", None)
    return state is None or str(state).startswith(POSTGRESQL_STATES)  # without a state no server has answered


class OriginCheck(CsrfViewMiddleware):
    """Django's check, which asks the cookie alone, with the reason of a refusal instead of a page."""

    def _reject(self, _request: HttpRequest, reason: str) -> Any:
        return reason


def is_of_our_page(request: HttpRequest) -> bool:
    """Whether the form comes from a page of the portal.

    The page of an outage shows it again with a token that holds: another site must not get one for a form of its own.
    """
    check = OriginCheck(nothing)
    check.process_request(request)
    return check.process_view(request, nothing, (), {}) is None


def nothing(_request: HttpRequest) -> HttpResponse:
    """A view for a check that needs one."""
    return HttpResponse()


def kept(request: HttpRequest) -> dict[str, Any]:
    """What the page of the outage shows of a posted form; nothing for a GET, or where the form is not ours.

    `typed`: the fields that somebody may want to read. `again` and `token`: all of them, to be sent once more. Where
    one of them is secret, it is left out and the form is not offered again: `is_secret`.
    """
    try:
        if request.method != "POST" or not request.POST or not is_of_our_page(request):
            return {}
    except (SuspiciousOperation, MultiPartParserError, UnreadablePostError):
        return {}
    posted = [(name, value) for name, values in request.POST.lists() for value in values]
    fields = [(name, value) for name, value in posted if name != TOKEN]
    shown = [(name, value) for name, value in fields if not is_secret(name, request.path)]
    typed = [(name, value) for name, value in shown if value.strip() and name not in LEFT_OUT]
    if len(shown) < len(fields):
        return {"typed": typed, "is_secret": True}
    return {"again": fields, "typed": typed, "token": get_token(request)}


def is_secret(name: str, path: str) -> bool:
    """Whether a field may hold what no page shows: a password, a token, a code of the second step."""
    return bool(SECRET.search(name) or (path.startswith(SIGNING_IN) and CODE.search(name)))
