"""What is kept of scores, recounted from raw rows: shares no code with recounting.py, kept.py or metrics.py."""

from __future__ import annotations

import json
from collections import Counter, defaultdict
from collections.abc import Callable, Iterable
from fractions import Fraction

from assessments.models import Score, ScoreHistogram, SubjectTotal

Key = tuple[int, int, int]  # student, class, subject
Sheet = dict[str, list[tuple[int, int, dict[int, int]]]]  # by day: weight, maximum, points by student, in hundredths
Recounted = tuple[Fraction | None, int, int, int]  # average; graded, missing, exempt


def recounted_average(scores: Iterable[Score]) -> Recounted:
    """Σ weight x points/maximum over Σ weight, one score after the other, and how many of each state."""
    earned = possible = Fraction(0)
    states: Counter[str] = Counter()
    for score in scores:
        weight = Fraction(score.assessment.category.weight)
        states[score.state] += 1
        if score.state != "exempt":
            possible += weight
        if score.state == "graded":
            earned += weight * Fraction(score.score) / Fraction(score.max_score)
    return earned / possible if possible else None, states["graded"], states["missing"], states["exempt"]


def all_scores() -> list[Score]:
    return list(Score.objects.select_related("assessment__category"))


def grouped(scores: Iterable[Score], key) -> dict[object, list[Score]]:
    """The scores by what `key` gives of each."""
    groups: dict[object, list[Score]] = defaultdict(list)
    for score in scores:
        groups[key(score)].append(score)
    return dict(groups)


def recounted_totals() -> dict[Key, Recounted]:
    """What the totals must say."""
    groups = grouped(
        all_scores(), lambda row: (row.student_id, row.assessment.school_class_id, row.assessment.subject_id)
    )
    return {key: recounted_average(scores) for key, scores in groups.items()}


def recounted_histograms() -> dict[tuple[int, int], dict[int, int]]:
    """What the histograms must say: by class and subject, how many graded scores stand at each whole percent."""
    groups = grouped(all_scores(), lambda row: (row.assessment.school_class_id, row.assessment.subject_id))
    found = {}
    for key, scores in groups.items():
        shares = [Fraction(each.score) / Fraction(each.max_score) for each in scores if each.state == "graded"]
        found[key] = dict(Counter(min(int(share * 100), 100) for share in shares))
    return found


def recounted_days() -> dict[tuple[int, int], Sheet]:
    """What the sheets must say: by class and subject each score that counts, by work, day and student."""
    groups = grouped(all_scores(), lambda row: (row.assessment.school_class_id, row.assessment.subject_id))
    found: dict[tuple[int, int], Sheet] = {}
    for key, scores in groups.items():
        sheet: Sheet = defaultdict(list)
        counting = [score for score in scores if score.state != "exempt"]
        for (day, _work), of_work in sorted(
            grouped(counting, lambda row: (row.assessment.date_taken.isoformat(), row.assessment_id)).items()
        ):
            points = {score.student_id: int((score.score or 0) * 100) for score in of_work}
            work = of_work[0].assessment
            sheet[day].append((int(work.category.weight * 100), int(work.max_score * 100), points))
        found[key] = dict(sheet)
    return found


def kept_days() -> dict[tuple[int, int], Sheet]:
    """What the sheets say by day."""
    found = {}
    for row in ScoreHistogram.objects.all():
        students = [int(key) for key in row.students.split()]
        days = [line.split(" ") for line in row.by_day.splitlines()]
        assert [day for day, _works in days] == sorted((day for day, _works in days), reverse=True)
        found[row.school_class_id, row.subject_id] = {
            day: [
                (weight, most, {key: points[place] for place, key in enumerate(students) if place not in lacking})
                for weight, most, points, lacking in json.loads(works)
            ]
            for day, works in days
        }
    return found


def kept_sheets() -> dict[Key, Recounted]:
    """What the sheets say of the totals."""
    found = {}
    for row in ScoreHistogram.objects.all():
        base, *columns = json.loads(row.totals)
        lines = zip(*columns, strict=True)
        for key, (earned, weight, *states) in zip(row.students.split(), lines, strict=True):
            average = Fraction(earned, base * weight) if weight else None
            found[int(key), row.school_class_id, row.subject_id] = (average, *states)
    return found


def spoil_sheets(student: int, change: Callable[[list[int]], None]) -> None:
    """Makes the kept totals of a student wrong: `change` gets earned, weight, graded, missing and exempt of each."""
    for row in ScoreHistogram.objects.all():
        if str(student) not in row.students.split():
            continue
        place = row.students.split().index(str(student))
        base, *columns = json.loads(row.totals)
        own = [column[place] for column in columns]
        change(own)
        for column, number in zip(columns, own, strict=True):
            column[place] = number
        ScoreHistogram.objects.filter(pk=row.pk).update(totals=json.dumps([base, *columns]))


def recounted_mean(scores: Iterable[Score]) -> tuple[Fraction | None, int]:
    """The mean of the students' averages, and how many have one."""
    averages = [recounted_average(own)[0] for own in grouped(scores, lambda row: row.student_id).values()]
    known = [average for average in averages if average is not None]
    return sum(known, Fraction(0)) / len(known) if known else None, len(known)


def kept_totals() -> dict[Key, Recounted]:
    """What the totals say."""
    return {
        (row.student_id, row.school_class_id, row.subject_id): (
            Fraction(row.earned, row.base * row.weight) if row.weight else None,
            row.graded,
            row.missing,
            row.exempt,
        )
        for row in SubjectTotal.objects.all()
    }


def kept_histograms() -> dict[tuple[int, int], dict[int, int]]:
    """What the histograms say."""
    return {
        (row.school_class_id, row.subject_id): {percent: number for percent, number in enumerate(row.counts) if number}
        for row in ScoreHistogram.objects.all()
    }


def assert_kept() -> None:
    """What is kept is what the scores add up to."""
    assert kept_totals() == recounted_totals()
    assert kept_sheets() == recounted_totals()
    assert kept_histograms() == recounted_histograms()
    assert kept_days() == recounted_days()
