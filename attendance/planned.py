"""The list of planned absences: which are shown, in which order, and how they are narrowed."""

from __future__ import annotations

from typing import Any

import django_filters
from django.db.models import OuterRef, Subquery
from django.utils.translation import gettext_lazy as _

from accounts.models import User
from attendance.models import PlannedAbsence
from attendance.querysets import PlannedAbsenceQuerySet
from students.filters import LONGEST_SEARCH, class_choices
from students.models import Enrolment, School, SchoolClass, Student

PAST, ALL = "past", "all"
SORTS = {
    "student": (_("Student"), ("student__family_name", "student__given_name")),
    "class": (_("Class"), ("class_name", "student__family_name", "student__given_name")),
    "starts_on": (_("First day"), ("starts_on",)),
    "ends_on": (_("Last day"), ("ends_on",)),
}


class PlannedFilter(django_filters.FilterSet):  # type: ignore[misc]
    """Student, class, and whether they are over (by default they are not)."""

    search = django_filters.CharFilter(method="by_words", label=_("Name or student id"), max_length=LONGEST_SEARCH)
    class_id = django_filters.ChoiceFilter(
        choices=[], method="by_class", label=_("Class"), empty_label=_("All classes")
    )
    when = django_filters.ChoiceFilter(
        choices=[(PAST, _("Past")), (ALL, _("Past, current and coming"))],
        method="by_time",
        label=_("When"),
        empty_label=_("Current and coming"),
    )

    class Meta:
        model = PlannedAbsence
        fields = ()

    def __init__(self, *args: Any, user: User, school: School, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.today = school.today()
        classes = SchoolClass.objects.visible_to(user).select_related("academic_year")
        self.filters["class_id"].extra["choices"] = class_choices(list(classes))

    def by_words(self, absences: PlannedAbsenceQuerySet, _name: str, value: str) -> PlannedAbsenceQuerySet:
        return absences.filter(student__in=Student.objects.matching(value))

    def by_class(self, absences: PlannedAbsenceQuerySet, _name: str, value: str) -> PlannedAbsenceQuerySet:
        enrolled = Enrolment.objects.on(self.today).filter(school_class=int(value))
        return absences.filter(student__in=enrolled.values("student"))

    def by_time(self, absences: PlannedAbsenceQuerySet, _name: str, value: str) -> PlannedAbsenceQuerySet:
        return absences.filter(ends_on__lte=self.today) if value == PAST else absences

    def filter_queryset(self, queryset: PlannedAbsenceQuerySet) -> PlannedAbsenceQuerySet:
        """Without a choice of time, those of today and later."""
        absences: PlannedAbsenceQuerySet = super().filter_queryset(queryset)
        return absences if self.form.cleaned_data["when"] else absences.not_over(self.today)


def with_list(absences: PlannedAbsenceQuerySet, school: School) -> PlannedAbsenceQuerySet:
    """Adds what a line of the list shows: the student, who entered it, and the main class of today."""
    main = Enrolment.objects.on(school.today()).filter(student=OuterRef("student"), is_primary=True)
    return absences.select_related("student", "entered_by__teacher", "entered_by__parent").annotate(
        class_name=Subquery(main.order_by("-starts_on").values("school_class__name")[:1])
    )
