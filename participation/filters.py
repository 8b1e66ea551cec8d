"""How participation is narrowed, by page, CSV and API alike."""

from __future__ import annotations

from typing import Any

import django_filters
from django.utils.translation import gettext_lazy as _

from accounts.models import User
from participation.models import ParticipationRecord, Status
from participation.querysets import ParticipationRecordQuerySet
from students.filters import class_choices
from students.models import SchoolClass
from students.record_filters import DayFilter, RangeForm, StudentIdFilter

LENGTH_OF_NAME = ParticipationRecord._meta.get_field("event_name").max_length


class ParticipationFilter(django_filters.FilterSet):  # type: ignore[misc]
    """Student, class, part of the event's name, status and days. A mixed group has no class."""

    student_id = StudentIdFilter()
    class_id = django_filters.ChoiceFilter(
        choices=[], field_name="school_class", label=_("Class"), empty_label=_("All")
    )
    event_name = django_filters.CharFilter(method="by_event", label=_("Event"), max_length=LENGTH_OF_NAME)
    status = django_filters.ChoiceFilter(choices=Status.choices, label=_("Part taken"), empty_label=_("All"))
    start_date = DayFilter(field_name="date", lookup_expr="gte", label=_("From"))
    end_date = DayFilter(field_name="date", lookup_expr="lte", label=_("To"))

    class Meta:
        model = ParticipationRecord
        fields = ()
        form = RangeForm

    def __init__(self, *args: Any, user: User, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        classes = SchoolClass.objects.visible_to(user).select_related("academic_year")
        self.filters["class_id"].extra["choices"] = class_choices(list(classes))

    def by_event(self, records: ParticipationRecordQuerySet, _name: str, value: str) -> ParticipationRecordQuerySet:
        return records.of_event(value)
