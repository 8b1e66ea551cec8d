"""What the portal holds already, by the ids of the roster system."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator, Sequence
from typing import TypeVar

from django.db.models import Max, Model

from accounts.models import Parent, Teacher, User
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
T = TypeVar("T")
AT_ONCE = 500


def batches(rows: Sequence[T]) -> Iterator[Sequence[T]]:
    """Few enough at once for one statement of either database."""
    for start in range(0, len(rows), AT_ONCE):
        yield rows[start : start + AT_ONCE]


def by_external_id(rows: Iterable[RowT]) -> dict[str, RowT]:
    """The rows that came from a roster system; those made by hand have no such id."""
    return {external_id: row for row in rows if (external_id := getattr(row, "external_id", ""))}


class Portal:
    """The rows that an import may touch or collide with, loaded once. People are found by external_id alone."""

    def __init__(self) -> None:
        self.school = School.current()
        self._load_calendar()
        self._load_people()
        self._load_classes()

    def _load_calendar(self) -> None:
        self.all_years = list(AcademicYear.objects.all())
        self.all_terms = list(Term.objects.all())
        self.years = by_external_id(self.all_years)
        self.terms = by_external_id(self.all_terms)

    def _load_people(self) -> None:
        teachers, parents = list(Teacher.objects.select_related("user")), list(Parent.objects.select_related("user"))
        self.teachers = by_external_id(teachers)
        self.parents = by_external_id(parents)
        self.teacher_of = {teacher.user_id: teacher for teacher in teachers}
        self.parent_of = {parent.user_id: parent for parent in parents}
        self.usernames = dict(User.objects.values_list("pk", "username"))
        self.students = by_external_id(Student.objects.all())
        self.guardians = {(one.student_id, one.parent_id): one for one in Guardian.objects.exclude(parent=None)}
        last = Guardian.objects.order_by().values_list("student").annotate(last=Max("priority"))
        self.priorities = Counter(dict(last))
        # Of several links between the same two the open one, made last, is the one that counts.
        links = sorted(StudentParentLink.objects.all(), key=lambda link: (link.ends_on is None, link.pk))
        self.links = {(link.student_id, link.parent_id): link for link in links}

    def _load_classes(self) -> None:
        self.all_subjects = list(Subject.objects.all())
        self.subjects = by_external_id(self.all_subjects)
        self.groups = by_external_id(SchoolClass.objects.all())
        enrolments = list(Enrolment.objects.exclude(student__external_id="").order_by("pk"))
        self.enrolments = by_external_id(enrolments)
        self.enrolments_of: defaultdict[int, list[Enrolment]] = defaultdict(list)
        for enrolment in enrolments:
            self.enrolments_of[enrolment.student_id].append(enrolment)
        self.assignments = by_external_id(TeachingAssignment.objects.all())

    def user_of(self, person_id: str) -> User | None:
        """The login of somebody imported before."""
        profile = self.teachers.get(person_id) or self.parents.get(person_id)
        return profile.user if profile else None
