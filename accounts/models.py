"""Who signs in: the user with a role, the two profiles, and the log of who opened whose record."""

from __future__ import annotations

import uuid
from datetime import time
from typing import Any, ClassVar

from django.contrib.auth.models import AbstractUser, UserManager
from django.db import models
from django.db.models import F, Q
from django.utils.translation import gettext_lazy as _
from simple_history.models import HistoricalRecords

from accounts.audit_models import AuditEntry, AuditErasure, AuditSeal
from accounts.querysets import ApiTokenQuerySet, ParentQuerySet, TeacherQuerySet, UserQuerySet
from accounts.roles import Role

__all__ = [
    "AccessLog",
    "ApiToken",
    "AuditEntry",
    "AuditErasure",
    "AuditSeal",
    "Parent",
    "ParkedForm",
    "Teacher",
    "Tracked",
    "User",
]


class Tracked(models.Model):
    """Base of every row of the school: when it was made and last changed, and the history of who did it."""

    created_at = models.DateTimeField(_("created"), auto_now_add=True)
    updated_at = models.DateTimeField(_("last changed"), auto_now=True)
    history = HistoricalRecords(inherit=True)

    class Meta:
        abstract = True


class PortalUserManager(UserManager["User"]):
    """Users by role. `createsuperuser` makes an admin; everybody else needs a role."""

    def get_queryset(self) -> UserQuerySet:
        return UserQuerySet(self.model, using=self._db)

    def visible_to(self, user: User) -> UserQuerySet:
        return self.get_queryset().visible_to(user)

    def create_superuser(
        self, username: str, email: str | None = None, password: str | None = None, **extra: Any
    ) -> User:
        extra.pop("is_staff", None)
        user: User = self.model(
            username=username, email=self.normalize_email(email), role=Role.ADMIN, is_superuser=True, **extra
        )
        user.set_password(password)
        user.save(using=self._db)
        return user

    def create_user(  # type: ignore[override]
        self, username: str, email: str | None = None, password: str | None = None, *, role: Role, **extra: Any
    ) -> User:
        user: User = self.model(username=username, email=self.normalize_email(email), role=role, **extra)
        user.set_password(password)
        user.save(using=self._db)
        return user


class User(AbstractUser):
    """Somebody who may sign in. `role` decides privileges and the home page; profiles decide rows."""

    first_name = None  # type: ignore[assignment]
    last_name = None  # type: ignore[assignment]
    role = models.CharField(_("role"), max_length=10, choices=Role.choices)
    created_at = models.DateTimeField(_("created"), auto_now_add=True)
    updated_at = models.DateTimeField(_("last changed"), auto_now=True)
    history = HistoricalRecords(excluded_fields=["password", "last_login"])

    REQUIRED_FIELDS: ClassVar[list[str]] = ["email"]
    objects: ClassVar[PortalUserManager] = PortalUserManager()

    class Meta(AbstractUser.Meta):
        constraints: ClassVar = [
            models.CheckConstraint(condition=Q(role__in=Role.values), name="user_role_known"),
            models.CheckConstraint(condition=Q(is_superuser=False) | Q(role=Role.ADMIN), name="superuser_is_admin"),
        ]

    @property
    def is_staff(self) -> bool:  # type: ignore[override]
        """Whether the Django admin opens: it follows the role, so that a demotion closes it at once."""
        return self.role == Role.ADMIN

    def save(self, *args: Any, **kwargs: Any) -> None:
        """Signing in is no change of the person: noting when it was writes no history."""
        if kwargs.get("update_fields") != ["last_login"]:
            super().save(*args, **kwargs)
            return
        self.skip_history_when_saving = True
        try:
            super().save(*args, **kwargs)
        finally:
            del self.skip_history_when_saving

    @property
    def profiles(self) -> list[Teacher | Parent]:
        return [profile for name in ("teacher", "parent") if (profile := getattr(self, name, None))]

    def __str__(self) -> str:
        """The name from the profile, the username for somebody without one."""
        return self.profiles[0].full_name if self.profiles else self.username

    def get_full_name(self) -> str:
        return str(self)

    def get_short_name(self) -> str:
        return str(self)


def display_name_of(user: User) -> str:
    """How allauth names somebody in its messages."""
    return str(user)


class Teacher(Tracked):
    """A user who teaches. Which classes: see students.TeachingAssignment."""

    user = models.OneToOneField(User, on_delete=models.PROTECT, related_name="teacher", verbose_name=_("user"))
    full_name = models.CharField(_("full name"), max_length=200)
    phone = models.CharField(_("phone"), max_length=40, blank=True)
    external_id = models.CharField(_("id in the roster system"), max_length=255, blank=True)

    objects = TeacherQuerySet.as_manager()

    class Meta:
        ordering: ClassVar = ["full_name", "pk"]
        verbose_name = _("teacher")
        verbose_name_plural = _("teachers")
        constraints: ClassVar = [
            models.UniqueConstraint(
                fields=["external_id"], condition=~Q(external_id=""), name="teacher_external_id_once"
            )
        ]

    @property
    def email(self) -> str:
        return self.user.email

    def __str__(self) -> str:
        return self.full_name


