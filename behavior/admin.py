"""Behaviour in the school office: the categories to edit, the records to read."""

from __future__ import annotations

from typing import Any

from django.contrib import admin
from django.db.models import Count, OuterRef, QuerySet, Subquery
from django.db.models.functions import Coalesce
from django.http import HttpRequest
from django.urls import reverse
from django.utils.html import format_html
from django.utils.safestring import SafeString
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from accounts.office import OfficeAdmin, OfficeForm, ReadOnly
from behavior.models import BehaviorCategory, BehaviorRecord
from students.admin_people import STUDENT_SEARCH, OfStudentAdmin
from students.forms import refuse_odd_characters


class BehaviorCategoryForm(OfficeForm):
    def clean_name(self) -> str:
        return refuse_odd_characters(self.cleaned_data["name"])


@admin.register(BehaviorCategory)
class BehaviorCategoryAdmin(OfficeAdmin):
    """What a record can be about. One with records is taken out of the offer, not deleted."""

    form = BehaviorCategoryForm
    fields = ("name", "is_active")
    list_display = ("name", "is_active", "number_of_records")
    list_filter = ("is_active",)
    search_fields = ("name",)

    def get_queryset(self, request: HttpRequest) -> QuerySet[BehaviorCategory]:
        """With the number of records, counted for the rows of the page and not, as by a join, for all of them."""
        categories: QuerySet[BehaviorCategory] = super().get_queryset(request)
        of_category = BehaviorRecord.objects.filter(category=OuterRef("pk")).order_by().values("category")
        return categories.annotate(
            number=Coalesce(Subquery(of_category.annotate(number=Count("pk")).values("number")), 0)
        )

    @admin.display(description=gettext_lazy("records"), ordering="number")
    def number_of_records(self, category: Any) -> int:
        return category.number  # type: ignore[no-any-return]


@admin.display(description=gettext_lazy("change"))
def edit_link(record: BehaviorRecord) -> SafeString:
    """List column: where the record is changed or withdrawn."""
    return format_html('<a href="{}">{}</a>', reverse("behavior:edit", args=[record.pk]), _("Edit or withdraw"))


@admin.register(BehaviorRecord)
class BehaviorRecordAdmin(ReadOnly, OfStudentAdmin):
    list_display = (
        "date",
        "student",
        "student_number",
        "behavior_type",
        "category",
        "notes",
        "shared_with_parents",
        "teacher",
        edit_link,
    )
    list_filter = ("behavior_type", "shared_with_parents", "category", "school_class__academic_year", "school_class")
    list_select_related = ("student", "category", "teacher")
    search_fields = ("notes", *STUDENT_SEARCH)
    date_hierarchy = "date"
    fields = (
        "student",
        "date",
        "behavior_type",
        "category",
        "notes",
        "shared_with_parents",
        "school_class",
        "teacher",
        "noted_by",
        edit_link,
    )
    readonly_fields = (edit_link,)
