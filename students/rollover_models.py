"""What the start of a new school year wrote, kept so that it can be taken back exactly."""

from __future__ import annotations

from typing import ClassVar

from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from accounts.models import User
from students.school_models import AcademicYear


class Rollover(models.Model):
    """The start of one school year out of another: by whom, when, and whether it was taken back.

    `written` names rows by key and holds what was there before; undoing empties it. It has no history of its own:
    the rows that it names have theirs.
    """

    old_year = models.ForeignKey(
        AcademicYear, on_delete=models.SET_NULL, null=True, related_name="rollovers", verbose_name=_("school year left")
    )
    new_year = models.OneToOneField(
        AcademicYear, on_delete=models.SET_NULL, null=True, related_name="rollover", verbose_name=_("school year made")
    )
    new_name = models.CharField(_("name of the school year made"), max_length=100)
    made_by = models.ForeignKey(User, on_delete=models.PROTECT, related_name="+", verbose_name=_("made by"))
    made_at = models.DateTimeField(_("made at"))
    undone_by = models.ForeignKey(
        User, on_delete=models.PROTECT, null=True, related_name="+", verbose_name=_("undone by")
    )
    undone_at = models.DateTimeField(_("undone at"), null=True)
    written = models.JSONField(_("what was written"), default=dict)

    class Meta:
        ordering: ClassVar = ["-made_at", "-pk"]
        verbose_name = _("start of a school year")
        verbose_name_plural = _("starts of school years")
        constraints: ClassVar = [
            models.UniqueConstraint(
                fields=["old_year"], condition=Q(new_year__isnull=False), name="rollover_once_per_year"
            ),
            models.CheckConstraint(
                condition=Q(undone_at__isnull=True) | Q(new_year__isnull=True), name="rollover_undone_has_no_year"
            ),
        ]

    def __str__(self) -> str:
        return self.new_name
