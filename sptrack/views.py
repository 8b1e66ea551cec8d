"""The front door, and the two answers for whoever watches the server."""

from __future__ import annotations

from functools import lru_cache

from django.db import DatabaseError, InterfaceError, connection
from django.db.migrations.loader import MigrationLoader
from django.db.migrations.recorder import MigrationRecorder
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.views.decorators.http import require_safe

from accounts.access import ANY_ROLE, PortalRequest, allow, public
from accounts.roles import HOME_OF_ROLE, Role


@allow(*ANY_ROLE)
def home(request: PortalRequest) -> HttpResponse:
    """Lead each role to the page its day starts with."""
    return redirect(HOME_OF_ROLE[Role(request.user.role)])


@public
@require_safe
def healthz(request: HttpRequest) -> HttpResponse:
    """The process answers. Asks nothing of the database."""
    return plain("ok", 200)


@public
@require_safe
def readyz(request: HttpRequest) -> HttpResponse:
    """The database answers too, and has every table that this version knows; 503 until then, without saying more."""
    try:
        is_ready = known_migrations() <= set(MigrationRecorder(connection).applied_migrations())
    except (DatabaseError, InterfaceError):
        is_ready = False
    return plain("ready", 200) if is_ready else plain("not ready", 503)


@lru_cache
def known_migrations() -> frozenset[tuple[str, str]]:
    """The migrations that came with this version; they change with the code alone, and reading them takes a while."""
    loader = MigrationLoader(None, ignore_no_migrations=True)
    return frozenset(loader.disk_migrations)


def plain(word: str, status: int) -> HttpResponse:
    return HttpResponse(f"{word}\n", status=status, content_type="text/plain", headers={"Cache-Control": "no-store"})
