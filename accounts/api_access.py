"""May this caller use this route of the API? Each verb declares its audience; one that declares nothing answers nobody.

The order of refusal is that of the pages: signed out 401, role 403, verb 405, row 404.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, ClassVar, TypeVar

from django.utils.translation import gettext as _
from rest_framework.exceptions import (
    AuthenticationFailed,
    MethodNotAllowed,
    NotAuthenticated,
    PermissionDenied,
    UnsupportedMediaType,
)
from rest_framework.negotiation import BaseContentNegotiation
from rest_framework.request import Request
from rest_framework.views import APIView

from accounts.api_lists import check_query
from accounts.roles import Role

VERBS = ("get", "post", "put", "patch", "delete")
HandlerT = TypeVar("HandlerT", bound=Callable[..., Any])


def api_allow(*roles: Role) -> Callable[[HandlerT], HandlerT]:
    """Declare who may call one verb of a route."""

    def declare(handler: HandlerT) -> HandlerT:
        handler.audience = frozenset(roles)  # type: ignore[attr-defined]
        return handler

    return declare


def api_public(handler: HandlerT) -> HandlerT:
    """Declare that a verb answers without signing in."""
    handler.audience = frozenset()  # type: ignore[attr-defined]
    handler.is_public = True  # type: ignore[attr-defined]
    return handler


class AlwaysJson(BaseContentNegotiation):  # type: ignore[misc]
    """Answers are JSON whatever is asked for; a body of another type is refused (415)."""

    def select_parser(self, request: Request, parsers: list[Any]) -> Any:
        kind = (request.content_type or "").partition(";")[0].strip().lower()
        found = next((parser for parser in parsers if parser.media_type == kind), None)
        if found is None:
            raise UnsupportedMediaType(kind, _("Send JSON, with the Content-Type application/json."))
        return found

    def select_renderer(self, _request: Request, renderers: list[Any], _suffix: str | None = None) -> tuple[Any, str]:
        return renderers[0], renderers[0].media_type


class ApiView(APIView):  # type: ignore[misc]
    """A route of the API: a method a verb, each under `api_allow`."""

    http_method_names: ClassVar[list[str]] = [*VERBS, "head"]
    content_negotiation_class = AlwaysJson
    format_kwarg = None  # no suffix of an address chooses a format

    @classmethod
    def as_view(cls, **initkwargs: Any) -> Any:
        view = super().as_view(**initkwargs)
        view.audience = frozenset(
            role for handler in cls.handlers().values() for role in getattr(handler, "audience", ())
        )
        return view

    @classmethod
    def handlers(cls) -> dict[str, Callable[..., Any]]:
        """What answers, by verb; HEAD goes with GET."""
        known = {verb: getattr(cls, verb) for verb in VERBS if hasattr(cls, verb)}
        return known | ({"head": known["get"]} if "get" in known else {})

    def initial(self, request: Request, *_args: Any, **_kwargs: Any) -> None:
        """Who calls, how often they have, whether they may; a wrong token counts as a call too.

        Then the query of a verb that reads none: it is refused as an unknown filter of a list is.
        """
        request.accepted_renderer, request.accepted_media_type = self.perform_content_negotiation(request)
        refusal = None
        try:
            self.perform_authentication(request)
        except AuthenticationFailed as failed:
            refusal = failed
        self.check_throttles(request)
        if refusal:
            raise refusal
        self.check_audience(request)
        if not getattr(self.handlers()[str(request.method).lower()], "reads_query", False):
            check_query(request, ())

    def check_audience(self, request: Request) -> None:
        """Raises the first refusal that holds: signed out, role, verb."""
        handlers = self.handlers()
        wanted = handlers.get(str(request.method).lower())
        is_open = any(getattr(handler, "is_public", False) for handler in ([wanted] if wanted else handlers.values()))
        if not is_open:
            if not request.user.is_authenticated:
                raise NotAuthenticated(_("Sign in, or send a token."))
            asked = [wanted] if wanted else list(handlers.values())
            if not any(request.user.role in getattr(handler, "audience", ()) for handler in asked):
                raise PermissionDenied(_("This is not for your account."))
        if wanted is None:
            raise MethodNotAllowed(request.method, _("This address does not answer this verb."))
