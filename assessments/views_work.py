"""The life of a piece of work: set, changed, published, withdrawn, deleted."""

from __future__ import annotations

from django.contrib import messages
from django.core.exceptions import ValidationError
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.utils.formats import time_format
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from accounts.access import FORM, allow
from accounts.roles import Role
from accounts.scoping import visible_or_404
from assessments.choosing import book_of
from assessments.models import Assessment
from assessments.scoresheet import count, read_lines, say
from assessments.work_forms import PublishAtForm, WorkForm
from assessments.work_services import (
    change_work,
    create_work,
    delete_work,
    publish_at,
    publish_now,
    withdraw,
    work_fingerprint,
)
from core.templatetags.portal import day_short
from students.middleware import SchoolRequest

NOW, LATER, WITHDRAW = "now", "at", "withdraw"


@allow(Role.ADMIN, Role.TEACHER, methods=FORM)
def new(request: SchoolRequest) -> HttpResponse:
    """Set a piece of work; its class and subject may be named in the address."""
    posted = request.POST if request.method == "POST" else None
    named = {"school_class": request.GET.get("class_id", ""), "subject": request.GET.get("subject", "")}
    form = WorkForm(posted, user=request.user, initial=named | {"date_taken": request.school.today()})
    if form.is_valid():
        try:
            work = create_work(by=request.user, fields=form.cleaned_data)
        except ValidationError as refusal:
            form.add_error(None, refusal)
        else:
            return redirect(book_of(work, made=work.pk))
    context = {"form": form, "work": None}
    return render(request, "assessments/form.html", context, status=200 if posted is None else 422)


@allow(Role.ADMIN, Role.TEACHER, methods=FORM)
def edit(request: SchoolRequest, pk: int) -> HttpResponse:
    """Change a piece of work; a new maximum goes to its scores."""
    work = visible_or_404(Assessment.objects.select_related("school_class", "subject"), request.user, pk=pk)
    posted = request.POST if request.method == "POST" else None
    form = WorkForm(posted, user=request.user, known=work)
    seen = work_fingerprint(work)
    if posted is not None and not form.is_valid():
        seen = posted.get("seen", "")  # what somebody changed meanwhile is told once the form can be read
    if form.is_valid():
        try:
            work = change_work(
                by=request.user, assessment=work, base=request.POST.get("seen", ""), fields=form.cleaned_data
            )
        except ValidationError as refusal:
            form.add_error(None, refusal)
        else:
            messages.success(request, _("The changes to “%(title)s” are saved.") % {"title": work.title})
            return redirect(book_of(work))
    context = {"form": form, "work": work, "seen": seen}
    return render(request, "assessments/form.html", context, status=200 if posted is None else 422)


@allow(Role.ADMIN, Role.TEACHER, methods=FORM)
def delete(request: SchoolRequest, pk: int) -> HttpResponse:
    """Delete a piece of work, once it was shown what goes with it."""
    work = visible_or_404(Assessment.objects.select_related("school_class", "subject"), request.user, pk=pk)
    place, errors = book_of(work), []
    if request.method == "POST":
        try:
            number = delete_work(by=request.user, assessment=work, expected=request.POST.get("seen", ""))
        except ValidationError as refusal:
            errors = refusal.messages
        else:
            gone = ngettext(
                "Deleted: “%(title)s” with %(number)d score.", "Deleted: “%(title)s” with %(number)d scores.", number
            )
            messages.success(request, gone % {"title": work.title, "number": number})
            return redirect(place)
    context = {"work": work, "number": work.scores.count(), "book": place, "errors": errors}
    return render(request, "assessments/delete.html", context, status=422 if errors else 200)


@allow(Role.ADMIN, Role.TEACHER, methods=FORM)
def publish(request: SchoolRequest, pk: int) -> HttpResponse:
    """Let parents read the scores of a piece of work: now, from a moment on, or no longer."""
    work = visible_or_404(Assessment.objects.select_related("school_class", "subject"), request.user, pk=pk)
    asked = request.POST.get("do") if request.method == "POST" else None
    form = PublishAtForm(request.POST if asked == LATER else None)
    errors: list[str] = []
    if request.method == "POST":
        try:
            messages.success(request, act(request, work, asked, form))
        except ValidationError as refusal:
            errors = refusal.messages
        else:
            return redirect(book_of(work))
    context = {
        "work": work,
        "form": form,
        "errors": errors,
        "held": say(count(line.entry for line in read_lines(work))),
    }
    context |= {"book": book_of(work), "today": request.school.today()}
    return render(request, "assessments/publish.html", context, status=422 if errors else 200)


def act(request: SchoolRequest, work: Assessment, asked: str | None, form: PublishAtForm) -> str:
    """Do what a button of the page asks for; gives what to say. Raises ValidationError."""
    words = {"title": work.title}
    if asked == NOW:
        if publish_now(by=request.user, assessment=work):
            return _("Published: parents read “%(title)s” now.") % words
        return _("Parents read “%(title)s” already.") % words
    if asked == WITHDRAW:
        if withdraw(by=request.user, assessment=work):
            return _("Withdrawn: parents do not read “%(title)s”.") % words
        return _("“%(title)s” was not published.") % words
    if asked != LATER:
        raise ValidationError(_("Choose what to do: publish it now, at a time, or withdraw it."))
    if not form.is_valid() or form.moment is None:
        raise ValidationError(_("Look at the day and time below."))
    publish_at(by=request.user, assessment=work, at=form.moment)
    local = timezone.localtime(form.moment)
    words |= {"day": day_short(local.date()), "time": time_format(local, "H:i")}
    return _("Parents will read “%(title)s” from %(day)s, %(time)s.") % words
