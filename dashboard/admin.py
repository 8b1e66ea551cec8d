"""Notes for families in the school office: to read; they are written and withdrawn on the student's page."""

from __future__ import annotations

from django.contrib import admin

from accounts.office import ReadOnly
from dashboard.models import FamilyNote
from students.admin_people import STUDENT_SEARCH, OfStudentAdmin


@admin.register(FamilyNote)
class FamilyNoteAdmin(ReadOnly, OfStudentAdmin):
    list_display = ("created_at", "student", "student_number", "text", "written_by")
    list_select_related = ("student", "written_by__teacher", "written_by__parent")
    search_fields = ("text", *STUDENT_SEARCH)
    date_hierarchy = "created_at"