class Parent(Tracked):
    """A user who may read the report of their own children. Which: see students.StudentParentLink.

    They choose which mails they get, and the hours, by the school's clock, in which none of these is sent.
    """

    user = models.OneToOneField(User, on_delete=models.PROTECT, related_name="parent", verbose_name=_("user"))
    full_name = models.CharField(_("full name"), max_length=200)
    phone = models.CharField(_("phone"), max_length=40, blank=True)
    address = models.TextField(_("address"), blank=True)
    weekly_digest = models.BooleanField(_("weekly mail"), default=False)
    absence_note = models.BooleanField(_("mail on the day of an absence"), default=False)
    quiet_from = models.TimeField(_("no mail from"), null=True, blank=True)
    quiet_until = models.TimeField(_("no mail until"), null=True, blank=True)
    external_id = models.CharField(_("id in the roster system"), max_length=255, blank=True)

    objects = ParentQuerySet.as_manager()

    class Meta:
        ordering: ClassVar = ["full_name", "pk"]
        verbose_name = _("parent")
        verbose_name_plural = _("parents")
        constraints: ClassVar = [
            models.UniqueConstraint(
                fields=["external_id"], condition=~Q(external_id=""), name="parent_external_id_once"
            ),
            models.CheckConstraint(
                condition=Q(quiet_from__isnull=True, quiet_until__isnull=True)
                | Q(quiet_from__isnull=False, quiet_until__isnull=False),
                name="parent_quiet_hours_have_both_ends",
                violation_error_message=_("Give both times or none."),
            ),
            models.CheckConstraint(
                condition=Q(quiet_from__isnull=True) | ~Q(quiet_from=F("quiet_until")),
                name="parent_quiet_hours_end",
                violation_error_message=_("The two times are the same. Change one of them."),
            ),
        ]

    def is_quiet_at(self, clock: time) -> bool:
        """Whether a time of the day lies in the quiet hours, the end excluded; they may go over midnight."""
        start, end = self.quiet_from, self.quiet_until
        if start is None or end is None:
            return False
        return start <= clock < end if start < end else clock >= start or clock < end

    def __str__(self) -> str:
        return self.full_name


class AccessLog(models.Model):
    """One row per child whose page or report somebody opened; one row without a child for a list or register.

    It names the child by student_id as text, so that the row outlives the child's record and this app needs
    to know nothing of students. Rows are only added: see accounts.audit_triggers. Erasing the child blanks the
    student_id and the address of its rows.
    """

    reader = models.ForeignKey(User, on_delete=models.PROTECT, verbose_name=_("reader"))
    read_at = models.DateTimeField(_("when"), auto_now_add=True)
    page = models.CharField(_("page"), max_length=100)
    path = models.CharField(_("address"), max_length=300)
    student_id = models.CharField(_("student"), max_length=20, blank=True)
    ip_address = models.GenericIPAddressField(_("from"), null=True)

    class Meta:
        ordering: ClassVar = ["-read_at", "-pk"]
        verbose_name = _("opened record")
        verbose_name_plural = _("opened records")
        indexes: ClassVar = [models.Index(fields=["student_id", "-read_at"], name="access_log_by_student")]

    def __str__(self) -> str:
        return f"{self.reader} → {self.student_id or self.page}"


class ParkedForm(models.Model):
    """A form posted after its session had ended, kept for its owner for an hour; see accounts.parking."""

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    owner = models.ForeignKey(User, on_delete=models.CASCADE, related_name="+", verbose_name=_("owner"))
    path = models.CharField(_("address"), max_length=300)
    fields = models.TextField(_("what was typed, as JSON"))
    parked_at = models.DateTimeField(_("when"), auto_now_add=True, db_index=True)

    class Meta:
        verbose_name = _("parked form")
        verbose_name_plural = _("parked forms")

    def __str__(self) -> str:
        return f"{self.owner}, {self.path}"


class ApiToken(models.Model):
    """Lets a program act as a user until it expires. Only its hash is kept: who reads the database can use none.

    The secret is 256 random bits, so a plain SHA-256 cannot be guessed back; no slow hash is needed at each request.
    It stands for the user in one role: after a change of role, as for somebody deactivated, it opens nothing.
    """

    user = models.ForeignKey(User, on_delete=models.CASCADE, related_name="api_tokens", verbose_name=_("stands for"))
    role = models.CharField(_("role"), max_length=10, choices=Role.choices)
    name = models.CharField(_("what it is for"), max_length=100)
    prefix = models.CharField(_("begins with"), max_length=12)
    digest = models.CharField(max_length=64, unique=True, editable=False)
    created_at = models.DateTimeField(_("created"), auto_now_add=True)
    expires_at = models.DateTimeField(_("expires"))
    revoked_at = models.DateTimeField(_("revoked"), null=True)
    last_used_at = models.DateTimeField(_("last used"), null=True)
    history = HistoricalRecords(excluded_fields=["digest", "last_used_at"])

    objects = ApiTokenQuerySet.as_manager()

    class Meta:
        ordering: ClassVar = ["-created_at", "-pk"]
        verbose_name = _("API token")
        verbose_name_plural = _("API tokens")
        constraints: ClassVar = [
            models.CheckConstraint(condition=Q(role__in=Role.values), name="api_token_role_known"),
            models.CheckConstraint(condition=~Q(name=""), name="api_token_has_name"),
            models.CheckConstraint(condition=Q(expires_at__gt=F("created_at")), name="api_token_expires_after_start"),
        ]

    def __str__(self) -> str:
        return f"{self.name} ({self.prefix}…)"


class CallCount(models.Model):
    """How often somebody has called the API within a minute: one row a caller, written by accounts/call_counts.py."""

    caller = models.CharField(max_length=100, primary_key=True)
    minute = models.BigIntegerField()
    calls = models.PositiveIntegerField()

    def __str__(self) -> str:
        return f"{self.caller}: {self.calls}"
