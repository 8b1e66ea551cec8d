"""Who opened the record of a child, in the words for its parents: role and class, and no name."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, datetime

from django.core.paginator import Page
from django.db.models import QuerySet
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from accounts.models import AccessLog, User
from accounts.roles import Role
from students.models import Enrolment, Student, StudentParentLink, TeachingAssignment

PAGES = {
    "dashboard:report": gettext_lazy("the report"),
    "dashboard:report_home": gettext_lazy("the list of the own children"),
    "dashboard:card": gettext_lazy("the report card"),
    "dashboard:class_cards_pdf": gettext_lazy("the report card"),
    "dashboard:opened": gettext_lazy("who opened the record"),
    "dashboard:student": gettext_lazy("the student's page"),
    "dashboard:changes": gettext_lazy("who changed the record"),
    "students:edit": gettext_lazy("the form with the contacts"),
    "attendance:absent_today": gettext_lazy("the list of those absent, with the contacts"),
}


@dataclass(frozen=True)
class Opening:
    """One line: when, who in words, what."""

    at: datetime
    who: str
    what: str


def openings_of(child: Student) -> QuerySet[AccessLog]:
    """Every opening of the child's record, the last one first."""
    return AccessLog.objects.filter(student_id=child.student_id).select_related("reader").order_by("-read_at", "-pk")


def in_words(page: Page[AccessLog], child: Student, user: User) -> list[Opening]:
    """The lines of one page as this person reads them, in three statements at any length."""
    people = Readers(child, {row.reader_id for row in page}, user)
    return [
        Opening(row.read_at, people.name(row.reader, timezone.localdate(row.read_at)), what(row.page)) for row in page
    ]


def what(page: str) -> str:
    """What was opened; a page that parents do not know is called the record."""
    return str(PAGES.get(page) or _("the record"))


class Readers:
    """What each reader is to the child, on a day."""

    def __init__(self, child: Student, readers: Iterable[int], user: User) -> None:
        self.user = user
        self.parents = set(StudentParentLink.objects.filter(student=child).values_list("parent__user", flat=True))
        enrolments = Enrolment.objects.filter(student=child)
        self.enrolments = list(enrolments.order_by("-is_primary", "pk").select_related("school_class"))
        self.taught: dict[int, list[TeachingAssignment]] = defaultdict(list)
        classes = enrolments.order_by().values("school_class")
        assignments = TeachingAssignment.objects.filter(school_class__in=classes, teacher__user__in=list(readers))
        for assignment in assignments.select_related("teacher").order_by("pk"):
            self.taught[assignment.teacher.user_id].append(assignment)

    def name(self, reader: User, day: date) -> str:
        """Role and class of a reader: of the office, a teacher of a class of the child on that day, a parent."""
        if reader == self.user:
            return _("You")
        if reader.role == Role.ADMIN:
            return _("The school office")
        if school_class := self.class_of(reader, day):
            return _("A teacher of %(class)s") % {"class": school_class}
        if reader.pk in self.parents:
            return _("A parent or guardian of the child")
        return _("A teacher") if reader.role == Role.TEACHER else _("Somebody who is not linked to the child any more")

    def class_of(self, reader: User, day: date) -> str:
        """The class in which the child was and which the reader had on that day; the main one first, "" for none."""
        had = {each.school_class_id for each in self.taught[reader.pk] if is_on(each, day)}
        return next(
            (each.school_class.name for each in self.enrolments if each.school_class_id in had and is_on(each, day)), ""
        )


def is_on(dated: Enrolment | TeachingAssignment, day: date) -> bool:
    """Whether a dated row was in force on a day; its end is exclusive."""
    return dated.starts_on <= day and (dated.ends_on is None or day < dated.ends_on)
