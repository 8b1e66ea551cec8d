"""How a list of students is narrowed, by page and API alike."""

from __future__ import annotations

from collections import Counter, defaultdict
from typing import Any

import django_filters
from django import forms
from django.core.exceptions import ValidationError
from django.utils.translation import gettext_lazy as _

from accounts.models import User
from students.fields import LastDayFormField
from students.models import Enrolment, SchoolClass, Student, TeachingAssignment
from students.querysets import StudentQuerySet
from students.record_filters import DayFilter

LEFT, ALL = "left", "all"
LONGEST_SEARCH = 100  # SQLite refuses a statement with a thousand conditions


class StudentFilter(django_filters.FilterSet):  # type: ignore[misc]
    """Search by name or id, class, grade level, and whether they still attend (by default they do)."""

    search = django_filters.CharFilter(method="by_words", label=_("Name or student id"), max_length=LONGEST_SEARCH)
    class_id = django_filters.ChoiceFilter(
        choices=[], method="by_class", label=_("Class"), empty_label=_("All classes")
    )
    grade_level = django_filters.ChoiceFilter(
        choices=[], method="by_grade_level", label=_("Grade level"), empty_label=_("All grade levels")
    )
    status = django_filters.ChoiceFilter(
        choices=[(LEFT, _("Left")), (ALL, _("Attending and left"))],
        method="by_status",
        label=_("Status"),
        empty_label=_("Attending"),
    )

    class Meta:
        model = Student
        fields = ()

    def __init__(self, *args: Any, user: User, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        # One statement for both drop-downs, and none to look the chosen class up again.
        classes = list(SchoolClass.objects.visible_to(user).values_list("pk", "name", "grade_level"))
        self.classes_of_level: dict[str, list[int]] = defaultdict(list)
        for pk, _name, grade_level in classes:
            self.classes_of_level[grade_level].append(pk)
        levels = sorted(level for level in self.classes_of_level if level)
        self.filters["class_id"].extra["choices"] = [(pk, name) for pk, name, _level in classes]
        self.filters["grade_level"].extra["choices"] = [(level, level) for level in levels]

    def by_words(self, students: StudentQuerySet, _name: str, value: str) -> StudentQuerySet:
        return students.matching(value)

    def by_class(self, students: StudentQuerySet, _name: str, value: str) -> StudentQuerySet:
        return students.filter(pk__in=Enrolment.objects.on().filter(school_class=int(value)).values("student"))

    def by_grade_level(self, students: StudentQuerySet, _name: str, value: str) -> StudentQuerySet:
        enrolled = Enrolment.objects.on().filter(school_class__in=self.classes_of_level[value])
        return students.filter(pk__in=enrolled.values("student"))

    def by_status(self, students: StudentQuerySet, _name: str, value: str) -> StudentQuerySet:
        return students.left() if value == LEFT else students

    def filter_queryset(self, queryset: StudentQuerySet) -> StudentQuerySet:
        """Without a choice of status, those who attend."""
        students: StudentQuerySet = super().filter_queryset(queryset)
        return students if self.form.cleaned_data["status"] else students.current()


class KeyFormField(forms.IntegerField):
    """The key of a row, in ASCII digits."""

    def __init__(self, **kwargs: Any) -> None:
        super().__init__(min_value=1, max_value=2**63 - 1, **kwargs)

    def to_python(self, value: Any) -> int | None:
        if isinstance(value, str) and not value.isascii():
            raise ValidationError(self.error_messages["invalid"], code="invalid")
        return super().to_python(value)


class KeyFilter(django_filters.Filter):  # type: ignore[misc]
    """Rows that point to one row; an unknown key finds nothing."""

    field_class = KeyFormField


class LastDayFilter(DayFilter):
    """Rows that end with a day, inclusive."""

    field_class = LastDayFormField


class AssignmentFilter(django_filters.FilterSet):  # type: ignore[misc]
    """By teacher (the key of the user), class, subject, first and last day."""

    teacher_id = KeyFilter(field_name="teacher__user", label=_("Teacher"))
    class_id = KeyFilter(field_name="school_class", label=_("Class"))
    subject_id = KeyFilter(field_name="subject", label=_("Subject"))
    starts_on = DayFilter(label=_("From"))
    ends_on = LastDayFilter(label=_("Last day"))

    class Meta:
        model = TeachingAssignment
        fields = ()


def class_choices(classes: list[SchoolClass]) -> list[tuple[int, str]]:
    """Classes for a drop-down, the latest school year first; a name that several years use says its year."""
    times = Counter(school_class.name for school_class in classes)
    latest = sorted(classes, key=lambda school_class: school_class.academic_year.starts_on, reverse=True)
    return [(each.pk, f"{each.name} ({each.academic_year})" if times[each.name] > 1 else each.name) for each in latest]
