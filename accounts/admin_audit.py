"""Who opened what, in the school office: by child and by reader."""

from __future__ import annotations

from typing import Any

from django.contrib import admin
from django.db.models import QuerySet
from django.http import HttpRequest
from django.utils.html import format_html
from django.utils.translation import gettext_lazy

from accounts.models import AccessLog, User
from accounts.office import NOTHING, OfficeLists, ReadOnly, is_key


class ChildFilter(admin.SimpleListFilter):
    """The child that a link of the list has chosen, and the way back to all: a school has too many to list."""

    title = gettext_lazy("student")
    parameter_name = "student_id"

    def lookups(self, request: HttpRequest, _model_admin: Any) -> list[tuple[str, str]]:
        chosen = request.GET.get(str(self.parameter_name), "")
        return [(chosen, chosen)] if chosen else []

    def queryset(self, _request: HttpRequest, queryset: QuerySet[Any]) -> QuerySet[Any]:
        chosen = self.value()
        return queryset.filter(student_id=chosen) if chosen else queryset


class ReaderFilter(admin.SimpleListFilter):
    """The reader that a link of the list has chosen, and the way back to all."""

    title = gettext_lazy("reader")
    parameter_name = "reader"

    def lookups(self, request: HttpRequest, _model_admin: Any) -> list[tuple[str, str]]:
        chosen = request.GET.get(str(self.parameter_name), "")
        key = int(chosen) if is_key(chosen) else 0
        reader = User.objects.select_related("teacher", "parent").filter(pk=key).first() if chosen else None
        return [(chosen, str(reader or NOTHING))] if chosen else []

    def queryset(self, _request: HttpRequest, queryset: QuerySet[Any]) -> QuerySet[Any]:
        chosen = self.value()
        if not chosen:
            return queryset
        return queryset.filter(reader=int(chosen)) if is_key(chosen) else queryset.none()


@admin.register(AccessLog)
class AccessLogAdmin(ReadOnly, OfficeLists, admin.ModelAdmin):  # type: ignore[type-arg]
    """Who opened whose record, when and from where. A click on a child or a reader shows theirs alone."""

    list_display = ("read_at", "who", "role", "child", "page", "path", "ip_address")
    list_filter = (ChildFilter, ReaderFilter, "reader__role", "page")
    list_select_related = ("reader__teacher", "reader__parent")
    search_fields = (
        "student_id",
        "path",
        "reader__username",
        "reader__teacher__full_name",
        "reader__parent__full_name",
    )
    date_hierarchy = "read_at"

    @admin.display(description=gettext_lazy("reader"), ordering="reader")
    def who(self, row: AccessLog) -> str:
        return format_html('<a href="?reader={}">{}</a>', row.reader_id, row.reader)

    @admin.display(description=gettext_lazy("student"), ordering="student_id")
    def child(self, row: AccessLog) -> str:
        return format_html('<a href="?student_id={0}">{0}</a>', row.student_id) if row.student_id else ""

    @admin.display(description=gettext_lazy("role"), ordering="reader__role")
    def role(self, row: AccessLog) -> str:
        return row.reader.get_role_display()
