"""What is stored of attendance, and what can never be stored."""

from __future__ import annotations

from datetime import date
from typing import ClassVar

from django.db import models
from django.db.models import F, Q
from django.utils.translation import gettext_lazy as _

from accounts.models import Tracked, User
from attendance.querysets import AttendanceRecordQuerySet, PlannedAbsenceQuerySet, RegisterQuerySet
from students.fields import LastDayField, last_day
from students.models import SchoolClass
from students.records import StudentRecord
from students.sheets import SheetRecord

MOST_MINUTES_LATE = 720


class Status(models.TextChoices):
    PRESENT = "present", _("Present")
    LATE = "late", _("Late")
    EXCUSED = "excused", _("Excused")
    ABSENT = "absent", _("Absent")

    @property
    def letter(self) -> str:
        return self.value[0].upper()

    @property
    def ed_fi(self) -> str:
        """The code of the Ed-Fi descriptor AttendanceEventCategory, for what leaves the portal."""
        return {
            Status.PRESENT: "In Attendance",
            Status.LATE: "Tardy",
            Status.EXCUSED: "Excused Absence",
            Status.ABSENT: "Unexcused Absence",
        }[self]


class Register(Tracked):
    """The register of one class on one day, with how many of those enrolled on the day have which mark.

    services.take_register keeps these counts equal to the rows, recounting.py where enrolments change; so the register
    is taken exactly when their sum is the number of those enrolled.
    """

    school_class = models.ForeignKey(
        SchoolClass, on_delete=models.PROTECT, related_name="registers", db_index=False, verbose_name=_("class")
    )
    date = models.DateField(_("date"))
    taken_by = models.ForeignKey(
        User, on_delete=models.PROTECT, null=True, related_name="+", verbose_name=_("taken by")
    )
    taken_at = models.DateTimeField(_("taken at"), null=True)
    version = models.PositiveIntegerField(_("version"), default=0)
    present = models.PositiveIntegerField(_("present"), default=0)
    late = models.PositiveIntegerField(_("late"), default=0)
    excused = models.PositiveIntegerField(_("excused"), default=0)
    absent = models.PositiveIntegerField(_("absent"), default=0)

    objects = RegisterQuerySet.as_manager()

    class Meta:
        ordering: ClassVar = ["-date", "school_class"]
        verbose_name = _("register")
        verbose_name_plural = _("registers")
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["school_class", "date"], name="register_once_per_class_and_day"),
        ]
        indexes: ClassVar = [models.Index(fields=["date"], name="register_by_date")]

    def __str__(self) -> str:
        return f"{self.school_class}, {self.date.isoformat()}"

    @property
    def recorded(self) -> int:
        """How many of the students enrolled on the day have a mark."""
        return self.present + self.late + self.excused + self.absent


class AttendanceRecord(SheetRecord):
    """One student's mark in one class on one day."""

    sheet_fields = ("status", "minutes_late", "left_early", "note")

    school_class = models.ForeignKey(
        SchoolClass, on_delete=models.PROTECT, related_name="+", db_index=False, verbose_name=_("class")
    )
    date = models.DateField(_("date"))
    status = models.CharField(_("mark"), max_length=8, choices=Status.choices)
    minutes_late = models.PositiveSmallIntegerField(_("minutes late"), null=True, blank=True)
    left_early = models.BooleanField(_("left early"), default=False)
    note = models.CharField(_("note"), max_length=300, blank=True)

    objects = AttendanceRecordQuerySet.as_manager()

    class Meta:
        ordering: ClassVar = ["-date", "pk"]
        verbose_name = _("attendance record")
        verbose_name_plural = _("attendance records")
        constraints: ClassVar = [
            models.UniqueConstraint(
                fields=["student", "date", "school_class"], name="attendance_once_per_student_class_and_day"
            ),
            models.CheckConstraint(condition=Q(status__in=Status.values), name="attendance_status_known"),
            models.CheckConstraint(
                condition=Q(minutes_late__isnull=True) | Q(status=Status.LATE), name="attendance_minutes_only_when_late"
            ),
            models.CheckConstraint(
                condition=Q(minutes_late__isnull=True) | Q(minutes_late__range=(1, MOST_MINUTES_LATE)),
                name="attendance_minutes_within_a_day",
            ),
            models.CheckConstraint(
                condition=Q(left_early=False) | Q(status__in=[Status.PRESENT, Status.LATE]),
                name="attendance_left_early_only_when_there",
            ),
        ]
        # The set that won at 18 million rows: docs/operations.md.
        indexes: ClassVar = [
            models.Index(fields=["school_class", "date"], name="attendance_by_class_and_day"),
            models.Index(fields=["date"], name="attendance_by_day"),
            # All that a count of absences asks for, so that no row of the table is read.
            models.Index(
                fields=["student", "school_class", "status", "date"],
                condition=~Q(status=Status.PRESENT),
                name="attendance_not_present",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.student_id}, {self.date.isoformat()}: {self.status}"

    def get_status(self) -> Status:
        return Status(self.status)


class PlannedAbsence(StudentRecord):
    """An absence that the school knows of beforehand; it prefills the register as excused."""

    starts_on = models.DateField(_("first day"))
    ends_on = LastDayField(_("last day"), null=False)
    reason = models.CharField(_("reason"), max_length=300)
    entered_by = models.ForeignKey(User, on_delete=models.PROTECT, related_name="+", verbose_name=_("entered by"))

    objects = PlannedAbsenceQuerySet.as_manager()

    class Meta:
        ordering: ClassVar = ["-starts_on", "pk"]
        verbose_name = _("planned absence")
        verbose_name_plural = _("planned absences")
        constraints: ClassVar = [
            models.CheckConstraint(
                condition=Q(ends_on__gt=F("starts_on")),
                name="planned_absence_ends_after_start",
                violation_error_message=_("The last day is before the first."),
            ),
            models.CheckConstraint(condition=~Q(reason=""), name="planned_absence_has_reason"),
        ]
        indexes: ClassVar = [models.Index(fields=["student", "starts_on"], name="planned_absence_by_student")]

    def __str__(self) -> str:
        return self.reason

    @property
    def last_day(self) -> date | None:
        return last_day(self.ends_on)
