"""The performance of one student has no page of its own: it stands first on the staff page."""

from __future__ import annotations

from django.http import HttpResponse
from django.shortcuts import redirect
from django.urls import reverse

from accounts.access import allow
from accounts.roles import Role
from accounts.scoping import visible_or_404
from students.middleware import SchoolRequest
from students.models import Student


@allow(Role.ADMIN, Role.TEACHER)
def student_performance(request: SchoolRequest, student_id: str) -> HttpResponse:
    """To the section of the staff page, which notes who read it."""
    visible_or_404(Student.objects.all(), request.user, student_id=student_id)
    return redirect(reverse("dashboard:student", kwargs={"student_id": student_id}) + "#performance")
