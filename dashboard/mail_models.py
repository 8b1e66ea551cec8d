"""The log of the mails to parents: what makes sure that none goes twice."""

from __future__ import annotations

from datetime import date
from typing import ClassVar, Self

from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from accounts.models import Parent, User
from accounts.roles import Role
from accounts.scoping import ScopedQuerySet
from students.records import StudentRecord

# With a run every 15 minutes a mail server may be away for two and a half hours.
MOST_ATTEMPTS = 10
MailKey = tuple[int, int, str, date]  # parent, student, kind, day


class MailKind(models.TextChoices):
    WEEK = "week", _("The week of a child")
    ABSENCE = "absence", _("Absent today")


class MailState(models.TextChoices):
    """How far a mail is. From `sending` a mail never goes back by itself: it may have left before a crash."""

    WAITING = "waiting", _("Waiting")
    SENDING = "sending", _("Being sent")
    SENT = "sent", _("Sent")
    FAILED = "failed", _("Not sent")


class FamilyMailQuerySet(ScopedQuerySet["FamilyMail"]):
    def visible_to(self, user: User) -> Self:
        """The office sees what was sent; the parents have it in their mail."""
        return self if user.role == Role.ADMIN else self.none()

    def to_try(self) -> Self:
        """The mails that may be sent now: not sent, in nobody's hands, not tried too often."""
        return self.filter(state__in=[MailState.WAITING, MailState.FAILED], attempts__lt=MOST_ATTEMPTS)


class FamilyMail(StudentRecord):
    """One mail about a child to one parent: the week that ended on `day`, or the absence of `day`.

    The row is there before the mail is sent, and its constraint holds against two senders at once. It tells that a
    child was absent, so it is erased with the child, unlike AccessLog. Rows are written by queryset alone: the states
    of a mail are no changes that a history should keep.
    """

    parent = models.ForeignKey(Parent, on_delete=models.CASCADE, related_name="mails", verbose_name=_("parent"))
    kind = models.CharField(_("kind"), max_length=10, choices=MailKind.choices)
    day = models.DateField(_("day"))
    state = models.CharField(_("state"), max_length=10, choices=MailState.choices, default=MailState.WAITING)
    attempts = models.PositiveSmallIntegerField(_("attempts"), default=0)

    objects = FamilyMailQuerySet.as_manager()

    class Meta:
        ordering: ClassVar = ["-day", "pk"]
        verbose_name = _("mail to a parent")
        verbose_name_plural = _("mails to parents")
        constraints: ClassVar = [
            models.UniqueConstraint(
                fields=["student", "parent", "kind", "day"], name="family_mail_once_per_parent_student_kind_and_day"
            ),
            models.CheckConstraint(condition=Q(kind__in=MailKind.values), name="family_mail_kind_known"),
            models.CheckConstraint(condition=Q(state__in=MailState.values), name="family_mail_state_known"),
            models.CheckConstraint(condition=Q(attempts__lte=MOST_ATTEMPTS), name="family_mail_attempts_bounded"),
        ]
        indexes: ClassVar = [models.Index(fields=["day"], name="family_mail_by_day")]

    def __str__(self) -> str:
        return f"{self.kind}, {self.day.isoformat()}: {self.state}"

    @property
    def key(self) -> MailKey:
        """What the mail is about and to whom."""
        return (self.parent_id, self.student_id, self.kind, self.day)
