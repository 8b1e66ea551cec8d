"""The start of a new school year out of the present one: what would happen, and what is wrong with what was decided.

A key names a class to be made: "after-12" takes the students of class 12, "again-12" is the class of the same name
and level for those who come new or repeat. A choice is such a key, LEAVES or NO_CLASS.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date
from functools import cached_property

from django.core.exceptions import ValidationError
from django.db.models import Q
from django.utils.formats import date_format
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from accounts.models import Teacher
from students.fields import last_day
from students.models import AcademicYear, Enrolment, Rollover, SchoolClass, Student, Term
from students.querysets import StudentQuerySet

LEAVES, NO_CLASS = "leaves", "none"
NUMBER = re.compile(r"[0-9]+")
LONGEST_NAME = SchoolClass._meta.get_field("name").max_length or 0
MOST_NAMED = 10  # people named in one refusal

Place = tuple[int, int]  # a student's key and that of the class they are in, 0 for none


class RolloverRefused(ValidationError):
    """The school year cannot be started or taken back; the messages say why. Nothing was changed."""


@dataclass(frozen=True)
class NewClass:
    """A class to be made; one without a name is not made."""

    key: str
    source: SchoolClass
    name: str
    grade_level: str
    teacher: Teacher | None = None

    @property
    def level(self) -> int | None:
        return level_of(self.grade_level, self.name)


@dataclass(frozen=True)
class Pupil:
    """A student, the class they are in on the year's last day, and what is proposed."""

    student: Student
    source: SchoolClass | None
    proposal: str

    @property
    def place(self) -> Place:
        return self.student.pk, self.source.pk if self.source else 0


@dataclass(frozen=True)
class Reading:
    """A school year as it stands: its classes, the classes proposed after them, and everybody who needs a choice."""

    year: AcademicYear
    classes: list[SchoolClass]
    proposed: list[NewClass]
    pupils: list[Pupil]

    @cached_property
    def by_place(self) -> dict[Place, Pupil]:
        return {pupil.place: pupil for pupil in self.pupils}


@dataclass(frozen=True)
class Plan:
    """What the office decided: the new year and its terms (not stored yet), its classes, a choice for each student."""

    old_year: AcademicYear
    new_year: AcademicYear
    terms: list[Term]
    classes: list[NewClass] = field(default_factory=list)
    choices: Mapping[Place, str] = field(default_factory=dict)

    @cached_property
    def made(self) -> dict[str, NewClass]:
        """The classes with a name, by key."""
        return {new.key: new for new in self.classes if new.name}


def level_of(grade_level: str, name: str) -> int | None:
    """The first number of the grade level, or of the name of a class without one."""
    found = NUMBER.search(grade_level or name)
    return int(found.group()) if found else None


def one_up(text: str) -> str:
    """The text with its first number one higher, as wide as before: "7A" → "8A", "09" → "10"."""
    return NUMBER.sub(lambda found: str(int(found.group()) + 1).zfill(len(found.group())), text, count=1)


def year_to_leave(today: date) -> AcademicYear | None:
    """The latest school year that has begun and has classes."""
    with_classes = SchoolClass.objects.values("academic_year")
    return AcademicYear.objects.filter(pk__in=with_classes, starts_on__lte=today).order_by("-starts_on", "pk").first()


def closed_because(year: AcademicYear, today: date) -> str:
    """Why no year can be started out of this one; empty where it can."""
    if rollover := Rollover.objects.filter(old_year=year, new_year__isnull=False).select_related("new_year").first():
        names = {"old": year.name, "new": rollover.new_year}
        return _("%(new)s has been started out of %(old)s already.") % names
    if year.starts_on > today:
        return _("%(year)s has not begun yet. The year after it can be started from its first day on.") % {"year": year}
    if not year.classes.exists():
        return _("%(year)s has no classes from which students could move on. Add its classes first.") % {"year": year}
    return ""


