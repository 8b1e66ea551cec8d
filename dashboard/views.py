"""The pages that look at all domains: the admin's home, the staff page of a student, the report of a child."""

from __future__ import annotations

from django.http import Http404, HttpResponse
from django.shortcuts import redirect, render

from accounts.access import ANY_ROLE, allow
from accounts.reading import note_reading
from accounts.roles import Role
from accounts.scoping import visible_or_404
from attendance.today import registers_of_day
from dashboard.forms import MonthForm
from dashboard.report import child_report
from dashboard.staff_page import staff_page
from students.middleware import SchoolRequest
from students.models import SchoolClass, Student


@allow(Role.ADMIN)
def home(request: SchoolRequest) -> HttpResponse:
    """The office's start: how the day's registers stand, and where everything is."""
    today = request.school.today()
    context = {
        "registers": registers_of_day(request.school, request.user),
        "students": Student.objects.visible_to(request.user).current(today).count(),
        "classes": SchoolClass.objects.visible_to(request.user)
        .filter(academic_year__starts_on__lte=today, academic_year__ends_on__gt=today)
        .with_size(today),
    }
    note_reading(request)
    return render(request, "dashboard/home.html", context)


@allow(Role.ADMIN, Role.TEACHER)
def student(request: SchoolRequest, student_id: str) -> HttpResponse:
    """Everything about a student on one page, for staff."""
    found = visible_or_404(Student.objects.with_class(), request.user, student_id=student_id)
    note_reading(request, [student_id])
    return render(request, "dashboard/student.html", {"staff_page": staff_page(request.school, found, request.user)})


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
    students = Student.objects.report_for(request.user).with_report_on(request.user, "attendance")
    child = students.filter(student_id=student_id).first()
    if child is None:
        raise Http404
    chooser = MonthForm(request.GET)
    month = chooser.cleaned_data["month"] if chooser.is_valid() else None
    note_reading(request, [student_id])
    may_see: bool = child.may_see_attendance  # type: ignore[attr-defined]  # annotated by with_report_on
    found = child_report(request.school, child, may_see_attendance=may_see, month=month)
    return render(
        request,
        "dashboard/report.html",
        {"report": found, "chooser": chooser},
        status=400 if chooser.errors else 200,
    )
