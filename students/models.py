"""Who it is about: students with the people around them. Classes and the calendar are in school_models.py."""

from __future__ import annotations

import uuid
from datetime import date
from typing import Any, ClassVar

from django.core.exceptions import ValidationError
from django.db import models
from django.db.models import F, Q
from django.utils.translation import gettext_lazy as _

from accounts.models import Parent, Teacher, Tracked
from students.fields import LastDayField, last_day
from students.querysets import (
    EmergencyContactQuerySet,
    EnrolmentQuerySet,
    GuardianQuerySet,
    StudentParentLinkQuerySet,
    StudentQuerySet,
    TeachingAssignmentQuerySet,
)
from students.rollover_models import Rollover
from students.school_models import AcademicYear, Closure, School, SchoolClass, Subject, Term

__all__ = [
    "AcademicYear",
    "Closure",
    "EmergencyContact",
    "Enrolment",
    "Guardian",
    "Rollover",
    "School",
    "SchoolClass",
    "Student",
    "StudentParentLink",
    "Subject",
    "TeachingAssignment",
    "Term",
]


class Gender(models.TextChoices):
    FEMALE = "female", _("Female")
    MALE = "male", _("Male")
    OTHER = "other", _("Other")
    UNSPECIFIED = "", _("Not recorded")


class Student(Tracked):
    """A pupil. `student_id` is the public name in addresses and the API: generated once, never reissued."""

    student_id = models.CharField(_("student id"), max_length=20, unique=True, editable=False)
    uuid = models.UUIDField(default=uuid.uuid4, unique=True, editable=False)
    given_name = models.CharField(_("given name"), max_length=100)
    family_name = models.CharField(_("family name"), max_length=100, blank=True)
    gender = models.CharField(_("gender"), max_length=10, choices=Gender.choices, blank=True, default="")
    date_of_birth = models.DateField(_("date of birth"), null=True, blank=True)
    enrollment_date = models.DateField(_("joined the school on"), null=True, blank=True)
    left_on = LastDayField(_("last day at the school"))
    external_id = models.CharField(_("id in the roster system"), max_length=255, blank=True)

    objects = StudentQuerySet.as_manager()

    class Meta:
        ordering: ClassVar = ["family_name", "given_name", "pk"]
        verbose_name = _("student")
        verbose_name_plural = _("students")
        constraints: ClassVar = [
            models.CheckConstraint(condition=~Q(given_name=""), name="student_has_given_name"),
            models.CheckConstraint(
                condition=Q(left_on__isnull=True)
                | Q(enrollment_date__isnull=True)
                | Q(left_on__gt=F("enrollment_date")),
                name="student_leaves_after_joining",
                violation_error_message=_("The last day at the school is before the first. Correct one of the two."),
            ),
            models.CheckConstraint(
                condition=Q(date_of_birth__isnull=True)
                | Q(enrollment_date__isnull=True)
                | Q(date_of_birth__lt=F("enrollment_date")),
                name="student_born_before_joining",
                violation_error_message=_(
                    "The date of birth is not before the day of joining. Correct one of the two."
                ),
            ),
            models.UniqueConstraint(
                fields=["external_id"], condition=~Q(external_id=""), name="student_external_id_once"
            ),
        ]

    @property
    def full_name(self) -> str:
        return full_name_of(self.given_name, self.family_name)

    @property
    def last_day(self) -> date | None:
        """The last day at the school, inclusive."""
        return last_day(self.left_on)

    def __str__(self) -> str:
        return self.full_name

    def save(self, *args: Any, **kwargs: Any) -> None:
        """Gives a new student the next student_id."""
        if not self.student_id:
            self.student_id = School.allocate_student_ids(1)[0]
        super().save(*args, **kwargs)


def full_name_of(given_name: str, family_name: str) -> str:
    """A student's name as it is said; a family name may be missing."""
    return f"{given_name} {family_name}".strip()


