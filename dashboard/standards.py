"""What the figures of the dashboard are held against: thresholds and grade scale, with the histograms to grade."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass, replace
from decimal import Decimal
from typing import Any

from django.db.models import Subquery, TextField, Value
from django.db.models.functions import Cast

from assessments.kept import grade_counts, live_grade_counts
from assessments.kept_marks import Marks, marks_of_sheets
from assessments.metrics import Grades
from assessments.models import GradeBand, ScoreHistogram
from assessments.querysets import ScoreQuerySet
from dashboard.models import ThresholdSet
from dashboard.scope import Scope
from dashboard.thresholds import Thresholds

THRESHOLDS = ("attendance", "average", "subject", "negative_notes", "note_days")
HUNDRED = 100  # points and percents of a scale stand in the database as whole hundredths
NOTHING = Value("", output_field=TextField())


@dataclass(frozen=True)
class Standards:
    """The thresholds in force, the grades of the scale in use, and what is kept of a scope's year beside its totals.

    Of the thresholds the values alone: not who set them, and when. histograms: none for a term. rows: class, subject,
    students, totals and by_day of each ScoreHistogram.
    """

    thresholds: Thresholds
    grades: Grades
    histograms: list[list[int]]
    rows: list[tuple[int, int, str, str, str]]

    @property
    def marks(self) -> Marks:
        """The marks of the year."""
        return marks_of_sheets(row[:-1] for row in self.rows)

    @property
    def sheets(self) -> list[tuple[str, str]]:
        """Students and scores by day."""
        return [(students, by_day) for *_keys, students, _totals, by_day in self.rows]

    def distribution(self, scores: ScoreQuerySet, *, of_year: bool) -> Mapping[str, int]:
        """How many graded scores stand in each grade, the best first; `scores` are those that are counted.

        One statement for a term, and where the scale starts a grade between two whole percents; else none.
        """
        if of_year:
            return grade_counts(self.grades, self.histograms, scores)
        return live_grade_counts(self.grades, scores)


def read_standards(scope: Scope) -> Standards:
    """All of it in one statement; everything as text, since the arms of a union share their columns' types."""
    last = ThresholdSet.objects.order_by("-version").values("version")[:1]
    rows: Any = ThresholdSet.objects.filter(version=Subquery(last))
    bands: Any = GradeBand.objects.filter(scale__in_use=True)
    counts = NOTHING if scope.term else Cast("counts", TextField())
    keys, sheets = as_text("school_class_id", "subject_id"), ("students", "totals", "by_day")
    found = (
        rows.order_by()
        .values_list(Value("thresholds"), *as_text(*THRESHOLDS), NOTHING)
        .union(
            bands.order_by().values_list(Value("band"), *as_text("lower_bound", "label"), *[NOTHING] * 4),
            histograms_in(scope).values_list(Value("scores"), counts, *keys, *sheets),
            all=True,
        )
    )
    return standards_of(list(found))


def histograms_in(scope: Scope) -> Any:
    """The histograms of the scope's classes that this person sees."""
    seen = ScoreHistogram.objects.visible_to(scope.seen.user)
    return seen.filter(school_class__in=[each.pk for each in scope.classes]).order_by()


def as_text(*names: str) -> list[Cast]:
    return [Cast(name, TextField()) for name in names]


def standards_of(rows: list[tuple[str, ...]]) -> Standards:
    """The rows by their kind."""
    thresholds, bands = Thresholds(), []
    histograms: list[str] = []
    sheets = []
    for kind, *texts in rows:
        if kind == "thresholds":
            values = dict(zip(THRESHOLDS, map(Decimal, texts[: len(THRESHOLDS)]), strict=True))
            thresholds = replace(thresholds.with_columns(**values), is_for_one_look=False)
        elif kind == "band":
            bands.append((Decimal(texts[0]) / HUNDRED, texts[1]))
        else:
            counts, school_class, subject, students, totals, by_day = texts
            histograms += [counts] if counts else []
            sheets.append((int(school_class), int(subject), students, totals, by_day))
    bounds, labels = zip(*sorted(bands), strict=True) if bands else ((), ())
    return Standards(thresholds, Grades(tuple(bounds), tuple(labels)), json.loads(f"[{','.join(histograms)}]"), sheets)
