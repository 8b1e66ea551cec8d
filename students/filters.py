"""How a list of students is narrowed, by page and API alike."""

from __future__ import annotations

from collections import defaultdict
from typing import Any

import django_filters
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from accounts.models import User
from students.models import Enrolment, SchoolClass, Student
from students.querysets import StudentQuerySet

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
        """Each word must stand in a name or in the student id."""
        for word in value.split():
            found = Q(student_id__icontains=word)
            # SQLite knows capitals of ASCII alone, so "élise" would not find Élise there.
            for spelling in sorted({word, word.lower(), word.title(), word.upper()} if not word.isascii() else {word}):
                found |= Q(given_name__icontains=spelling) | Q(family_name__icontains=spelling)
            students = students.filter(found)
        return students

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
