"""The front door, and the two answers for whoever watches the server."""

from __future__ import annotations

from django.db import DatabaseError, connection
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect

from accounts.access import ANY_ROLE, PortalRequest, allow, public
from accounts.roles import HOME_OF_ROLE, Role


@allow(*ANY_ROLE)
def home(request: PortalRequest) -> HttpResponse:
    """Lead each role to the page its day starts with."""
    return redirect(HOME_OF_ROLE[Role(request.user.role)])


@public
def healthz(request: HttpRequest) -> HttpResponse:
    """The process answers. Asks nothing of the database."""
    return HttpResponse("ok\n", content_type="text/plain")


@public
def readyz(request: HttpRequest) -> HttpResponse:
    """The database answers too; 503 while it does not."""
    try:
        with connection.cursor() as cursor:
            cursor.execute("SELECT 1")
    except DatabaseError:
        return HttpResponse("the database does not answer\n", status=503, content_type="text/plain")
    return HttpResponse("ready\n", content_type="text/plain")
