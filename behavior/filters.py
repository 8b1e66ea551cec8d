"""How records of behaviour are narrowed, by page, CSV and API alike."""

from __future__ import annotations

from typing import Any

import django_filters
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from accounts.models import User
from accounts.roles import Role
from behavior.models import BehaviorCategory, BehaviorRecord, BehaviorType
from behavior.querysets import BehaviorRecordQuerySet
from students.filters import LONGEST_SEARCH, class_choices
from students.models import SchoolClass
from students.record_filters import DayFilter, RangeForm, StudentIdFilter


class BehaviorFilter(django_filters.FilterSet):  # type: ignore[misc]
    """Words, student, class, type, category and days. An unknown student id finds nothing, as one not yours does."""

    search = django_filters.CharFilter(method="by_words", label=gettext_lazy("Name or note"), max_length=LONGEST_SEARCH)
    student_id = StudentIdFilter()
    class_id = django_filters.ChoiceFilter(
        choices=[], method="by_class", label=gettext_lazy("Class"), empty_label=gettext_lazy("All classes")
    )
    behavior_type = django_filters.ChoiceFilter(
        choices=BehaviorType.choices, label=gettext_lazy("Type"), empty_label=gettext_lazy("All types")
    )
    category = django_filters.ChoiceFilter(
        choices=[],
        field_name="category__name",
        label=gettext_lazy("Category"),
        empty_label=gettext_lazy("All categories"),
    )
    start_date = DayFilter(field_name="date", lookup_expr="gte", label=gettext_lazy("From"))
    end_date = DayFilter(field_name="date", lookup_expr="lte", label=gettext_lazy("To"))

    class Meta:
        model = BehaviorRecord
        fields = ()
        form = RangeForm

    def __init__(self, *args: Any, user: User, **kwargs: Any) -> None:
        """What is offered are the classes that this person sees and all categories, to parents those of the records
        that they read; two statements.
        """
        super().__init__(*args, **kwargs)
        classes = SchoolClass.objects.visible_to(user).select_related("academic_year")
        names = BehaviorCategory.objects.visible_to(user).order_by("name").values_list("name", flat=True)
        if user.role == Role.PARENT:
            of_records = self.queryset.order_by("category__name").values_list("category__name", flat=True)
            names = of_records.distinct()
        self.filters["class_id"].extra["choices"] = class_choices(list(classes))
        self.filters["category"].extra["choices"] = [(name, _(name)) for name in names]

    def by_words(self, records: BehaviorRecordQuerySet, _name: str, value: str) -> BehaviorRecordQuerySet:
        return records.mentioning(value)

    def by_class(self, records: BehaviorRecordQuerySet, _name: str, value: str) -> BehaviorRecordQuerySet:
        return records.of_class(int(value))
