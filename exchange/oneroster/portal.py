"""What the portal holds already, by the ids of the roster system, and what a roster may not do to it."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterable
from datetime import date
from typing import TypeVar

from django.db.models import Model
from django.utils.translation import gettext as _

from accounts.models import Parent, Teacher, User
from exchange.oneroster.problems import Problems, quoted
from exchange.oneroster.roster import Person, Roster, Span
from exchange.oneroster.schema import longest
from students.models import (
    AcademicYear,
    Enrolment,
    Guardian,
    School,
    SchoolClass,
    Student,
    StudentParentLink,
    Subject,
    TeachingAssignment,
    Term,
)

RowT = TypeVar("RowT", bound=Model)
CODE_ROOM = longest(Subject, "code") or 0


def by_external_id(rows: Iterable[RowT]) -> dict[str, RowT]:
    return {row.external_id: row for row in rows if row.external_id}  # type: ignore[attr-defined]


class Portal:
    """The rows that an import may touch or collide with, loaded once. People are found by external_id alone."""

    def __init__(self) -> None:
        self.school = School.current()
        self.all_years = list(AcademicYear.objects.all())
        self.all_terms = list(Term.objects.all())
        self.all_subjects = list(Subject.objects.all())
        self.years = by_external_id(self.all_years)
        self.terms = by_external_id(self.all_terms)
        self.subjects = by_external_id(self.all_subjects)
        self.groups = by_external_id(SchoolClass.objects.all())
        self.students = by_external_id(Student.objects.all())
        self.teachers = by_external_id(Teacher.objects.select_related("user"))
        self.parents = by_external_id(Parent.objects.select_related("user"))
        self.teacher_of = {teacher.user_id: teacher for teacher in Teacher.objects.all()}
        self.parent_of = {parent.user_id: parent for parent in Parent.objects.all()}
        self.usernames = dict(User.objects.values_list("pk", "username"))
        enrolments = list(Enrolment.objects.order_by("pk").filter(student__in=Student.objects.exclude(external_id="")))
        self.enrolments = by_external_id(enrolments)
        self.enrolments_of: defaultdict[int, list[Enrolment]] = defaultdict(list)
        for enrolment in enrolments:
            self.enrolments_of[enrolment.student_id].append(enrolment)
        self.assignments = by_external_id(TeachingAssignment.objects.all())
        self.guardians = {(one.student_id, one.parent_id): one for one in Guardian.objects.exclude(parent=None)}
        self.priorities = Counter[int]()
        for student, priority in Guardian.objects.values_list("student", "priority"):
            self.priorities[student] = max(self.priorities[student], priority)
        # An open link wins over an ended one of the same two.
        links = StudentParentLink.objects.order_by("-ends_on") if False else StudentParentLink.objects.all()
        self.links = {
            (link.student_id, link.parent_id): link
            for link in sorted(links, key=lambda link: (link.ends_on is None, link.pk))
        }

    def user_of(self, person_id: str) -> User | None:
        """The login of somebody imported before."""
        profile = self.teachers.get(person_id) or self.parents.get(person_id)
        return profile.user if profile else None
