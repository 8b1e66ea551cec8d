"""The lines under a page of the school office: who belongs to a student, a class, a parent, a teacher."""

from __future__ import annotations

from typing import Any

from django.contrib import admin
from django.db.models import QuerySet
from django.http import HttpRequest
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from accounts.office import OfficeFields, OfficeForm, OfficeInline
from students.forms import ContactForm
from students.models import (
    EmergencyContact,
    Enrolment,
    Guardian,
    StudentParentLink,
    TeachingAssignment,
    Term,
)
from students.office import ClassesOfStudentFormSet, SpanFormSet, TermFormSet
from students.records import enrolments_changed
from students.services import main_classes_beside

# A row of eight fields is wider than a desk; one field below the other fits a phone too.
STACKED = "admin/edit_inline/stacked.html"
LINK_LINES = (
    ("starts_on", "ends_on"),
    ("may_see_attendance", "may_see_assessments", "may_see_behavior", "may_see_participation"),
)


class OfficeContactForm(OfficeForm):
    """Somebody to call, by the rules of the portal's own form."""

    clean_name = ContactForm.clean_name
    clean_phone = ContactForm.clean_phone
    clean_relationship = ContactForm.clean_relationship


class EnrolmentForm(OfficeForm):
    """A student in a class. A new enrolment beside no main class becomes the main one.

    `beside_others` says that the page shows the student's other enrolments and checks them against this one.
    """

    def __init__(self, *args: Any, beside_others: bool = False, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.beside_others = beside_others
        if "is_primary" in self.fields:
            self.fields["is_primary"].help_text = gettext_lazy("A student's only class is the main one without a tick.")

    def unchecked_fields(self) -> set[str]:
        return {"is_primary"} if self.beside_others else set()

    def check_constraints(self) -> None:
        super().check_constraints()
        row: Enrolment = self.instance
        if self.beside_others or self.errors or not row.is_primary:
            return
        if other := main_classes_beside(row).select_related("school_class").first():
            message = _("%(class)s is the student's main class on some of these days. Untick one of the two.")
            self.add_error("is_primary", message % {"class": other.school_class.name})

    def save(self, commit: bool = True) -> Enrolment:
        row: Enrolment = self.instance
        if row._state.adding and not row.is_primary:
            row.is_primary = not main_classes_beside(row).exists()
        saved: Enrolment = super().save(commit)
        return saved


class ClassOfStudentInline(OfficeInline):
    model = Enrolment
    form = EnrolmentForm
    formset = ClassesOfStudentFormSet
    fields = ("school_class", "starts_on", "ends_on", "is_primary")
    autocomplete_fields = ("school_class",)

    def get_queryset(self, request: HttpRequest) -> QuerySet[Enrolment]:
        return super().get_queryset(request).select_related("student", "school_class__academic_year")


class RosterFormSet(SpanFormSet):
    same = ("student_id",)


class RosterInline(OfficeInline):
    """The students of a class, those who have left it too."""

    model = Enrolment
    form = EnrolmentForm
    formset = RosterFormSet
    fields = ("student", "starts_on", "ends_on", "is_primary")
    autocomplete_fields = ("student",)
    verbose_name_plural = gettext_lazy("students of this class")

    def get_queryset(self, request: HttpRequest) -> QuerySet[Enrolment]:
        rows = super().get_queryset(request).select_related("student", "school_class")
        return rows.order_by("student__family_name", "student__given_name", "starts_on", "pk")


class EnrolmentsBelow:
    """A page with enrolments below: what is counted over those enrolled is mended when they are saved."""

    def save_formset(self, request: Any, form: Any, formset: Any, change: bool) -> None:
        super().save_formset(request, form, formset, change)  # type: ignore[misc]
        if formset.model is Enrolment:
            typed = [line for line in formset.forms if line.has_changed()]
            students = {key for line in typed for key in (line.instance.student_id, line.initial.get("student")) if key}
            enrolments_changed(by=request.user, students=students)


class GuardianInline(OfficeFields, admin.StackedInline):  # type: ignore[type-arg]
    model = Guardian
    form = OfficeContactForm
    extra = 0
    fields = (("name", "relationship"), ("phone", "email"), "address", ("parent", "priority"))
    autocomplete_fields = ("parent",)

    def get_queryset(self, request: HttpRequest) -> QuerySet[Guardian]:
        return super().get_queryset(request).select_related("parent__user")


class EmergencyContactInline(OfficeInline):
    model = EmergencyContact
    form = OfficeContactForm
    fields = ("name", "relationship", "phone", "priority")


class ParentsOfStudentFormSet(SpanFormSet):
    same = ("parent_id",)


class ParentOfStudentInline(OfficeInline):
    model = StudentParentLink
    formset = ParentsOfStudentFormSet
    template = STACKED
    fields = (("parent", "relationship"), *LINK_LINES)
    autocomplete_fields = ("parent",)

    def get_queryset(self, request: HttpRequest) -> QuerySet[StudentParentLink]:
        return super().get_queryset(request).select_related("student", "parent__user")


class FromTodayForm(OfficeForm):
    """A new line that begins today, unless another day is typed; a line with nothing but that day is none."""

    def get_initial_for_field(self, field: Any, field_name: str) -> Any:
        if field_name == "starts_on" and self.instance._state.adding:
            return self.initial.get(field_name, timezone.localdate())
        return super().get_initial_for_field(field, field_name)


class FromTodayInline(OfficeInline):
    """One line to fill in on the page of a new person."""

    form = FromTodayForm

    def get_extra(self, request: HttpRequest, obj: Any = None, **kwargs: Any) -> int:  # noqa: ARG002
        return 0 if obj else 1


class ChildrenOfParentFormSet(SpanFormSet):
    same = ("student_id",)


class ChildOfParentInline(FromTodayInline):
    model = StudentParentLink
    formset = ChildrenOfParentFormSet
    template = STACKED
    fields = (("student", "relationship"), *LINK_LINES)
    autocomplete_fields = ("student",)
    verbose_name = gettext_lazy("child")
    verbose_name_plural = gettext_lazy("children whose report this parent may read")

    def get_queryset(self, request: HttpRequest) -> QuerySet[StudentParentLink]:
        return super().get_queryset(request).select_related("student", "parent")


class TeachersOfClassFormSet(SpanFormSet):
    same = ("teacher_id", "subject_id")


class TeacherOfClassInline(OfficeInline):
    model = TeachingAssignment
    formset = TeachersOfClassFormSet
    fields = ("teacher", "subject", "starts_on", "ends_on")
    autocomplete_fields = ("teacher", "subject")
    verbose_name_plural = gettext_lazy("teachers of this class")

    def get_queryset(self, request: HttpRequest) -> QuerySet[TeachingAssignment]:
        return super().get_queryset(request).select_related("teacher__user", "school_class", "subject")


class ClassesOfTeacherFormSet(SpanFormSet):
    same = ("school_class_id", "subject_id")


class ClassOfTeacherInline(FromTodayInline):
    model = TeachingAssignment
    formset = ClassesOfTeacherFormSet
    fields = ("school_class", "subject", "starts_on", "ends_on")
    autocomplete_fields = ("school_class", "subject")
    verbose_name_plural = gettext_lazy("classes of this teacher")

    def get_queryset(self, request: HttpRequest) -> QuerySet[TeachingAssignment]:
        return super().get_queryset(request).select_related("teacher", "school_class__academic_year", "subject")


class TermInline(OfficeInline):
    model = Term
    formset = TermFormSet
    fields = ("name", "starts_on", "ends_on")

    def get_queryset(self, request: HttpRequest) -> QuerySet[Term]:
        return super().get_queryset(request).order_by("starts_on", "pk")
