"""The seals of the audit: which rows of AccessLog and of every history were there, and that none has changed since."""

from __future__ import annotations

from typing import ClassVar

from django.conf import settings
from django.db import models
from django.utils.translation import gettext_lazy as _


class AuditErasure(models.Model):
    """A child was erased: the only reason for which the triggers let audited rows go.

    It is open within the transaction that erases and never afterwards, so nobody else ever sees an open one. Then it
    names the child by a key that leads nowhere, and counts and digests the entries that lost their salt by it.
    """

    student_key = models.BigIntegerField(_("key of the student"))
    student_id = models.CharField(_("student"), max_length=20, blank=True)
    erased_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+", verbose_name=_("by whom")
    )
    erased_at = models.DateTimeField(_("when"), auto_now_add=True)
    is_open = models.BooleanField(_("in progress"), default=True)
    entries = models.PositiveIntegerField(_("entries that lost their content"), default=0)
    digest = models.CharField(max_length=64, blank=True)

    class Meta:
        verbose_name = _("erasure in the audit")
        verbose_name_plural = _("erasures in the audit")

    def __str__(self) -> str:
        return f"{self.erased_at:%Y-%m-%d} {self.student_key}"


class AuditEntry(models.Model):
    """One audited row as it was when it was sealed. Numbered from 1 without a gap.

    digest: SHA-256 of the table, the key, the columns that outlive an erasure, and the digest of all others with the
    salt. That inner digest is kept as `personal` only where something outlives an erasure: it is then what the rest
    can be checked with. Without the salt nobody can find out by trying what the erased columns held.
    """

    number = models.BigIntegerField(primary_key=True)
    source = models.CharField(_("table"), max_length=100)
    row = models.BigIntegerField(_("key"))
    salt = models.CharField(max_length=32, null=True)  # noqa: DJ001  (null once erased)
    personal = models.CharField(max_length=64, blank=True)
    digest = models.CharField(max_length=64)
    erasure = models.ForeignKey(
        AuditErasure, on_delete=models.PROTECT, null=True, db_constraint=False, related_name="+"
    )

    class Meta:
        verbose_name = _("audit entry")
        verbose_name_plural = _("audit entries")
        constraints: ClassVar = [models.UniqueConstraint(fields=["source", "row"], name="audit_entry_once")]

    def __str__(self) -> str:
        return f"{self.source} {self.row}"


class AuditSeal(models.Model):
    """A batch of entries, chained to the seal before it. Numbered from 1 without a gap.

    ranges: JSON, for each table in it [table, the last key sealed before, the last key in it, columns that outlive an
    erasure, all other columns]. Columns are named so that one added later breaks no older seal.
    """

    number = models.BigIntegerField(primary_key=True)
    sealed_at = models.DateTimeField(_("when"))
    ranges = models.TextField()
    last_entry = models.BigIntegerField(_("entries up to here"))
    previous = models.CharField(max_length=64, unique=True)  # a chain cannot fork
    digest = models.CharField(max_length=64)

    class Meta:
        verbose_name = _("audit seal")
        verbose_name_plural = _("audit seals")

    def __str__(self) -> str:
        return f"{self.number} {self.digest}"
