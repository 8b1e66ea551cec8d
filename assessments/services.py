"""Everything that can change an assessment or a score, each with who did it."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime
from functools import partial

from django.core.exceptions import ValidationError
from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext as _

from accounts.models import User
from assessments.models import Assessment, AssessmentCategory, GradeScale, Score
from assessments.recounting import lock_all_classes, lock_classes, pairs_of, recount
from assessments.scoresheet import Entry, Line, read_lines
from core.merge import fingerprint, three_way
from students.models import Student
from students.sheet_pages import not_enrolled_message
from students.sheets import remove_rows, take_back, update_rows, write_rows


class ScoresRefused(ValidationError):
    """The scores cannot be saved; the message says why and what to do. Nothing was changed."""


class StrangersRefused(ScoresRefused):
    """There are scores of students who have no line in the piece of work."""


@dataclass(frozen=True)
class Clash:
    """A line that somebody else saved since it was opened: `line` as stored now, `entry` as it was sent."""

    line: Line
    entry: Entry | None


@dataclass(frozen=True)
class Receipt:
    """What a save did.

    saved: how many lines it wrote; kept: whose score somebody else has changed since the form was opened, untouched in
    it; clashes: the lines that were not saved.
    """

    saved: int
    kept: list[str]
    clashes: list[Clash]


@transaction.atomic
def record_scores(
    *,
    by: User,
    assessment: Assessment,
    entries: Mapping[str, Entry | None],
    bases: Mapping[str, str] | None = None,
) -> Receipt:
    """Store the scores of a piece of work, keyed by student_id: all of them but those that clash or, refused, none.

    None takes a score away: not graded. Runs under a lock on the assessment and is idempotent. `bases` holds the
    fingerprint of each entry as the form was opened with; one that was stored otherwise since clashes and stays as it
    is. Without `bases` the entries overwrite what is stored.

    Raises StrangersRefused for a student who has no line in it, ScoresRefused for a score that is negative or above
    the maximum.
    """
    assessment = lock_scores(assessment)
    lines = {line.student_id: line for line in read_lines(assessment)}
    if strangers := sorted(set(entries) - set(lines)):
        raise StrangersRefused(not_enrolled_message(strangers))
    refuse_beyond(assessment, entries)
    stored = {key: line.entry for key, line in lines.items()}
    if bases is None:
        bases = {key: fingerprint(entry) for key, entry in stored.items()}
    merge = three_way(bases, entries, stored)
    if merge.save:
        moment = timezone.now()
        store_scores(by, assessment, [(lines[key], entry) for key, entry in merge.save.items()], moment)
        note_scoring(assessment, by=by, moment=moment)
        recount([assessment.pair])
    return Receipt(
        saved=len(merge.save),
        kept=[lines[key].full_name for key in merge.kept],
        clashes=[Clash(lines[key], entries[key]) for key in merge.clashes],
    )


def lock_assessment(assessment: Assessment) -> Assessment:
    """The row as stored, locked until the transaction ends. Raises ScoresRefused where it was deleted meanwhile."""
    locked = Assessment.objects.select_for_update().filter(pk=assessment.pk).first()
    if locked is None:
        raise ScoresRefused(_("Somebody deleted this piece of work meanwhile."))
    return locked


def lock_scores(assessment: Assessment) -> Assessment:
    """As lock_assessment, with the lock of its class, under which its scores may be written and recounted."""
    locked = lock_assessment(assessment)
    lock_classes([locked.school_class_id])
    return locked


def refuse_beyond(assessment: Assessment, entries: Mapping[str, Entry | None]) -> None:
    """Raise ScoresRefused for a score below 0, or above the maximum where no extra credit is allowed."""
    points = [entry.points for entry in entries.values() if entry is not None and entry.points is not None]
    if any(number < 0 for number in points):
        raise ScoresRefused(_("A score cannot be below 0."))
    if not assessment.allows_extra and any(number > assessment.max_score for number in points):
        raise ScoresRefused(_("A score is above the maximum. The maximum may have been changed; open the page again."))


def store_scores(
    by: User, assessment: Assessment, entries: Iterable[tuple[Line, Entry | None]], moment: datetime
) -> None:
    """Write new, changed and withdrawn scores with their history, sorted by student against deadlocks."""
    new: list[Score] = []
    old: list[Score] = []
    gone: list[Score] = []
    for line, entry in sorted(entries, key=lambda pair: pair[0].pk):
        if entry:
            (old if line.record else new).append(score_of(assessment, line, entry))
        elif line.entry:
            gone.append(score_of(assessment, line, line.entry))
    write_rows(by=by, moment=moment, new=new, changed=old)
    remove_rows(by=by, moment=moment, rows=gone)


def score_of(assessment: Assessment, line: Line, entry: Entry) -> Score:
    """The row of a line with this entry, not saved."""
    row = Score(
        pk=line.record,
        student_id=line.pk,
        assessment=assessment,
        state=entry.state,
        score=entry.points,
        notes=entry.notes,
        max_score=assessment.max_score,
        allows_extra=assessment.allows_extra,
        external_id=line.external_id or "",
        marked_by_id=line.marked_by,
    )
    if line.recorded_at:
        row.created_at = line.recorded_at
        row.updated_at = line.marked_at or line.recorded_at
    return row


def note_scoring(assessment: Assessment, *, by: User | None, moment: datetime | None) -> None:
    """Note who entered scores last and when. No version of its own in the history: the scores' rows say it all."""
    Assessment.objects.filter(pk=assessment.pk).update(scored_by=by, scored_at=moment)


