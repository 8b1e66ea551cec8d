"""The pages that look at all domains about one child: the staff page of a student, the report."""

from __future__ import annotations

from django.contrib import messages
from django.http import Http404, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _

from accounts.access import ACT, ANY_ROLE, allow
from accounts.reading import note_reading
from accounts.roles import Role
from accounts.scoping import visible_or_404
from dashboard.follow_up_form import FollowUpForm
from dashboard.forms import FamilyNoteForm, MonthForm
from dashboard.models import FamilyNote
from dashboard.period import PeriodForm
from dashboard.report import child_report
from dashboard.services import withdraw_family_note, write_family_note
from dashboard.staff_page import staff_page
from students.middleware import SchoolRequest
from students.models import Student
from students.querysets import Domain

SECTIONS: tuple[Domain, ...] = ("attendance", "assessments", "behavior", "participation")


@allow(Role.ADMIN, Role.TEACHER)
def student(request: SchoolRequest, student_id: str) -> HttpResponse:
    """Everything about a student on one page, for staff."""
    found = visible_or_404(Student.objects.with_class(), request.user, student_id=student_id)
    note_reading(request, [student_id])
    return student_page(request, found)


def student_page(
    request: SchoolRequest,
    found: Student,
    form: FamilyNoteForm | None = None,
    follow_up: FollowUpForm | None = None,
) -> HttpResponse:
    """The page, with the forms of a note and of a follow-up, empty or as they were sent."""
    empty = FollowUpForm(today=request.school.today(), came_from=request.GET.get("next", ""))
    context = {
        "staff_page": staff_page(request.school, found, request.user),
        "form": form or FamilyNoteForm(),
        "follow_up_form": follow_up or empty,
    }
    return render(request, "dashboard/student.html", context, status=422 if form or follow_up else 200)


@allow(Role.ADMIN, Role.TEACHER, methods=ACT)
def write_note(request: SchoolRequest, student_id: str) -> HttpResponse:
    """Put a note for the family on the report."""
    found = visible_or_404(Student.objects.with_class(), request.user, student_id=student_id)
    form = FamilyNoteForm(request.POST)
    if not form.is_valid():
        return student_page(request, found, form)
    write_family_note(by=request.user, student=found, text=form.cleaned_data["text"])
    messages.success(request, _("The note stands on the report now."))
    return redirect("dashboard:student", student_id=student_id)


@allow(Role.ADMIN, Role.TEACHER, methods=ACT)
def withdraw_note(request: SchoolRequest, student_id: str, pk: int) -> HttpResponse:
    """Take a note off the report: the own ones, for the office any."""
    note = visible_or_404(
        FamilyNote.objects.written_by_or_all(request.user), request.user, pk=pk, student__student_id=student_id
    )
    withdraw_family_note(by=request.user, note=note)
    messages.success(request, _("The note is off the report: “%(text)s”") % {"text": note.text})
    return redirect("dashboard:student", student_id=student_id)


@allow(*ANY_ROLE)
def report_home(request: SchoolRequest) -> HttpResponse:
    """A parent's children as cards; straight to the report where there is one child."""
    children = list(Student.objects.children_of(request.user).with_class())
    if len(children) == 1:
        return redirect("dashboard:report", student_id=children[0].student_id)
    note_reading(request, [child.student_id for child in children])
    return render(request, "dashboard/children.html", {"children": children})


@allow(*ANY_ROLE)
def report(request: SchoolRequest, student_id: str) -> HttpResponse:
    """The report of a child: what the parent sees, and what staff who open it see too."""
    child, sections = find_child(request, student_id)
    chooser, months = PeriodForm(request.GET, today=request.school.today()), MonthForm(request.GET)
    month = months.cleaned_data["month"] if months.is_valid() else None
    note_reading(request, [student_id])
    found = child_report(request.school, child, sections=sections, chooser=chooser, month=month)
    return render(
        request,
        "dashboard/report.html",
        {"report": found, "chooser": chooser, "months": months, "problems": chooser.problems},
        status=400 if chooser.errors or months.errors else 200,
    )


def find_child(request: SchoolRequest, student_id: str) -> tuple[Student, list[Domain]]:
    """The child whose report this person may open, with the sections of it that may be read."""
    students = Student.objects.report_for(request.user).with_report_on(request.user, *SECTIONS)
    child = students.with_openings_for(request.user).filter(student_id=student_id).first()
    if child is None:
        raise Http404
    return child, [section for section in SECTIONS if getattr(child, f"may_see_{section}")]
