"""Who opened the record of a child, for its parents and the office; who changed what of it, for the office."""

from __future__ import annotations

from django.http import Http404, HttpResponse
from django.shortcuts import render

from accounts.access import ANY_ROLE, allow
from accounts.reading import note_reading
from accounts.roles import Role
from accounts.scoping import visible_or_404
from core.lists import page_of
from dashboard.changes import changes_on, versions_of
from dashboard.openings import in_words, openings_of
from students.middleware import SchoolRequest
from students.models import Student

MOST = 10_000  # lines that are counted and paged through


@allow(*ANY_ROLE)
def opened(request: SchoolRequest, student_id: str) -> HttpResponse:
    """Date, role and class of everybody who opened the record: for its parents, in the role of a parent too."""
    is_office = request.user.role == Role.ADMIN
    children = Student.objects.visible_to(request.user) if is_office else Student.objects.children_of(request.user)
    child = children.filter(student_id=student_id).first()
    if child is None:
        raise Http404
    note_reading(request, [student_id])
    page = page_of(openings_of(child), request.GET, most=MOST)
    context = {"child": child, "page": page, "openings": in_words(page, child, request.user)}
    return render(request, "dashboard/opened.html", context)


@allow(Role.ADMIN)
def changes(request: SchoolRequest, student_id: str) -> HttpResponse:
    """Who changed what of a student: every record about them, old value → new value."""
    child = visible_or_404(Student.objects.all(), request.user, student_id=student_id)
    note_reading(request, [student_id])
    page = page_of(versions_of(child), request.GET)
    context = {"child": child, "page": page, "changes": changes_on(page)}
    return render(request, "dashboard/changes.html", context)
