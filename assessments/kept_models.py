"""What is kept of scores so that averages of a whole school need not be added up again: derived, never entered.

Only `recounting.py` writes these rows, from the scores and in the transaction that changes them. They hold scores that
are not published, so only staff may see them.
"""

from __future__ import annotations

from typing import Any, ClassVar

from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from assessments.fields import DigitsField
from assessments.querysets import ScoreHistogramQuerySet, SubjectTotalQuerySet
from students.models import SchoolClass, Subject
from students.records import StudentRecord

PERCENTS = 101  # 0 to 100


def no_counts() -> list[int]:
    return [0] * PERCENTS


class SubjectTotal(StudentRecord):
    """What a student's scores in the work of one class in one subject add up to, published or not.

    The average is earned / (base x weight), exactly as `metrics.Average` says: `weight` in hundredths, over graded and
    missing scores; `earned` in hundredths of a weight over `base`, the least common multiple of the maxima of the
    graded scores in hundredths of a point. Written by queryset alone: derived rows have no history.
    """

    school_class = models.ForeignKey(
        SchoolClass, on_delete=models.CASCADE, related_name="+", db_index=False, verbose_name=_("class")
    )
    subject = models.ForeignKey(
        Subject, on_delete=models.CASCADE, related_name="+", db_index=False, verbose_name=_("subject")
    )
    graded = models.PositiveIntegerField(_("graded"))
    missing = models.PositiveIntegerField(_("missing"))
    exempt = models.PositiveIntegerField(_("exempt"))
    weight = models.PositiveBigIntegerField(_("weight"))
    earned = DigitsField(_("earned"))
    base = DigitsField(_("base"))

    objects = SubjectTotalQuerySet.as_manager()

    class Meta:
        ordering: ClassVar = ["school_class", "subject", "student"]
        verbose_name = _("total of a subject")
        verbose_name_plural = _("totals of subjects")
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["student", "school_class", "subject"], name="subject_total_once"),
            models.CheckConstraint(
                condition=Q(graded__gt=0) | Q(missing__gt=0) | Q(exempt__gt=0), name="subject_total_of_some_score"
            ),
        ]
        indexes: ClassVar = [models.Index(fields=["school_class", "subject"], name="subject_total_by_class")]

    def __str__(self) -> str:
        return f"{self.student_id}, {self.school_class_id}, {self.subject_id}"


class ScoreHistogram(models.Model):
    """How many graded scores of a class in a subject stand at each whole percent, published or not.

    `counts[n]`: from n % to below n + 1 % of the maximum, and in the last place, 100, all from there on. Derived, so
    it is not Tracked.

    `students`, `totals` and `by_day` hold the totals and the scores once more, as a sheet that is quick to read: a
    school has a twentieth as many of these rows as totals. Text, since most of it is not opened; recounting.py writes
    it. students: the keys of those who have a score, in order, a space between any two. totals: the columns of their
    SubjectTotals as JSON, [base, earned, weight, graded, missing, exempt], `earned` over the one base. by_day: a line
    for each day with work, the latest first, 2026-03-31 and the works as JSON: [weight, maximum, points, lacking], in
    hundredths, points in the order of the students, 0 where none; `lacking` are the places of those for whom the work
    does not count.
    """

    school_class = models.ForeignKey(
        SchoolClass, on_delete=models.CASCADE, related_name="+", db_index=False, verbose_name=_("class")
    )
    subject = models.ForeignKey(Subject, on_delete=models.CASCADE, related_name="+", verbose_name=_("subject"))
    counts: Any = models.JSONField(_("counts"), default=no_counts)
    students = models.TextField(_("students"), default="")
    totals = models.TextField(_("totals"), default="")
    by_day = models.TextField(_("scores by day"), default="")

    objects = ScoreHistogramQuerySet.as_manager()

    class Meta:
        ordering: ClassVar = ["school_class", "subject"]
        verbose_name = _("histogram of scores")
        verbose_name_plural = _("histograms of scores")
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["school_class", "subject"], name="score_histogram_once"),
        ]

    def __str__(self) -> str:
        return f"{self.school_class_id}, {self.subject_id}"
