"""The school itself: its settings, years, terms, closures, subjects and classes."""

from __future__ import annotations

import zoneinfo
from datetime import date, datetime
from typing import ClassVar

from django.conf import settings
from django.core.exceptions import ValidationError
from django.core.validators import MaxValueValidator
from django.db import models, transaction
from django.db.models import F, Q
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from accounts.models import Teacher, Tracked
from core.prepared import Prepared
from students.fields import LastDayField, last_day
from students.querysets import ForStaffQuerySet, SchoolClassQuerySet, SpanQuerySet
from students.weekdays import WeekdaysField


def known_time_zone(name: str) -> None:
    """Refuses a name that is not in the IANA time zone database."""
    if name not in zoneinfo.available_timezones():
        raise ValidationError(_("“%(name)s” is no time zone. Use a name such as Europe/Lisbon."), params={"name": name})


class School(Tracked):
    """The one school of this installation: row 1, made by a migration, edited in the admin."""

    ONLY = 1

    name = models.CharField(_("name"), max_length=200, default="SPTrack")
    time_zone = models.CharField(
        _("time zone"), max_length=64, validators=[known_time_zone], help_text=_("Such as Europe/Lisbon.")
    )
    language = models.CharField(_("language"), max_length=10, choices=settings.LANGUAGES, default="en")
    weekdays = WeekdaysField(_("school days"), default="12345")
    edit_window_days = models.PositiveSmallIntegerField(
        _("days a teacher may correct a register"), default=14, validators=[MaxValueValidator(366)]
    )
    starts_at = models.TimeField(
        _("the school day begins at"),
        null=True,
        blank=True,
        help_text=_("Minutes late are counted from this time; empty: only the time of arrival is noted."),
    )
    last_student_number = models.PositiveIntegerField(default=0, editable=False)
    external_id = models.CharField(_("id in the roster system"), max_length=255, blank=True, editable=False)

    class Meta:
        verbose_name = _("school")
        verbose_name_plural = _("school")
        constraints: ClassVar = [
            models.CheckConstraint(condition=Q(pk=1), name="school_only_one"),
            models.CheckConstraint(condition=~Q(weekdays=""), name="school_has_weekdays"),
        ]

    def __str__(self) -> str:
        return self.name

    @classmethod
    def current(cls) -> School:
        """The school's row."""
        return THE_SCHOOL.objects()[0]

    @classmethod
    def allocate_student_ids(cls, number: int) -> list[str]:
        """The next student ids, such as STU00151; a number given out is never given out again."""
        with transaction.atomic():
            cls.objects.filter(pk=cls.ONLY).update(last_student_number=F("last_student_number") + number)
            last = cls.objects.values_list("last_student_number", flat=True).get(pk=cls.ONLY)
        return [f"STU{count:05d}" for count in range(last - number + 1, last + 1)]

    def now(self) -> datetime:
        """The moment on the school's clock."""
        return timezone.localtime(timezone=zoneinfo.ZoneInfo(self.time_zone))

    def today(self) -> date:
        """The date at the school now."""
        return self.now().date()


THE_SCHOOL = Prepared(lambda: School.objects.filter(pk=School.ONLY))


class Span(Tracked):
    """A named range of days of the school; ends_on is exclusive, pages show the last day."""

    name = models.CharField(_("name"), max_length=100)
    starts_on = models.DateField(_("first day"))
    ends_on = LastDayField(_("last day"), null=False)
    external_id = models.CharField(_("id in the roster system"), max_length=255, blank=True, editable=False)

    class Meta:
        abstract = True
        ordering: ClassVar = ["-starts_on", "pk"]

    def __str__(self) -> str:
        return self.name

    @property
    def last_day(self) -> date | None:
        return last_day(self.ends_on)


class AcademicYear(Span):
    """A school year."""

    objects = SpanQuerySet["AcademicYear"].as_manager()

    class Meta(Span.Meta):
        verbose_name = _("school year")
        verbose_name_plural = _("school years")
        constraints: ClassVar = [
            models.CheckConstraint(
                condition=Q(ends_on__gt=F("starts_on")),
                name="year_ends_after_start",
                violation_error_message=_("The last day is before the first."),
            ),
            models.UniqueConstraint(fields=["name"], name="year_name_once"),
        ]


