"""What is stored of assessments, and what can never be stored."""

from __future__ import annotations

from decimal import Decimal
from fractions import Fraction
from typing import ClassVar

from django.core.exceptions import ValidationError
from django.core.validators import MaxValueValidator, MinValueValidator
from django.db import models
from django.db.models import F, Q
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from accounts.models import Tracked, User
from assessments.fields import MOST_POINTS, PointsField
from assessments.kept_models import ScoreHistogram, SubjectTotal
from assessments.querysets import AssessmentQuerySet, ScoreQuerySet
from students.models import SchoolClass, Subject, Term
from students.querysets import ForStaffQuerySet
from students.sheets import SheetRecord

__all__ = [
    "Assessment",
    "AssessmentCategory",
    "AssessmentType",
    "GradeBand",
    "GradeScale",
    "Score",
    "ScoreHistogram",
    "State",
    "SubjectTotal",
]

WHOLE = Decimal(100)
LEAST_POINTS = Decimal("0.01")


class AssessmentType(models.TextChoices):
    QUIZ = "quiz", _("Quiz")
    TEST = "test", _("Test")
    EXAM = "exam", _("Exam")
    ASSIGNMENT = "assignment", _("Assignment")


class State(models.TextChoices):
    GRADED = "graded", _("Graded")
    MISSING = "missing", _("Missing")
    EXEMPT = "exempt", _("Exempt")


class AssessmentCategory(Tracked):
    """What pieces of work count, such as 40 / 20 / 40. A new piece of work of a type starts in its default category."""

    name = models.CharField(_("name"), max_length=100)
    weight = PointsField(
        _("weight"),
        default=Decimal(1),
        validators=[MinValueValidator(0), MaxValueValidator(MOST_POINTS)],
        help_text=_("How much a score in it counts beside the others; 0 counts in no average."),
    )
    default_for = models.CharField(
        _("default for"), max_length=10, choices=AssessmentType.choices, blank=True, help_text=_("A type of work.")
    )
    external_id = models.CharField(_("id in the roster system"), max_length=255, blank=True, editable=False)

    objects = ForStaffQuerySet["AssessmentCategory"].as_manager()

    class Meta:
        ordering: ClassVar = ["name", "pk"]
        verbose_name = _("assessment category")
        verbose_name_plural = _("assessment categories")
        constraints: ClassVar = [
            models.CheckConstraint(condition=~Q(name=""), name="category_has_name"),
            models.CheckConstraint(
                condition=Q(weight__gte=0),
                name="category_weight_not_negative",
                violation_error_message=_("Give a weight of 0 or more."),
            ),
            models.UniqueConstraint(
                fields=["name"],
                condition=Q(external_id=""),
                name="category_name_once",
                violation_error_message=_("There is a category of this name."),
            ),
            models.UniqueConstraint(
                fields=["default_for"],
                condition=~Q(default_for=""),
                name="category_one_default_per_type",
                violation_error_message=_("Another category is the default for this type of work."),
            ),
            models.UniqueConstraint(
                fields=["external_id"], condition=~Q(external_id=""), name="category_external_id_once"
            ),
        ]

    def __str__(self) -> str:
        return self.name


