"""The pages of attendance: today's registers, and one register."""

from __future__ import annotations

from datetime import date

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from accounts import parking
from accounts.access import ACT, FORM, allow
from accounts.models import User
from accounts.reading import note_reading
from accounts.roles import Role
from accounts.scoping import visible_or_404
from attendance.forms import DayForm, RegisterForm
from attendance.register import open_register, say
from attendance.register_page import RegisterPage, find_class
from attendance.services import RegisterRefused, take_register, undo_register
from attendance.today import registers_of_day
from students.middleware import SchoolRequest
from students.models import SchoolClass
from students.sheet_pages import tell_kept, undo_posted


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
    page = open_page(request, class_id, day)
    if request.method == "POST" and page.form.is_valid() and not page.ask(request.school.today()):
        try:
            return saved(request, page)
        except RegisterRefused as refusal:
            page.form.errors.extend(refusal.messages)
    if request.method == "POST":  # the page is shown again, with who took the register before
        page.opened.school_class = find_class(SchoolClass.objects.visible_to(request.user), class_id, day, alone=True)
    else:
        note_reading(request)
    context = {
        "page": page,
        "form": page.form,
        "kept_for": parking.owner_field(request.user, request.path),
        "parked": request.GET.get(parking.KEY) or request.POST.get(parking.KEY),
    }
    unsaved = request.method == "POST" and not page.form.wants_rest
    return render(request, "attendance/register.html", context, status=422 if unsaved else 200)


def open_page(request: SchoolRequest, class_id: int, day: date) -> RegisterPage:
    """The register that may be seen, with what was posted or is waiting since a session ended."""
    is_sent = request.method == "POST"
    if is_sent:
        school_class = visible_class(request.user, class_id)
    else:
        school_class = find_class(SchoolClass.objects.visible_to(request.user), class_id, day)
    opened = open_register(request.school, school_class, day, request.user)
    posted = request.POST.dict() if is_sent else parking.parked_fields(request)
    form = RegisterForm(opened, posted, start_blank=request.GET.get("start") == "blank")
    return RegisterPage(form, request.user)


def visible_class(user: User, class_id: int) -> SchoolClass:
    """The class for saving: who took its register before is of no interest to that."""
    return visible_or_404(SchoolClass.objects.select_related("academic_year"), user, pk=class_id)


def saved(request: SchoolRequest, page: RegisterPage) -> HttpResponse:
    """Save the marks; the page that follows is the receipt, or asks which mark of a clash stands."""
    form = page.form
    receipt = take_register(by=request.user, opened=form.opened, marks=form.marks, bases=form.bases)
    parking.forget(request)
    tell_kept(request, receipt.kept)
    if not receipt.clashes:
        if not receipt.changed:
            messages.success(request, _("Nothing to change: %(marks)s") % {"marks": say(receipt.counts)})
        return redirect("attendance:register", class_id=form.opened.school_class.pk, day=form.opened.date)
    if receipt.changed:
        messages.success(request, _("The other marks are saved: %(marks)s") % {"marks": say(receipt.counts)})
    context = {
        "page": page,
        "clashes": page.clashes(receipt.clashes),
        "undecided": form.undecided,
        "kept_for": parking.owner_field(request.user, request.path),
    }
    return render(request, "attendance/clash.html", context, status=409)


@allow(Role.ADMIN, Role.TEACHER, methods=ACT)
def undo(request: SchoolRequest, class_id: int, day: date) -> HttpResponse:
    """Take back this person's own save of the last ten minutes."""
    school_class = visible_class(request.user, class_id)
    opened = open_register(request.school, school_class, day, request.user)
    undo_posted(request, lambda saved_at: undo_register(by=request.user, opened=opened, saved_at=saved_at), say_undone)
    return redirect("attendance:register", class_id=class_id, day=day)


def say_undone(number: int) -> str:
    """What an undo brought back."""
    return ngettext("Undone: %(number)d mark is as before.", "Undone: %(number)d marks are as before.", number) % {
        "number": number
    }
