"""What a teacher does to a piece of work as a whole, each with who did it: set it, change it, delete it, publish it."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from django.core.exceptions import ValidationError
from django.db import IntegrityError, transaction
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from accounts.models import User
from assessments.models import Assessment, AssessmentCategory
from assessments.services import delete_assessment, lock_assessment, publish, save_assessment
from core.merge import fingerprint


def create_work(*, by: User, fields: dict[str, Any]) -> Assessment:
    """Set a piece of work, not published; `fields` are those of WorkForm by name, where category may be None: that of
    its type. Raises ValidationError for what the model refuses.
    """
    category = fields["category"] or default_category(fields["assessment_type"])
    return save_once(by, Assessment(**fields | {"category": category}))


def default_category(assessment_type: str) -> AssessmentCategory:
    """The category in which work of a type starts. Raises ValidationError where the school has taken it away."""
    category = AssessmentCategory.objects.filter(default_for=assessment_type).first()
    if category is None:
        raise ValidationError({"category": _("This type of work has no category of its own. Choose one.")})
    return category


def save_once(by: User, assessment: Assessment) -> Assessment:
    """Save it; of two people who save the same work at one moment, the second is told as any later one would be."""
    try:
        with transaction.atomic():
            return save_assessment(by=by, assessment=assessment)
    except IntegrityError:
        assessment.full_clean()
        raise


@transaction.atomic
def change_work(*, by: User, assessment: Assessment, base: str, fields: dict[str, Any]) -> Assessment:
    """Change a piece of work; `base` is its fingerprint as it was shown, `fields` as for a new one.

    Raises ValidationError for what the model refuses, for another class once there are scores, and where somebody
    changed it since.
    """
    stored = lock_assessment(assessment)
    if work_fingerprint(stored) != base:
        raise ValidationError(
            _("Somebody changed this meanwhile: it is now “%(title)s”. Look again, then save once more.")
            % {"title": stored.title}
        )
    if fields["school_class"].pk != stored.school_class_id and stored.scores.exists():
        message = _("There are scores of %(class)s in it, so it stays there. Set new work for another class.")
        raise ValidationError({"school_class": message % {"class": stored.school_class}})
    category = fields["category"] or default_category(fields["assessment_type"])
    for name, value in (fields | {"category": category}).items():
        setattr(stored, name, value)
    return stored if work_fingerprint(stored) == base else save_once(by, stored)


def work_fingerprint(assessment: Assessment) -> str:
    """What tells one version of a piece of work from another; not whether it is published."""
    keys = (assessment.school_class_id, assessment.subject_id, assessment.category_id)
    words = (assessment.title, str(assessment.assessment_type), assessment.allows_extra)
    return fingerprint((*keys, *words, assessment.date_taken.isoformat(), str(assessment.max_score.normalize())))


@transaction.atomic
def delete_work(*, by: User, assessment: Assessment, expected: str) -> int:
    """Delete a piece of work with its scores; gives how many. `expected` is how many were shown to go.

    Raises ValidationError where there are more or fewer by now.
    """
    number = lock_assessment(assessment).scores.count()
    if str(number) != expected:
        raise ValidationError(
            ngettext(
                "There is %(number)d score in it now. Look again, then decide.",
                "There are %(number)d scores in it now. Look again, then decide.",
                number,
            )
            % {"number": number}
        )
    return delete_assessment(by=by, assessment=assessment)


@transaction.atomic
def publish_now(*, by: User, assessment: Assessment) -> bool:
    """Let parents read the scores from now on; False where they do already, since when stays as it is."""
    return not lock_assessment(assessment).is_published and bool(
        publish(by=by, assessments=[assessment], at=timezone.now())
    )


@transaction.atomic
def publish_at(*, by: User, assessment: Assessment, at: datetime) -> bool:
    """Let parents read the scores from a moment to come; False where that is so already.

    Raises ValidationError where they read them now: that would take the scores away from them until then.
    """
    if lock_assessment(assessment).is_published:
        raise ValidationError(_("Parents read it already. Withdraw it first if they are to read it later."))
    return bool(publish(by=by, assessments=[assessment], at=at))


def withdraw(*, by: User, assessment: Assessment) -> bool:
    """Parents read the scores no longer, or will not; False where they did not."""
    return bool(publish(by=by, assessments=[assessment], at=None))
