"""Students, the people around them and their classes, in the school office."""

from __future__ import annotations

from typing import Any, ClassVar

from django.contrib import admin
from django.contrib.admin.models import DELETION, LogEntry
from django.contrib.contenttypes.models import ContentType
from django.db import transaction
from django.db.models import Count, Q, QuerySet
from django.http import HttpRequest
from django.utils import timezone
from django.utils.text import capfirst
from django.utils.translation import gettext_lazy as _

from accounts.admin import PersonAdmin, StandingFilter
from accounts.models import Parent, Teacher
from accounts.office import OfficeForm, is_key
from accounts.people import create_parent, create_teacher
from accounts.person_form import NewParentForm, NewTeacherForm
from students import records
from students.admin_actions import end_chosen_enrolments, end_classes_of_students, move_to_class
from students.admin_inlines import (
    ChildOfParentInline,
    ClassOfStudentInline,
    ClassOfTeacherInline,
    EmergencyContactInline,
    EnrolmentForm,
    EnrolmentsBelow,
    GuardianInline,
    OfficeContactForm,
    ParentOfStudentInline,
)
from students.fields import last_day
from students.forms import StudentForm
from students.models import (
    EmergencyContact,
    Enrolment,
    Guardian,
    SchoolClass,
    Student,
    StudentParentLink,
)
from students.office import NotedAdmin, last_day_shown
from students.records import enrolments_changed
from students.services import delete_student, end_enrolments_of_leaver
from students.todo import without_child

WITHOUT = "none"
STUDENT_SEARCH = ("student__given_name", "student__family_name", "student__student_id")


def in_force(path: str) -> Q:
    """Rows of a span reached by `path` that are in force today, for an aggregate."""
    today = timezone.localdate()
    open_or_later = Q(**{f"{path}__ends_on__isnull": True}) | Q(**{f"{path}__ends_on__gt": today})
    return open_or_later & Q(**{f"{path}__starts_on__lte": today})


class AttendingFilter(admin.SimpleListFilter):
    title = _("status")
    parameter_name = "status"

    def lookups(self, _request: HttpRequest, _model_admin: Any) -> list[tuple[str, Any]]:
        return [("attending", _("Attending")), ("left", _("Left"))]

    def queryset(self, _request: HttpRequest, queryset: Any) -> Any:
        return {"attending": queryset.current, "left": queryset.left}.get(self.value() or "", queryset.all)()


class ClassFilter(admin.SimpleListFilter):
    """By the class in which a student is today; offers the classes of the years that are not over.

    "No class" finds those who attend and are in none, today or later.
    """

    title = _("class")
    parameter_name = "class"

    def lookups(self, _request: HttpRequest, _model_admin: Any) -> list[tuple[str, str]]:
        classes = SchoolClass.objects.filter(academic_year__ends_on__gt=timezone.localdate())
        return [(WITHOUT, str(_("No class"))), *((str(key), name) for key, name in classes.values_list("pk", "name"))]

    def queryset(self, _request: HttpRequest, queryset: Any) -> Any:
        value = self.value() or ""
        if value == WITHOUT:
            return queryset.without_class()
        if not is_key(value):
            return queryset
        return queryset.filter(pk__in=Enrolment.objects.on().filter(school_class=int(value)).values("student"))


class OfficeStudentForm(OfficeForm):
    """A student's own details, by the rules of the portal's own form."""

    clean_given_name = StudentForm.clean_given_name
    clean_family_name = StudentForm.clean_family_name
    clean_date_of_birth = StudentForm.clean_date_of_birth
    clean_enrollment_date = StudentForm.clean_enrollment_date
    clean_left_on = StudentForm.clean_left_on


