"""How scores are narrowed, by page, CSV and API alike."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping
from typing import Any

import django_filters
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from accounts.models import User
from accounts.roles import Role
from assessments.choosing import classes_for, subjects_for
from assessments.models import AssessmentType, Score, State
from assessments.querysets import ScoreQuerySet
from students.filters import class_choices
from students.models import AcademicYear, SchoolClass, Subject, Term
from students.record_filters import StudentIdFilter


class NamedChoiceField(django_filters.fields.ChoiceField):  # type: ignore[misc]
    """A row by its key, as a page asks for it, or all rows of a name, as a program does; gives their keys."""

    def __init__(self, *args: Any, names: Mapping[str, list[int]] | None = None, **kwargs: Any) -> None:
        self.names = names or {}
        super().__init__(*args, **kwargs)

    def valid_value(self, value: str) -> bool:
        return super().valid_value(value) or value in self.names

    def clean(self, value: Any) -> list[int]:
        chosen = super().clean(value)
        if not chosen:
            return []
        return [int(chosen)] if super().valid_value(chosen) else self.names[chosen]


class NamedFilter(django_filters.ChoiceFilter):  # type: ignore[misc]
    field_class = NamedChoiceField

    def __init__(self, **kwargs: Any) -> None:
        super().__init__(choices=[], lookup_expr="in", **kwargs)


class ScoreFilter(django_filters.FilterSet):  # type: ignore[misc]
    """Student, class, subject, type, state, term and year. An unknown student id finds nothing, as one not yours."""

    student_id = StudentIdFilter()
    class_id = django_filters.ChoiceFilter(
        choices=[], field_name="assessment__school_class", label=_("Class"), empty_label=_("All classes")
    )
    subject = NamedFilter(field_name="assessment__subject", label=_("Subject"), empty_label=_("All subjects"))
    assessment_type = django_filters.ChoiceFilter(
        choices=AssessmentType.choices,
        field_name="assessment__assessment_type",
        label=_("Type"),
        empty_label=_("All types"),
    )
    state = django_filters.ChoiceFilter(choices=State.choices, label=_("State"), empty_label=_("All states"))
    term = NamedFilter(method="by_term", label=_("Term"), empty_label=_("All terms"))
    academic_year = NamedFilter(
        field_name="assessment__school_class__academic_year", label=_("School year"), empty_label=_("All years")
    )

    class Meta:
        model = Score
        fields = ()

    def __init__(self, *args: Any, user: User, **kwargs: Any) -> None:
        """What is offered is that of the classes and subjects whose work this person sees; three statements."""
        super().__init__(*args, **kwargs)
        classes, subjects = classes_and_subjects(user)
        years = {each.academic_year_id: each.academic_year for each in classes}
        latest = sorted(years.values(), key=lambda year: year.starts_on, reverse=True)
        terms = list(Term.objects.filter(academic_year__in=years))
        self.terms = {term.pk: term for term in terms}
        offered: dict[str, list[tuple[int, str]]] = {
            "class_id": class_choices(classes),
            "subject": [(subject.pk, subject.name) for subject in subjects],
            "term": [(term.pk, f"{term.name} ({years[term.academic_year_id]})") for term in terms],
            "academic_year": [(year.pk, year.name) for year in latest],
        }
        for name, choices in offered.items():
            self.filters[name].extra["choices"] = choices
        named: dict[str, Iterable[Subject | Term | AcademicYear]] = {"subject": subjects, "term": terms}
        for name, rows in (named | {"academic_year": latest}).items():
            self.filters[name].extra["names"] = keys_by_name(rows)

    def by_term(self, scores: ScoreQuerySet, _name: str, value: list[int]) -> ScoreQuerySet:
        """The scores of any of these terms."""
        within = Q()
        for term in (self.terms[key] for key in value):
            days = Q(assessment__date_taken__gte=term.starts_on, assessment__date_taken__lt=term.ends_on)
            within |= days & Q(assessment__school_class__academic_year=term.academic_year_id)
        return scores.filter(within)


def classes_and_subjects(user: User) -> tuple[list[SchoolClass], list[Subject]]:
    """The classes and subjects of the scores that this person may read: staff's own, of a parent the children's."""
    if user.role != Role.PARENT:
        return list(classes_for(user)), list(subjects_for(user))
    scores = Score.objects.visible_to(user).order_by()
    classes = SchoolClass.objects.filter(pk__in=scores.values("assessment__school_class"))
    subjects = Subject.objects.filter(pk__in=scores.values("assessment__subject"))
    return list(classes.select_related("academic_year")), list(subjects)


def keys_by_name(rows: Iterable[Subject | Term | AcademicYear]) -> dict[str, list[int]]:
    """The keys of the rows of each name."""
    found: dict[str, list[int]] = defaultdict(list)
    for row in rows:
        found[row.name].append(row.pk)
    return dict(found)
