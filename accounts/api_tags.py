"""ETag and If-Match: who changes what they read is told when it is not that any more."""

from __future__ import annotations

from collections.abc import Callable
from hashlib import blake2b
from typing import Any

from django.utils.http import parse_etags
from rest_framework.renderers import JSONRenderer
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.serializers import Serializer

from accounts.api_errors import Changed, Conflict


def tag_of(item: Any) -> str:
    """The strong ETag of an item: of the very bytes that stand for it in an answer."""
    return f'"{blake2b(JSONRenderer().render(item), digest_size=12).hexdigest()}"'


def detailed(request: Request, item: Any) -> Response:
    """One item with its ETag; 304 without it where the caller holds it already."""
    tag = tag_of(item)
    held = parse_etags(request.META.get("HTTP_IF_NONE_MATCH", ""))
    answer = Response(status=304) if tag in held or "*" in held else Response(item)
    answer["ETag"] = tag
    return answer


def says_if_match(request: Request) -> bool:
    return "HTTP_IF_MATCH" in request.META


def matches(request: Request, current: Any) -> bool:
    """Whether If-Match names the item as it is now, or any by "*"; None, where nothing is, is named by "*" alone."""
    named = parse_etags(request.META.get("HTTP_IF_MATCH", ""))
    return "*" in named or (current is not None and tag_of(current) in named)


def check_match(request: Request, current: Any) -> None:
    """Raises Changed (412) where If-Match names something else than the item as it is; without If-Match all is well.

    Ask under the lock of the row, in the transaction that writes.
    """
    if says_if_match(request) and not matches(request, current):
        raise Changed(current=current, tag=tag_of(current))


def may_replace_with(request: Request, item: type[Serializer]) -> Callable[[Any | None], bool]:
    """For a service that asks, under its lock, whether what is stored in a place may be replaced; None is nothing.

    Without If-Match an empty place alone may be filled, with it what it names.
    """

    def may_replace(stored: Any | None) -> bool:
        if not says_if_match(request):
            return stored is None
        return matches(request, item(stored).data if stored else None)

    return may_replace


def refusal_of(request: Request, current: Any, **more: Any) -> Conflict:
    """What to raise where it may not: 412 where If-Match names something else, else 409; both say what is stored."""
    refusal = Changed if says_if_match(request) else Conflict
    return refusal(current=current, **more)


def refusal_with_tag(request: Request, current: Any) -> Conflict:
    """The same of one item, with its ETag; None where nothing is stored."""
    return refusal_of(request, current, tag=tag_of(current) if current else "")
