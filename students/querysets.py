"""Which child is whose: the only place that says so. Every other app asks `Student.objects.visible_to`."""

from __future__ import annotations

from datetime import date
from typing import TYPE_CHECKING, Any, Literal, Self, TypeVar

from django.db import models
from django.db.models import OuterRef, Q, Subquery, Value
from django.db.models.functions import Coalesce
from django.utils import timezone

from accounts.querysets import spellings
from accounts.roles import Role
from accounts.scoping import ScopedQuerySet

if TYPE_CHECKING:
    from accounts.models import User
    from students.models import (  # noqa: F401
        Closure,
        EmergencyContact,
        Enrolment,
        Guardian,
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

    def not_over(self, day: date | None = None) -> Self:
        """Rows in force on a day (today by default) or on a later one; a row without any day is over."""
        still = Q(ends_on__gt=day or timezone.localdate()) & Q(ends_on__gt=models.F("starts_on"))
        return self.filter(Q(ends_on__isnull=True) | still)

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

    def with_teacher(self) -> Self:
        """Loads the school year and the homeroom teacher."""
        return self.select_related("academic_year", "homeroom_teacher")

    def taught_by(self, user: User) -> Self:
        """The classes that this person teaches today, with `own_assignments`, theirs of today, the homeroom first."""
        from students.models import TeachingAssignment

        own = TeachingAssignment.objects.on().filter(teacher__user=user)
        shown = own.select_related("subject").order_by(models.F("subject__name").asc(nulls_first=True), "pk")
        found = self.filter(pk__in=own.order_by().values("school_class"))
        return found.prefetch_related(models.Prefetch("assignments", shown, to_attr="own_assignments"))

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
        return self.filter(pk__in=children_in(links_of(user), domain))

    def report_for(self, user: User) -> Self:
        """Whose report this user may open: whom they see in their role, and their own children."""
        return self.children_of(user) if user.role == Role.PARENT else self.visible_to(user) | self.children_of(user)

    def with_report_on(self, user: User, *domains: Domain) -> Self:
        """Adds may_see_<domain> of each: staff read what the school may show, parents what their link allows."""
        links = links_of(user)
        allowed = {domain: Q(pk__in=children_in(links, domain)) for domain in domains}
        if user.role != Role.PARENT:
            seen = Q(pk__in=self.model._default_manager.visible_to(user).order_by().values("pk"))
            allowed = {domain: rule | seen for domain, rule in allowed.items()}
        return self.annotate(**{f"may_see_{domain}": rule for domain, rule in allowed.items()})

    def with_openings_for(self, user: User) -> Self:
        """Adds may_see_openings: whether this user may read who opened the record. The office and parents may."""
        if user.role == Role.ADMIN:
            return self.annotate(may_see_openings=Value(True))
        return self.annotate(may_see_openings=Q(pk__in=children_in(links_of(user), None)))

    def with_records_for(self, user: User, domain: Domain) -> Self:
        """The students whose records of one domain this user may read: as `visible_to`, narrowed by the links."""
        if user.role == Role.PARENT:
            return self.children_of(user, domain)
        return self.visible_to(user)

    def matching(self, text: str) -> Self:
        """The students whom a search finds: each word stands in a name or in the student id."""
        students = self
        for word in text.split():
            found = Q(student_id__icontains=word)
            for spelling in spellings(word):
                found |= Q(given_name__icontains=spelling) | Q(family_name__icontains=spelling)
            students = students.filter(found)
        return students

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

    def without_class(self, day: date | None = None) -> Self:
        """Students who attend and are in no class on that day or later."""
        from students.models import Enrolment

        return self.current(day).exclude(pk__in=Enrolment.objects.not_over(day).values("student"))

    def with_class(self, day: date | None = None) -> Self:
        """Adds class_id and class_name of the primary enrolment on a day."""
        from students.models import Enrolment

        primary = Enrolment.objects.on(day).filter(student=OuterRef("pk"), is_primary=True).order_by("-starts_on")
        return self.annotate(
            class_id=Subquery(primary.values("school_class")[:1]),
            class_name=Subquery(primary.values("school_class__name")[:1]),
        )

    def with_contacts_for(self, user: User) -> Self:
        """Loads the guardians and emergency contacts that this user may see, the first to call first."""
        from students.models import EmergencyContact, Guardian

        guardians: Any = Guardian.objects.visible_to(user).order_by("priority", "pk")
        contacts: Any = EmergencyContact.objects.visible_to(user).order_by("priority", "pk")
        return self.prefetch_related(
            models.Prefetch("guardians", guardians), models.Prefetch("emergency_contacts", contacts)
        )

    def with_guardian_contact(self) -> Self:
        """Adds guardian_contact, the phone of the first guardian."""
        from students.models import Guardian

        first = Guardian.objects.filter(student=OuterRef("pk")).order_by("priority", "pk")
        return self.annotate(guardian_contact=Subquery(first.values("phone")[:1]))

    def with_first_guardian(self) -> Self:
        """Adds guardian_name beside guardian_contact: who is called first."""
        from students.models import Guardian

        first = Guardian.objects.filter(student=OuterRef("pk")).order_by("priority", "pk")
        return self.with_guardian_contact().annotate(guardian_name=Subquery(first.values("name")[:1]))


def links_of(user: User) -> StudentParentLinkQuerySet:
    """The links of this user's Parent profile that are in force today."""
    from students.models import StudentParentLink

    return StudentParentLink.objects.on().filter(parent__user=user)


def children_in(links: StudentParentLinkQuerySet, domain: Domain | None) -> models.QuerySet[StudentParentLink, Any]:
    """The keys of the students of links; with a domain, of those links that allow it."""
    if domain:
        links = links.filter(**{f"may_see_{domain}": True})
    return links.values("student")


class OfStudentQuerySet(ScopedQuerySet[ModelT]):
    """Rows about a student that every person who sees the student may see."""

    def visible_to(self, user: User) -> Self:
        from students.models import Student

        return self.filter(student__in=Student.objects.visible_to(user))


class GuardianQuerySet(OfStudentQuerySet["Guardian"]):
    def visible_to(self, user: User) -> Self:
        """Staff see the guardians of their students; a parent the own entry alone, not the phone of the other one."""
        guardians = super().visible_to(user)
        return guardians.filter(parent__user=user) if user.role == Role.PARENT else guardians


class EmergencyContactQuerySet(OfStudentQuerySet["EmergencyContact"]):
    def visible_to(self, user: User) -> Self:
        """Whom staff call for their students; parents see none of them, as on the pages."""
        return self.none() if user.role == Role.PARENT else super().visible_to(user)


class ForStaffQuerySet(ScopedQuerySet[ModelT]):
    """Rows of the school itself (subjects, years, terms): staff read them all, parents none."""

    def visible_to(self, user: User) -> Self:
        return self if user.role in {Role.ADMIN, Role.TEACHER} else self.none()


class SpanQuerySet(ForStaffQuerySet[ModelT], DatedQuerySet[ModelT]):  # type: ignore[override]
    """Dated rows of the school itself."""
