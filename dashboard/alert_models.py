"""What is stored for the early warning: the thresholds, version by version, and what staff did about an alert."""

from __future__ import annotations

from decimal import Decimal
from typing import ClassVar

from django.core.validators import MaxValueValidator, MinValueValidator
from django.db import models
from django.db.models import Q
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from accounts.models import User
from accounts.roles import Role
from accounts.scoping import ScopedQuerySet
from students.models import Student
from students.querysets import ForStaffQuerySet
from students.records import StudentRecord

MOST_NOTES, MOST_DAYS = 50, 365
PERCENT = [MinValueValidator(Decimal(0)), MaxValueValidator(Decimal(100))]


def percentage(label: object, default: str) -> models.DecimalField:  # type: ignore[type-arg]
    """A threshold in percent with one decimal."""
    return models.DecimalField(label, max_digits=4, decimal_places=1, default=Decimal(default), validators=PERCENT)  # type: ignore[arg-type]


class ThresholdSet(models.Model):
    """From when on an alert is raised. A set is never changed: a new one is a new row, and the latest is in force."""

    version = models.PositiveIntegerField(_("version"), unique=True)
    attendance = percentage(_("attendance of at most, in percent"), "90")
    average = percentage(_("average below, in percent"), "60")
    subject = percentage(_("average in a subject below, in percent"), "50")
    negative_notes = models.PositiveSmallIntegerField(
        _("negative notes"), default=3, validators=[MinValueValidator(1), MaxValueValidator(MOST_NOTES)]
    )
    note_days = models.PositiveSmallIntegerField(
        _("within days"), default=30, validators=[MinValueValidator(1), MaxValueValidator(MOST_DAYS)]
    )
    valid_from = models.DateTimeField(_("valid from"), default=timezone.now)
    set_by = models.ForeignKey(User, on_delete=models.PROTECT, related_name="+", verbose_name=_("set by"))

    objects = ForStaffQuerySet["ThresholdSet"].as_manager()

    class Meta:
        ordering: ClassVar = ["-version"]
        verbose_name = _("set of thresholds")
        verbose_name_plural = _("sets of thresholds")
        constraints: ClassVar = [
            models.CheckConstraint(
                condition=Q(attendance__range=(0, 100), average__range=(0, 100), subject__range=(0, 100)),
                name="thresholds_within_percent",
            ),
            models.CheckConstraint(
                condition=Q(negative_notes__range=(1, MOST_NOTES), note_days__range=(1, MOST_DAYS)),
                name="thresholds_of_notes_within_reason",
            ),
            models.CheckConstraint(condition=Q(version__gte=1), name="thresholds_version_from_one"),
        ]

    def __str__(self) -> str:
        return f"{self.version}"


class FollowUpQuerySet(ScopedQuerySet["FollowUp"]):
    def visible_to(self, user: User) -> FollowUpQuerySet:
        """Staff who see the student; never parents."""
        if user.role == Role.ADMIN:
            return self
        if user.role != Role.TEACHER:
            return self.none()
        return self.filter(student__in=Student.objects.visible_to(user))

    def withdrawable_by(self, user: User) -> FollowUpQuerySet:
        """The own ones, for the office all."""
        return self if user.role == Role.ADMIN else self.visible_to(user).filter(noted_by=user)

    def of_student(self, student: Student) -> FollowUpQuerySet:
        """What was done about one student, the latest first, with who noted it."""
        return self.filter(student=student).select_related("noted_by__teacher", "noted_by__parent")


class FollowUp(StudentRecord):
    """What somebody did about an alert, and when to look again."""

    class Kind(models.TextChoices):
        SPOKE = "spoke", _("Spoke to the family")
        MEETING = "meeting", _("Meeting")
        REFERRAL = "referral", _("Referral")
        OTHER = "other", _("Something else")

    kind = models.CharField(_("what was done"), max_length=8, choices=Kind.choices)
    note = models.CharField(_("note"), max_length=300, blank=True)
    done_on = models.DateField(_("done on"))
    look_again_on = models.DateField(_("look again on"))
    noted_by = models.ForeignKey(User, on_delete=models.PROTECT, related_name="+", verbose_name=_("noted by"))

    objects = FollowUpQuerySet.as_manager()

    class Meta:
        ordering: ClassVar = ["-done_on", "-pk"]
        verbose_name = _("follow-up")
        verbose_name_plural = _("follow-ups")
        constraints: ClassVar = [
            models.CheckConstraint(
                condition=Q(kind__in=["spoke", "meeting", "referral", "other"]), name="follow_up_kind_known"
            ),
            models.CheckConstraint(
                condition=Q(look_again_on__gte=models.F("done_on")),
                name="follow_up_looks_again_after",
                violation_error_message=_("The day to look again is before the day of the action."),
            ),
        ]
        indexes: ClassVar = [models.Index(fields=["student", "-done_on"], name="follow_up_by_student")]

    def __str__(self) -> str:
        return f"{self.get_kind_display()}, {self.done_on.isoformat()}"

    def may_be_withdrawn_by(self, user: User) -> bool:
        """As FollowUpQuerySet.withdrawable_by has it, of one that this person sees."""
        return user.role == Role.ADMIN or self.noted_by_id == user.pk
