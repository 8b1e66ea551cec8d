"""What is stored of behaviour, and what can never be stored."""

from __future__ import annotations

from typing import ClassVar

from django.db import models
from django.db.models import Q
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from accounts.models import Teacher, Tracked, User
from behavior.querysets import BehaviorRecordQuerySet
from students.models import SchoolClass
from students.querysets import ForStaffQuerySet
from students.records import StudentRecord


class BehaviorType(models.TextChoices):
    POSITIVE = "positive", _("Positive")
    NEGATIVE = "negative", _("Negative")

    @property
    def sign(self) -> str:
        return "▲" if self is BehaviorType.POSITIVE else "▼"

    @property
    def ed_fi(self) -> str:
        """The code of the Ed-Fi descriptor Behavior, for what leaves the portal; it has none for what is praised."""
        return "" if self is BehaviorType.POSITIVE else "School Code of Conduct"


class BehaviorCategory(Tracked):
    """What a record is about. Praise and blame share the categories: homework can be either."""

    name = models.CharField(_("name"), max_length=100)
    is_active = models.BooleanField(
        _("offered"), default=True, help_text=_("Without it, records keep the category and new ones cannot have it.")
    )

    objects = ForStaffQuerySet["BehaviorCategory"].as_manager()

    class Meta:
        ordering: ClassVar = ["name", "pk"]
        verbose_name = _("behaviour category")
        verbose_name_plural = _("behaviour categories")
        constraints: ClassVar = [
            models.CheckConstraint(condition=~Q(name=""), name="behavior_category_has_name"),
            models.UniqueConstraint(
                fields=["name"],
                name="behavior_category_name_once",
                violation_error_message=_("There is a category of this name."),
            ),
        ]

    def __str__(self) -> str:
        """The name, in the reader's language where it is one of the first."""
        return gettext(self.name) if self.name else ""


class BehaviorRecord(StudentRecord):
    """What somebody noted about one student's behaviour on a day.

    `noted_by` is who noted it; `teacher` their profile, None where the office did. `entry_key` is shared by what one
    save of a form noted, so that the same save sent twice stores it once, and can be undone as one.
    """

    behavior_type = models.CharField(_("type"), max_length=8, choices=BehaviorType.choices)
    category = models.ForeignKey(
        BehaviorCategory, on_delete=models.PROTECT, related_name="records", verbose_name=_("category")
    )
    notes = models.CharField(_("note"), max_length=300, blank=True)
    date = models.DateField(_("date"))
    teacher = models.ForeignKey(
        Teacher, on_delete=models.PROTECT, null=True, blank=True, related_name="+", verbose_name=_("teacher")
    )
    noted_by = models.ForeignKey(User, on_delete=models.PROTECT, related_name="+", verbose_name=_("noted by"))
    shared_with_parents = models.BooleanField(_("shared with parents"), default=False)
    school_class = models.ForeignKey(
        SchoolClass,
        on_delete=models.PROTECT,
        null=True,
        blank=True,
        related_name="+",
        verbose_name=_("class"),
        help_text=_("The class it was noted in."),
    )
    entry_key = models.UUIDField(null=True, editable=False)

    objects = BehaviorRecordQuerySet.as_manager()

    class Meta:
        ordering: ClassVar = ["-date", "-pk"]
        verbose_name = _("behaviour record")
        verbose_name_plural = _("behaviour records")
        constraints: ClassVar = [
            models.CheckConstraint(condition=Q(behavior_type__in=BehaviorType.values), name="behavior_type_known"),
            models.UniqueConstraint(
                fields=["entry_key", "student"],
                condition=Q(entry_key__isnull=False),
                name="behavior_once_per_save_and_student",
            ),
        ]
        indexes: ClassVar = [
            models.Index(fields=["student", "date"], name="behavior_by_student"),
            models.Index(fields=["date"], name="behavior_by_date"),
        ]

    def __str__(self) -> str:
        return f"{self.student_id}, {self.date.isoformat()}: {self.behavior_type}"

    @property
    def sign(self) -> str:
        """▲ or ▼."""
        return BehaviorType(self.behavior_type).sign

    @property
    def noted_by_name(self) -> str:
        """The teacher's name, never a username; for whoever is no teacher the office."""
        return self.teacher.full_name if self.teacher else gettext("School office")
