"""The page on which the office gives a class to another teacher for a day."""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass
from datetime import date

from django.utils.translation import gettext as _

from accounts.models import Teacher, User
from accounts.roles import Role
from students.calendar import in_words, load_calendar
from students.fields import ONE_DAY
from students.models import School, SchoolClass, TeachingAssignment


@dataclass(frozen=True)
class Candidate:
    """A teacher who may cover, and the classes by name whose register is theirs on the day."""

    teacher: Teacher
    elsewhere: str


@dataclass(frozen=True)
class CoverPage:
    """Who covers a class on a day, and who may: those without a register of their own first.

    closed_because: why no cover can be given on the day, as a sentence, or None. own: those who have the class anyway,
    by name.
    """

    school_class: SchoolClass
    day: date
    closed_because: str | None
    covers: list[TeachingAssignment]
    candidates: list[Candidate]
    own: str

    def candidate(self, key: str) -> Teacher | None:
        """The teacher whom a button of this page names, by key."""
        return next((each.teacher for each in self.candidates if str(each.teacher.pk) == key), None)

    def cover(self, key: str) -> TeachingAssignment | None:
        """The cover whom a button of this page ends, by key."""
        return next((each for each in self.covers if str(each.pk) == key), None)


def cover_page(school: School, school_class: SchoolClass, day: date, user: User) -> CoverPage:
    """Read the page in three statements: calendar, assignments of the day, teachers.

    A teacher of a subject has no register of the own in that class. `school_class` has its academic_year loaded.
    """
    calendar = load_calendar(school, day, day)
    closed = calendar.why_no_school(school_class, day)
    if day < school.today():
        closed = _("%(day)s is over. Cover gives a class for today or a later day.") % {"day": in_words(day)}
    assigned = TeachingAssignment.objects.on(day).select_related("teacher__user", "school_class__academic_year")
    names: dict[int, set[str]] = defaultdict(set)
    own: dict[int, str] = {}
    covers = []
    for each in assigned.order_by("pk"):
        if each.school_class_id == school_class.pk:
            if each.teacher.user.is_active:
                own[each.teacher_id] = each.teacher.full_name
            if is_cover(each):
                covers.append(each)
        elif each.subject_id is None and calendar.no_school(each.school_class, day) is None:
            names[each.teacher_id].add(each.school_class.name)
    teachers = Teacher.objects.visible_to(user).filter(user__is_active=True, user__role=Role.TEACHER)
    candidates = [
        Candidate(teacher, ", ".join(sorted(names[teacher.pk])))
        for teacher in teachers.select_related("user").order_by("full_name", "pk")
        if teacher.pk not in own
    ]
    candidates.sort(key=lambda candidate: bool(candidate.elsewhere))
    for each in covers:
        own.pop(each.teacher_id, None)
    return CoverPage(school_class, day, closed, covers, [] if closed else candidates, ", ".join(sorted(own.values())))


def is_cover(assignment: TeachingAssignment) -> bool:
    """Cover is an assignment of one day without a subject."""
    return assignment.subject_id is None and assignment.ends_on == assignment.starts_on + ONE_DAY
