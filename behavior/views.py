"""The pages of behaviour: noting it, the list of all that is noted, changing and withdrawing a record."""

from __future__ import annotations

import uuid
from collections.abc import Iterator

from django.contrib import messages
from django.http import HttpResponse, HttpResponseBase
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext

from accounts import parking
from accounts.access import ACT, FORM, allow
from accounts.reading import note_reading
from accounts.roles import Role
from accounts.scoping import visible_or_404
from behavior.entry import CLASS_KEY, EntryPage, classes_to_choose, open_entry
from behavior.filters import BehaviorFilter
from behavior.forms import NotingForm, categories_for, initial_of
from behavior.metrics import count_by_category, count_by_week
from behavior.models import BehaviorRecord, BehaviorType
from behavior.querysets import BehaviorRecordQuerySet
from behavior.services import (
    BehaviorRefused,
    behavior_fingerprint,
    change_behavior,
    note_behavior,
    undo_note,
    withdraw_behavior,
)
from behavior.summary import Summary
from core.export import asks_for_file, file_response
from core.lists import chips_of, page_of, sort_rows
from students.middleware import SchoolRequest
from students.sheets import UndoRefused

MOST_PAGED = 10_000  # as on the list of marks
SORTS = {
    "date": (gettext_lazy("Day"), ("date",)),
    "student": (gettext_lazy("Student"), ("student__family_name", "student__given_name", "student_id")),
    "class": (gettext_lazy("Class"), ("school_class__name", "school_class_id")),
    "type": (gettext_lazy("Type"), ("behavior_type",)),
    "category": (gettext_lazy("Category"), ("category__name",)),
}
CSV_COLUMNS = (
    "behavior_id",
    "student_id",
    "full_name",
    "class",
    "date",
    "behavior_type",
    "category",
    "notes",
    "shared_with_parents",
    "noted_by",
    "behavior_descriptor",
)


@allow(Role.ADMIN, Role.TEACHER)
def records(request: SchoolRequest) -> HttpResponseBase:
    """What is noted of the students whom this person sees: filtered, counted, sorted, by pages or as a file."""
    seen = BehaviorRecord.objects.visible_to(request.user)
    filtered = BehaviorFilter(request.GET, seen, user=request.user)
    valid = filtered.is_valid()
    found = filtered.qs if valid else seen.none()
    related = found.select_related("student", "category", "school_class", "teacher")
    rows, sorts = sort_rows(related, request.GET, SORTS, default="-date")
    note_reading(request)
    if valid and asks_for_file(request):
        return file_response(request, "behaviour", CSV_COLUMNS, record_lines(rows))  # type: ignore[arg-type]
    context = {
        "filter_form": filtered.form,
        "chips": chips_of(filtered.form, request.GET),
        "page": page_of(rows.with_may_change(request.user), request.GET, most=MOST_PAGED),  # type: ignore[attr-defined]
        "sorts": sorts,
        "summary": Summary(count_by_category(found, shared_only=False), count_by_week(found, shared_only=False)),
    }
    return render(request, "behavior/list.html", context, status=200 if valid else 400)


def record_lines(rows: BehaviorRecordQuerySet) -> Iterator[list[object]]:
    """One line of the file a record, in the words of the API."""
    for record in rows.iterator(chunk_size=500):
        yield [
            record.pk,
            record.student.student_id,
            record.student.full_name,
            record.school_class.name if record.school_class else "",
            record.date,
            record.behavior_type,
            record.category.name,
            record.notes,
            "true" if record.shared_with_parents else "false",
            record.noted_by_name,
            BehaviorType(record.behavior_type).ed_fi,
        ]


@allow(Role.ADMIN, Role.TEACHER, methods=FORM)
def new(request: SchoolRequest) -> HttpResponse:
    """Note the same of one student of a class or of many."""
    page = open_entry(request)
    if page is None:
        status = 422 if request.method == "POST" else 200
        return render(request, "behavior/choose.html", {"classes": classes_to_choose(request.user)}, status=status)
    if request.method == "POST" and page.form.is_valid():
        try:
            return noted(request, page)
        except BehaviorRefused as refusal:
            page.form.add_error(None, refusal)
    if request.method != "POST":
        note_reading(request)
    context = {
        "page": page,
        "form": page.form,
        "kept_for": parking.owner_field(request.user, request.path),
        "parked": request.GET.get(parking.KEY) or request.POST.get(parking.KEY),
    }
    return render(request, "behavior/new.html", context, status=422 if request.method == "POST" else 200)


