"""The list of students, the form of one, and the page of a class."""

from __future__ import annotations

from django.contrib import messages
from django.http import HttpResponse, HttpResponseBase
from django.shortcuts import redirect, render
from django.utils.formats import date_format
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from accounts.access import FORM, allow
from accounts.reading import note_reading
from accounts.roles import Role
from accounts.scoping import visible_or_404
from core.export import asks_for_file, file_response
from core.lists import chips_of, page_of, sort_rows
from students.filters import StudentFilter
from students.middleware import SchoolRequest
from students.models import SchoolClass, Student
from students.querysets import StudentQuerySet
from students.services import create_student, update_student
from students.student_page import StudentPage

SORTS = {
    "name": (gettext_lazy("Name"), ("family_name", "given_name")),
    "class": (gettext_lazy("Class"), ("class_name", "family_name", "given_name")),
    "student_id": (gettext_lazy("Student id"), ("student_id",)),
    "born": (gettext_lazy("Born"), ("date_of_birth",)),
}
CSV_COLUMNS = (
    "student_id",
    "full_name",
    "given_name",
    "family_name",
    "gender",
    "date_of_birth",
    "enrollment_date",
    "class_name",
    "guardian_contact",
)


@allow(Role.ADMIN, Role.TEACHER)
def student_list(request: SchoolRequest) -> HttpResponseBase:
    """The students whom this person may see: searched, filtered, sorted, by pages or as a file."""
    students = Student.objects.visible_to(request.user).with_class()
    filtered = StudentFilter(request.GET, students, user=request.user)
    valid = filtered.is_valid()
    rows, sorts = sort_rows(filtered.qs if valid else students.none(), request.GET, SORTS, default="name")
    note_reading(request)
    if valid and asks_for_file(request):
        return students_as_file(request, rows.with_guardian_contact())  # type: ignore[attr-defined]
    context = {
        "filter": filtered,
        "chips": chips_of(filtered.form, request.GET),
        "page": page_of(rows, request.GET),
        "sorts": sorts,
    }
    return render(request, "students/list.html", context, status=200 if valid else 400)


def students_as_file(request: SchoolRequest, students: StudentQuerySet) -> HttpResponseBase:
    """The same rows as a download."""
    return file_response(
        request,
        "students",
        CSV_COLUMNS,
        ([getattr(student, name) for name in CSV_COLUMNS] for student in students.iterator(chunk_size=500)),
    )


@allow(Role.ADMIN, Role.TEACHER, methods=FORM)
def new_student(request: SchoolRequest) -> HttpResponse:
    """Add a student with guardians and emergency contacts."""
    page = StudentPage(request, Student())
    if page.is_valid():
        student = create_student(by=request.user, school_class=page.school_class, **page.values)
        return added(request, student)
    return render(request, "students/form.html", {"form_page": page}, status=page.status)


def added(request: SchoolRequest, student: Student) -> HttpResponse:
    """On to the page of a new student; to the list while their teacher does not see them yet, who join later."""
    names = {"name": student.full_name, "student_id": student.student_id}
    messages.success(request, _("%(name)s is added as %(student_id)s.") % names)
    if Student.objects.visible_to(request.user).filter(pk=student.pk).exists():
        return redirect("dashboard:student", student_id=student.student_id)
    day = date_format(student.enrollment_date or request.school.today(), "D j M Y")
    messages.info(request, _("You will see %(name)s from the day of joining, %(day)s.") % {**names, "day": day})
    return redirect("students:list")


@allow(Role.ADMIN, Role.TEACHER, methods=FORM)
def edit_student(request: SchoolRequest, student_id: str) -> HttpResponse:
    """Change a student and the people to call."""
    student: Student = visible_or_404(Student.objects.all(), request.user, student_id=student_id)
    page = StudentPage(request, student)
    if page.is_valid():
        update_student(by=request.user, student=student, **page.values)
        messages.success(request, _("The changes to %(name)s are saved.") % {"name": student.full_name})
        return redirect("dashboard:student", student_id=student_id)
    if request.method != "POST":
        note_reading(request, [student_id])
    return render(request, "students/form.html", {"form_page": page}, status=page.status)


@allow(Role.ADMIN, Role.TEACHER)
def class_page(request: SchoolRequest, class_id: int) -> HttpResponse:
    """A class with its roster of today."""
    school_class = visible_or_404(
        SchoolClass.objects.select_related("academic_year", "homeroom_teacher"), request.user, pk=class_id
    )
    today = request.school.today()
    roster = Student.objects.visible_to(request.user).enrolled_on(school_class, today).with_guardian_contact()
    note_reading(request)
    return render(
        request, "students/class.html", {"school_class": school_class, "roster": list(roster), "today": today}
    )


@allow(Role.ADMIN, Role.TEACHER)
def class_print(request: SchoolRequest, class_id: int) -> HttpResponse:
    """The class list of today on paper, with whom to call first."""
    school_class = visible_or_404(
        SchoolClass.objects.select_related("academic_year", "homeroom_teacher"), request.user, pk=class_id
    )
    today = request.school.today()
    roster = Student.objects.visible_to(request.user).enrolled_on(school_class, today).with_first_guardian()
    note_reading(request)
    return render(
        request, "students/class_print.html", {"school_class": school_class, "roster": list(roster), "today": today}
    )