class Assessment(Tracked):
    """A piece of work of a class in a subject. Its term and year follow from its date.

    Parents read its scores from `published_at` on; empty means not published.
    """

    title = models.CharField(_("title"), max_length=200)
    school_class = models.ForeignKey(
        SchoolClass, on_delete=models.PROTECT, related_name="assessments", db_index=False, verbose_name=_("class")
    )
    subject = models.ForeignKey(
        Subject, on_delete=models.PROTECT, related_name="assessments", verbose_name=_("subject")
    )
    assessment_type = models.CharField(_("type"), max_length=10, choices=AssessmentType.choices)
    category = models.ForeignKey(
        AssessmentCategory, on_delete=models.PROTECT, related_name="assessments", verbose_name=_("category")
    )
    date_taken = models.DateField(_("date"))
    max_score = PointsField(_("out of"), validators=[MinValueValidator(LEAST_POINTS), MaxValueValidator(MOST_POINTS)])
    allows_extra = models.BooleanField(
        _("extra credit"), default=False, help_text=_("A score may be higher than the maximum.")
    )
    published_at = models.DateTimeField(
        _("published at"),
        null=True,
        blank=True,
        help_text=_("From then on parents read the scores; empty: they do not."),
    )
    scored_by = models.ForeignKey(
        User, on_delete=models.PROTECT, null=True, editable=False, related_name="+", verbose_name=_("scored by")
    )
    scored_at = models.DateTimeField(_("scored at"), null=True, editable=False)
    external_id = models.CharField(_("id in the roster system"), max_length=255, blank=True, editable=False)

    objects = AssessmentQuerySet.as_manager()

    class Meta:
        ordering: ClassVar = ["-date_taken", "pk"]
        verbose_name = _("assessment")
        verbose_name_plural = _("assessments")
        constraints: ClassVar = [
            models.CheckConstraint(condition=~Q(title=""), name="assessment_has_title"),
            models.CheckConstraint(
                condition=Q(max_score__gt=0),
                name="assessment_maximum_positive",
                violation_error_message=_("Give a maximum above 0."),
            ),
            models.CheckConstraint(
                condition=Q(assessment_type__in=AssessmentType.values), name="assessment_type_known"
            ),
            models.UniqueConstraint(
                fields=["school_class", "subject", "assessment_type", "date_taken", "title", "max_score"],
                condition=Q(external_id=""),
                name="assessment_once",
                violation_error_message=_("There is a piece of work of this title, type, date and maximum already."),
            ),
            models.UniqueConstraint(
                fields=["external_id"], condition=~Q(external_id=""), name="assessment_external_id_once"
            ),
        ]
        indexes: ClassVar = [
            models.Index(fields=["school_class", "subject", "date_taken"], name="assessment_by_class"),
            models.Index(fields=["date_taken"], name="assessment_by_date"),
        ]

    def __str__(self) -> str:
        return self.title

    @property
    def pair(self) -> tuple[int, int]:
        """The keys of its class and subject, for which totals are kept."""
        return (self.school_class_id, self.subject_id)

    @property
    def term(self) -> Term | None:
        """The term that holds its date; one statement."""
        return Term.objects.on(self.date_taken).first()

    @property
    def is_published(self) -> bool:
        """Whether parents read it now."""
        return self.published_at is not None and self.published_at <= timezone.now()

    @property
    def is_scheduled(self) -> bool:
        """Whether parents will read it later."""
        return self.published_at is not None and self.published_at > timezone.now()

    def clean(self) -> None:
        """The date lies in the school year of the class; no score is above the maximum."""
        super().clean()
        if self.school_class_id and self.date_taken:
            year = self.school_class.academic_year
            if not year.starts_on <= self.date_taken < year.ends_on:
                raise ValidationError(
                    {"date_taken": _("This day is not in the school year of the class, %(year)s.") % {"year": year}}
                )
        if self.pk and isinstance(self.max_score, Decimal) and not self.allows_extra:  # else it is refused already
            highest = self.scores.filter(score__isnull=False).order_by("-score").first()
            if highest is not None and highest.score > self.max_score:
                raise ValidationError({"max_score": above_maximum(highest)})


def above_maximum(score: Score) -> str:
    """Why a maximum cannot be lowered below a score."""
    return _("%(student)s has %(score)s points. Correct that score first, or allow extra credit.") % {
        "student": score.student,
        "score": score.score.normalize() if score.score else score.score,
    }