def noted(request: SchoolRequest, page: EntryPage) -> HttpResponse:
    """Save the form; the page that follows is the receipt and the next form."""
    receipt = note_behavior(
        by=request.user,
        students=page.form.chosen,
        noting=page.form.noting,
        school_class=page.group.school_class,
        form_key=page.form.cleaned_data["form_key"],
    )
    parking.forget(request)
    if not receipt.written:
        messages.info(request, _("This was saved before. Nothing is noted twice."))
    return redirect(f"{page.group.address}&noted={receipt.entry_key}")


@allow(Role.ADMIN, Role.TEACHER, methods=ACT)
def undo(request: SchoolRequest) -> HttpResponse:
    """Withdraw what this person's own save of the last ten minutes noted."""
    try:
        number = undo_note(by=request.user, entry_key=uuid.UUID(request.POST.get("entry_key", "")))
    except ValueError:
        messages.error(request, _("There is nothing to undo here."))
    except UndoRefused as refusal:
        messages.error(request, " ".join(refusal.messages))
    else:
        done = ngettext("Undone: %(number)d record is withdrawn.", "Undone: %(number)d records are withdrawn.", number)
        messages.success(request, done % {"number": number})
    class_id = request.POST.get("class_id", "")
    if CLASS_KEY.fullmatch(class_id):
        return redirect(f"{reverse('behavior:new')}?class_id={class_id}")
    return redirect("behavior:list")


@allow(Role.ADMIN, Role.TEACHER, methods=FORM)
def edit(request: SchoolRequest, pk: int) -> HttpResponse:
    """Change a record of one's own; the office may change all."""
    record = changeable_or_404(request, pk)
    posted = request.POST if request.method == "POST" else None
    form = NotingForm(posted, categories=categories_for(request.user, record), initial=initial_of(record))
    seen = behavior_fingerprint(record)
    if posted is not None and not form.is_valid():
        seen = posted.get("seen", "")  # what somebody changed meanwhile is told once the form can be read
    if form.is_valid():
        try:
            change_behavior(by=request.user, record=record, base=request.POST.get("seen", ""), noting=form.noting)
        except BehaviorRefused as refusal:
            form.add_error(None, refusal)
        else:
            words = {"name": record.student.full_name}
            messages.success(request, _("The record of %(name)s is saved.") % words)
            return redirect("behavior:list")
    if posted is None:
        note_reading(request, [record.student.student_id])
    context = {"form": form, "record": record, "seen": seen}
    return render(request, "behavior/form.html", context, status=200 if posted is None else 422)


def changeable_or_404(request: SchoolRequest, pk: int) -> BehaviorRecord:
    """The record that this person may change; one that they only read is not there."""
    own = BehaviorRecord.objects.visible_to(request.user).changeable_by(request.user)
    return visible_or_404(own.select_related("student", "category", "school_class", "teacher"), request.user, pk=pk)


@allow(Role.ADMIN, Role.TEACHER, methods=FORM)
def withdraw(request: SchoolRequest, pk: int) -> HttpResponse:
    """Withdraw a record of one's own, once it was shown what that means."""
    record = changeable_or_404(request, pk)
    errors: list[str] = []
    if request.method == "POST":
        try:
            withdraw_behavior(by=request.user, record=record, base=request.POST.get("seen", ""))
        except BehaviorRefused as refusal:
            errors = refusal.messages
        else:
            words = {"name": record.student.full_name, "category": record.category}
            messages.success(request, _("Withdrawn: %(category)s, %(name)s.") % words)
            return redirect("behavior:list")
    else:
        note_reading(request, [record.student.student_id])
    context = {"record": record, "seen": behavior_fingerprint(record), "errors": errors}
    return render(request, "behavior/withdraw.html", context, status=422 if errors else 200)