class Contact(Tracked):
    """Somebody to call about a student; priority 1 is called first."""

    student = models.ForeignKey(Student, on_delete=models.CASCADE, verbose_name=_("student"))
    name = models.CharField(_("name"), max_length=200)
    relationship = models.CharField(_("relationship"), max_length=50, blank=True)
    phone = models.CharField(_("phone"), max_length=40, blank=True)
    email = models.EmailField(_("e-mail"), blank=True)
    address = models.TextField(_("address"), blank=True)
    priority = models.PositiveSmallIntegerField(_("called in this order"), default=1)

    class Meta:
        abstract = True
        ordering: ClassVar = ["priority", "pk"]

    def __str__(self) -> str:
        return f"{self.name} ({self.relationship})" if self.relationship else self.name


class Guardian(Contact):
    """A parent or carer. With a portal account of their own, `parent` names it."""

    parent = models.ForeignKey(
        Parent, on_delete=models.SET_NULL, null=True, blank=True, verbose_name=_("portal account")
    )

    objects = GuardianQuerySet.as_manager()

    class Meta(Contact.Meta):
        verbose_name = _("guardian")
        verbose_name_plural = _("guardians")
        default_related_name = "guardians"
        constraints: ClassVar = [
            models.CheckConstraint(condition=~Q(name=""), name="guardian_has_name"),
            models.UniqueConstraint(fields=["student", "parent"], name="guardian_account_once_per_student"),
        ]


class EmergencyContact(Contact):
    """Somebody to call when no guardian answers."""

    objects = EmergencyContactQuerySet.as_manager()

    class Meta(Contact.Meta):
        verbose_name = _("emergency contact")
        verbose_name_plural = _("emergency contacts")
        default_related_name = "emergency_contacts"
        constraints: ClassVar = [models.CheckConstraint(condition=~Q(name=""), name="emergency_contact_has_name")]


class StudentParentLink(Tracked):
    """Lets a parent read one child's report from starts_on until ends_on, domain by domain."""

    student = models.ForeignKey(
        Student, on_delete=models.CASCADE, related_name="parent_links", verbose_name=_("student")
    )
    parent = models.ForeignKey(Parent, on_delete=models.PROTECT, related_name="child_links", verbose_name=_("parent"))
    relationship = models.CharField(_("relationship"), max_length=50, blank=True)
    starts_on = models.DateField(_("from"))
    ends_on = LastDayField(_("last day"))
    may_see_attendance = models.BooleanField(_("may see attendance"), default=True)
    may_see_assessments = models.BooleanField(_("may see assessments"), default=True)
    may_see_behavior = models.BooleanField(_("may see behaviour"), default=True)
    may_see_participation = models.BooleanField(_("may see participation"), default=True)

    objects = StudentParentLinkQuerySet.as_manager()

    class Meta:
        verbose_name = _("access of a parent")
        verbose_name_plural = _("access of parents")
        constraints: ClassVar = [
            models.UniqueConstraint(
                fields=["student", "parent"],
                condition=Q(ends_on__isnull=True),
                name="parent_link_once_while_open",
                violation_error_message=_("This parent already has open access to this child."),
            ),
            models.CheckConstraint(
                condition=Q(ends_on__isnull=True) | Q(ends_on__gte=F("starts_on")),
                name="parent_link_ends_after_start",
                violation_error_message=_("The last day is before the first."),
            ),
        ]

    def __str__(self) -> str:
        return f"{self.parent} → {self.student}"


