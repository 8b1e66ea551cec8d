"""Participation in the school office: events to change or delete, records to read."""

from __future__ import annotations

from typing import Any

from django.contrib import admin, messages
from django.core.exceptions import ValidationError
from django.db.models import Count, QuerySet
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.urls import reverse
from django.utils.html import format_html
from django.utils.safestring import SafeString
from django.utils.text import capfirst
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from accounts.office import OfficeAdmin, OfficeForm, ReadOnly
from participation.event_services import delete_event, save_event
from participation.models import Event, ParticipationRecord
from students.admin_people import STUDENT_SEARCH, OfStudentAdmin
from students.forms import refuse_odd_characters


@admin.display(description=gettext_lazy("who took part"))
def event_link(row: Any) -> SafeString:
    """List column: where it is written who took part."""
    key = row.event_id if isinstance(row, ParticipationRecord) else row.pk
    return format_html('<a href="{}">{}</a>', reverse("participation:event", args=[key]), _("Open the event"))


class EventForm(OfficeForm):
    def clean_name(self) -> str:
        return refuse_odd_characters(self.cleaned_data["name"])


@admin.register(Event)
class EventAdmin(OfficeAdmin):
    """Events. A class is chosen once: the records are of its students."""

    form = EventForm
    fields: Any = ("name", "date", "school_class")
    autocomplete_fields = ("school_class",)
    list_display = ("name", "date", "school_class", "students", event_link)
    list_filter = ("school_class__academic_year", "school_class")
    list_select_related = ("school_class",)
    search_fields = ("name", "school_class__name")
    date_hierarchy = "date"

    def get_queryset(self, request: HttpRequest) -> QuerySet[Event]:
        events: QuerySet[Event] = super().get_queryset(request)
        return events.annotate(number=Count("records"))

    @admin.display(description=gettext_lazy("students"), ordering="number")
    def students(self, event: Any) -> int:
        return event.number  # type: ignore[no-any-return]

    def get_fields(self, _request: HttpRequest, obj: Event | None = None) -> Any:
        return (*self.fields, event_link) if obj else self.fields

    def get_readonly_fields(self, _request: HttpRequest, obj: Event | None = None) -> Any:
        return ("school_class", event_link) if obj else ()

    def changeform_view(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        """What the service refuses, such as a day to come once somebody is noted, is said above the form."""
        try:
            page: HttpResponse = super().changeform_view(request, *args, **kwargs)
        except ValidationError as refusal:
            messages.error(request, " ".join(refusal.messages))
            return redirect(request.get_full_path())
        return page

    def save_model(self, request: Any, obj: Event, _form: Any, _change: bool) -> None:
        save_event(by=request.user, event=obj)

    def get_deleted_objects(self, objs: Any, request: Any) -> tuple[list[str], dict[str, int], set[str], list[str]]:
        """What goes with the events, as numbers; their records go too, by delete_event."""
        events = list(objs)
        counts = {str(Event._meta.verbose_name_plural): len(events)}
        if number := ParticipationRecord.objects.filter(event__in=events).count():
            counts[str(ParticipationRecord._meta.verbose_name_plural)] = number
        refused = set() if self.has_delete_permission(request) else {str(Event._meta.verbose_name)}
        named = [f"{capfirst(Event._meta.verbose_name)}: {self.choice_label(row)}" for row in events]
        return named, counts, refused, []

    def delete_model(self, request: Any, obj: Event) -> None:
        delete_event(by=request.user, event=obj)

    def delete_queryset(self, request: Any, queryset: QuerySet[Event]) -> None:
        for event in queryset.order_by("pk"):
            delete_event(by=request.user, event=event)


@admin.register(ParticipationRecord)
class ParticipationRecordAdmin(ReadOnly, OfStudentAdmin):
    list_display = ("date", "event_name", "student", "student_number", "school_class", "status", "remarks", event_link)
    list_filter = ("status", "school_class__academic_year", "school_class")
    list_select_related = ("student", "school_class")
    search_fields = ("event_name", *STUDENT_SEARCH)
    date_hierarchy = "date"
    readonly_fields = (event_link,)
