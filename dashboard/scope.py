"""Whom the dashboard and the alerts look at: the classes of one school year that somebody sees, narrowed by filters."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, replace
from datetime import date, timedelta
from typing import Any

from django import forms
from django.db.models import Q
from django.http import QueryDict
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from accounts.models import User
from students.calendar import SchoolCalendar, load_calendar
from students.filters import class_choices
from students.models import AcademicYear, Enrolment, School, SchoolClass
from students.querysets import EnrolmentQuerySet

ONE_DAY = timedelta(days=1)


@dataclass(frozen=True)
class SeenYear:
    """A school year as one person sees it: their classes in it and its calendar up to today; two statements."""

    user: User
    school: School
    year: AcademicYear
    classes: list[SchoolClass]
    calendar: SchoolCalendar

    @property
    def terms(self) -> dict[str, tuple[date, date]]:
        """First and last day of each term by its name, the first term first."""
        spans = sorted(self.calendar.terms.get(self.year.pk, []))
        return {name: (starts_on, ends_on - ONE_DAY) for starts_on, ends_on, name in spans}


def seen_year(user: User, school: School) -> SeenYear | None:
    """The year that has begun last among those of the classes this person sees, else the next one; None without any."""
    seen = list(SchoolClass.objects.visible_to(user).select_related("academic_year").order_by("name", "pk"))
    year = latest_year({each.academic_year for each in seen}, school.today())
    if year is None:
        return None
    last = min(school.today(), year.ends_on - ONE_DAY)
    classes = [each for each in seen if each.academic_year_id == year.pk]
    return SeenYear(user, school, year, classes, load_calendar(school, year.starts_on, last))


def latest_year(years: Iterable[AcademicYear], today: date) -> AcademicYear | None:
    """The year that has begun last, else the next to begin."""
    begun = [year for year in years if year.starts_on <= today]
    return max(begun, key=starts_on) if begun else min(years, key=starts_on, default=None)


def starts_on(year: AcademicYear) -> date:
    return year.starts_on


class ScopeForm(forms.Form):
    """The filters of a page over many students; the choices are those of what somebody sees."""

    class_id = forms.ChoiceField(label=gettext_lazy("Class"), required=False)
    grade_level = forms.ChoiceField(label=gettext_lazy("Grade level"), required=False)

    def __init__(self, query: QueryDict, *, seen: SeenYear | None) -> None:
        super().__init__(query)
        self.seen = seen
        classes = seen.classes if seen else []
        levels = sorted({each.grade_level for each in classes if each.grade_level})
        self.offer("class_id", [("", _("All classes")), *class_choices(classes)])
        self.offer("grade_level", [("", _("All grade levels")), *((level, level) for level in levels)])

    def offer(self, name: str, choices: list[tuple[Any, str]]) -> None:
        """Sets what a field lets one choose."""
        self.fields[name].choices = choices  # type: ignore[attr-defined]

    def clean(self) -> dict[str, Any]:
        """Refuses a class that is not of the chosen grade level."""
        chosen = dict(self.cleaned_data)
        level = chosen.get("grade_level")
        if level and chosen.get("class_id") and not self.chosen_classes(chosen):
            self.add_error("grade_level", _("The class is not of this grade level. Leave one of the two open."))
        return chosen

    def chosen_classes(self, chosen: dict[str, Any]) -> list[SchoolClass]:
        """The classes that the filters leave."""
        key, level = chosen.get("class_id"), chosen.get("grade_level")
        classes = self.seen.classes if self.seen else []
        return [each for each in classes if key in {"", None, str(each.pk)} and level in {"", None, each.grade_level}]

    @property
    def scope(self) -> Scope | None:
        """What was chosen; None without a school year. Call only on a valid form."""
        if self.seen is None:
            return None
        term: str = self.cleaned_data.get("term", "")
        return Scope(self.seen, self.chosen_classes(self.cleaned_data), term)


class TermScopeForm(ScopeForm):
    """The filters with a term, by its name."""

    term = forms.ChoiceField(label=gettext_lazy("Term"), required=False)

    def __init__(self, query: QueryDict, *, seen: SeenYear | None) -> None:
        super().__init__(query, seen=seen)
        terms = seen.terms if seen else {}
        self.offer("term", [("", _("Whole year")), *((name, name) for name in terms)])


@dataclass(frozen=True)
class Scope:
    """The classes that a page is about, and the span: the year to date, or what has passed of a term."""

    seen: SeenYear
    classes: list[SchoolClass]
    term: str = ""

    @property
    def today(self) -> date:
        return self.seen.school.today()

    @property
    def whole_year(self) -> Scope:
        """The same classes over the year to date."""
        return replace(self, term="")

    @property
    def everything(self) -> Scope:
        """All classes that this person sees, over the same span."""
        return replace(self, classes=self.seen.classes)

    @property
    def is_narrowed(self) -> bool:
        """Whether there are classes that this person sees and the filters leave out."""
        return len(self.classes) < len(self.seen.classes)

    def calendar(self) -> SchoolCalendar:
        """The calendar of the span; of a term that has not begun its first day is after its last. No statement."""
        year = self.seen.calendar
        if not self.term:
            return year
        first, last = self.seen.terms[self.term]
        return replace(year, first=first, last=min(last, year.last), _school_days={})

    def enrolments(self) -> EnrolmentQuerySet:
        """The enrolments in the classes, and all of the students who are in them today; see KeptAttendance.load."""
        here = Q(school_class__in=[each.pk for each in self.classes])
        now = Enrolment.objects.on(self.today).filter(here).order_by().values("student")
        return Enrolment.objects.filter(here | Q(student__in=now))
