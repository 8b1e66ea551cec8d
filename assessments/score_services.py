"""One student's score with the piece of work that it belongs to, such as a program sends: matched or else set."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from decimal import Decimal
from fractions import Fraction
from typing import Any

from django.core.exceptions import ValidationError
from django.db import transaction
from django.utils.translation import gettext as _

from accounts.models import User
from assessments.entry import NotRead, points_within
from assessments.forms import NOTES_LENGTH
from assessments.models import Assessment, Score, State
from assessments.scoresheet import Entry
from assessments.services import StrangersRefused, lock_scores, record_scores
from assessments.work_services import change_work, create_work, work_fingerprint
from students.sheet_pages import wrong_with_note

MATCHED_BY = ("school_class", "subject", "assessment_type", "date_taken", "title", "max_score")
MayReplace = Callable[["Score | None"], bool]


@dataclass(frozen=True)
class SentScore:
    """A score as it was sent. State and notes that are None were not sent; `has_points` says whether points were."""

    state: State | None = None
    points: Decimal | None = None
    has_points: bool = True
    notes: str | None = None

    def over(self, stored: Score | None) -> Entry:
        """The whole entry: what was sent, and for the rest what is stored. Raises ValidationError by field."""
        state, points = self.state, self.points
        if state is None:
            state = State(stored.state) if stored and points is None else State.GRADED
        if not self.has_points and stored and state == stored.state:
            points = stored.score
        if state == State.GRADED and points is None:
            raise ValidationError({"score": _("Give a number of points, or the state missing or exempt.")})
        if state != State.GRADED and points is not None:
            raise ValidationError({"score": _("What is missing or exempt has no points. Leave them out.")})
        notes = (stored.notes if stored else "") if self.notes is None else self.notes
        if wrong := wrong_with_note(notes, NOTES_LENGTH):
            raise ValidationError({"notes": wrong})
        return Entry(state, points, notes)


class ScoreClash(Exception):
    """Another score is stored than the sender may replace: `stored` is it, None where there is none."""

    def __init__(self, stored: Score | None) -> None:
        super().__init__("another score is stored")
        self.stored = stored


@transaction.atomic
def record_score(
    *, by: User, student_id: str, fields: dict[str, Any], sent: SentScore, may_replace: MayReplace
) -> tuple[int, bool]:
    """Store a student's score in the piece of work of these `fields`, those of WorkForm; its key and whether it is new.

    Runs under the lock of that work, which is set, not published, where there is none. Idempotent: a score that is
    stored as it was sent writes nothing. `may_replace` is asked, under the lock, about what is stored in the place that
    is to be written, None for nothing. Raises ScoreClash where it may not be, ValidationError by field for what breaks
    a rule; then no work is set either.
    """
    work = lock_scores(matching_work(by, fields) or set_work(by, fields))
    of_student = Score.objects.filter(assessment=work.pk, student__student_id=student_id)
    stored = of_student.with_work().with_term_name().first()
    entry = sent.over(stored)
    if stored and Entry(State(stored.state), stored.score, stored.notes) == entry:
        return stored.pk, False
    if not may_replace(stored):
        raise ScoreClash(stored)
    store(by, work, student_id, entry)
    return stored.pk if stored else of_student.values_list("pk", flat=True).get(), stored is None


def matching_work(by: User, fields: dict[str, Any]) -> Assessment | None:
    """The piece of work of this class, subject, type, date, title and maximum."""
    same = {name: fields[name] for name in MATCHED_BY}
    # The database lets a piece of work occur twice only where a roster system sent it.
    return Assessment.objects.visible_to(by).filter(**same).order_by("external_id", "pk").first()


def set_work(by: User, fields: dict[str, Any]) -> Assessment:
    """A new piece of work, or the one that somebody else has set at the same moment."""
    try:
        return create_work(by=by, fields=fields)
    except ValidationError:
        work = matching_work(by, fields)
        if work is None:
            raise
        return work


def store(by: User, work: Assessment, student_id: str, entry: Entry) -> None:
    """Write one score. Raises ValidationError by field."""
    if entry.points is not None:
        try:
            points_within(Fraction(entry.points), work)
        except NotRead as error:
            raise ValidationError({"score": str(error)}) from error
    try:
        record_scores(by=by, assessment=work, entries={student_id: entry})
    except StrangersRefused as refusal:
        raise ValidationError({"student_id": _("No such student is in this class on this day.")}) from refusal


@transaction.atomic
def change_score(*, by: User, score: Score, sent: SentScore, fields: dict[str, Any] | None) -> None:
    """Change a score and, where `fields` are given, its piece of work, which is then to hold no other score.

    The caller holds the lock of the work. Raises ValidationError by field.
    """
    entry, student_id = sent.over(score), score.student.student_id
    work = lock_scores(score.assessment)
    most = max(work.max_score, fields["max_score"]) if fields else work.max_score
    grows = most > work.max_score
    if fields and grows:
        work = change_work(by=by, assessment=work, base=work_fingerprint(work), fields=fields)
    store(by, work, student_id, entry)
    if fields and not grows:  # the score first: the maximum may fall below what it was
        change_work(by=by, assessment=work, base=work_fingerprint(work), fields=fields)


def has_others(score: Score) -> bool:
    """Whether other students have a score in the same piece of work."""
    return Score.objects.filter(assessment=score.assessment_id).exclude(pk=score.pk).exists()


def remove_score(*, by: User, score: Score) -> None:
    """Take a score away, so that the student is not graded; the piece of work stays."""
    record_scores(by=by, assessment=score.assessment, entries={score.student.student_id: None})
