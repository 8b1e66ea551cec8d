"""Error pages in the user's words, with the right status and a way on."""

from __future__ import annotations

import logging
import sys
from typing import Any

from django.core.exceptions import RequestDataTooBig, TooManyFieldsSent, TooManyFilesSent
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.template.loader import render_to_string
from django.utils.translation import gettext as _

from accounts.access import is_of_api
from accounts.api_errors import TooLarge, json_error
from accounts.parking import park
from sptrack.outage import RETRY_AFTER, is_outage, kept

TOO_MUCH = (RequestDataTooBig, TooManyFieldsSent, TooManyFilesSent)
WAIT = 60  # seconds, after too many requests of one address
logger = logging.getLogger(__name__)


def error_page(request: HttpRequest, status: int, title: str, text: str) -> HttpResponse:
    """The page, or under /api/ the same sentence as JSON."""
    if is_of_api(request.path):
        return json_error(status, text)
    return render(request, "error.html", {"title": title, "text": text}, status=status)


def bad_request(request: HttpRequest, exception: Exception | None = None) -> HttpResponse:
    """A body that is too large, or of too many fields, is what Django calls a bad request too."""
    if isinstance(exception, TOO_MUCH):
        return too_large(request)
    return error_page(
        request, 400, _("This request could not be read"), _("Go back to the page that you came from and try again.")
    )


def too_large(request: HttpRequest) -> HttpResponse:
    if is_of_api(request.path):
        return json_error(413, str(TooLarge.default_detail))
    return error_page(
        request,
        413,
        _("This is too much at once"),
        _("Nothing was saved. Go back, where what you typed should still be, and send it in smaller parts."),
    )


def too_many(request: HttpRequest) -> HttpResponse:
    answer = error_page(
        request,
        429,
        _("Too many tries in a short time"),
        _("Wait a minute, then go back and try once more."),
    )
    answer["Retry-After"] = str(WAIT)
    return answer


def forbidden(request: HttpRequest, exception: Exception | None = None) -> HttpResponse:
    return error_page(
        request,
        403,
        _("This page is not for your account"),
        _("Use the links above, or ask the school office if you should have it."),
    )


def not_found(request: HttpRequest, exception: Exception | None = None) -> HttpResponse:
    said = exception.args[0] if exception and exception.args and isinstance(exception.args[0], str) else ""
    text = said or _("It does not exist, or it is not yours to see. Check the address, or start from the home page.")
    return error_page(request, 404, _("There is nothing here"), text)


def server_error(request: HttpRequest) -> HttpResponse:
    """A fault of ours, 500; or the database is down, 503, and what was typed is kept in the page."""
    if is_outage(sys.exception()):
        return unavailable(request)
    text = _("Something went wrong on our side. Nothing that you typed was half saved. Please try again in a minute.")
    if is_of_api(request.path):
        return json_error(500, text)
    words = {"title": _("Something went wrong"), "text": text, "number": getattr(request, "request_id", "")}
    return bare_page("error.html", words, 500)


def unavailable(request: HttpRequest) -> HttpResponse:
    """The database is down. The answer asks it for nothing."""
    text = _("The database does not answer just now. Please try again in a minute.")
    if is_of_api(request.path):
        answer: HttpResponse = json_error(503, text)
    else:
        words = {"title": _("The portal is not there for a moment"), "text": text, "address": request.get_full_path()}
        answer = bare_page("outage.html", words | kept(request), 503)
    answer["Retry-After"] = str(RETRY_AFTER)
    return answer


def bare_page(template: str, words: dict[str, Any], status: int) -> HttpResponse:
    """The page as for somebody signed out, since who is signed in would be asked of the database; plain text where even
    that fails: whatever failed may fail again while a page is drawn."""
    try:
        return HttpResponse(render_to_string(template, {"home_url": "/", **words}), status=status)
    except Exception:
        logger.exception("the page of an error could not be drawn")
        return HttpResponse(words["text"], status=status, content_type="text/plain; charset=utf-8")


def csrf_failure(request: HttpRequest, reason: str = "") -> HttpResponse:
    """Whoever signed in again in another window has a new token: the form that was open before is not lost."""
    return park(request) or error_page(
        request,
        403,
        _("This form is too old to be sent"),
        _("Go back, load the page again and send it once more. Your browser must accept cookies from this site."),
    )
