"""Which records of behaviour somebody may read, and which they may change."""

from __future__ import annotations

from datetime import date
from typing import TYPE_CHECKING, Self

from django.db.models import BooleanField, Exists, ExpressionWrapper, OuterRef, Q

from accounts.roles import Role
from accounts.scoping import ScopedQuerySet
from students.models import AcademicYear, Enrolment, Student, Term

if TYPE_CHECKING:
    from accounts.models import User
    from behavior.models import BehaviorRecord  # noqa: F401


class BehaviorRecordQuerySet(ScopedQuerySet["BehaviorRecord"]):
    def visible_to(self, user: User) -> Self:
        """Staff: the records of the students they see; a parent: what is shared, where the link allows behaviour."""
        if user.role == Role.ADMIN:
            return self
        records = self.filter(student__in=Student.objects.with_records_for(user, "behavior"))
        return records if user.role == Role.TEACHER else records.shared()

    def changeable_by(self, user: User) -> Self:
        """The records that this person may edit or withdraw: admins all, a teacher the own ones, a parent none."""
        if user.role == Role.ADMIN:
            return self
        if user.role != Role.TEACHER:
            return self.none()
        return self.visible_to(user).filter(noted_by=user)

    def with_may_change(self, user: User) -> Self:
        """Adds `may_change`, the same rule row by row, to rows that this person may see."""
        own = Q(noted_by=user) if user.role == Role.TEACHER else Q(pk__isnull=user.role != Role.ADMIN)
        return self.annotate(may_change=ExpressionWrapper(own, output_field=BooleanField()))

    def of_class(self, key: int) -> Self:
        """The records of days on which the student was in that class."""
        there = Enrolment.objects.filter(
            Q(ends_on__isnull=True) | Q(ends_on__gt=OuterRef("date")),
            school_class=key,
            student=OuterRef("student"),
            starts_on__lte=OuterRef("date"),
        )
        return self.filter(Exists(there.order_by()))

    def mentioning(self, text: str) -> Self:
        """The records that a search finds: each word stands in the note, or in the student's name or id."""
        records = self
        for word in text.split():
            found = Q(student__in=Student.objects.matching(word).order_by().values("pk"))
            # SQLite knows capitals of ASCII alone, as in StudentQuerySet.matching.
            for spelling in sorted({word, word.lower(), word.title(), word.upper()} if not word.isascii() else {word}):
                found |= Q(notes__icontains=spelling)
            records = records.filter(found)
        return records

    def shared(self) -> Self:
        """What parents may read."""
        return self.filter(shared_with_parents=True)

    def between(self, first: date, last: date) -> Self:
        """Records dated from first to last, both inclusive."""
        return self.filter(date__gte=first, date__lte=last)

    def during(self, span: Term | AcademicYear) -> Self:
        """The records of a term or a year."""
        return self.filter(date__gte=span.starts_on, date__lt=span.ends_on)
