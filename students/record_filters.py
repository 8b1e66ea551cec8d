"""What the lists of records about students share in how they are narrowed: days, ranges of days, one student."""

from __future__ import annotations

from datetime import date
from typing import Any, TypeVar

import django_filters
from django import forms
from django.core.exceptions import ValidationError
from django.db.models import QuerySet
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from students.fields import DayFormField
from students.forms import DayInput
from students.models import Student
from students.records import StudentRecord

FIRST_YEAR, LAST_YEAR = 1950, 2150
LENGTH_OF_ID = Student._meta.get_field("student_id").max_length
RecordT = TypeVar("RecordT", bound=StudentRecord)


def within_years(day: date) -> None:
    """Refuses a year that no school register can have."""
    if not FIRST_YEAR <= day.year <= LAST_YEAR:
        raise ValidationError(_("Give a day between the years %d and %d.") % (FIRST_YEAR, LAST_YEAR))


class RangeForm(forms.Form):
    """A form with start_date and end_date, both inclusive, of which either may be empty."""

    def clean(self) -> dict[str, Any]:
        """Refuses a range that ends before it starts."""
        cleaned: dict[str, Any] = super().clean() or self.cleaned_data
        start, end = cleaned.get("start_date"), cleaned.get("end_date")
        if start and end and start > end:
            self.add_error("end_date", _("The last day is before the first. Change one of the two."))
        return cleaned


class DayFilter(django_filters.DateFilter):  # type: ignore[misc]
    """A day of a school's life, typed in ASCII digits."""

    field_class = DayFormField

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, validators=[within_years], widget=DayInput(), **kwargs)


class StudentIdFilter(django_filters.CharFilter):  # type: ignore[misc]
    """One student's rows. An unknown student id finds nothing, as one does that is not yours to see."""

    def __init__(self, **kwargs: Any) -> None:
        super().__init__(label=gettext_lazy("Student id"), max_length=LENGTH_OF_ID, **kwargs)

    def filter(self, qs: QuerySet[RecordT], value: str) -> QuerySet[RecordT]:
        return qs.filter(student__in=Student.objects.filter(student_id=value.upper())) if value else qs
