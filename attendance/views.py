"""The pages of attendance: today's registers, and one register."""

from __future__ import annotations

from datetime import date

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _

from accounts.access import FORM, allow
from accounts.reading import note_reading
from accounts.roles import Role
from accounts.scoping import visible_or_404
from attendance.forms import DayForm, RegisterForm
from attendance.models import Status
from attendance.register import open_register
from attendance.services import Receipt, RegisterRefused, take_register
from attendance.today import registers_of_day
from students.middleware import SchoolRequest
from students.models import SchoolClass


@allow(Role.ADMIN, Role.TEACHER)
def today(request: SchoolRequest) -> HttpResponse:
    """The registers of the day and the missed ones, each one click from being taken."""
    chooser = DayForm(request.GET)
    asked = chooser.cleaned_data["date"] if chooser.is_valid() else None
    note_reading(request)
    return render(
        request,
        "attendance/today.html",
        {"registers": registers_of_day(request.school, request.user, asked), "chooser": chooser},
        status=400 if chooser.errors else 200,
    )


@allow(Role.ADMIN, Role.TEACHER, methods=FORM)
def register(request: SchoolRequest, class_id: int, day: date) -> HttpResponse:
    """Take or correct the register of a class on a day."""
    school_class = visible_or_404(SchoolClass.objects.select_related("academic_year"), request.user, pk=class_id)
    opened = open_register(request.school, school_class, day, request.user)
    form = RegisterForm(opened, request.POST.dict() if request.method == "POST" else None)
    if form.is_valid():
        try:
            receipt = take_register(by=request.user, opened=opened, marks=form.marks)
        except RegisterRefused as refusal:
            form.errors.extend(refusal.messages)
        else:
            messages.success(request, say(receipt))
            return redirect("attendance:register", class_id=class_id, day=day)
    if request.method != "POST":
        note_reading(request)
    context = {"form": form, "statuses": list(Status)}
    return render(request, "attendance/register.html", context, status=422 if form.errors else 200)


def say(receipt: Receipt) -> str:
    """The receipt in words: "26 present, 1 late, 1 absent"."""
    counts = receipt.counts
    words = {
        Status.PRESENT: _("%(number)d present"),
        Status.LATE: _("%(number)d late"),
        Status.EXCUSED: _("%(number)d excused"),
        Status.ABSENT: _("%(number)d absent"),
    }
    said = ", ".join(words[status] % {"number": number} for status, number in counts.items() if number)
    if receipt.unmarked:
        missing = _("Still without a mark: %(names)s.") % {"names": ", ".join(receipt.unmarked)}
        return f"{said}. {missing}"
    return f"{said}."
