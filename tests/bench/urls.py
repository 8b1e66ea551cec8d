"""The portal's addresses and the empty page."""

from django.http import HttpResponse
from django.shortcuts import render
from django.urls import path

from accounts.access import ANY_ROLE, PortalRequest, allow
from sptrack.urls import handler400, handler403, handler404, handler500
from sptrack.urls import urlpatterns as portal

__all__ = ["handler400", "handler403", "handler404", "handler500"]


@allow(*ANY_ROLE)
def empty(request: PortalRequest) -> HttpResponse:
    """Every middleware, session, user and school, the frame of every page, and nothing in it."""
    return render(request, "bench/empty.html")


urlpatterns = [*portal, path("bench/empty/", empty)]
