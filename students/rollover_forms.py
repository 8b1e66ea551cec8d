"""What the office types to start a school year: days and terms, classes, and a choice for each student.

Everything travels in the form from step to step; nothing is stored before the end.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, timedelta
from functools import cached_property
from typing import Any

from django import forms
from django.http import QueryDict
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from accounts.models import Teacher
from students.fields import DayFormField, LastDayFormField
from students.forms import DayInput, plausible, refuse_odd_characters
from students.models import AcademicYear, SchoolClass, Term
from students.rollover import (
    LEAVES,
    NO_CLASS,
    NewClass,
    Place,
    Plan,
    Pupil,
    Reading,
    Totals,
    count_choices,
    read_year,
    repeats,
)
from students.rollover_rules import wrong_choices, wrong_days

ONE_YEAR = timedelta(weeks=52)  # the same day of the week a year later
MOST_TERMS = 6
CHOICE_FIELD = re.compile(r"student-([1-9][0-9]{0,17})-(0|[1-9][0-9]{0,17})")
CLASS_FIELD = re.compile(r"class-((?:after|again)-[1-9][0-9]{0,17})-name")
YEARS_IN_NAME = re.compile(r"[0-9]{4}|(?<=[/-])[0-9]{2}")
DAYS_PREFIXES, CLASSES_PREFIXES = ("year-", "terms-"), ("shown", "class-", "student-")

Choices = list[tuple[str, str]]


class SpanForm(forms.Form):
    """A name and the days of a year or term."""

    name = forms.CharField(label=gettext_lazy("Name"), max_length=100)
    starts_on = DayFormField(label=gettext_lazy("First day"), widget=DayInput())
    ends_on = LastDayFormField(label=gettext_lazy("Last day"), widget=DayInput())

    def clean_name(self) -> str:
        return refuse_odd_characters(self.cleaned_data["name"])

    def clean_starts_on(self) -> date | None:
        return plausible(self.cleaned_data["starts_on"])

    def clean_ends_on(self) -> date | None:
        return plausible(self.cleaned_data["ends_on"])


class ClassForm(forms.Form):
    """A class of the new year."""

    name = forms.CharField(label=gettext_lazy("Name"), max_length=200, required=False)
    grade_level = forms.CharField(label=gettext_lazy("Grade level"), max_length=20, required=False)
    teacher = forms.ChoiceField(label=gettext_lazy("Homeroom teacher"), required=False)

    def __init__(self, *args: Any, teachers: Choices, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        field: Any = self.fields["teacher"]
        field.choices = teachers
        field.error_messages["invalid_choice"] = _("This teacher has no active account any more. Choose another.")

    def clean_name(self) -> str:
        return refuse_odd_characters(self.cleaned_data["name"])

    def clean_grade_level(self) -> str:
        return refuse_odd_characters(self.cleaned_data["grade_level"])


def suggested_name(name: str) -> str:
    """ "2025/26" → "2026/27"; nothing for a name without a year."""
    found = YEARS_IN_NAME.search(name)
    if not found:
        return ""
    return YEARS_IN_NAME.sub(
        lambda year: str((int(year.group()) + 1) % 10 ** len(year.group())).zfill(len(year.group())), name
    )


def shift_of(year: AcademicYear) -> timedelta:
    """How far the new year lies behind: 52 weeks, more where the old one lasts into that."""
    length: timedelta = year.ends_on - year.starts_on
    return max(ONE_YEAR, length)


def shifted(span: AcademicYear | Term, by: timedelta, name: str) -> dict[str, Any]:
    return {"name": name, "starts_on": span.starts_on + by, "ends_on": span.ends_on + by}


@dataclass(frozen=True)
class Line:
    """A student in the list: the name of the field, and what is chosen.

    `lost` is what a choice is called that is not among those offered; it must not slip to the first of them.
    """

    field: str
    pupil: Pupil
    choice: str
    lost: str = ""


@dataclass(frozen=True)
class Block:
    """A class of the old year: the forms of what comes after it, its students, what they can be given."""

    source: SchoolClass | None
    forms: list[tuple[str, ClassForm]]
    lines: list[Line]
    groups: list[tuple[str, Choices]]
    totals: Totals | None

    @property
    def corrected(self) -> bool:
        """Whether a student of it has another choice than the proposal."""
        return any(line.choice != line.pupil.proposal for line in self.lines)


class Draft:
    """A new school year as far as it is typed. `wrong` says what is wrong with the step last asked for."""

    def __init__(self, year: AcademicYear, typed: QueryDict | None = None) -> None:
        self.year, self.typed = year, typed
        self.wrong: list[str] = []
        by, terms = shift_of(year), list(year.terms.order_by("starts_on", "pk"))
        initial = shifted(year, by, suggested_name(year.name))
        self.year_form = SpanForm(typed, prefix="year", initial=initial)
        number = max(MOST_TERMS, len(terms))
        formset: Any = forms.formset_factory(
            SpanForm, extra=number - len(terms), max_num=number, absolute_max=number, validate_max=True
        )
        # What was typed is measured against empty boxes, so that a suggestion left as it is counts as typed.
        suggested = None if typed else [shifted(term, by, term.name) for term in terms]
        self.terms = formset(typed, prefix="terms", initial=suggested)
        for form in self.terms.forms:
            form.empty_permitted, form.use_required_attribute = True, False

    # Step 1: the days

    def days_right(self) -> bool:
        """Whether a year with these days and terms can be made."""
        if not (self.year_form.is_valid() & self.terms.is_valid()):
            self.wrong = [str(message) for message in self.terms.non_form_errors()]
            return False
        self.wrong = wrong_days(self.plan_of_days)
        return not self.wrong

    @cached_property
    def plan_of_days(self) -> Plan:
        """The year and its terms, without classes. A term of which every box was emptied is none."""
        new_year = AcademicYear(**self.year_form.cleaned_data)
        filled = [form.cleaned_data for form in self.terms.forms if form.cleaned_data]
        return Plan(self.year, new_year, [Term(**term) for term in filled])

    # Step 2: the classes

    @cached_property
    def reading(self) -> Reading:
        return read_year(self.year, self.plan_of_days.new_year.starts_on)

    @property
    def shown(self) -> bool:
        """Whether the list of classes was shown before, so that its choices are typed and not proposed."""
        return self.typed is not None and "shown" in self.typed

    @cached_property
    def teachers(self) -> dict[str, Teacher]:
        active = Teacher.objects.filter(user__is_active=True).select_related("user").order_by("full_name", "pk")
        return {str(teacher.pk): teacher for teacher in active}

    @cached_property
    def class_forms(self) -> dict[str, ClassForm]:
        """The form of each class to be made, by key."""
        teachers = [
            ("", _("None")),
            *((key, f"{teacher.full_name} ({teacher.user.username})") for key, teacher in self.teachers.items()),
        ]
        return {
            new.key: ClassForm(
                self.typed if new.key in self.typed_classes else None,
                prefix=f"class-{new.key}",
                teachers=teachers,
                initial={
                    "name": new.name,
                    "grade_level": new.grade_level,
                    "teacher": str(new.teacher.pk) if new.teacher else "",
                },
            )
            for new in self.reading.proposed
        }

    @cached_property
    def typed_classes(self) -> set[str]:
        """The keys of the classes that were in the list when it was shown."""
        names = self.typed if self.typed is not None and self.shown else ()
        return {match[1] for name in names if (match := CLASS_FIELD.fullmatch(name))}

    @cached_property
    def choices(self) -> dict[Place, str]:
        """What is chosen for each student, as typed; the proposals before anything is typed."""
        if not self.shown or self.typed is None:
            return {pupil.place: pupil.proposal for pupil in self.reading.pupils}
        found = ((CHOICE_FIELD.fullmatch(name), value) for name, value in self.typed.items())
        return {(int(match[1]), int(match[2])): str(value) for match, value in found if match}

    def classes_right(self) -> bool:
        """Whether these classes and choices can be stored, as the school is now."""
        right = [form.is_valid() for form in self.class_forms.values() if form.is_bound]
        if not all(right):
            return False
        if self.typed_classes != set(self.class_forms):
            names = {"year": self.year.name}
            self.wrong = [_("The classes of %(year)s have changed meanwhile. Look through the list again.") % names]
            return False
        self.wrong = wrong_choices(self.plan, self.reading)
        if self.typed and any(len(values) > 1 for name, values in self.typed.lists() if name.startswith("student-")):
            self.wrong.append(_("A student is in the list twice. Load the page again."))
        return not self.wrong

    @property
    def plan(self) -> Plan:
        """Everything decided. Asks for right days; of a class with a mistake it takes what is proposed."""
        days = self.plan_of_days
        return Plan(
            days.old_year, days.new_year, days.terms, list(map(self.new_class, self.reading.proposed)), self.choices
        )

    def new_class(self, new: NewClass) -> NewClass:
        form = self.class_forms[new.key]
        if not (form.is_bound and form.is_valid()):
            return new
        typed = form.cleaned_data
        return NewClass(new.key, new.source, typed["name"], typed["grade_level"], self.teachers.get(typed["teacher"]))

    @property
    def blocks(self) -> list[Block]:
        """The classes with their students as the page shows them; those without a class come last."""
        plan = self.plan
        lines: dict[int, list[Line]] = {}
        nameless = {new.key: _("the class without a name") for new in plan.classes if not new.name}
        for pupil in self.reading.pupils:
            student, source = pupil.place
            choice = self.choices.get(pupil.place, pupil.proposal)
            offered = choice in plan.made or choice == LEAVES or (choice == NO_CLASS and not source)
            lost = "" if offered else nameless.get(choice, _("choose again"))
            lines.setdefault(source, []).append(Line(f"student-{student}-{source}", pupil, choice, lost))
        sources = [*self.reading.classes, *([None] if lines.get(0) else [])]
        return [self.block(plan, source, lines.get(source.pk if source else 0, [])) for source in sources]

    def block(self, plan: Plan, source: SchoolClass | None, lines: list[Line]) -> Block:
        titles = {"after": _("The class that they move on to"), "again": _("The class for new students and repeaters")}
        found = [
            (titles[new.key.split("-")[0]], self.class_forms[new.key])
            for new in plan.classes
            if source and new.source.pk == source.pk
        ]
        whole = not any(line.lost for line in lines)
        chosen = Plan(plan.old_year, plan.new_year, [], plan.classes, {line.pupil.place: line.choice for line in lines})
        totals = count_choices(chosen, [line.pupil for line in lines]) if whole and lines else None
        return Block(source, found, lines, grouped(plan.made, source), totals)

    def carried(self, prefixes: tuple[str, ...]) -> list[tuple[str, str]]:
        """What was typed in other steps, by the first letters of its fields, to travel on in hidden fields."""
        if self.typed is None:
            return []
        return [
            (name, str(value)) for name, values in self.typed.lists() if name.startswith(prefixes) for value in values
        ]


def grouped(made: Mapping[str, NewClass], source: SchoolClass | None) -> list[tuple[str, Choices]]:
    """What can be chosen for the students of a class, the likeliest first."""
    own = made.get(f"after-{source.pk}") if source else None
    moving: Choices = []
    repeating: Choices = []
    other: Choices = []
    for key, new in made.items():
        if repeats(source, new):
            repeating.append((key, new.name))
        elif new is own or (own and own.level is not None and new.level == own.level):
            moving.append((key, new.name))
        else:
            other.append((key, new.name))
    leaving: Choices = [(LEAVES, _("leaves the school"))]
    staying: Choices = [] if source else [(NO_CLASS, _("no class"))]
    groups = [
        (_("Moves on to"), moving),
        (_("Repeats in"), repeating),
        (_("Another class") if source else _("Class"), other),
        (_("Without a class"), staying + leaving),
    ]
    return [(title, choices) for title, choices in groups if choices]