def read_year(year: AcademicYear, starts_on: date) -> Reading:
    """A school year with what is proposed for a year that starts on that day."""
    classes = list(year.classes.select_related("homeroom_teacher__user").order_by("name", "pk"))
    by_key = {school_class.pk: school_class for school_class in classes}
    mains = Enrolment.objects.on(last_day(year.ends_on)).filter(school_class__in=classes, is_primary=True)
    staying = mains.filter(student__in=students_reaching(year)).select_related("student")
    found: dict[int, tuple[Student, SchoolClass]] = {}
    for enrolment in staying.order_by("starts_on", "pk"):  # of two main classes the later one counts
        found[enrolment.student_id] = (enrolment.student, by_key[enrolment.school_class_id])
    levels = [level for _student, source in found.values() if (level := level_of(source.grade_level, source.name))]
    proposed = propose_classes(classes, min(levels, default=None), max(levels, default=None))
    gone_up = {new.source.pk for new in proposed if new.key.startswith("after") and new.name}
    pupils = [propose(student, source, gone_up, starts_on) for student, source in found.values()]
    pupils += [
        Pupil(student, None, NO_CLASS)
        for student in students_reaching(year).exclude(left_on=year.ends_on)
        if student.pk not in found
    ]
    pupils.sort(key=lambda pupil: (pupil.student.family_name, pupil.student.given_name, pupil.student.pk))
    return Reading(year, classes, proposed, pupils)


def students_reaching(year: AcademicYear) -> StudentQuerySet:
    """The students who have not left before the year's last day."""
    return Student.objects.filter(Q(left_on__isnull=True) | Q(left_on__gte=year.ends_on))


def propose(student: Student, source: SchoolClass, gone_up: set[int], starts_on: date) -> Pupil:
    """A student moves on with the class, and leaves with one that nothing comes after or on a day already noted."""
    leaves = source.pk not in gone_up or (student.left_on and student.left_on <= starts_on)
    return Pupil(student, source, LEAVES if leaves else f"after-{source.pk}")


def propose_classes(classes: list[SchoolClass], lowest: int | None, highest: int | None) -> list[NewClass]:
    """The class after each class, none after those of the highest level, and the lowest level once more.

    A number in the name goes up with the level. Two that would be called the same are numbered.
    """
    taken: set[str] = set()
    after, again = [], []
    for source in classes:
        level = level_of(source.grade_level, source.name)
        ends = highest is not None and level is not None and level >= highest
        name = "" if ends else free_name(one_up(source.name), taken)
        teacher = source.homeroom_teacher if source.homeroom_teacher and not ends else None
        active = teacher if teacher and teacher.user.is_active else None
        after.append(NewClass(f"after-{source.pk}", source, name, one_up(source.grade_level), active))
    for source in classes:
        if lowest is not None and level_of(source.grade_level, source.name) == lowest:
            name = "" if source.name in taken else free_name(source.name, taken)
            again.append(NewClass(f"again-{source.pk}", source, name, source.grade_level))
    return after + again


def free_name(name: str, taken: set[str]) -> str:
    """The name, with a number behind it where it is taken; takes it."""
    wanted, number = name[:LONGEST_NAME], 1
    while wanted in taken:
        number += 1
        ending = f" ({number})"
        wanted = name[: LONGEST_NAME - len(ending)] + ending
    taken.add(wanted)
    return wanted


@dataclass(frozen=True)
class Totals:
    """How many students move on, repeat, leave the school, and stay without a class."""

    moving: int
    repeating: int
    leaving: int
    without_class: int

    @property
    def sentence(self) -> str:
        """ "142 move on, 3 repeat, 25 leave the school." """
        parts = [
            ngettext("%d moves on", "%d move on", self.moving) % self.moving,
            ngettext("%d repeats", "%d repeat", self.repeating) % self.repeating,
            ngettext("%d leaves the school", "%d leave the school", self.leaving) % self.leaving,
        ]
        if self.without_class:
            without = ngettext("%d stays without a class", "%d stay without a class", self.without_class)
            parts.append(without % self.without_class)
        return ", ".join(parts) + "."


def repeats(source: SchoolClass | None, choice: NewClass) -> bool:
    """Whether a student of the source who goes to that class stays at the level."""
    if source is None or choice.key == f"after-{source.pk}":
        return False
    old = level_of(source.grade_level, source.name)
    return old is not None and choice.level is not None and choice.level <= old


def count_choices(plan: Plan, pupils: list[Pupil]) -> Totals:
    """The totals of these students by what was chosen for them."""
    kinds: Counter[str] = Counter()
    for pupil in pupils:
        choice = plan.choices[pupil.place]
        if choice in plan.made:
            choice = "repeats" if repeats(pupil.source, plan.made[choice]) else "moves"
        kinds[choice] += 1
    return Totals(kinds["moves"], kinds["repeats"], kinds[LEAVES], kinds[NO_CLASS])


def day_in_words(day: date | None) -> str:
    return date_format(day, "DATE_FORMAT") if day else ""
