"""The desk of a day: who is absent without a reason, who comes late or leaves early, who covers a class."""

from __future__ import annotations

from datetime import date
from typing import Any

from django.contrib import messages
from django.core.exceptions import ValidationError
from django.http import HttpResponse, HttpResponseBase
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _

from accounts.access import FORM, allow
from accounts.reading import note_reading
from accounts.roles import Role
from accounts.scoping import visible_or_404
from attendance.absent import CSV_COLUMNS, AbsentToday, absent_today, call_lines, load_contacts
from attendance.cover import CoverPage, cover_page
from attendance.desk import found_at_desk, not_your_class, say_noted, search, what_changed
from attendance.desk_services import (
    ChangedMeanwhile,
    DeskRefused,
    answer_absence,
    note_arrival,
    note_leaving,
)
from attendance.forms import DayForm
from attendance.forms_desk import AnswerForm, ClockForm, SearchForm, wrong_with
from attendance.services import RegisterRefused
from core.export import asks_for_file, file_response
from core.lists import page_of, query_with
from students.calendar import in_words
from students.middleware import SchoolRequest
from students.models import SchoolClass, Student
from students.services import give_cover, withdraw_assignment


@allow(Role.ADMIN, Role.TEACHER, methods=FORM)
def absent(request: SchoolRequest) -> HttpResponseBase:
    """Who is absent without a reason, with whom to call; the answer is noted beside each."""
    chooser = DayForm(request.GET)
    asked = chooser.cleaned_data["date"] if chooser.is_valid() else None
    status, errors = (400 if chooser.errors else 200), list[str]()
    form = AnswerForm(request.POST)
    listed = absent_today(request.school, request.user, asked)
    if request.method == "POST" and not chooser.errors:
        status, errors = answer(request, form, listed.registers.day)
        if not errors:
            return redirect(address_with(request, "attendance:absent_today"))
        listed = absent_today(request.school, request.user, asked)
        listed.keep_typed(form.data.get("student", ""), form.data.get("reason", ""), errors)
    if request.method == "GET" and asks_for_file(request) and not chooser.errors:
        return absent_as_file(request, listed)
    page = page_of(listed.calls, request.GET)
    load_contacts(page.object_list)
    note_reading(request, [call.student.student_id for call in page] or [""])
    context = {"listed": listed, "page": page, "chooser": chooser, "errors": errors, "answers": AnswerForm}
    return render(request, "attendance/absent_today.html", context, status=status)


def absent_as_file(request: SchoolRequest, listed: AbsentToday) -> HttpResponseBase:
    """The list to hand to a caller: one line a person to call."""
    load_contacts(listed.calls)
    note_reading(request, [call.student.student_id for call in listed.calls] or [""])
    name = f"absent-{listed.registers.day.isoformat()}"
    return file_response(request, name, CSV_COLUMNS, call_lines(listed.calls))


def answer(request: SchoolRequest, form: AnswerForm, day: date) -> tuple[int, list[str]]:
    """Note what a guardian said; gives the status and what was refused, as sentences. No sentence: it is noted."""
    if not form.is_valid():
        return 422, wrong_with(form)
    student = student_posted(request, form.cleaned_data["student"])
    classes = list(
        SchoolClass.objects.visible_to(request.user).filter(pk__in=form.bases).select_related("academic_year")
    )
    if student is None or not classes or len(classes) != len(form.bases):
        return 422, [_("This line is not on your list any more. Look at the list as it is now.")]
    bases = {each: form.bases[each.pk] for each in classes}
    try:
        answer_absence(by=request.user, school=request.school, student=student, day=day, bases=bases, answer=form.mark)
    except RegisterRefused as refusal:
        return 422, refusal.messages
    except ChangedMeanwhile as changed:
        return 409, what_changed(changed, day)
    words = {"name": student.full_name, "mark": form.mark.status.label.lower(), "reason": form.mark.note}
    messages.success(request, _("%(name)s: %(mark)s, “%(reason)s”.") % words)
    return 200, []


def student_posted(request: SchoolRequest, student_id: str) -> Any:
    """The student whom a form of the desk names, with the main class of today, if this person sees them."""
    students = Student.objects.visible_to(request.user).with_class(request.school.today())
    return students.filter(student_id=student_id).first()