@transaction.atomic
def undo_scores(*, by: User, assessment: Assessment, saved_at: datetime) -> int:
    """Take back what `by` saved in a piece of work at that moment, as a new change; gives how many scores it changed.

    Raises UndoRefused after 10 minutes or where somebody changed one of the scores since, ScoresRefused where the piece
    of work is gone or its maximum is now below a score that would come back.
    """
    assessment = lock_scores(assessment)
    changed = take_back(
        by=by,
        saved_at=saved_at,
        rows=Score.objects.filter(assessment=assessment.pk),
        history=Score.history.filter(assessment=assessment.pk),
        fit=partial(fit_score, assessment),
    )
    former = Score.history.filter(assessment=assessment.pk, history_date__lt=saved_at).order_by("history_date").last()
    note_scoring(
        assessment,
        by=former.history_user if former else None,
        moment=former.history_date if former else None,
    )
    recount([assessment.pair])
    return changed


def fit_score(assessment: Assessment, score: Score) -> None:
    """Give a score that comes back the maximum of today. Raises ScoresRefused where it is above that."""
    if score.score is not None and not assessment.allows_extra and score.score > assessment.max_score:
        raise ScoresRefused(_("The maximum was lowered since, below a score that would come back. Nothing was undone."))
    score.max_score, score.allows_extra = assessment.max_score, assessment.allows_extra


@transaction.atomic
def save_assessment(*, by: User, assessment: Assessment) -> Assessment:
    """Create or change a piece of work; a new maximum or extra credit is copied to its scores.

    Raises ValidationError for what the model refuses, such as a maximum below a score.
    """
    before = lock_assessment(assessment) if assessment.pk else None
    counts_anew = before is not None and what_counts(before) != what_counts(assessment)
    pairs = {each.pair for each in (before, assessment) if each and counts_anew}
    if pairs:
        lock_classes(school_class for school_class, _subject in pairs)
    assessment.full_clean()
    assessment._history_user = by  # type: ignore[attr-defined]
    assessment.save()
    limits = {"max_score": assessment.max_score, "allows_extra": assessment.allows_extra}
    scores = list(assessment.scores.exclude(**limits).order_by("student"))
    for score in scores:
        score.max_score, score.allows_extra = assessment.max_score, assessment.allows_extra
    if scores:
        update_rows(by=by, moment=timezone.now(), rows=scores, more=("max_score", "allows_extra"))
    recount(pairs)
    return assessment


def what_counts(assessment: Assessment) -> tuple[object, ...]:
    """What of a piece of work stands in what is kept of its scores."""
    return (assessment.pair, assessment.category_id, assessment.max_score, assessment.date_taken)


@transaction.atomic
def save_category(*, by: User, category: AssessmentCategory) -> AssessmentCategory:
    """Create or change a category; a new weight counts in all scores of its work, of all years.

    Nobody saves a score meanwhile. Takes five statements a class that has such work.
    """
    lock_all_classes()
    before = AssessmentCategory.objects.filter(pk=category.pk).first()
    category._history_user = by  # type: ignore[attr-defined]
    category.save()
    if before is not None and before.weight != category.weight:
        recount(pairs_of(Score.objects.filter(assessment__category=category.pk)))
    return category


@transaction.atomic
def publish(*, by: User, assessments: Iterable[Assessment], at: datetime | None) -> int:
    """Let parents read the scores of these from `at` on, or no longer (None); gives how many it changed."""
    changed = 0
    for assessment in sorted(assessments, key=lambda each: each.pk):
        locked = lock_assessment(assessment)
        if locked.published_at == at:
            continue
        locked.published_at = at
        locked._history_user = by  # type: ignore[attr-defined]
        locked.save()
        changed += 1
    return changed


@transaction.atomic
def delete_assessment(*, by: User, assessment: Assessment) -> int:
    """Delete a piece of work with its scores, which stay in the history; gives how many scores went."""
    locked = lock_scores(assessment)
    scores = list(locked.scores.order_by("student"))
    remove_rows(by=by, moment=timezone.now(), rows=scores)
    if scores:
        recount([locked.pair])
    locked._history_user = by  # type: ignore[attr-defined]
    locked.delete()
    return len(scores)


@transaction.atomic
def use_scale(*, by: User, scale: GradeScale) -> None:
    """Give all grades by this scale from now on; the one in use until then is kept and out of use.

    Raises ValidationError for a scale without a grade from 0 %, which would leave scores without one.
    """
    scales = {each.pk: each for each in GradeScale.objects.select_for_update().order_by("pk")}
    if not scale.bands.filter(lower_bound=0).exists():
        raise ValidationError(no_grade_from_zero(scale))
    before = [each for each in scales.values() if each.in_use and each.pk != scale.pk]
    for each in (*before, scales[scale.pk]):  # out of use first: the database takes no two at once
        if each.in_use != (each.pk == scale.pk):
            each.in_use = each.pk == scale.pk
            each._history_user = by  # type: ignore[attr-defined]
            each.save()


def no_grade_from_zero(scale: GradeScale) -> str:
    """Why a scale cannot be in use."""
    return _("“%(scale)s” has no grade from 0 %%. Add one, so that every score has a grade.") % {"scale": scale}


def erase_scores(student: Student, _by: User) -> None:
    """Delete a student's scores with their history, and recount what was kept of them."""
    pairs = pairs_of(Score.objects.filter(student=student))
    if pairs:
        lock_classes(school_class for school_class, _subject in pairs)
    Score.history.filter(student_id=student.pk).delete()
    Score.objects.filter(student=student).delete()
    recount(pairs)
