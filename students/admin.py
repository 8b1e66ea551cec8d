"""The school, its calendar and its classes, in the school office. People are in admin_people.py."""

from __future__ import annotations

from typing import Any

from django.contrib import admin
from django.db.models import Count, QuerySet
from django.http import HttpRequest, HttpResponseBase
from django.shortcuts import redirect
from django.utils.translation import gettext_lazy as _

from accounts.office import NOTHING, OfficeAdmin
from students import admin_people
from students.admin_actions import cover_classes
from students.admin_inlines import EnrolmentsBelow, RosterInline, TeacherOfClassInline, TermInline
from students.admin_people import in_force
from students.admin_rollover import RolloverPages
from students.models import (
    AcademicYear,
    Closure,
    School,
    SchoolClass,
    Subject,
    TeachingAssignment,
    Term,
)
from students.office import last_day_shown
from students.services import assign_homeroom, save_by

__all__ = ["admin_people"]  # importing it registers the people


@admin.register(School)
class SchoolAdmin(OfficeAdmin):
    """The one school: its list is its page."""

    fields = ("name", "time_zone", "language", "weekdays", "starts_at", "edit_window_days")

    def has_add_permission(self, _request: HttpRequest) -> bool:
        return False

    def has_delete_permission(self, _request: HttpRequest, _school: Any = None) -> bool:
        return False

    def changelist_view(self, _request: HttpRequest, _extra_context: dict[str, Any] | None = None) -> HttpResponseBase:
        return redirect("admin:students_school_change", School.ONLY)


class SpanAdmin(OfficeAdmin):
    """A named range of days."""

    list_display: Any = ("name", "starts_on", last_day_shown)
    search_fields = ("name",)
    date_hierarchy: str | None = "starts_on"
    fields: Any = ("name", "starts_on", "ends_on")


@admin.register(AcademicYear)
class AcademicYearAdmin(RolloverPages, SpanAdmin):
    inlines = (TermInline,)
    list_display = ("name", "starts_on", last_day_shown, "classes", "terms")
    date_hierarchy = None

    def get_queryset(self, request: HttpRequest) -> QuerySet[AcademicYear]:
        years: QuerySet[AcademicYear] = super().get_queryset(request)
        return years.annotate(
            number_of_classes=Count("classes", distinct=True), number_of_terms=Count("terms", distinct=True)
        )

    @admin.display(description=_("classes"), ordering="number_of_classes")
    def classes(self, year: Any) -> int:
        return year.number_of_classes  # type: ignore[no-any-return]

    @admin.display(description=_("terms"), ordering="number_of_terms")
    def terms(self, year: Any) -> int:
        return year.number_of_terms  # type: ignore[no-any-return]


@admin.register(Term)
class TermAdmin(SpanAdmin):
    fields = ("academic_year", "name", "starts_on", "ends_on")
    autocomplete_fields = ("academic_year",)
    list_display = ("name", "academic_year", "starts_on", last_day_shown)
    list_filter = ("academic_year",)
    list_select_related = ("academic_year",)


@admin.register(Closure)
class ClosureAdmin(SpanAdmin):
    pass


@admin.register(Subject)
class SubjectAdmin(OfficeAdmin):
    list_display = ("code", "name", "classes_now")
    list_display_links = ("code", "name")
    search_fields = ("code", "name")

    def choice_label(self, row: Subject) -> str:
        return f"{row.name} ({row.code})"

    def get_queryset(self, request: HttpRequest) -> QuerySet[Subject]:
        classes = Count("assignments__school_class", filter=in_force("assignments"), distinct=True)
        subjects: QuerySet[Subject] = super().get_queryset(request)
        return subjects.annotate(number_of_classes=classes)

    @admin.display(description=_("classes today"), ordering="number_of_classes")
    def classes_now(self, subject: Any) -> int:
        return subject.number_of_classes  # type: ignore[no-any-return]


class GradeLevelFilter(admin.AllValuesFieldListFilter):
    """The grade levels there are; classes without one stand behind a dash, since a link needs a name."""

    def choices(self, changelist: Any) -> Any:
        for choice in super().choices(changelist):
            yield {**choice, "display": choice["display"] or NOTHING}


@admin.register(SchoolClass)
class SchoolClassAdmin(EnrolmentsBelow, OfficeAdmin):
    """A class with its teachers and its roster."""

    actions = (cover_classes,)
    fields = ("name", "grade_level", "academic_year", "homeroom_teacher", "meets_on")
    autocomplete_fields = ("academic_year", "homeroom_teacher")
    inlines = (TeacherOfClassInline, RosterInline)
    list_display = ("name", "grade_level", "academic_year", "homeroom_teacher", "size", "teachers_now")
    list_filter = ("academic_year", ("grade_level", GradeLevelFilter))
    search_fields = ("name", "academic_year__name", "homeroom_teacher__full_name")
    ordering = ("-academic_year__starts_on", "name", "pk")

    def choice_label(self, row: SchoolClass) -> str:
        return f"{row.name} ({row.academic_year})"

    def get_queryset(self, request: HttpRequest) -> QuerySet[SchoolClass]:
        classes: Any = super().get_queryset(request).select_related("academic_year", "homeroom_teacher")
        teachers = Count("assignments__teacher", filter=in_force("assignments"), distinct=True)
        return classes.with_size().annotate(number_of_teachers=teachers)  # type: ignore[no-any-return]

    @admin.display(description=_("students today"), ordering="size")
    def size(self, school_class: Any) -> int:
        return school_class.size  # type: ignore[no-any-return]

    @admin.display(description=_("teachers today"), ordering="number_of_teachers")
    def teachers_now(self, school_class: Any) -> int:
        return school_class.number_of_teachers  # type: ignore[no-any-return]

    def save_model(self, request: Any, obj: SchoolClass, form: Any, change: bool) -> None:
        """Saves all but the homeroom teacher, who is named after the other lines of the page are saved."""
        if "homeroom_teacher" in form.changed_data:
            obj.homeroom_teacher = None
            if change:
                obj.homeroom_teacher_id = form.initial["homeroom_teacher"]
        if not change or form.changed_data != ["homeroom_teacher"]:
            save_by(obj, request.user)

    def save_related(self, request: Any, form: Any, formsets: Any, change: bool) -> None:
        super().save_related(request, form, formsets, change)
        if "homeroom_teacher" in form.changed_data:
            school_class: SchoolClass = form.instance
            assign_homeroom(
                by=request.user,
                school_class=school_class,
                teacher=form.cleaned_data["homeroom_teacher"],
                starts_on=max(request.school.today(), school_class.academic_year.starts_on),
            )


@admin.register(TeachingAssignment)
class TeachingAssignmentAdmin(OfficeAdmin):
    autocomplete_fields = ("teacher", "school_class", "subject")
    readonly_fields = ("external_id",)
    list_display = ("teacher", "school_class", "year", "subject", "starts_on", last_day_shown)
    list_filter = ("school_class__academic_year", ("ends_on", admin.EmptyFieldListFilter), "subject")
    list_select_related = ("teacher", "school_class__academic_year", "subject")
    search_fields = ("teacher__full_name", "school_class__name", "subject__name", "subject__code")
    date_hierarchy = "starts_on"

    @admin.display(description=_("school year"), ordering="school_class__academic_year__starts_on")
    def year(self, assignment: TeachingAssignment) -> str:
        return str(assignment.school_class.academic_year)
