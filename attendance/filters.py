"""How marks and missing registers are narrowed; the marks by page, CSV and API alike."""

from __future__ import annotations

from datetime import date
from typing import Any

import django_filters
from django import forms
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from accounts.models import User
from attendance.models import AttendanceRecord, Status
from students.fields import DayFormField
from students.filters import class_choices
from students.forms import DayInput
from students.models import SchoolClass
from students.record_filters import LENGTH_OF_ID, DayFilter, RangeForm, StudentIdFilter, within_years


class AttendanceFilter(django_filters.FilterSet):  # type: ignore[misc]
    """Student, class, mark and days. An unknown student id finds nothing, as one does that is not yours to see."""

    student_id = StudentIdFilter()
    class_id = django_filters.ChoiceFilter(
        choices=[], field_name="school_class", label=gettext_lazy("Class"), empty_label=gettext_lazy("All classes")
    )
    status = django_filters.ChoiceFilter(
        choices=Status.choices, label=gettext_lazy("Mark"), empty_label=gettext_lazy("All marks")
    )
    date = DayFilter(label=gettext_lazy("Day"))
    start_date = DayFilter(field_name="date", lookup_expr="gte", label=gettext_lazy("From"))
    end_date = DayFilter(field_name="date", lookup_expr="lte", label=gettext_lazy("To"))

    class Meta:
        model = AttendanceRecord
        fields = ()
        form = RangeForm

    def __init__(self, *args: Any, user: User, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        classes = SchoolClass.objects.visible_to(user).select_related("academic_year")
        self.filters["class_id"].extra["choices"] = class_choices(list(classes))


class RateForm(RangeForm):
    """Whose attendance over which days, both inclusive; without days the school year to date."""

    student_id = forms.CharField(label=gettext_lazy("Student id"), max_length=LENGTH_OF_ID)
    start_date = DayFormField(label=gettext_lazy("From"), required=False, validators=[within_years])
    end_date = DayFormField(label=gettext_lazy("To"), required=False, validators=[within_years])


class NotTakenForm(RangeForm):
    """Which registers that were not taken are listed; `classes` are those this person may see."""

    class_id = forms.ChoiceField(label=gettext_lazy("Class"), required=False)
    start_date = DayFormField(label=gettext_lazy("From"), required=False, widget=DayInput(), validators=[within_years])
    end_date = DayFormField(label=gettext_lazy("To"), required=False, widget=DayInput(), validators=[within_years])

    def __init__(self, *args: Any, classes: list[SchoolClass], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["class_id"].choices = [("", _("All classes")), *class_choices(classes)]  # type: ignore[attr-defined]

    @property
    def asked(self) -> tuple[int | None, date | None, date | None]:
        """The class's key and the range, each None where nothing was chosen. Call only on a valid form."""
        chosen = self.cleaned_data
        return int(chosen["class_id"]) if chosen["class_id"] else None, chosen["start_date"], chosen["end_date"]
