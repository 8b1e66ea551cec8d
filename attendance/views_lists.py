"""Lists over many registers, and a register on paper: all marks, registers not taken, the blank week."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date

from django.core.exceptions import ValidationError
from django.http import Http404, HttpResponse, HttpResponseBase
from django.shortcuts import render
from django.utils.translation import gettext_lazy

from accounts.access import allow
from accounts.reading import note_reading
from accounts.roles import Role
from accounts.scoping import visible_or_404
from attendance.filters import AttendanceFilter, NotTakenForm
from attendance.models import AttendanceRecord, Status
from attendance.not_taken import NotTaken, RangeRefused, registers_not_taken
from attendance.prints import paper_register
from attendance.querysets import AttendanceRecordQuerySet
from core.export import asks_for_file, file_response
from core.lists import chips_of, page_of, sort_rows
from students.middleware import SchoolRequest
from students.models import SchoolClass
from students.record_filters import within_years

MOST_PAGED = 10_000  # marks that the pages lead through; counting millions takes a second, and nobody turns 400 pages
SORTS = {
    "date": (gettext_lazy("Day"), ("date",)),
    "student": (gettext_lazy("Student"), ("student__family_name", "student__given_name", "student_id")),
    "class": (gettext_lazy("Class"), ("school_class__name", "school_class_id")),
    "status": (gettext_lazy("Mark"), ("status",)),
}
RECORD_COLUMNS = (
    "attendance_id",
    "student_id",
    "full_name",
    "class",
    "date",
    "status",
    "minutes_late",
    "left_early",
    "note",
    "attendance_event_category",
)
NOT_TAKEN_COLUMNS = ("date", "class_id", "class", "homeroom_teacher", "marked", "enrolled")


@allow(Role.ADMIN, Role.TEACHER)
def records(request: SchoolRequest) -> HttpResponseBase:
    """The marks that this person may read: filtered, sorted, by pages or as a file."""
    marks = AttendanceRecord.objects.visible_to(request.user).select_related("student", "school_class")
    filtered = AttendanceFilter(request.GET, marks, user=request.user)
    valid = filtered.is_valid()
    rows, sorts = sort_rows(filtered.qs if valid else marks.none(), request.GET, SORTS, default="-date")
    note_reading(request)
    if valid and asks_for_file(request):
        return file_response(request, "attendance", RECORD_COLUMNS, record_lines(rows))  # type: ignore[arg-type]
    context = {
        "filter_form": filtered.form,
        "chips": chips_of(filtered.form, request.GET),
        "page": page_of(rows.with_may_open(request.user), request.GET, most=MOST_PAGED),  # type: ignore[attr-defined]
        "sorts": sorts,
    }
    return render(request, "attendance/records.html", context, status=200 if valid else 400)


def record_lines(marks: AttendanceRecordQuerySet) -> Iterator[list[object]]:
    """One line of the file a mark, in the words of the API."""
    for mark in marks.iterator(chunk_size=500):
        yield [
            mark.pk,
            mark.student.student_id,
            mark.student.full_name,
            mark.school_class.name,
            mark.date,
            mark.status,
            mark.minutes_late,
            "true" if mark.left_early else "false",
            mark.note,
            Status(mark.status).ed_fi,
        ]


@allow(Role.ADMIN, Role.TEACHER)
def not_taken(request: SchoolRequest) -> HttpResponseBase:
    """The registers that were due and not taken, by class and day, by pages or as a file."""
    classes = list(SchoolClass.objects.visible_to(request.user).select_related("academic_year", "homeroom_teacher"))
    form = NotTakenForm(request.GET, classes=classes)
    listed = None
    if form.is_valid():
        try:
            listed = registers_not_taken(request.school, classes, *form.asked)
        except RangeRefused as refusal:
            form.add_error("start_date", str(refusal))
    note_reading(request)
    if listed and asks_for_file(request):
        return file_response(request, "registers-not-taken", NOT_TAKEN_COLUMNS, not_taken_lines(listed))
    context = {
        "filter_form": form,
        "chips": chips_of(form, request.GET),
        "page": page_of(listed.missing if listed else [], request.GET),
        "listed": listed,
    }
    return render(request, "attendance/not_taken.html", context, status=200 if listed else 400)


def not_taken_lines(listed: NotTaken) -> Iterator[list[object]]:
    """One line of the file a register."""
    for due in listed.missing:
        taught_by = due.school_class.homeroom_teacher
        yield [
            due.date,
            due.school_class.pk,
            due.school_class.name,
            taught_by.full_name if taught_by else "",
            due.marked,
            due.enrolled,
        ]


@allow(Role.ADMIN, Role.TEACHER)
def paper(request: SchoolRequest, class_id: int, day: date) -> HttpResponse:
    """The blank register of a class for the week of a day, to be printed."""
    school_class = visible_or_404(
        SchoolClass.objects.select_related("academic_year", "homeroom_teacher"), request.user, pk=class_id
    )
    try:
        within_years(day)
    except ValidationError as refusal:
        raise Http404(refusal.message) from refusal
    register = paper_register(request.school, school_class, day)
    note_reading(request)
    context = {"school_class": school_class, "register": register, "day": day}
    return render(request, "attendance/print.html", context)
