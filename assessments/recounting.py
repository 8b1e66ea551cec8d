"""Keeps the totals and the histograms equal to the scores: always recounted from the rows, never added to.

Whoever writes scores, or what they count (the weight of a category, the subject of a work), holds the lock of the class
from before the first row is written and recounts in the same transaction. So of two who save different work of one
class and subject the second counts what the first has written. Order of locks: work, class, scores and students.
"""

from __future__ import annotations

import json
from collections import defaultdict
from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass, field
from datetime import date
from math import lcm
from typing import Any, NamedTuple, TypeAlias, TypeVar

from django.db import transaction
from django.db.models import Exists, IntegerField, OuterRef
from django.db.models.functions import Cast

from accounts.models import User
from assessments.kept_models import PERCENTS
from assessments.models import Assessment, Score, ScoreHistogram, State, SubjectTotal
from students.models import SchoolClass, Student

HUNDRED = 100
KeyT = TypeVar("KeyT", bound=int | tuple[int, int])
KeptT = TypeVar("KeptT")
Both: TypeAlias = tuple[KeptT | None, KeptT | None]
Pair = tuple[int, int]  # keys of a class and a subject
# student, subject, state, day and key of the work; weight, maximum and points in hundredths
ScoreRow = tuple[int, int, str, date, int, int, int, int | None]
Work = tuple[date, int, int, int]  # day, key, weight, maximum


class Total(NamedTuple):
    """The columns of a SubjectTotal."""

    graded: int
    missing: int
    exempt: int
    weight: int
    earned: int
    base: int


class Sheet(NamedTuple):
    """The columns of a ScoreHistogram that hold totals and scores as text."""

    students: str
    totals: str
    by_day: str


