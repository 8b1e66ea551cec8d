"""What holds for every answer, whatever view gives it."""

from __future__ import annotations

from collections.abc import Callable

from django.conf import settings
from django.http import HttpRequest, HttpResponseBase

from sptrack import errors, views

GetResponse = Callable[[HttpRequest], HttpResponseBase]
# No page asks for any of these; a script that got in could not either.
PERMISSIONS_POLICY = ", ".join(
    f"{feature}=()"
    for feature in (
        "accelerometer", "autoplay", "browsing-topics", "camera", "display-capture", "encrypted-media", "fullscreen",
        "geolocation", "gyroscope", "magnetometer", "microphone", "midi", "payment", "picture-in-picture",
        "publickey-credentials-create", "publickey-credentials-get", "screen-wake-lock", "usb", "xr-spatial-tracking",
    )
)  # fmt: skip
PRIVATE = "private, no-store"
PROBES = {"/healthz/": views.healthz, "/readyz/": views.readyz}


class PermissionsPolicyMiddleware:
    """Cameras, places and the like are refused on every answer, static files too."""

    def __init__(self, get_response: GetResponse) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponseBase:
        response = self.get_response(request)
        response["Permissions-Policy"] = PERMISSIONS_POLICY
        return response


class ProbeMiddleware:
    """Answers whoever watches the server before all else: by whatever name it calls us, and without a session."""

    def __init__(self, get_response: GetResponse) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponseBase:
        probe = PROBES.get(request.path_info)
        return probe(request) if probe else self.get_response(request)


class PrivatePagesMiddleware:
    """No answer of a view is kept by a browser or a proxy: nearly all of them name a child.

    It stands behind whitenoise, so static files are kept as long as they should be.
    """

    def __init__(self, get_response: GetResponse) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponseBase:
        response = self.get_response(request)
        response["Cache-Control"] = PRIVATE
        return response


class BodyLimitMiddleware:
    """Refuses a body by the length that its sender tells, before any of it is read.

    Django counts the fields of a form alone: the parts of a file it would take in at any length.
    """

    def __init__(self, get_response: GetResponse) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponseBase:
        told = request.META.get("CONTENT_LENGTH") or "0"
        if not told.isdecimal() or int(told) > settings.DATA_UPLOAD_MAX_MEMORY_SIZE:
            return errors.too_large(request)
        return self.get_response(request)