class Term(Span):
    """A part of a school year; the days between two terms are no school days."""

    academic_year = models.ForeignKey(
        AcademicYear, on_delete=models.PROTECT, related_name="terms", verbose_name=_("school year")
    )

    objects = SpanQuerySet["Term"].as_manager()

    class Meta(Span.Meta):
        verbose_name = _("term")
        verbose_name_plural = _("terms")
        constraints: ClassVar = [
            models.CheckConstraint(
                condition=Q(ends_on__gt=F("starts_on")),
                name="term_ends_after_start",
                violation_error_message=_("The last day is before the first."),
            ),
            models.UniqueConstraint(fields=["academic_year", "name"], name="term_name_once_per_year"),
        ]

    def clean(self) -> None:
        """A term lies within its year and overlaps no other term of it."""
        super().clean()
        if not (self.academic_year_id and self.starts_on and self.ends_on):
            return
        year = self.academic_year
        if self.starts_on < year.starts_on or self.ends_on > year.ends_on:
            raise ValidationError(_("The term reaches outside its school year. Change its days or the year's."))
        others = Term.objects.filter(academic_year=year, starts_on__lt=self.ends_on, ends_on__gt=self.starts_on)
        if other := others.exclude(pk=self.pk).first():
            raise ValidationError(_("These days overlap with %(term)s."), params={"term": other.name})


class Closure(Span):
    """Days on which the school is closed: holidays, training days, snow."""

    objects = SpanQuerySet["Closure"].as_manager()

    class Meta(Span.Meta):
        verbose_name = _("closure")
        verbose_name_plural = _("closures")
        constraints: ClassVar = [
            models.CheckConstraint(
                condition=Q(ends_on__gt=F("starts_on")),
                name="closure_ends_after_start",
                violation_error_message=_("The last day is before the first."),
            ),
        ]


class Subject(Tracked):
    """Something taught, such as Mathematics; the code is text and keeps its zeros."""

    code = models.CharField(_("code"), max_length=50)
    name = models.CharField(_("name"), max_length=200)
    external_id = models.CharField(_("id in the roster system"), max_length=255, blank=True, editable=False)

    objects = ForStaffQuerySet["Subject"].as_manager()

    class Meta:
        ordering: ClassVar = ["name", "pk"]
        verbose_name = _("subject")
        verbose_name_plural = _("subjects")
        constraints: ClassVar = [models.UniqueConstraint(fields=["code"], name="subject_code_once")]

    def __str__(self) -> str:
        return self.name


class SchoolClass(Tracked):
    """A class of one school year. Who may open it is decided by its teaching assignments, not by homeroom_teacher."""

    name = models.CharField(_("name"), max_length=200)
    grade_level = models.CharField(
        _("grade level"), max_length=20, blank=True, help_text=_("As text: “09” stays “09”.")
    )
    academic_year = models.ForeignKey(
        AcademicYear, on_delete=models.PROTECT, related_name="classes", verbose_name=_("school year")
    )
    homeroom_teacher = models.ForeignKey(
        Teacher,
        on_delete=models.PROTECT,
        null=True,
        blank=True,
        related_name="homeroom_classes",
        verbose_name=_("homeroom teacher"),
    )
    meets_on = WeekdaysField(_("meets on"), blank=True, default="", help_text=_("None ticked: as the school."))
    external_id = models.CharField(_("id in the roster system"), max_length=255, blank=True, editable=False)

    objects = SchoolClassQuerySet.as_manager()

    class Meta:
        ordering: ClassVar = ["name", "pk"]
        verbose_name = _("class")
        verbose_name_plural = _("classes")
        constraints: ClassVar = [
            models.CheckConstraint(condition=~Q(name=""), name="class_has_name"),
            models.UniqueConstraint(
                fields=["academic_year", "name"],
                condition=Q(external_id=""),
                name="class_name_once_per_year",
                violation_error_message=_("There is a class of this name in this school year."),
            ),
            models.UniqueConstraint(
                fields=["external_id"], condition=~Q(external_id=""), name="class_external_id_once"
            ),
        ]

    def __str__(self) -> str:
        return self.name
