"""Attendance in the school office: marks to read, planned absences to enter."""

from __future__ import annotations

from typing import Any

from django.contrib import admin
from django.http import HttpRequest
from django.urls import reverse
from django.utils.html import format_html
from django.utils.safestring import SafeString
from django.utils.translation import gettext_lazy as _

from accounts.office import OfficeAdmin, OfficeForm, ReadOnly
from attendance.desk_services import refuse_overlap
from attendance.models import AttendanceRecord, PlannedAbsence, Register
from students.admin_people import STUDENT_SEARCH, OfStudentAdmin
from students.forms import refuse_odd_characters
from students.office import last_day_shown


@admin.display(description=_("register"))
def register_link(row: Any) -> SafeString:
    """List column: where the marks of this class and day are written."""
    address = reverse("attendance:register", args=[row.school_class_id, row.date])
    return format_html('<a href="{}">{}</a>', address, _("Open the register"))


@admin.register(Register)
class RegisterAdmin(ReadOnly, OfficeAdmin):
    list_display = (
        "date",
        "school_class",
        "present",
        "late",
        "excused",
        "absent",
        "taken_by",
        "taken_at",
        register_link,
    )
    list_filter = ("school_class__academic_year", "school_class")
    list_select_related = ("school_class", "taken_by__teacher", "taken_by__parent")
    search_fields = ("school_class__name", "taken_by__username", "taken_by__teacher__full_name")
    date_hierarchy = "date"
    readonly_fields = (register_link,)


@admin.register(AttendanceRecord)
class AttendanceRecordAdmin(ReadOnly, OfStudentAdmin):
    list_display = (
        "date",
        "student",
        "student_number",
        "school_class",
        "status",
        "minutes_late",
        "left_early",
        "note",
        register_link,
    )
    list_filter = ("status", "left_early", "school_class__academic_year", "school_class")
    list_select_related = ("student", "school_class")
    search_fields = ("school_class__name", *STUDENT_SEARCH)
    date_hierarchy = "date"
    readonly_fields = (register_link,)


class PlannedAbsenceForm(OfficeForm):
    def clean_reason(self) -> str:
        """The reason becomes the note of a mark, which is printable text on one line."""
        return refuse_odd_characters(self.cleaned_data["reason"])

    def clean(self) -> dict[str, Any]:
        """Days that another planned absence of the student holds are refused, as at the desk."""
        chosen: dict[str, Any] = super().clean() or self.cleaned_data
        starts_on, ends_on = chosen.get("starts_on"), chosen.get("ends_on")
        student = chosen.get("student", getattr(self.instance, "student_id", None) and self.instance.student)
        if student and starts_on and ends_on and starts_on < ends_on:
            refuse_overlap(PlannedAbsence(pk=self.instance.pk, student=student, starts_on=starts_on, ends_on=ends_on))
        return chosen


@admin.register(PlannedAbsence)
class PlannedAbsenceAdmin(OfStudentAdmin):
    form = PlannedAbsenceForm
    fields = ("student", "starts_on", "ends_on", "reason", "entered_by")
    readonly_fields = ("entered_by",)
    list_display = ("student", "student_number", "starts_on", last_day_shown, "reason", "entered_by")
    list_select_related = ("student", "entered_by__teacher", "entered_by__parent")
    search_fields = ("reason", *STUDENT_SEARCH)
    date_hierarchy = "starts_on"

    def save_model(self, request: HttpRequest, obj: PlannedAbsence, form: Any, change: bool) -> None:
        if not change:
            obj.entered_by = request.user  # type: ignore[assignment]
        super().save_model(request, obj, form, change)
