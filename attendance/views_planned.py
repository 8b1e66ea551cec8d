"""Planned absences: the list, a new one, a change, and withdrawing one."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from django.contrib import messages
from django.http import HttpResponse, HttpResponseBase
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _

from accounts.access import FORM, allow
from accounts.reading import note_reading
from accounts.roles import Role
from accounts.scoping import visible_or_404
from attendance.desk_services import (
    DeskRefused,
    change_planned_absence,
    days_in_words,
    plan_absence,
    planned_fingerprint,
    withdraw_planned_absence,
)
from attendance.forms_desk import PlannedAbsenceForm
from attendance.models import PlannedAbsence
from attendance.planned import SORTS, PlannedFilter, with_list
from core.export import asks_for_file, file_response
from core.lists import chips_of, page_of, sort_rows
from students.middleware import SchoolRequest
from students.sheet_pages import readable

CSV_COLUMNS = ("student_id", "full_name", "class", "first_day", "last_day", "reason", "entered_by")


@allow(Role.ADMIN, Role.TEACHER)
def planned(request: SchoolRequest) -> HttpResponseBase:
    """The planned absences that this person may see: those of today and later first, by pages or as a file."""
    absences = with_list(PlannedAbsence.objects.visible_to(request.user), request.school)
    filtered = PlannedFilter(request.GET, absences, user=request.user, school=request.school)
    valid = filtered.is_valid()
    rows, sorts = sort_rows(filtered.qs if valid else absences.none(), request.GET, SORTS, default="starts_on")
    note_reading(request)
    if valid and asks_for_file(request):
        return file_response(request, "planned-absences", CSV_COLUMNS, planned_lines(rows))
    context = {
        "filter_form": filtered.form,
        "chips": chips_of(filtered.form, request.GET),
        "page": page_of(rows, request.GET),
        "sorts": sorts,
    }
    return render(request, "attendance/planned.html", context, status=200 if valid else 400)


def planned_lines(absences: Any) -> Iterator[list[object]]:
    """One line of the file a planned absence, with its last day inclusive."""
    for absence in absences.iterator(chunk_size=500):
        yield [
            absence.student.student_id,
            absence.student.full_name,
            absence.class_name,
            absence.starts_on,
            absence.last_day,
            absence.reason,
            str(absence.entered_by),
        ]


@allow(Role.ADMIN, Role.TEACHER, methods=FORM)
def plan(request: SchoolRequest) -> HttpResponse:
    """Plan an absence of one student, who may be named in the address."""
    posted = request.POST if request.method == "POST" else None
    initial = {"student": readable(request.GET["student"])} if request.GET.get("student") else {}
    form = PlannedAbsenceForm(posted, user=request.user, school=request.school, initial=initial)
    if form.is_valid():
        try:
            absence = plan_absence(by=request.user, **form.cleaned_data)
        except DeskRefused as refusal:
            form.add_error(None, refusal)
        else:
            words = {"name": absence.student, "days": days_in_words(absence)}
            messages.success(request, _("Planned: %(name)s is away %(days)s.") % words)
            return redirect("attendance:planned")
    if posted is None:
        note_reading(request)
    context = {"form": form, "absence": None}
    return render(request, "attendance/planned_form.html", context, status=200 if posted is None else 422)


@allow(Role.ADMIN, Role.TEACHER, methods=FORM)
def edit_planned(request: SchoolRequest, pk: int) -> HttpResponse:
    """Change the days or the reason of a planned absence."""
    absence = visible_or_404(PlannedAbsence.objects.select_related("student"), request.user, pk=pk)
    posted = request.POST if request.method == "POST" else None
    form = PlannedAbsenceForm(posted, user=request.user, school=request.school, known=absence)
    if form.is_valid():
        try:
            change_planned_absence(
                by=request.user, absence=absence, base=request.POST.get("seen", ""), **form.cleaned_data
            )
        except DeskRefused as refusal:
            form.add_error(None, refusal)
        else:
            words = {"name": absence.student.full_name}
            messages.success(request, _("The planned absence of %(name)s is saved.") % words)
            return redirect("attendance:planned")
    if posted is None:
        note_reading(request, [absence.student.student_id])
    context = {"form": form, "absence": absence, "seen": planned_fingerprint(absence)}
    return render(request, "attendance/planned_form.html", context, status=200 if posted is None else 422)


@allow(Role.ADMIN, Role.TEACHER, methods=FORM)
def withdraw_planned(request: SchoolRequest, pk: int) -> HttpResponse:
    """Withdraw a planned absence, once it was shown what that means."""
    absence = visible_or_404(PlannedAbsence.objects.select_related("student"), request.user, pk=pk)
    words = {"name": absence.student.full_name, "days": days_in_words(absence)}
    errors: list[str] = []
    if request.method == "POST":
        try:
            withdraw_planned_absence(by=request.user, absence=absence, base=request.POST.get("seen", ""))
        except DeskRefused as refusal:
            errors = refusal.messages
        else:
            messages.success(request, _("Withdrawn: the planned absence of %(name)s, %(days)s.") % words)
            return redirect("attendance:planned")
    else:
        note_reading(request, [absence.student.student_id])
    context = {"absence": absence, "days": words["days"], "seen": planned_fingerprint(absence), "errors": errors}
    return render(request, "attendance/planned_withdraw.html", context, status=422 if errors else 200)
