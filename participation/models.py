"""What is stored of participation, and what can never be stored."""

from __future__ import annotations

from typing import ClassVar

from django.core.exceptions import ValidationError
from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from accounts.models import Tracked, User
from participation.querysets import EventQuerySet, ParticipationRecordQuerySet
from students.models import SchoolClass
from students.sheets import SheetRecord


class Status(models.TextChoices):
    ATTENDED = "attended", _("Attended")
    HELPED = "helped", _("Helped")
    LED = "led", _("Led")
    AWARD = "award", _("Award")
    ABSENT = "absent", _("Absent")


class Event(Tracked):
    """Something that students take part in on one day: a sports day, a concert. Without a class it is a mixed group.

    Its row is what two people who note the same event at once meet at, and what gives the event an address. The
    records carry its name, day and class as their own, so that a list, a report or the API reads them alone and the
    database can refuse a student twice in one event of a day; services.py keeps them equal.
    """

    name = models.CharField(_("name"), max_length=100)
    date = models.DateField(_("date"))
    school_class = models.ForeignKey(
        SchoolClass,
        on_delete=models.PROTECT,
        null=True,
        blank=True,
        related_name="events",
        verbose_name=_("class"),
        help_text=_("Empty: a mixed group, to which students are added one by one."),
    )
    noted_by = models.ForeignKey(
        User, on_delete=models.PROTECT, null=True, editable=False, related_name="+", verbose_name=_("noted by")
    )
    noted_at = models.DateTimeField(_("noted at"), null=True, editable=False)

    objects = EventQuerySet.as_manager()

    class Meta:
        ordering: ClassVar = ["-date", "name", "pk"]
        verbose_name = _("event")
        verbose_name_plural = _("events")
        constraints: ClassVar = [
            models.CheckConstraint(condition=~Q(name=""), name="event_has_name"),
            models.UniqueConstraint(
                fields=["school_class", "date", "name"],
                name="event_once_per_class_and_day",
                violation_error_message=_("This class has an event of this name on this day already."),
            ),
            models.UniqueConstraint(
                fields=["date", "name"],
                condition=Q(school_class__isnull=True),
                name="event_once_per_mixed_group_and_day",
                violation_error_message=_("There is an event of this name for a mixed group on this day already."),
            ),
        ]
        indexes: ClassVar = [models.Index(fields=["date", "name"], name="event_by_day")]

    def __str__(self) -> str:
        return self.name

    def clean(self) -> None:
        """The day lies in the school year of the class."""
        super().clean()
        if self.school_class is None or not self.date:
            return
        year = self.school_class.academic_year
        if not year.starts_on <= self.date < year.ends_on:
            raise ValidationError(
                {"date": _("This day is not in the school year of the class, %(year)s.") % {"year": year}}
            )


class ParticipationRecord(SheetRecord):
    """How one student took part in one event. No row means not noted.

    `event_name`, `date` and `school_class` are the event's, copied: see there.
    """

    sheet_fields = ("status", "remarks")

    event = models.ForeignKey(Event, on_delete=models.PROTECT, related_name="records", verbose_name=_("event"))
    event_name = models.CharField(_("event"), max_length=100)
    date = models.DateField(_("date"))
    school_class = models.ForeignKey(
        SchoolClass,
        on_delete=models.PROTECT,
        null=True,
        blank=True,
        related_name="+",
        db_index=False,
        verbose_name=_("class"),
    )
    status = models.CharField(_("status"), max_length=8, choices=Status.choices)
    remarks = models.CharField(_("remarks"), max_length=300, blank=True)

    objects = ParticipationRecordQuerySet.as_manager()

    class Meta:
        ordering: ClassVar = ["-date", "event_name", "pk"]
        verbose_name = _("participation record")
        verbose_name_plural = _("participation records")
        constraints: ClassVar = [
            models.UniqueConstraint(
                fields=["student", "event_name", "date"], name="participation_once_per_student_event_and_day"
            ),
            models.CheckConstraint(condition=Q(status__in=Status.values), name="participation_status_known"),
            models.CheckConstraint(condition=~Q(event_name=""), name="participation_names_event"),
        ]
        indexes: ClassVar = [
            models.Index(fields=["date", "event_name"], name="participation_by_day"),
            models.Index(fields=["school_class", "date"], name="participation_by_class"),
        ]

    def __str__(self) -> str:
        return f"{self.student_id}, {self.event_name}, {self.date.isoformat()}: {self.status}"