class Enrolment(Tracked):
    """A student in a class from starts_on until ends_on (exclusive). The primary one counts for days missed."""

    student = models.ForeignKey(
        Student, on_delete=models.CASCADE, related_name="enrolments", db_index=False, verbose_name=_("student")
    )
    school_class = models.ForeignKey(
        SchoolClass, on_delete=models.PROTECT, related_name="enrolments", db_index=False, verbose_name=_("class")
    )
    starts_on = models.DateField(_("from"))
    ends_on = LastDayField(_("last day"))
    is_primary = models.BooleanField(_("main class"), default=False)
    external_id = models.CharField(_("id in the roster system"), max_length=255, blank=True)

    objects = EnrolmentQuerySet.as_manager()

    class Meta:
        ordering: ClassVar = ["-starts_on", "pk"]
        verbose_name = _("enrolment")
        verbose_name_plural = _("enrolments")
        constraints: ClassVar = [
            models.CheckConstraint(
                condition=Q(ends_on__isnull=True) | Q(ends_on__gte=F("starts_on")),
                name="enrolment_ends_after_start",
                violation_error_message=_("The last day is before the first."),
            ),
            models.UniqueConstraint(
                fields=["student", "school_class"],
                condition=Q(ends_on__isnull=True),
                name="enrolment_once_while_open",
                violation_error_message=_("The student is already in this class."),
            ),
            models.UniqueConstraint(
                fields=["student"],
                condition=Q(ends_on__isnull=True, is_primary=True),
                name="enrolment_one_primary_while_open",
                violation_error_message=_("The student already has a main class. End that enrolment first."),
            ),
            models.UniqueConstraint(
                fields=["external_id"], condition=~Q(external_id=""), name="enrolment_external_id_once"
            ),
        ]
        indexes: ClassVar = [
            models.Index(fields=["school_class", "starts_on"], name="enrolment_by_class"),
            models.Index(fields=["student", "starts_on"], name="enrolment_by_student"),
        ]

    def __str__(self) -> str:
        return f"{self.student}, {self.school_class}"

    @property
    def last_day(self) -> date | None:
        return last_day(self.ends_on)

    def clean(self) -> None:
        """A student is in one class once at a time: overlapping enrolments would list them twice."""
        super().clean()
        if not (self.student_id and self.school_class_id and self.starts_on):
            return
        others = Enrolment.objects.filter(student=self.student_id, school_class=self.school_class_id).exclude(
            pk=self.pk
        )
        later = others.filter(Q(ends_on__isnull=True) | Q(ends_on__gt=self.starts_on))
        if self.ends_on:
            later = later.filter(starts_on__lt=self.ends_on)
        if later.exists():
            raise ValidationError(_("The student is in this class already on some of these days. Change the dates."))


class TeachingAssignment(Tracked):
    """Gives a teacher a class from starts_on until ends_on; without a subject it is the homeroom. Cover is one day."""

    teacher = models.ForeignKey(
        Teacher, on_delete=models.PROTECT, related_name="assignments", verbose_name=_("teacher")
    )
    school_class = models.ForeignKey(
        SchoolClass, on_delete=models.PROTECT, related_name="assignments", verbose_name=_("class")
    )
    subject = models.ForeignKey(
        Subject, on_delete=models.PROTECT, null=True, blank=True, related_name="assignments", verbose_name=_("subject")
    )
    starts_on = models.DateField(_("from"))
    ends_on = LastDayField(_("last day"))
    external_id = models.CharField(_("id in the roster system"), max_length=255, blank=True)

    objects = TeachingAssignmentQuerySet.as_manager()

    class Meta:
        ordering: ClassVar = ["-starts_on", "pk"]
        verbose_name = _("teaching assignment")
        verbose_name_plural = _("teaching assignments")
        constraints: ClassVar = [
            models.CheckConstraint(
                condition=Q(ends_on__isnull=True) | Q(ends_on__gte=F("starts_on")),
                name="assignment_ends_after_start",
                violation_error_message=_("The last day is before the first."),
            ),
            models.UniqueConstraint(
                fields=["teacher", "school_class", "subject"],
                condition=Q(ends_on__isnull=True, subject__isnull=False),
                name="assignment_once_while_open",
                violation_error_message=_("This teacher already has this class and subject."),
            ),
            models.UniqueConstraint(
                fields=["teacher", "school_class"],
                condition=Q(ends_on__isnull=True, subject__isnull=True),
                name="homeroom_assignment_once_while_open",
                violation_error_message=_("This teacher already has this class."),
            ),
            models.UniqueConstraint(
                fields=["external_id"], condition=~Q(external_id=""), name="assignment_external_id_once"
            ),
        ]

    @property
    def last_day(self) -> date | None:
        """The last day, inclusive; None while it is open."""
        return last_day(self.ends_on)

    def __str__(self) -> str:
        return f"{self.teacher}, {self.school_class}"
