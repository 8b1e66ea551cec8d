"""Which rows of attendance somebody may read, and how they are fetched."""

from __future__ import annotations

from datetime import date
from typing import TYPE_CHECKING, Any, Self

from django.db.models import Count, Exists, F, FilteredRelation, OuterRef, Q, QuerySet, Subquery
from django.db.models.functions import Coalesce

from accounts.roles import Role
from accounts.scoping import ScopedQuerySet
from students.models import Enrolment, SchoolClass, Student
from students.querysets import DatedQuerySet, EnrolmentQuerySet

if TYPE_CHECKING:
    from accounts.models import User
    from attendance.models import AttendanceRecord, PlannedAbsence, Register  # noqa: F401


class RegisterQuerySet(ScopedQuerySet["Register"]):
    def visible_to(self, user: User) -> Self:
        """Registers of the classes this person may see; parents see none, only their child's records."""
        if user.role == Role.ADMIN:
            return self
        return self.filter(school_class__in=SchoolClass.objects.visible_to(user))

    def with_marked(self) -> Self:
        """Adds `marked`, how many of the students enrolled on the day have a mark.

        The kept counts are no measure of that: they hold the marks of students who were since taken off the day.
        """
        from attendance.models import AttendanceRecord

        rows = AttendanceRecord.objects.filter(school_class=OuterRef("school_class"), date=OuterRef("date"))
        marks = rows.covered_by(Enrolment.objects.all()).order_by().values("school_class")
        number = marks.annotate(number=Count("pk")).values("number")
        return self.annotate(marked=Coalesce(Subquery(number), 0))


class AttendanceRecordQuerySet(ScopedQuerySet["AttendanceRecord"]):
    def visible_to(self, user: User) -> Self:
        """The records of the students this person may see, for a parent where the link allows attendance."""
        if user.role == Role.ADMIN:
            return self
        return self.filter(student__in=Student.objects.with_records_for(user, "attendance"))

    def between(self, first: date, last: date) -> Self:
        """Records dated from first to last, both inclusive."""
        return self.filter(date__gte=first, date__lte=last)

    def within(self, enrolments: EnrolmentQuerySet) -> Self:
        """Records of days on which one of these enrolments put the student into that class."""
        # The enrolments that cover the day would do; naming the students lets the database start from their index.
        return self.covered_by(enrolments).filter(student__in=enrolments.order_by().values("student"))

    def covered_by(self, enrolments: EnrolmentQuerySet) -> Self:
        """The same, looked up record by record: for rows that a class and a day have already narrowed."""
        covering = enrolments.filter(
            Q(ends_on__isnull=True) | Q(ends_on__gt=OuterRef("date")),
            student=OuterRef("student"),
            school_class=OuterRef("school_class"),
            starts_on__lte=OuterRef("date"),
        ).order_by()
        return self.filter(Exists(covering))


class PlannedAbsenceQuerySet(DatedQuerySet["PlannedAbsence"]):
    def visible_to(self, user: User) -> Self:
        """As the attendance records of the same students."""
        if user.role == Role.ADMIN:
            return self
        return self.filter(student__in=Student.objects.with_records_for(user, "attendance"))


def roster_with_marks(school_class: SchoolClass, day: date) -> QuerySet[Student, Any]:
    """One row per student enrolled in the class on the day, with the stored mark and a planned absence.

    One statement. `record` is the AttendanceRecord's key or None; `planned` the reason or None.
    """
    from attendance.models import PlannedAbsence

    planned = PlannedAbsence.objects.on(day).filter(student=OuterRef("pk")).order_by("starts_on")
    return (
        Student.objects.enrolled_on(school_class, day)
        .annotate(
            mark=FilteredRelation(
                "attendancerecords",
                condition=Q(attendancerecords__school_class=school_class.pk, attendancerecords__date=day),
            ),
            record=F("mark__pk"),
            status=F("mark__status"),
            minutes_late=F("mark__minutes_late"),
            left_early=F("mark__left_early"),
            note=F("mark__note"),
            recorded_at=F("mark__created_at"),
            planned=Subquery(planned.values("reason")[:1]),
        )
        .order_by("family_name", "given_name", "pk")
        .values(
            "pk",
            "student_id",
            "given_name",
            "family_name",
            "record",
            "status",
            "minutes_late",
            "left_early",
            "note",
            "recorded_at",
            "planned",
        )
    )