class Score(SheetRecord):
    """What one student reached in one piece of work. No row means not graded yet.

    `max_score` and `allows_extra` are the assessment's, copied so that the database can refuse a score above it;
    services.py keeps them equal.
    """

    sheet_fields = ("state", "score", "notes")

    assessment = models.ForeignKey(
        Assessment, on_delete=models.PROTECT, related_name="scores", verbose_name=_("assessment")
    )
    state = models.CharField(_("state"), max_length=7, choices=State.choices, default=State.GRADED)
    score = PointsField(_("score"), null=True, blank=True)
    max_score = PointsField(_("out of"))
    allows_extra = models.BooleanField(_("extra credit"), default=False)
    notes = models.CharField(_("note"), max_length=300, blank=True)
    external_id = models.CharField(_("id in the roster system"), max_length=255, blank=True, editable=False)

    objects = ScoreQuerySet.as_manager()

    class Meta:
        ordering: ClassVar = ["-assessment__date_taken", "pk"]
        verbose_name = _("score")
        verbose_name_plural = _("scores")
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["student", "assessment"], name="score_once_per_student_and_assessment"),
            models.CheckConstraint(condition=Q(state__in=State.values), name="score_state_known"),
            models.CheckConstraint(
                condition=Q(state=State.GRADED, score__isnull=False) | (~Q(state=State.GRADED) & Q(score__isnull=True)),
                name="score_exactly_when_graded",
            ),
            models.CheckConstraint(condition=Q(score__isnull=True) | Q(score__gte=0), name="score_not_negative"),
            models.CheckConstraint(
                condition=Q(score__isnull=True) | Q(allows_extra=True) | Q(score__lte=F("max_score")),
                name="score_within_maximum",
            ),
            models.CheckConstraint(condition=Q(max_score__gt=0), name="score_maximum_positive"),
            models.UniqueConstraint(
                fields=["external_id"], condition=~Q(external_id=""), name="score_external_id_once"
            ),
        ]

    def __str__(self) -> str:
        return f"{self.student_id}, {self.assessment_id}: {self.state}"

    @property
    def share(self) -> Fraction | None:
        """score / max_score exactly; None unless graded."""
        return Fraction(self.score) / Fraction(self.max_score) if self.score is not None else None


class GradeScale(Tracked):
    """Lower bounds with a letter each. One scale is in use."""

    name = models.CharField(_("name"), max_length=100)
    in_use = models.BooleanField(_("in use"), default=False)

    objects = ForStaffQuerySet["GradeScale"].as_manager()

    class Meta:
        ordering: ClassVar = ["name", "pk"]
        verbose_name = _("grade scale")
        verbose_name_plural = _("grade scales")
        constraints: ClassVar = [
            models.CheckConstraint(condition=~Q(name=""), name="scale_has_name"),
            models.UniqueConstraint(fields=["name"], name="scale_name_once"),
            models.UniqueConstraint(
                fields=["in_use"],
                condition=Q(in_use=True),
                name="scale_one_in_use",
                violation_error_message=_("Another scale is in use. Take it out of use first."),
            ),
        ]

    def __str__(self) -> str:
        return self.name


class GradeBand(Tracked):
    """A grade from a percentage on, up to the next band of its scale."""

    scale = models.ForeignKey(
        GradeScale, on_delete=models.CASCADE, related_name="bands", db_index=False, verbose_name=_("scale")
    )
    label = models.CharField(_("grade"), max_length=20)
    lower_bound = PointsField(_("from percent"), validators=[MinValueValidator(0), MaxValueValidator(WHOLE)])

    objects = ForStaffQuerySet["GradeBand"].as_manager()

    class Meta:
        ordering: ClassVar = ["scale", "-lower_bound"]
        verbose_name = _("grade")
        verbose_name_plural = _("grades")
        constraints: ClassVar = [
            models.CheckConstraint(condition=~Q(label=""), name="band_has_label"),
            models.CheckConstraint(condition=Q(lower_bound__range=(0, WHOLE)), name="band_within_percent"),
            models.UniqueConstraint(
                fields=["scale", "lower_bound"],
                name="band_bound_once_per_scale",
                violation_error_message=_("Another grade of this scale starts at this percentage."),
            ),
            models.UniqueConstraint(
                fields=["scale", "label"],
                name="band_label_once_per_scale",
                violation_error_message=_("This scale has this grade already."),
            ),
        ]

    def __str__(self) -> str:
        return self.label
