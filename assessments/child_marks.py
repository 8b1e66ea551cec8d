"""A student's marks of a school year by subject: what the report and the staff page show of them."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date
from fractions import Fraction
from functools import cached_property
from typing import NamedTuple

from django.utils import timezone
from django.utils.formats import date_format
from django.utils.translation import gettext as _

from assessments.metrics import Average, Grades, Trend, average_of_rows, trend_of
from assessments.models import Assessment, Score
from assessments.querysets import ScoreQuerySet
from core.charts import Sparkline, sparkline
from core.numbers import print_percent, print_points
from core.templatetags.portal import day_long, day_short
from students.models import Subject

# All that a page says of a score; moments and people that it does not say would take half of the time of reading.
COLUMNS = (
    "student_id",
    "state",
    "score",
    "max_score",
    "notes",
    "assessment__title",
    "assessment__date_taken",
    "assessment__published_at",
    "assessment__subject__name",
    "assessment__category__weight",
)


class Row(NamedTuple):
    """A score in words; `work` is the key of its piece of work, `published` empty where parents will not read it."""

    work: int
    title: str
    day: str
    result: str
    note: str
    published: str


@dataclass(frozen=True)
class SubjectMarks:
    """One subject: its average with its grade, its scores from the oldest to the latest, and their line."""

    subject: Subject
    average: Average
    grade: str | None
    scores: list[Score]

    @cached_property
    def shares(self) -> list[Fraction]:
        """The graded scores in order of their dates."""
        return [share for score in self.scores if (share := score.share) is not None]

    @cached_property
    def line(self) -> Sparkline | None:
        """The graded scores drawn; a line needs two."""
        return sparkline(self.shares) if len(self.shares) > 1 else None

    @cached_property
    def trend(self) -> Trend | None:
        """Where they are going."""
        return trend_of(self.shares)

    @cached_property
    def latest_note(self) -> Score | None:
        """The latest score that the teacher noted something beside."""
        return next((score for score in reversed(self.scores) if score.notes), None)

    @property
    def rows(self) -> list[Row]:
        """The scores in words, the latest first."""
        result = _("%(points)s of %(most)s")
        return [row_of(score, result) for score in reversed(self.scores)]


@dataclass(frozen=True)
class ChildMarks:
    """All subjects with scores, by name, and the average over them all."""

    average: Average
    grade: str | None
    subjects: list[SubjectMarks]


def load_scores(scores: ScoreQuerySet, first: date, last: date, *, published_only: bool) -> list[Score]:
    """One student's scores from first to last, both inclusive, with all that a page says of them; one statement."""
    if published_only:
        scores = scores.published()
    return list(
        scores.filter(assessment__date_taken__gte=first, assessment__date_taken__lte=last)
        .select_related("assessment__subject", "assessment__category")
        .only(*COLUMNS)
        .order_by("assessment__subject__name", "assessment__subject", "assessment__date_taken", "pk")
    )


def marks_of(scores: Iterable[Score], grades: Grades) -> ChildMarks:
    """The marks as `load_scores` gives them, or some of them, by subject; no statement."""
    by_subject: dict[Subject, list[Score]] = {}
    for score in scores:
        by_subject.setdefault(score.assessment.subject, []).append(score)
    subjects = [subject_marks(subject, found, grades) for subject, found in by_subject.items()]
    average = sum((each.average for each in subjects), Average())
    return ChildMarks(average, grades.of(average.share), subjects)


def row_of(score: Score, result: str) -> Row:
    """One score in words: `result` says points and maximum. In Python, since a template takes several times as long."""
    work, share = score.assessment, score.share
    if share is None:
        said = score.get_state_display()
    else:
        points = {"points": print_points(score.score), "most": print_points(score.max_score)}
        said = f"{result % points} · {print_percent(share)}"
    return Row(work.pk, work.title, day_short(work.date_taken), said, score.notes, published_in_words(work))


def published_in_words(work: Assessment) -> str:
    """The day from which parents read it, with its time where that is still to come; empty for never."""
    if work.published_at is None:
        return ""
    moment = timezone.localtime(work.published_at)
    if work.is_published:
        return day_long(moment.date())
    return _("from %(moment)s") % {"moment": date_format(moment, "j M Y, H:i")}


def subject_marks(subject: Subject, scores: list[Score], grades: Grades) -> SubjectMarks:
    """One subject of a student."""
    average = average_of_rows(scores)
    return SubjectMarks(subject, average, grades.of(average.share), scores)
