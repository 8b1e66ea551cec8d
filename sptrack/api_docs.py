"""What the API says about itself: the OpenAPI schema, and the same as a page to read."""

from __future__ import annotations

from functools import lru_cache
from typing import Any

from django.http import HttpResponse
from django.shortcuts import render
from django.utils.translation import get_language
from drf_spectacular.generators import SchemaGenerator
from drf_spectacular.types import OpenApiTypes
from rest_framework.request import Request
from rest_framework.response import Response

from accounts.access import ANY_ROLE, PortalRequest, allow
from accounts.api_access import ApiView, api_allow
from accounts.api_schema import describe
from sptrack.api_pages import chapters_of


@lru_cache
def schema_in(_language: str | None) -> dict[str, Any]:
    """The schema; building it takes as long as a hundred answers, and it changes with the code alone."""
    schema: dict[str, Any] = SchemaGenerator().get_schema(request=None, public=True)
    return schema


class SchemaRoute(ApiView):
    @describe("This schema.", {200: OpenApiTypes.OBJECT})
    @api_allow(*ANY_ROLE)
    def get(self, _request: Request) -> Response:
        return Response(schema_in(get_language()))


@allow(*ANY_ROLE)
def docs(request: PortalRequest) -> HttpResponse:
    """Every call of the API with what it takes and answers."""
    return render(request, "api/docs.html", {"chapters": chapters_of(schema_in(get_language()))})
