"""Error pages in the user's words, with the right status and a way on."""

from __future__ import annotations

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils.translation import gettext as _

from accounts.access import is_of_api
from accounts.api_errors import json_error
from accounts.parking import park


def error_page(request: HttpRequest, status: int, title: str, text: str) -> HttpResponse:
    """The page, or under /api/ the same sentence as JSON."""
    if is_of_api(request.path):
        return json_error(status, text)
    return render(request, "error.html", {"title": title, "text": text}, status=status)


def bad_request(request: HttpRequest, exception: Exception | None = None) -> HttpResponse:
    return error_page(
        request, 400, _("This request could not be read"), _("Go back to the page that you came from and try again.")
    )


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
    """Plain on purpose: whatever failed may fail again while a page is drawn."""
    text = _("Something went wrong on our side. Nothing that you typed was half saved. Please try again in a minute.")
    if is_of_api(request.path):
        return json_error(500, text)
    return HttpResponse(text, status=500, content_type="text/plain; charset=utf-8")


def csrf_failure(request: HttpRequest, reason: str = "") -> HttpResponse:
    """Whoever signed in again in another window has a new token: the form that was open before is not lost."""
    return park(request) or error_page(
        request,
        403,
        _("This form is too old to be sent"),
        _("Go back, load the page again and send it once more. Your browser must accept cookies from this site."),
    )
