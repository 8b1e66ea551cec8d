"""Lists over many events: all records of participation, all events."""

from __future__ import annotations

from collections.abc import Iterator

from django.http import HttpResponse, HttpResponseBase
from django.shortcuts import render
from django.utils.translation import gettext_lazy

from accounts.access import allow
from accounts.reading import note_reading
from accounts.roles import Role
from core.export import asks_for_file, file_response
from core.lists import chips_of, page_of, sort_rows
from participation.filters import ParticipationFilter
from participation.models import Event, ParticipationRecord
from participation.querysets import ParticipationRecordQuerySet
from students.middleware import SchoolRequest

LATEST_EVENTS = 5
MOST_PAGED = 10_000  # records that the pages lead through; nobody turns 400 pages
SORTS = {
    "date": (gettext_lazy("Day"), ("date",)),
    "student": (gettext_lazy("Student"), ("student__family_name", "student__given_name", "student_id")),
    "class": (gettext_lazy("Class"), ("school_class__name", "school_class_id")),
    "event": (gettext_lazy("Event"), ("event_name",)),
    "status": (gettext_lazy("Part taken"), ("status",)),
}
COLUMNS = ("participation_id", "student_id", "full_name", "class", "event_name", "date", "status", "remarks")


@allow(Role.ADMIN, Role.TEACHER)
def records(request: SchoolRequest) -> HttpResponseBase:
    """Who took part in what, as far as this person may read it: filtered, sorted, by pages or as a file."""
    notes = ParticipationRecord.objects.visible_to(request.user).select_related("student", "school_class")
    filtered = ParticipationFilter(request.GET, notes, user=request.user)
    valid = filtered.is_valid()
    rows, sorts = sort_rows(filtered.qs if valid else notes.none(), request.GET, SORTS, default="-date")
    note_reading(request)
    if valid and asks_for_file(request):
        return file_response(request, "participation", COLUMNS, record_lines(rows))  # type: ignore[arg-type]
    events = Event.objects.visible_to(request.user).with_own_records(request.user).select_related("school_class")
    context = {
        "filter_form": filtered.form,
        "chips": chips_of(filtered.form, request.GET),
        "page": page_of(rows.with_may_open(request.user), request.GET, most=MOST_PAGED),  # type: ignore[attr-defined]
        "sorts": sorts,
        "events": events[:LATEST_EVENTS],
    }
    return render(request, "participation/records.html", context, status=200 if valid else 400)


def record_lines(notes: ParticipationRecordQuerySet) -> Iterator[list[object]]:
    """One line of the file a record, in the words of the API."""
    for note in notes.iterator(chunk_size=500):
        yield [
            note.pk,
            note.student.student_id,
            note.student.full_name,
            note.school_class.name if note.school_class else "",
            note.event_name,
            note.date,
            note.status,
            note.remarks,
        ]


@allow(Role.ADMIN, Role.TEACHER)
def events(request: SchoolRequest) -> HttpResponse:
    """All events that this person may open, the latest first, by pages."""
    rows = Event.objects.visible_to(request.user).with_own_records(request.user).select_related("school_class")
    note_reading(request)
    return render(request, "participation/events.html", {"page": page_of(rows, request.GET)})
