"""The Django admin with the portal's own door: admins by role, signing in on the portal's page."""

from __future__ import annotations

from typing import Any

from django.contrib import admin
from django.contrib.admin.views.autocomplete import AutocompleteJsonView
from django.http import HttpRequest, JsonResponse
from django.template.response import TemplateResponse
from django.utils.translation import gettext_lazy as _

from accounts.access import allow, declare
from accounts.roles import Role
from accounts.todo import what_to_do

ADMIN_METHODS = ("GET", "POST")


class LabelledChoices(AutocompleteJsonView):
    """Suggestions labelled as the chosen value is, so that two children of one name can be told apart."""

    def serialize_result(self, row: Any, to_field_name: str) -> dict[str, str]:
        label = getattr(self.model_admin, "choice_label", str)(row)
        return {"id": str(getattr(row, to_field_name)), "text": label}


class PortalAdminSite(admin.AdminSite):
    site_header = _("School office")
    site_title = _("School office")
    index_title = _("Everything of the school")
    site_url = "/"

    def has_permission(self, request: HttpRequest) -> bool:
        """Only an active user with the role of admin, as read from the database for this request."""
        return request.user.is_active and getattr(request.user, "role", None) == Role.ADMIN

    def index(self, request: HttpRequest, extra_context: dict[str, Any] | None = None) -> TemplateResponse:
        """The start of the office: what needs doing, then everything there is."""
        todos = {"is_start": True, "todos": what_to_do(request)}
        return super().index(request, {**todos, **(extra_context or {})})

    def autocomplete_view(self, request: HttpRequest) -> JsonResponse:
        answer: JsonResponse = LabelledChoices.as_view(admin_site=self)(request)  # type: ignore[assignment]
        return answer

    def get_urls(self) -> list[Any]:
        """Every view of the admin stands behind the same guard as our own pages."""
        return declare(super().get_urls(), allow(Role.ADMIN, methods=ADMIN_METHODS))