@dataclass
class Sums:
    """What a student's scores in a subject add up to; `earned` by maximum, in hundredths of a weight and a point."""

    graded: int = 0
    missing: int = 0
    exempt: int = 0
    weight: int = 0
    earned: defaultdict[int, int] = field(default_factory=lambda: defaultdict(int))

    def add(self, state: str, weight: int, maximum: int, points: int | None) -> None:
        if state == State.EXEMPT:
            self.exempt += 1
            return
        self.weight += weight
        if points is None:
            self.missing += 1
            return
        self.graded += 1
        self.earned[maximum] += weight * points

    @property
    def total(self) -> Total:
        base = lcm(*self.earned)
        earned = sum(points * (base // maximum) for maximum, points in self.earned.items())
        return Total(self.graded, self.missing, self.exempt, self.weight, earned, base)


@dataclass
class Counted:
    """What is to be kept of a class: totals by student and subject; by subject counts of each percent, and a sheet."""

    totals: dict[tuple[int, int], Total]
    histograms: dict[int, list[int]]
    sheets: dict[int, Sheet]


def add_up(rows: Iterable[ScoreRow]) -> Counted:
    """What the scores of one class add up to; the formulas are those of metrics.Average."""
    sums: dict[int, dict[int, Sums]] = defaultdict(lambda: defaultdict(Sums))
    histograms: dict[int, list[int]] = defaultdict(lambda: [0] * PERCENTS)
    works: dict[int, dict[Work, dict[int, int]]] = defaultdict(lambda: defaultdict(dict))
    for student, subject, state, day, work, weight, maximum, points in rows:
        sums[subject][student].add(state, weight, maximum, points)
        counts = histograms[subject]
        if points is not None:
            counts[min(points * HUNDRED // maximum, HUNDRED)] += 1
        if state != State.EXEMPT:
            works[subject][day, work, weight, maximum][student] = points or 0
    totals = {subject: {student: sums[subject][student].total for student in sorted(sums[subject])} for subject in sums}
    return Counted(
        {(student, subject): total for subject, of_subject in totals.items() for student, total in of_subject.items()},
        dict(histograms),
        {subject: sheet_of(of_subject, works[subject]) for subject, of_subject in totals.items()},
    )


def sheet_of(totals: Mapping[int, Total], works: Mapping[Work, Mapping[int, int]]) -> Sheet:
    """The totals of a subject and its works, with the points by student, as ScoreHistogram holds them."""
    base = lcm(*(total.base for total in totals.values()))
    earned = [total.earned * (base // total.base) for total in totals.values()]
    rest = ([getattr(total, name) for total in totals.values()] for name in ("weight", "graded", "missing", "exempt"))
    days: dict[date, list[Any]] = defaultdict(list)
    for (day, _work, weight, maximum), points in sorted(works.items()):
        lacking = [place for place, student in enumerate(totals) if student not in points]
        days[day].append([weight, maximum, [points.get(student, 0) for student in totals], lacking])
    return Sheet(
        " ".join(map(str, totals)),
        as_json([base, earned, *rest]),
        "\n".join(f"{day.isoformat()} {as_json(days[day])}" for day in sorted(days, reverse=True)),
    )


def as_json(columns: Any) -> str:
    return json.dumps(columns, separators=(",", ":"))


def score_rows(scores: Any) -> Iterable[ScoreRow]:
    """Scores as whole numbers; one statement. `scores` may be those of a migration."""
    columns = ("student_id", "assessment__subject_id", "state", "assessment__date_taken", "assessment_id")
    points = [Cast(name, IntegerField()) for name in ("assessment__category__weight", "max_score", "score")]
    rows: Iterable[ScoreRow] = scores.order_by().values_list(*columns, *points)
    return rows


def lock_classes(classes: Iterable[int]) -> None:
    """Let nobody else write scores of these classes until the transaction ends; one statement.

    In the order of their keys, so that two cannot deadlock. Registers of the class are not held up: the lock does not
    touch its key.
    """
    rows = SchoolClass.objects.select_for_update(no_key=True).filter(pk__in=sorted(set(classes))).order_by("pk")
    list(rows.values_list("pk", flat=True))


def lock_all_classes() -> None:
    """Let nobody else write any score until the transaction ends; one statement."""
    list(SchoolClass.objects.select_for_update(no_key=True).order_by("pk").values_list("pk", flat=True))


def recount(pairs: Iterable[Pair]) -> None:
    """Write the totals and histograms of these classes and subjects; the caller holds the lock of the classes.

    At most five statements a class and 90 totals.
    """
    subjects: dict[int, set[int]] = defaultdict(set)
    for school_class, subject in pairs:
        subjects[school_class].add(subject)
    for school_class in sorted(subjects):
        recount_class(school_class, subjects[school_class])


def recount_class(school_class: int, subjects: Collection[int]) -> None:
    """Write what there is to keep of these subjects of a class, and delete what there is not."""
    scores = Score.objects.filter(assessment__school_class=school_class, assessment__subject__in=subjects)
    counted = add_up(score_rows(scores))
    write_totals(school_class, counted)
    kept = {"school_class": school_class, "subject__in": subjects}
    still = Score.objects.filter(
        student=OuterRef("student"),
        assessment__school_class=OuterRef("school_class"),
        assessment__subject=OuterRef("subject"),
    )
    delete_rows(SubjectTotal.objects.filter(~Exists(still), **kept))
    if gone := set(subjects) - set(counted.histograms):
        delete_rows(ScoreHistogram.objects.filter(school_class=school_class, subject__in=gone))


def write_totals(school_class: int, counted: Counted) -> None:
    """Insert or overwrite the rows of a class; sorted, as every writer of many rows does.

    `updated_at` stays: most totals are written as they were, and an import that changes nothing shall change no row.
    """
    totals = [
        SubjectTotal(student_id=student, school_class_id=school_class, subject_id=subject, **total._asdict())
        for (student, subject), total in sorted(counted.totals.items())
    ]
    SubjectTotal.objects.bulk_create(
        totals,
        update_conflicts=True,
        unique_fields=["student", "school_class", "subject"],
        update_fields=Total._fields,
    )
    histograms = [
        ScoreHistogram(
            school_class_id=school_class, subject_id=subject, counts=counts, **counted.sheets[subject]._asdict()
        )
        for subject, counts in sorted(counted.histograms.items())
    ]
    ScoreHistogram.objects.bulk_create(
        histograms,
        update_conflicts=True,
        unique_fields=["school_class", "subject"],
        update_fields=["counts", *Sheet._fields],
    )


def delete_rows(rows: Any) -> None:
    """Delete derived rows in one statement: nothing refers to them and no history is kept."""
    rows._raw_delete(rows.db)


def pairs_of(scores: Any) -> set[Pair]:
    """The classes and subjects of these scores; one statement."""
    return set(scores.order_by().values_list("assessment__school_class", "assessment__subject").distinct())


def erase_totals(student: Student, _by: User) -> None:
    """Delete a student's totals; those that erase_scores has left, for their scores are gone."""
    delete_rows(SubjectTotal.objects.filter(student=student))
    SubjectTotal.history.filter(student_id=student.pk).delete()


@dataclass(frozen=True)
class Wrong:
    """A row that is not what the scores add up to: a student's total in a subject of a class, or, where `student` is
    None, the histogram of the subject, or its sheet. `kept` is None where the row is missing, `counted` where
    there should be none.
    """

    school_class: int
    subject: int
    student: int | None
    kept: Total | list[int] | Sheet | None
    counted: Total | list[int] | Sheet | None


def recount_totals(*, repair: bool) -> list[Wrong]:
    """Compare everything that is kept with the scores, class by class, and mend it; gives what was wrong.

    Each class in a transaction of its own under its lock: nobody saves scores of it in these milliseconds. Four
    statements a class, and those of the repair.
    """
    return [wrong for school_class in classes_with_totals() for wrong in recount_whole_class(school_class, repair)]


def classes_with_totals() -> list[int]:
    """The classes that have work, or rows kept of it; three statements."""
    models: list[Any] = [Assessment, SubjectTotal, ScoreHistogram]
    return sorted(
        {key for model in models for key in model.objects.order_by().values_list("school_class", flat=True).distinct()}
    )


@transaction.atomic
def recount_whole_class(school_class: int, repair: bool) -> list[Wrong]:
    """What was wrong of one class."""
    lock_classes([school_class])
    kept = kept_of(school_class)
    counted = add_up(score_rows(Score.objects.filter(assessment__school_class=school_class)))
    wrong = [
        Wrong(school_class, subject, student, *both)
        for (student, subject), both in differing(kept.totals, counted.totals)
    ]
    histograms = differing(kept.histograms, counted.histograms)
    wrong += [Wrong(school_class, subject, None, *both) for subject, both in histograms]
    named = {subject for subject, _both in histograms}
    sheets = differing(kept.sheets, counted.sheets)
    wrong += [Wrong(school_class, subject, None, *both) for subject, both in sheets if subject not in named]
    if repair and wrong:
        recount_class(school_class, {each.subject for each in wrong})
    return wrong


def differing(kept: dict[KeyT, KeptT], counted: dict[KeyT, KeptT]) -> list[tuple[KeyT, Both[KeptT]]]:
    """The keys under which two differ, in order, with what stands there in either."""
    both = [(key, (kept.get(key), counted.get(key))) for key in sorted({*kept, *counted})]
    return [(key, (left, right)) for key, (left, right) in both if left != right]


def kept_of(school_class: int) -> Counted:
    """What is kept of a class; two statements."""
    totals = SubjectTotal.objects.filter(school_class=school_class).order_by()
    rows = totals.values_list("student", "subject", *Total._fields)
    histograms = ScoreHistogram.objects.filter(school_class=school_class).order_by()
    by_subject = list(histograms.values_list("subject", "counts", *Sheet._fields))
    return Counted(
        {(student, subject): Total(*total) for student, subject, *total in rows},
        {subject: counts for subject, counts, *_sheet in by_subject},
        {subject: Sheet(*sheet) for subject, _counts, *sheet in by_subject},
    )
