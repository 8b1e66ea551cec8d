"""How the routes describe themselves in OpenAPI: what each verb takes, answers and refuses."""

from __future__ import annotations

from collections.abc import Callable
from copy import deepcopy
from typing import Any, TypeVar

from django import forms
from django.conf import settings
from drf_spectacular.extensions import OpenApiAuthenticationExtension
from drf_spectacular.openapi import AutoSchema
from drf_spectacular.types import OpenApiTypes
from drf_spectacular.utils import OpenApiParameter, extend_schema
from rest_framework import serializers

from accounts.api_fields import Shape
from accounts.api_lists import LARGEST_SIZE, PAGE, SIZE, USUAL_SIZE

HandlerT = TypeVar("HandlerT", bound=Callable[..., Any])
BODY_VERBS = {"POST", "PUT", "PATCH"}
ALWAYS = ("400", "401", "403", "405", "429")
MEANINGS = {
    "400": "Something that was sent cannot be taken; `fields` names it.",
    "401": "Not signed in, or the token is not in force.",
    "403": "Not for this role; or the CSRF token of a browser is missing.",
    "404": "Not there, or not yours to see; or no such page of the list.",
    "405": "This address does not answer this verb.",
    "409": "Somebody else changed it since; `current` is what is stored.",
    "412": "What If-Match names is not what is stored; `current` is.",
    "413": "The body is too large.",
    "415": "The body is not JSON.",
    "429": "Too many requests; Retry-After tells for how many seconds to wait.",
}


class ErrorAnswer(serializers.Serializer):  # type: ignore[misc]
    """A refusal."""

    error = serializers.CharField(help_text="What is wrong, in words.")
    fields = serializers.DictField(required=False, help_text="What is wrong with each field; of rows by their index.")
    current = serializers.JSONField(required=False, help_text="With 409 and 412: what is stored now.")


class PortalSchema(AutoSchema):  # type: ignore[misc]
    """Declares every refusal that a verb may answer, beside what `describe` says of it."""

    def get_operation_id(self) -> str:
        parts = [part for part in self.path.strip("/").split("/")[1:] if not part.startswith("{")]
        of_one = ["one"] if self.path.rstrip("/").endswith("}") else []
        return "_".join([*(part.replace("-", "_") for part in parts), *of_one, self.method.lower()])

    def get_description(self) -> str:
        """The summary says it all; the docstring of a route is for who reads the code."""
        return ""

    def _map_basic_serializer(self, serializer: Any, direction: str) -> Any:
        mapped = super()._map_basic_serializer(serializer, direction)
        return mapped | {"additionalProperties": False} if isinstance(serializer, Shape) else mapped

    def get_tags(self) -> list[str]:
        return [self.path.strip("/").split("/")[1]]

    def refusals(self) -> list[str]:
        """The 4xx of this verb."""
        found = [*ALWAYS, "404"]
        if self.method in BODY_VERBS:
            found += ["409", "412", "413", "415"]
        if self.method == "DELETE":
            found += ["409", "412"]
        return sorted(set(found))

    def _get_response_bodies(self, direction: str = "response") -> Any:
        answers = super()._get_response_bodies(direction)
        for code in self.refusals():
            answer = self._get_response_for_code(ErrorAnswer, code, direction=direction)
            answers.setdefault(code, answer)["description"] = MEANINGS[code]
        return answers


class TokenScheme(OpenApiAuthenticationExtension):  # type: ignore[misc]
    target_class = "accounts.api_callers.TokenAuthentication"
    name = "token"

    def get_security_definition(self, _auto_schema: Any) -> dict[str, str]:
        return {"type": "http", "scheme": "bearer"}


class SessionScheme(OpenApiAuthenticationExtension):  # type: ignore[misc]
    target_class = "accounts.api_callers.BrowserAuthentication"
    name = "session"

    def get_security_definition(self, _auto_schema: Any) -> dict[str, str]:
        return {"type": "apiKey", "in": "cookie", "name": settings.SESSION_COOKIE_NAME}


PAGES: tuple[OpenApiParameter, ...] = (
    OpenApiParameter(PAGE, {"type": "integer", "minimum": 1, "maximum": 999_999_999, "default": 1}),
    OpenApiParameter(SIZE, {"type": "integer", "minimum": 1, "maximum": LARGEST_SIZE, "default": USUAL_SIZE}),
)
IF_MATCH = OpenApiParameter(
    "If-Match", OpenApiTypes.STR, OpenApiParameter.HEADER, description="The ETag of what you read."
)


def type_of(field: forms.Field) -> Any:
    """The type of one value of a query, by the form field that reads it. An empty value is none: `check_query`."""
    if isinstance(field, forms.DateField):
        return OpenApiTypes.DATE
    if isinstance(field, forms.IntegerField):
        return {"type": "integer"} | bounds_of(field, minimum="min_value", maximum="max_value")
    if isinstance(field, forms.FloatField | forms.DecimalField):
        return {"type": "number"} | bounds_of(field, minimum="min_value", maximum="max_value")
    if getattr(field, "choices", None):
        return OpenApiTypes.STR
    return {"type": "string", "minLength": 1} | bounds_of(field, maxLength="max_length")


def bounds_of(field: forms.Field, **names: str) -> dict[str, Any]:
    """The bounds that a form field has, under the names of JSON Schema."""
    found = {bound: getattr(field, attribute, None) for bound, attribute in names.items()}
    return {bound: value for bound, value in found.items() if value is not None}


def parameters_of(source: Any) -> list[OpenApiParameter]:
    """The query parameters that a FilterSet or a form reads."""
    if issubclass(source, forms.Form):
        fields = dict(source.base_fields)
    else:
        # A filter keeps the field that it was first asked for, before its choices are known: ask a copy.
        fields = {name: deepcopy(each).field for name, each in source.base_filters.items()}
    return [
        OpenApiParameter(
            name,
            type_of(field),
            required=field.required,
            description=str(field.label or ""),
            enum=[str(value) for value, _label in getattr(field, "choices", []) if value] or None,
        )
        for name, field in fields.items()
    ]


def describe(
    summary: str, answer: Any, *, body: Any = None, query: Any = None, tagged: bool = False
) -> Callable[[HandlerT], HandlerT]:
    """Describe one verb of a route in a sentence, with what it answers: an item, `many(item)`, or items by status.

    body: the shape that it takes. query: the FilterSet or form that reads the query. tagged: whether it heeds If-Match.
    """
    parameters = [*parameters_of(query)] if query else []
    if isinstance(answer, serializers.ListSerializer):
        parameters += PAGES
    if tagged:
        parameters.append(IF_MATCH)
    described: Callable[[HandlerT], HandlerT] = extend_schema(
        summary=summary, request=body, responses=answer, parameters=parameters
    )

    def declare(handler: HandlerT) -> HandlerT:
        handler.reads_query = any(each.location == OpenApiParameter.QUERY for each in parameters)  # type: ignore[attr-defined]
        return described(handler)

    return declare


def many(item: type[serializers.Serializer]) -> Any:
    """A list of items, by pages."""
    return item(many=True)
