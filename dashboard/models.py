"""What is stored across domains: a note of the school for a family. Alerts: alert_models.py; mails: mail_models.py."""

from __future__ import annotations

from typing import ClassVar, Self

from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from accounts.models import User
from accounts.roles import Role
from accounts.scoping import ScopedQuerySet
from dashboard.alert_models import FollowUp, ThresholdSet
from dashboard.mail_models import FamilyMail
from students.models import Student
from students.records import StudentRecord

__all__ = ["FamilyMail", "FamilyNote", "FollowUp", "ThresholdSet"]


class FamilyNoteQuerySet(ScopedQuerySet["FamilyNote"]):
    def visible_to(self, user: User) -> Self:
        """Whoever sees the student; for a parent any open link does, since the note is written to the family."""
        if user.role == Role.ADMIN:
            return self
        return self.filter(student__in=Student.objects.visible_to(user))

    def of_report(self, student: Student) -> Self:
        """The notes that stand on a student's report, the latest first, with who wrote them."""
        return self.filter(student=student).select_related("written_by__teacher", "written_by__parent")

    def written_by_or_all(self, user: User) -> Self:
        """The notes that this person may withdraw: the own ones, for the office all."""
        return self if user.role == Role.ADMIN else self.filter(written_by=user)


class FamilyNote(StudentRecord):
    """A few lines of the school to a student's family, which stand on the report until they are withdrawn."""

    text = models.CharField(_("note for the family"), max_length=500)
    written_by = models.ForeignKey(User, on_delete=models.PROTECT, related_name="+", verbose_name=_("written by"))

    objects = FamilyNoteQuerySet.as_manager()

    class Meta:
        ordering: ClassVar = ["-created_at", "-pk"]
        verbose_name = _("note for a family")
        verbose_name_plural = _("notes for families")
        constraints: ClassVar = [models.CheckConstraint(condition=~Q(text=""), name="family_note_has_text")]
        indexes: ClassVar = [models.Index(fields=["student", "-created_at"], name="family_note_by_student")]

    def __str__(self) -> str:
        return self.text

    def may_be_withdrawn_by(self, user: User) -> bool:
        """As FamilyNoteQuerySet.written_by_or_all has it."""
        return user.role == Role.ADMIN or self.written_by_id == user.pk
