"""What the statistics are of: a school year, and of it perhaps a term, a class, a subject."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date
from typing import Any, TypeVar

from django import forms
from django.http import QueryDict
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from accounts.models import User
from assessments.models import Assessment
from core.numbers import NO_DATA
from students.filters import class_choices
from students.models import AcademicYear, SchoolClass, Subject, Term

RowT = TypeVar("RowT", SchoolClass, Subject, Term, AcademicYear)


@dataclass(frozen=True)
class Offered:
    """What somebody can choose from; classes and terms with their year loaded, the latest year first."""

    years: list[AcademicYear]
    terms: list[Term]
    classes: list[SchoolClass]
    subjects: list[Subject]

    @classmethod
    def to(cls, user: User) -> Offered:
        """Years, terms, the classes that this person sees and the subjects with work in them; four statements."""
        work = Assessment.objects.visible_to(user)
        return cls(
            years=list(AcademicYear.objects.visible_to(user)),
            terms=list(Term.objects.visible_to(user).select_related("academic_year")),
            classes=list(SchoolClass.objects.visible_to(user).select_related("academic_year")),
            subjects=list(Subject.objects.visible_to(user).filter(pk__in=work.order_by().values("subject"))),
        )


@dataclass(frozen=True)
class Asked:
    """What the statistics are of; None is all of it. `terms` are those of the year, the first one first."""

    year: AcademicYear
    terms: list[Term]
    term: Term | None
    school_class: SchoolClass | None
    subject: Subject | None

    @property
    def span(self) -> Term | AcademicYear:
        return self.term or self.year


class StatisticsForm(forms.Form):
    """The filters, by key or by name. Without a year it is that of the chosen class or term, else the current one."""

    class_id = forms.ChoiceField(label=gettext_lazy("Class"), required=False)
    subject = forms.ChoiceField(label=gettext_lazy("Subject"), required=False)
    term = forms.ChoiceField(label=gettext_lazy("Term"), required=False)
    academic_year = forms.ChoiceField(label=gettext_lazy("School year"), required=False)

    def __init__(self, query: QueryDict, *, offered: Offered, today: date) -> None:
        self.offered = offered
        filled = with_keys(query, offered)
        self.usual_year = year_for(filled, offered, today)
        if not filled.get("academic_year") and self.usual_year:
            filled["academic_year"] = str(self.usual_year.pk)
        if (term := named_term(filled, offered)) is not None:
            filled["term"] = str(term.pk)
        super().__init__(filled)
        choices: dict[str, list[tuple[Any, str]]] = {
            "class_id": [("", _("All classes")), *class_choices(offered.classes)],
            "subject": [("", _("All subjects")), *((each.pk, each.name) for each in offered.subjects)],
            "term": [("", _("Whole year")), *term_choices(offered.terms)],
            "academic_year": [(each.pk, each.name) for each in offered.years] or [("", NO_DATA)],
        }
        for name, offers in choices.items():
            self.fields[name].choices = offers  # type: ignore[attr-defined]

    def clean(self) -> dict[str, Any]:
        """Puts the rows in the place of their keys; refuses a class or a term of another year than the chosen one."""
        chosen = dict(self.cleaned_data)
        year = find(self.offered.years, chosen.get("academic_year"))
        school_class = find(self.offered.classes, chosen.get("class_id"))
        term = find(self.offered.terms, chosen.get("term"))
        for name, row in (("class_id", school_class), ("term", term)):
            if year and row and row.academic_year_id != year.pk:
                said = _("%(name)s belongs to %(year)s. Choose that school year, or leave this open.")
                self.add_error(name, said % {"name": row.name, "year": row.academic_year})
        subject = find(self.offered.subjects, chosen.get("subject"))
        return {"academic_year": year, "class_id": school_class, "term": term, "subject": subject}

    @property
    def asked(self) -> Asked | None:
        """What was chosen; None in a school without any year. Call only on a valid form."""
        chosen = self.cleaned_data
        year = chosen["academic_year"]
        if year is None:
            return None
        terms = [term for term in self.offered.terms if term.academic_year_id == year.pk]
        return Asked(
            year=year,
            terms=sorted(terms, key=lambda term: term.starts_on),
            term=chosen["term"],
            school_class=chosen["class_id"],
            subject=chosen["subject"],
        )


def term_choices(terms: list[Term]) -> list[tuple[int, str]]:
    """Terms for a drop-down; a name that several years use says its year."""
    times = Counter(term.name for term in terms)
    return [(each.pk, f"{each.name} ({each.academic_year})" if times[each.name] > 1 else each.name) for each in terms]


def find(rows: Iterable[RowT], key: str | None) -> RowT | None:
    """The row with this key, as it stands in an address."""
    return next((row for row in rows if str(row.pk) == key), None)


def with_keys(query: QueryDict, offered: Offered) -> QueryDict:
    """The query with the keys of a school year and a subject that are asked for by name, as the API gives them."""
    filled = query.copy()
    rows: dict[str, Iterable[AcademicYear | Subject]] = {"academic_year": offered.years, "subject": offered.subjects}
    for name, offers in rows.items():
        asked = filled.get(name)
        same = [row for row in offers if row.name == asked]
        if len(same) == 1 and asked not in {str(row.pk) for row in offers}:
            filled[name] = str(same[0].pk)
    return filled


def named_term(query: QueryDict, offered: Offered) -> Term | None:
    """The term of the chosen year that is asked for by its name, as the dashboard's links do; None for a key."""
    if find(offered.terms, query.get("term")):
        return None
    of_year = (term for term in offered.terms if str(term.academic_year_id) == query.get("academic_year"))
    return next((term for term in of_year if term.name == query.get("term")), None)


def year_for(query: QueryDict, offered: Offered, today: date) -> AcademicYear | None:
    """The year of the class or term that is asked for; else the one that has begun last, else the next to begin."""
    for row in (find(offered.classes, query.get("class_id")), find(offered.terms, query.get("term"))):
        if row is not None:
            return row.academic_year
    begun = [year for year in offered.years if year.starts_on <= today]
    return max(begun, key=starts_on) if begun else min(offered.years, key=starts_on, default=None)


def starts_on(year: AcademicYear) -> date:
    return year.starts_on
