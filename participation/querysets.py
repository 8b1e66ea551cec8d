"""Which events and records of participation somebody may read, and how they are fetched."""

from __future__ import annotations

from collections.abc import Collection
from datetime import date
from typing import TYPE_CHECKING, Any, Self

from django.db.models import Exists, FilteredRelation, OuterRef, Q, QuerySet

from accounts.querysets import spellings
from accounts.roles import Role
from accounts.scoping import ScopedQuerySet
from students.models import AcademicYear, Enrolment, SchoolClass, Student, Term

if TYPE_CHECKING:
    from accounts.models import User
    from participation.models import Event, ParticipationRecord  # noqa: F401

MOST_ADDED = 500  # SQLite takes no statement with a thousand parameters


class EventQuerySet(ScopedQuerySet["Event"]):
    def visible_to(self, user: User) -> Self:
        """Admins see all; a teacher the events of the own classes and the mixed groups; parents none.

        Whom a teacher finds in a mixed group is decided line by line: `roster_with_notes`.
        """
        if user.role == Role.ADMIN:
            return self
        if user.role != Role.TEACHER:
            return self.none()
        own = SchoolClass.objects.visible_to(user).order_by().values("pk")
        return self.filter(Q(school_class__isnull=True) | Q(school_class__in=own))

    def with_own_records(self, user: User) -> Self:
        """Adds `is_noted`, whether something is noted in it of a student whom this person may see."""
        from participation.models import ParticipationRecord

        own = ParticipationRecord.objects.visible_to(user).filter(event=OuterRef("pk")).order_by()
        return self.annotate(is_noted=Exists(own))


class ParticipationRecordQuerySet(ScopedQuerySet["ParticipationRecord"]):
    def visible_to(self, user: User) -> Self:
        """The records of the students this person may see, for a parent where the link allows participation."""
        if user.role == Role.ADMIN:
            return self
        return self.filter(student__in=Student.objects.with_records_for(user, "participation"))

    def between(self, first: date, last: date) -> Self:
        """Records dated from first to last, both inclusive."""
        return self.filter(date__gte=first, date__lte=last)

    def during(self, span: Term | AcademicYear) -> Self:
        """The records of a term or a year."""
        return self.filter(date__gte=span.starts_on, date__lt=span.ends_on)

    def of_event(self, text: str) -> Self:
        """The records of events in whose name the text stands, in any capitals."""
        found = Q()
        for spelling in spellings(text):
            found |= Q(event_name__icontains=spelling)
        return self.filter(found)

    def with_may_open(self, user: User) -> Self:
        """Adds `may_open`, whether this user may open the event that the record stands in."""
        own = SchoolClass.objects.visible_to(user).order_by().values("pk")
        return self.annotate(may_open=Q(school_class__isnull=True) | Q(school_class__in=own))


def roster_with_notes(event: Event, user: User) -> QuerySet[Student, Any]:
    """One row per student of an event: in its class on its day, or with a record in it.

    Of a mixed group, those with a record whom this person may see. One statement; the columns are those of
    `sheet.read_lines`, in its order. The record's are None without one.
    """
    students = Student.objects.alias(
        note=FilteredRelation("participationrecords", condition=Q(participationrecords__event=event.pk))
    )
    if event.school_class_id is None:
        students = students.filter(note__isnull=False, pk__in=Student.objects.visible_to(user).order_by().values("pk"))
    else:
        enrolled = Enrolment.objects.on(event.date).filter(school_class=event.school_class_id)
        students = students.filter(Q(pk__in=enrolled.values("student")) | Q(note__isnull=False))
    return students.order_by("family_name", "given_name", "pk").values_list(
        "pk",
        "student_id",
        "given_name",
        "family_name",
        "note__pk",
        "note__created_at",
        "note__updated_at",
        "note__marked_by",
        "note__status",
        "note__remarks",
    )


def added_to_group(student_ids: Collection[str], user: User) -> QuerySet[Student]:
    """Those of these students whom this person may see, by name: at most as many as one statement can name."""
    named = sorted(student_ids)[:MOST_ADDED]
    return Student.objects.visible_to(user).filter(student_id__in=named).order_by("family_name", "given_name", "pk")
