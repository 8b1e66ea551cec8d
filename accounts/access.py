"""May this person call this view? Each view declares it; one that declares nothing answers nobody."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from functools import wraps
from typing import TYPE_CHECKING, Any, TypeVar

from django.contrib.auth.decorators import login_not_required
from django.core.exceptions import PermissionDenied
from django.http import HttpRequest, HttpResponseBase, HttpResponseNotAllowed
from django.urls import URLPattern, URLResolver

from accounts.roles import Role

if TYPE_CHECKING:
    from accounts.models import User

READ = ("GET",)
FORM = ("GET", "POST")
ACT = ("POST",)
ANY_ROLE = (Role.ADMIN, Role.TEACHER, Role.PARENT)

ViewT = TypeVar("ViewT", bound=Callable[..., HttpResponseBase])


class PortalRequest(HttpRequest):
    """A request behind the door: its user is signed in."""

    user: User


def allow(*roles: Role, methods: Iterable[str] = READ) -> Callable[[ViewT], ViewT]:
    """Declare who may call a view, and by which verbs (HEAD goes with GET).

    Refuses in this order: signed out (302 to the sign-in, by LoginRequiredMiddleware), role 403, verb 405.
    """
    accepted = frozenset(roles)
    verbs = [*methods, "HEAD"] if "GET" in methods else list(methods)

    def guard(view: ViewT) -> ViewT:
        @wraps(view)
        def guarded(request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponseBase:
            if getattr(request.user, "role", None) not in accepted:
                raise PermissionDenied
            if request.method not in verbs:
                return HttpResponseNotAllowed(verbs)
            return view(request, *args, **kwargs)

        guarded.audience = accepted  # type: ignore[attr-defined]
        # `wraps` copies the mark of a view that lets everybody in, as allauth's sign-out does.
        guarded.login_required = True  # type: ignore[attr-defined]
        return guarded  # type: ignore[return-value]

    return guard


def public(view: ViewT) -> ViewT:
    """Declare that a view answers without signing in."""

    @wraps(view)
    def open_to_all(request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponseBase:
        return view(request, *args, **kwargs)

    open_to_all.audience = frozenset()  # type: ignore[attr-defined]
    return login_not_required(open_to_all)  # type: ignore[return-value]


def is_declared(view: Callable[..., Any]) -> bool:
    """True where the view says who may call it."""
    return hasattr(view, "audience")


def is_of_api(path: str) -> bool:
    """Whether an address belongs to the JSON API, where errors are told in JSON."""
    return path == "/api" or path.startswith("/api/")


def declare(
    patterns: Iterable[URLPattern | URLResolver], guard: Callable[[Callable[..., Any]], Callable[..., Any]]
) -> list[URLPattern | URLResolver]:
    """Put a guard before every view of somebody else's URLconf (the Django admin, allauth)."""
    guarded = list(patterns)
    for pattern in guarded:
        if isinstance(pattern, URLResolver):
            declare(pattern.url_patterns, guard)
        elif not is_declared(pattern.callback):
            pattern.callback = guard(pattern.callback)
    return guarded
