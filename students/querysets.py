"""Which child is whose: the only place that says so. Every other app asks `Student.objects.visible_to`."""

from __future__ import annotations

from datetime import date
from typing import TYPE_CHECKING, Literal, Self, TypeVar

from django.db import models
from django.db.models import OuterRef, Q, Subquery
from django.db.models.functions import Coalesce
from django.utils import timezone

from accounts.roles import Role
from accounts.scoping import ScopedQuerySet

if TYPE_CHECKING:
    from accounts.models import User
    from students.models import (  # noqa: F401
        Closure,
        Enrolment,
        SchoolClass,
        Student,
        StudentParentLink,
        TeachingAssignment,
        Term,
    )

Domain = Literal["attendance", "assessments", "behavior", "participation"]
ModelT = TypeVar("ModelT", bound=models.Model)


class DatedQuerySet(ScopedQuerySet[ModelT]):
    """Rows with starts_on and an exclusive ends_on; an empty ends_on is open."""

    def on(self, day: date | None = None) -> Self:
        """Rows in force on a day (today by default)."""
        day = day or timezone.localdate()
        return self.filter(Q(ends_on__isnull=True) | Q(ends_on__gt=day), starts_on__lte=day)

    def overlapping(self, first: date, last: date) -> Self:
        """Rows in force on at least one day from first to last, both inclusive."""
        return self.filter(Q(ends_on__isnull=True) | Q(ends_on__gt=first), starts_on__lte=last)


class TeachingAssignmentQuerySet(DatedQuerySet["TeachingAssignment"]):
    def visible_to(self, user: User) -> Self:
        """Admins see all, a teacher the own assignments."""
        return self if user.role == Role.ADMIN else self.filter(teacher__user=user)


class SchoolClassQuerySet(ScopedQuerySet["SchoolClass"]):
    def visible_to(self, user: User) -> Self:
        """Admins see all, a teacher the classes assigned today, a parent none."""
        from students.models import TeachingAssignment

        if user.role == Role.ADMIN:
            return self
        if user.role == Role.TEACHER:
            return self.filter(pk__in=TeachingAssignment.objects.on().filter(teacher__user=user).values("school_class"))
        return self.none()

    def with_size(self, day: date | None = None) -> Self:
        """Adds `size`, the number of students enrolled on a day."""
        from students.models import Enrolment

        enrolled = Enrolment.objects.on(day).filter(school_class=OuterRef("pk")).order_by().values("school_class")
        count = enrolled.annotate(number=models.Count("pk")).values("number")
        return self.annotate(size=Coalesce(Subquery(count), 0))


class EnrolmentQuerySet(DatedQuerySet["Enrolment"]):
    def visible_to(self, user: User) -> Self:
        """The enrolments of the students whom this person may see."""
        from students.models import Student

        return self.filter(student__in=Student.objects.visible_to(user))


class StudentParentLinkQuerySet(DatedQuerySet["StudentParentLink"]):
    def visible_to(self, user: User) -> Self:
        """Admins see all, a parent the own links."""
        return self if user.role == Role.ADMIN else self.filter(parent__user=user)


class StudentQuerySet(ScopedQuerySet["Student"]):
    def visible_to(self, user: User) -> Self:
        """Admins see all; teachers the students now in classes now assigned to them; parents their children."""
        from students.models import Enrolment, SchoolClass

        if user.role == Role.ADMIN:
            return self
        if user.role == Role.TEACHER:
            classes = SchoolClass.objects.visible_to(user).values("pk")
            return self.filter(pk__in=Enrolment.objects.on().filter(school_class__in=classes).values("student"))
        if user.role == Role.PARENT:
            return self.children_of(user)
        return self.none()

    def children_of(self, user: User, domain: Domain | None = None) -> Self:
        """The children linked to this user's Parent profile today, by the parent's rules whatever the role.

        With a domain, only children whose link allows that domain.
        """
        from students.models import StudentParentLink

        links = StudentParentLink.objects.on().filter(parent__user=user)
        if domain:
            links = links.filter(**{f"may_see_{domain}": True})
        return self.filter(pk__in=links.values("student"))

    def report_for(self, user: User) -> Self:
        """Whose report this user may open: whom they see in their role, and their own children."""
        return self.visible_to(user) | self.children_of(user)

    def with_report_on(self, user: User, domain: Domain) -> Self:
        """Adds may_see_<domain>: staff read what the school may show, parents what their link allows."""
        allowed = self.model._default_manager.with_records_for(user, domain) | self.model._default_manager.children_of(
            user, domain
        )
        return self.annotate(**{f"may_see_{domain}": Q(pk__in=allowed.values("pk"))})

    def with_records_for(self, user: User, domain: Domain) -> Self:
        """The students whose records of one domain this user may read: as `visible_to`, narrowed by the links."""
        if user.role == Role.PARENT:
            return self.children_of(user, domain)
        return self.visible_to(user)

    def enrolled_on(self, school_class: SchoolClass, day: date) -> Self:
        """The roster of a class on a day."""
        from students.models import Enrolment

        enrolled = Enrolment.objects.on(day).filter(school_class=school_class)
        return self.filter(pk__in=enrolled.values("student"))

    def current(self, day: date | None = None) -> Self:
        """Students who have not left by that day."""
        return self.filter(Q(left_on__isnull=True) | Q(left_on__gt=day or timezone.localdate()))

    def left(self, day: date | None = None) -> Self:
        """Students who have left."""
        return self.filter(left_on__lte=day or timezone.localdate())

    def with_class(self, day: date | None = None) -> Self:
        """Adds class_id and class_name of the primary enrolment on a day."""
        from students.models import Enrolment

        primary = Enrolment.objects.on(day).filter(student=OuterRef("pk"), is_primary=True).order_by("-starts_on")
        return self.annotate(
            class_id=Subquery(primary.values("school_class")[:1]),
            class_name=Subquery(primary.values("school_class__name")[:1]),
        )

    def with_guardian_contact(self) -> Self:
        """Adds guardian_contact, the phone of the first guardian."""
        from students.models import Guardian

        first = Guardian.objects.filter(student=OuterRef("pk")).order_by("priority", "pk")
        return self.annotate(guardian_contact=Subquery(first.values("phone")[:1]))


class OfStudentQuerySet(ScopedQuerySet[ModelT]):
    """Rows about a student that every person who sees the student may see."""

    def visible_to(self, user: User) -> Self:
        from students.models import Student

        return self.filter(student__in=Student.objects.visible_to(user))


class ForStaffQuerySet(ScopedQuerySet[ModelT]):
    """Rows of the school itself (subjects, years, terms): staff read them all, parents none."""

    def visible_to(self, user: User) -> Self:
        return self if user.role in {Role.ADMIN, Role.TEACHER} else self.none()


class SpanQuerySet(ForStaffQuerySet[ModelT], DatedQuerySet[ModelT]):  # type: ignore[override]
    """Dated rows of the school itself."""
