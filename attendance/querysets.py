"""Which rows of attendance somebody may read, and how they are fetched."""

from __future__ import annotations

from datetime import date
from typing import TYPE_CHECKING, Any, Self

from django.db.models import (
    CharField,
    Count,
    DateField,
    Exists,
    FilteredRelation,
    IntegerField,
    OuterRef,
    Q,
    QuerySet,
    Subquery,
    Value,
)

from accounts.roles import Role
from accounts.scoping import ScopedQuerySet
from core.prepared import Given, Prepared
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


class AttendanceRecordQuerySet(ScopedQuerySet["AttendanceRecord"]):
    def visible_to(self, user: User) -> Self:
        """The records of the students this person may see, for a parent where the link allows attendance."""
        if user.role == Role.ADMIN:
            return self
        return self.filter(student__in=Student.objects.with_records_for(user, "attendance"))

    def between(self, first: date, last: date) -> Self:
        """Records dated from first to last, both inclusive."""
        return self.filter(date__gte=first, date__lte=last)

    def with_may_open(self, user: User) -> Self:
        """Adds `may_open`, whether this user may open the register that the mark stands in."""
        return self.annotate(may_open=Q(school_class__in=SchoolClass.objects.visible_to(user).values("pk")))

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

    def of_enrolled(self) -> Self:
        """The marks that a register counts: of students whom an enrolment puts into the class on the day."""
        return self.covered_by(Enrolment.objects.all())

    def marked_by_register(self) -> dict[tuple[int, date], int]:
        """How many of the students enrolled on the day have a mark, by class and day; one statement."""
        rows = self.of_enrolled().order_by().values_list("school_class_id", "date")
        return {(key, day): number for key, day, number in rows.annotate(number=Count("pk"))}


class PlannedAbsenceQuerySet(DatedQuerySet["PlannedAbsence"]):
    def visible_to(self, user: User) -> Self:
        """As the attendance records of the same students."""
        if user.role == Role.ADMIN:
            return self
        return self.filter(student__in=Student.objects.with_records_for(user, "attendance"))


def roster_with_marks(school_class: Any, day: Any, *, with_planned: bool = True) -> QuerySet[Student, Any]:
    """One row per student enrolled in the class on the day: who it is, the stored mark, a planned absence.

    One statement; the columns are those of `register.read_lines`, in its order. The mark's are None without one.
    """
    from attendance.models import PlannedAbsence

    of_day = Q(attendancerecords__school_class=school_class, attendancerecords__date=day)
    students = Student.objects.enrolled_on(school_class, day).alias(
        mark=FilteredRelation("attendancerecords", condition=of_day)
    )
    planned: Any = Value(None, output_field=CharField())
    if with_planned:
        absences = PlannedAbsence.objects.on(day).filter(student=OuterRef("pk")).order_by("starts_on")
        planned = Subquery(absences.values("reason")[:1])
    return students.order_by("family_name", "given_name", "pk").values_list(
        "pk",
        "student_id",
        "given_name",
        "family_name",
        "mark__pk",
        "mark__created_at",
        "mark__updated_at",
        "mark__marked_by",
        "mark__status",
        "mark__minutes_late",
        "mark__left_early",
        "mark__note",
        planned,
    )


CLASS, DAY = Given("school_class", IntegerField()), Given("day", DateField())
ROSTER = Prepared(lambda: roster_with_marks(CLASS, DAY))
ROSTER_WITHOUT_PLANNED = Prepared(lambda: roster_with_marks(CLASS, DAY, with_planned=False))
