"""The page of an event, where it is noted who took part, and the undo of a save."""

from __future__ import annotations

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from accounts import parking
from accounts.access import ACT, FORM, allow
from accounts.reading import note_reading
from accounts.roles import Role
from accounts.scoping import visible_or_404
from participation.event_page import EventPage
from participation.forms import NotesForm, asked_for
from participation.models import Event
from participation.services import ParticipationRefused, Receipt, record_participation, undo_participation
from participation.sheet import read_lines
from students.middleware import SchoolRequest
from students.sheet_pages import tell_kept, undo_posted


@allow(Role.ADMIN, Role.TEACHER, methods=FORM)
def event(request: SchoolRequest, pk: int) -> HttpResponse:
    """Note who took part in an event, and how."""
    page = open_page(request, pk)
    if request.method == "POST" and page.form.is_valid():
        try:
            return saved(request, page)
        except ParticipationRefused as refusal:
            page.form.errors.extend(refusal.messages)
    if request.method != "POST":
        note_reading(request)
    context = {
        "page": page,
        "form": page.form,
        "kept_for": parking.owner_field(request.user, request.path),
        "parked": request.GET.get(parking.KEY) or request.POST.get(parking.KEY),
    }
    refused = request.method == "POST" and page.form.errors
    return render(request, "participation/event.html", context, status=422 if refused else 200)


def open_page(request: SchoolRequest, pk: int) -> EventPage:
    """The event that may be seen, with what was posted or is waiting since a session ended."""
    found = visible_or_404(Event.objects.select_related("school_class"), request.user, pk=pk)
    posted = request.POST.dict() if request.method == "POST" else parking.parked_fields(request)
    lines = read_lines(found, request.user, asked_for(posted))
    return EventPage(found, NotesForm(found, lines, posted), request.user, request.school.today())


def saved(request: SchoolRequest, page: EventPage) -> HttpResponse:
    """Save the lines; the page that follows is the receipt, or asks which value of a clash stands."""
    form = page.form
    receipt = record_participation(by=request.user, event=page.event, notes=form.notes, bases=form.bases)
    parking.forget(request)
    tell_kept(request, receipt.kept)
    if receipt.clashes:
        return clash_page(request, page, receipt)
    if not receipt.saved:
        messages.success(request, _("Nothing to change."))
    return redirect("participation:event", pk=page.event.pk)


def clash_page(request: SchoolRequest, page: EventPage, receipt: Receipt) -> HttpResponse:
    """Asks which value of each clash stands."""
    if receipt.saved:
        said = ngettext("%(number)d line saved.", "%(number)d lines saved.", receipt.saved)
        messages.success(request, said % {"number": receipt.saved})
    context = {
        "page": page,
        "clashes": page.clashes(receipt.clashes),
        "undecided": page.form.undecided,
        "kept_for": parking.owner_field(request.user, request.path),
    }
    return render(request, "participation/clash.html", context, status=409)


@allow(Role.ADMIN, Role.TEACHER, methods=ACT)
def undo(request: SchoolRequest, pk: int) -> HttpResponse:
    """Take back this person's own save of the last ten minutes."""
    found = visible_or_404(Event.objects.all(), request.user, pk=pk)
    undo_posted(
        request, lambda saved_at: undo_participation(by=request.user, event=found, saved_at=saved_at), say_undone
    )
    return redirect("participation:event", pk=pk)


def say_undone(number: int) -> str:
    """What an undo brought back."""
    return ngettext("Undone: %(number)d line is as before.", "Undone: %(number)d lines are as before.", number) % {
        "number": number
    }