@admin.register(Student)
class StudentAdmin(EnrolmentsBelow, NotedAdmin):
    form = OfficeStudentForm
    fieldsets = (
        (None, {"fields": ("student_id", ("given_name", "family_name"), "gender", "date_of_birth")}),
        (_("At this school"), {"fields": ("enrollment_date", "left_on", "external_id")}),
    )
    readonly_fields = ("student_id", "external_id")
    inlines = (GuardianInline, EmergencyContactInline, ClassOfStudentInline, ParentOfStudentInline)
    list_display = ("student_id", "family_name", "given_name", "class_now", "date_of_birth", "guardian", "last_day")
    list_display_links = ("student_id", "family_name")
    actions = (move_to_class, end_classes_of_students)
    list_filter = (AttendingFilter, ClassFilter, "gender")
    search_fields = ("given_name", "family_name", "student_id", "external_id")

    @staticmethod
    def student_of(row: Student) -> Student:
        return row

    def choice_label(self, row: Student) -> str:
        return f"{row.full_name} ({row.student_id})"

    def get_queryset(self, request: HttpRequest) -> QuerySet[Student]:
        students: Any = super().get_queryset(request)
        return students.with_class().with_guardian_contact()  # type: ignore[no-any-return]

    def get_changeform_initial_data(self, request: HttpRequest) -> dict[str, Any]:
        return {"enrollment_date": timezone.localdate(), **super().get_changeform_initial_data(request)}

    @admin.display(description=_("class"), ordering="class_name")
    def class_now(self, student: Any) -> str | None:
        return student.class_name  # type: ignore[no-any-return]

    @admin.display(description=_("guardian's phone"))
    def guardian(self, student: Any) -> str | None:
        return student.guardian_contact  # type: ignore[no-any-return]

    @admin.display(description=_("last day at the school"), ordering="left_on")
    def last_day(self, student: Student) -> Any:
        return last_day(student.left_on)

    def get_deleted_objects(self, objs: Any, request: Any) -> tuple[list[str], dict[str, int], set[str], list[str]]:
        """What goes with the students, as numbers: a year of marks, line by line, would be no page to read.

        The erasing is delete_student's, which asks nobody for the right to delete single marks.
        """
        students = list(objs)
        models: list[Any] = [Guardian, EmergencyContact, StudentParentLink, Enrolment, *records.REGISTERED]
        counts = {str(Student._meta.verbose_name_plural): len(students)}
        for model in models:
            if number := model.objects.filter(student__in=students).count():
                counts[str(model._meta.verbose_name_plural)] = number
        refused = set() if self.has_delete_permission(request) else {str(Student._meta.verbose_name)}
        named = [f"{capfirst(Student._meta.verbose_name)}: {self.choice_label(row)}" for row in students]
        return named, counts, refused, []

    def log_deletions(self, request: Any, queryset: Any) -> None:
        """The one thing that stays: who erased which number, and when."""
        content_type = ContentType.objects.get_for_model(Student)
        LogEntry.objects.bulk_create(
            LogEntry(
                user=request.user,
                content_type=content_type,
                object_id=student.pk,
                object_repr=student.student_id,
                action_flag=DELETION,
            )
            for student in queryset
        )

    def save_related(self, request: Any, form: Any, formsets: Any, change: bool) -> None:
        super().save_related(request, form, formsets, change)
        end_enrolments_of_leaver(by=request.user, student=form.instance)

    def delete_model(self, request: Any, obj: Student) -> None:
        delete_student(by=request.user, student=obj)

    def delete_queryset(self, request: Any, queryset: QuerySet[Student]) -> None:
        for student in queryset.order_by("pk"):
            delete_student(by=request.user, student=student)


class OfStudentAdmin(NotedAdmin):
    """Rows that belong to one student."""

    autocomplete_fields: ClassVar[Any] = ("student",)
    list_select_related: ClassVar[Any] = ("student",)

    @admin.display(description=_("student id"), ordering="student__student_id")
    def student_number(self, row: Any) -> str:
        return self.student_of(row).student_id


class ContactAdmin(OfStudentAdmin):
    form = OfficeContactForm
    list_display: ClassVar[Any] = ("name", "relationship", "phone", "student", "student_number", "priority")
    search_fields = ("name", "phone", "email", *STUDENT_SEARCH)


@admin.register(Guardian)
class GuardianAdmin(ContactAdmin):
    autocomplete_fields = ("student", "parent")
    list_display = ("name", "relationship", "phone", "email", "student", "student_number", "parent", "priority")
    list_filter = (("parent", admin.EmptyFieldListFilter),)
    list_select_related = ("student", "parent")


@admin.register(EmergencyContact)
class EmergencyContactAdmin(ContactAdmin):
    pass


