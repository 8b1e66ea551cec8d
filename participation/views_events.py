"""The life of an event: set, changed, deleted."""

from __future__ import annotations

from django.contrib import messages
from django.core.exceptions import ValidationError
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from accounts.access import FORM, allow
from accounts.roles import Role
from accounts.scoping import visible_or_404
from participation.event_forms import EventForm
from participation.event_services import change_event, create_event, delete_event, event_fingerprint
from participation.models import Event
from students.middleware import SchoolRequest


@allow(Role.ADMIN, Role.TEACHER, methods=FORM)
def new(request: SchoolRequest) -> HttpResponse:
    """Set an event; its class may be named in the address."""
    posted = request.POST if request.method == "POST" else None
    named = {"school_class": request.GET.get("class_id", ""), "date": request.school.today()}
    form = EventForm(posted, user=request.user, initial=named)
    if form.is_valid():
        try:
            made = create_event(by=request.user, fields=form.cleaned_data)
        except ValidationError as refusal:
            form.add_error(None, refusal)
        else:
            return redirect("participation:event", pk=made.pk)
    context = {"form": form, "event": None}
    return render(request, "participation/form.html", context, status=200 if posted is None else 422)


@allow(Role.ADMIN, Role.TEACHER, methods=FORM)
def edit(request: SchoolRequest, pk: int) -> HttpResponse:
    """Change an event; its name and day go to its records."""
    event = visible_or_404(Event.objects.select_related("school_class"), request.user, pk=pk)
    posted = request.POST if request.method == "POST" else None
    form = EventForm(posted, user=request.user, known=event)
    seen = event_fingerprint(event)
    if posted is not None and not form.is_valid():
        seen = posted.get("seen", "")  # what somebody changed meanwhile is told once the form can be read
    if form.is_valid():
        try:
            event = change_event(
                by=request.user, event=event, base=request.POST.get("seen", ""), fields=form.cleaned_data
            )
        except ValidationError as refusal:
            form.add_error(None, refusal)
        else:
            messages.success(request, _("The changes to “%(name)s” are saved.") % {"name": event.name})
            return redirect("participation:event", pk=pk)
    context = {"form": form, "event": event, "seen": seen}
    return render(request, "participation/form.html", context, status=200 if posted is None else 422)


@allow(Role.ADMIN, Role.TEACHER, methods=FORM)
def delete(request: SchoolRequest, pk: int) -> HttpResponse:
    """Delete an event, once it was shown what goes with it."""
    event = visible_or_404(Event.objects.select_related("school_class"), request.user, pk=pk)
    errors: list[str] = []
    if request.method == "POST":
        try:
            number = delete_event(by=request.user, event=event, expected=request.POST.get("seen", ""))
        except ValidationError as refusal:
            errors = refusal.messages
        else:
            gone = ngettext(
                "Deleted: “%(name)s” with %(number)d student.", "Deleted: “%(name)s” with %(number)d students.", number
            )
            messages.success(request, gone % {"name": event.name, "number": number})
            return redirect("participation:list")
    context = {"event": event, "number": event.records.count(), "errors": errors}
    return render(request, "participation/delete.html", context, status=422 if errors else 200)