def address_with(request: SchoolRequest, name: str) -> str:
    """The address of a page with the filters of this one."""
    return reverse(name) + query_with(request.GET, page=None, format=None).removesuffix("?")


@allow(Role.ADMIN, Role.TEACHER, methods=FORM)
def late_desk(request: SchoolRequest) -> HttpResponse:
    """Find a pupil, note the time of coming or going in today's register."""
    searched = SearchForm(request.GET)
    text = searched.cleaned_data["search"] if searched.is_valid() else ""
    status, errors = (400 if searched.errors else 200), list[str]()
    form = ClockForm(request.POST)
    if request.method == "POST":
        status, errors = note_clock(request, form)
        if not errors:
            return redirect("attendance:late_desk")
    page = page_of(search(request.user, request.school.today(), text), request.GET)  # type: ignore[arg-type]
    found = found_at_desk(request.school, request.user, list(page)) if page.object_list else []
    for each in found:
        if errors and each.student.student_id == form.data.get("student"):
            each.time, each.errors = form.data.get("time", ""), errors
    if request.method != "POST":
        note_reading(request)
    context = {"search_form": searched, "text": text, "page": page, "found": found, "errors": errors}
    return render(request, "attendance/late_desk.html", context, status=status)


def note_clock(request: SchoolRequest, form: ClockForm) -> tuple[int, list[str]]:
    """Note who came or went; gives the status and what was refused, as sentences. No sentence: it is noted."""
    if not form.is_valid():
        return 422, wrong_with(form)
    student = student_posted(request, form.cleaned_data["student"])
    if student is None:
        return 422, [_("This pupil is not among yours. Search again.")]
    school_class = (
        SchoolClass.objects.visible_to(request.user).filter(pk=student.class_id).select_related("academic_year").first()
    )
    if school_class is None:
        return 422, [not_your_class(student.class_name)]
    write = note_arrival if form.cleaned_data["did"] == ClockForm.ARRIVED else note_leaving
    try:
        mark = write(
            by=request.user,
            school=request.school,
            school_class=school_class,
            student=student,
            at=form.cleaned_data["time"],
            base=form.cleaned_data["base"],
        )
    except (DeskRefused, RegisterRefused) as refusal:
        return 422, refusal.messages
    except ChangedMeanwhile as changed:
        return 409, what_changed(changed, request.school.today())
    messages.success(request, say_noted(student, school_class, mark))
    return 200, []


@allow(Role.ADMIN, methods=FORM)
def cover(request: SchoolRequest, class_id: int, day: date) -> HttpResponse:
    """Give a class to another teacher for a day, a button a teacher; end a cover that was given."""
    school_class = visible_or_404(SchoolClass.objects.select_related("academic_year"), request.user, pk=class_id)
    page = cover_page(request.school, school_class, day, request.user)
    errors: list[str] = []
    if request.method == "POST":
        errors = change_cover(request, page)
        if not errors:
            return redirect(reverse("attendance:today") + f"?date={day.isoformat()}")
        page = cover_page(request.school, school_class, day, request.user)
    else:
        note_reading(request)
    context = {"page": page, "errors": errors}
    return render(request, "attendance/cover.html", context, status=422 if errors else 200)


def change_cover(request: SchoolRequest, page: CoverPage) -> list[str]:
    """Give or end the cover that a button named; gives what was refused, as sentences."""
    words: dict[str, Any] = {"class": page.school_class, "day": in_words(page.day)}
    if ending := page.cover(request.POST.get("end", "")):
        withdraw_assignment(by=request.user, assignment=ending)
        messages.success(
            request, _("%(teacher)s covers %(class)s no more on %(day)s.") % {**words, "teacher": ending.teacher}
        )
        return []
    if page.closed_because:
        return [page.closed_because]
    teacher = page.candidate(request.POST.get("teacher", ""))
    if teacher is None:
        return [_("This has changed meanwhile. Look at who covers now, then choose again.")]
    try:
        give_cover(by=request.user, school_class=page.school_class, teacher=teacher, day=page.day)
    except ValidationError as refusal:
        return refusal.messages
    messages.success(request, _("%(teacher)s covers %(class)s on %(day)s.") % {**words, "teacher": teacher})
    return []