@admin.register(StudentParentLink)
class StudentParentLinkAdmin(OfStudentAdmin):
    autocomplete_fields = ("student", "parent")
    list_display = (
        "student",
        "student_number",
        "parent",
        "relationship",
        "starts_on",
        last_day_shown,
        "may_see_attendance",
        "may_see_assessments",
        "may_see_behavior",
        "may_see_participation",
    )
    list_filter = (
        ("ends_on", admin.EmptyFieldListFilter),
        "may_see_attendance",
        "may_see_assessments",
        "may_see_behavior",
        "may_see_participation",
    )
    list_select_related = ("student", "parent")
    search_fields = ("parent__full_name", "parent__user__username", *STUDENT_SEARCH)
    ordering = ("student__family_name", "student__given_name", "pk")


@admin.register(Enrolment)
class EnrolmentAdmin(OfStudentAdmin):
    form = EnrolmentForm
    actions = (end_chosen_enrolments,)
    autocomplete_fields = ("student", "school_class")
    readonly_fields = ("external_id",)
    list_display = ("student", "student_number", "school_class", "year", "starts_on", last_day_shown, "is_primary")
    list_filter = ("is_primary", ("ends_on", admin.EmptyFieldListFilter), "school_class__academic_year")
    list_select_related = ("student", "school_class__academic_year")
    search_fields = ("school_class__name", *STUDENT_SEARCH)
    date_hierarchy = "starts_on"

    @admin.display(description=_("school year"), ordering="school_class__academic_year__starts_on")
    def year(self, enrolment: Enrolment) -> str:
        return str(enrolment.school_class.academic_year)

    def save_model(self, request: Any, obj: Enrolment, form: Any, change: bool) -> None:
        super().save_model(request, obj, form, change)
        students = {obj.student_id, form.initial["student"]} if change else {obj.student_id}
        enrolments_changed(by=request.user, students=students)

    def delete_model(self, request: Any, obj: Enrolment) -> None:
        super().delete_model(request, obj)
        enrolments_changed(by=request.user, students=[obj.student_id])

    @transaction.atomic
    def delete_queryset(self, request: Any, queryset: QuerySet[Enrolment]) -> None:
        students = set(queryset.values_list("student_id", flat=True))
        super().delete_queryset(request, queryset)
        enrolments_changed(by=request.user, students=students)


class ChildrenFilter(admin.SimpleListFilter):
    """Parents who can sign in and read about nobody, today or later."""

    title = _("children")
    parameter_name = "children"

    def lookups(self, _request: HttpRequest, _model_admin: Any) -> list[tuple[str, Any]]:
        return [("none", _("No child (active accounts)"))]

    def queryset(self, _request: HttpRequest, queryset: Any) -> Any:
        return without_child(queryset) if self.value() == "none" else queryset


@admin.register(Teacher)
class TeacherAdmin(PersonAdmin):
    add_form = NewTeacherForm
    account_fields = ("username", "email", "role")
    create = staticmethod(create_teacher)
    inlines = (ClassOfTeacherInline,)
    list_display = ("full_name", "username", "email", "phone", "classes_now", "account")

    def get_queryset(self, request: HttpRequest) -> QuerySet[Teacher]:
        classes = Count("assignments__school_class", filter=in_force("assignments"), distinct=True)
        teachers: QuerySet[Teacher] = super().get_queryset(request)
        return teachers.annotate(classes_now=classes)

    @admin.display(description=_("classes today"), ordering="classes_now")
    def classes_now(self, teacher: Any) -> int:
        return teacher.classes_now  # type: ignore[no-any-return]


@admin.register(Parent)
class ParentAdmin(PersonAdmin):
    add_form = NewParentForm
    profile_fields = ("full_name", "phone", "address")
    create = staticmethod(create_parent)
    inlines = (ChildOfParentInline,)
    list_display = ("full_name", "username", "email", "phone", "children_now", "account")
    list_filter = (StandingFilter, ChildrenFilter)
    search_fields = (
        *PersonAdmin.search_fields,
        "child_links__student__given_name",
        "child_links__student__family_name",
        "child_links__student__student_id",
    )

    def get_queryset(self, request: HttpRequest) -> QuerySet[Parent]:
        children = Count("child_links__student", filter=in_force("child_links"), distinct=True)
        parents: QuerySet[Parent] = super().get_queryset(request)
        return parents.annotate(children_now=children)

    @admin.display(description=_("children today"), ordering="children_now")
    def children_now(self, parent: Any) -> int:
        return parent.children_now  # type: ignore[no-any-return]
