"""The statistics of a school year: what the numbers of metrics.py are for its subjects, classes and terms."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from fractions import Fraction
from typing import Any

from assessments.metrics import (
    Average,
    Shares,
    Spread,
    averages_by,
    load_grades,
    mean,
    regroup,
    shares_by,
)
from assessments.querysets import ScoreQuerySet
from assessments.statistics_form import Asked, Offered
from core.charts import BarChart, HorizontalBar, LineChart, bar_chart, horizontal_bars, line_chart
from students.models import Subject

CLASS, SUBJECT, STUDENT = range(3)  # the places of a key


@dataclass(frozen=True)
class Figures:
    """The figures of some scores.

    average: the mean of the students' averages, weighted by category; students: how many have one; spread: of the
    graded scores, each counted once.
    """

    name: str
    number: int
    exempt: int
    students: int
    average: Fraction | None
    spread: Spread


@dataclass(frozen=True)
class TermFigures:
    """A point of the trend."""

    name: str
    students: int
    average: Fraction | None


@dataclass(frozen=True)
class GradeCount:
    """How many graded scores stand in a grade, and of all graded scores."""

    label: str
    number: int
    share: Fraction | None


@dataclass(frozen=True)
class Statistics:
    """All that the page shows; `classes` is empty where one was chosen. `outside`: scores of the year in no term."""

    all: Figures
    grades: list[GradeCount]
    subjects: list[Figures]
    classes: list[Figures]
    trend: list[TermFigures]
    outside: int

    @property
    def grade_bars(self) -> BarChart:
        return bar_chart([(grade.label, grade.number) for grade in self.grades])

    @property
    def subject_bars(self) -> list[HorizontalBar]:
        return bars_of(self.subjects)

    @property
    def class_bars(self) -> list[HorizontalBar]:
        return bars_of(self.classes)

    @property
    def trend_line(self) -> LineChart | None:
        return line_chart([(term.name, term.average) for term in self.trend])


def statistics_of(scores: ScoreQuerySet, asked: Asked | None, offered: Offered) -> Statistics:
    """The statistics of these scores, published or not; at most four statements at any size.

    Those of a school without any year, where there is nothing to ask for, hold no data.
    """
    if asked is None:
        return Statistics(figures("", [], Shares()), grades_of(Shares()), [], [], [], 0)
    if asked.school_class:
        scores = scores.filter(assessment__school_class=asked.school_class)
    if asked.subject:
        scores = scores.filter(assessment__subject=asked.subject)
    groups = ("assessment__school_class", "assessment__subject")
    chosen = scores.during(asked.span)
    averages = averages_by(chosen, *groups, "student", published_only=False)
    shares = shares_by(chosen, *groups, published_only=False)
    terms = averages_by(scores.during(asked.year).with_term(asked.terms), "term", "student", published_only=False)
    subjects = figures_by(SUBJECT, averages, shares, subject_names(offered.subjects))
    classes = figures_by(CLASS, averages, shares, {each.pk: each.name for each in offered.classes})
    everything = regroup(shares).get((), Shares())
    return Statistics(
        all=figures("", list(regroup(averages, STUDENT).values()), everything),
        grades=grades_of(everything),
        subjects=subjects,
        classes=[] if asked.school_class else classes,
        trend=[term_figures(term.name, of_term(terms, term.pk)) for term in asked.terms],
        outside=sum(average.number for average in of_term(terms, None)),
    )


def subject_names(subjects: Iterable[Subject]) -> dict[int, str]:
    """The names of subjects by key; one that several have says its code."""
    rows = list(subjects)
    times = Counter(each.name for each in rows)
    return {each.pk: each.name if times[each.name] == 1 else f"{each.name} ({each.code})" for each in rows}


def figures_by(
    place: int,
    averages: Mapping[tuple[Any, ...], Average],
    shares: Mapping[tuple[Any, ...], Shares],
    names: Mapping[int, str],
) -> list[Figures]:
    """The figures of each subject or class, by name."""
    of_students: dict[int, list[Average]] = {}
    for (key, _student), average in regroup(averages, place, STUDENT).items():
        of_students.setdefault(key, []).append(average)
    together = regroup(shares, place)
    found = [figures(names[key], rows, together.get((key,), Shares())) for key, rows in of_students.items()]
    return sorted(found, key=lambda each: each.name.casefold())


def figures(name: str, averages: list[Average], shares: Shares) -> Figures:
    """The figures of a group from its students' averages and its marks."""
    return Figures(
        name=name,
        number=sum(average.number for average in averages),
        exempt=sum(average.exempt for average in averages),
        students=sum(average.share is not None for average in averages),
        average=mean(average.share for average in averages),
        spread=shares.spread,
    )


def grades_of(shares: Shares) -> list[GradeCount]:
    """The distribution over the grades of the scale in use; one statement."""
    number = shares.graded.total()
    counted = load_grades().distribution(shares.graded)
    return [GradeCount(label, count, Fraction(count, number) if number else None) for label, count in counted.items()]


def of_term(averages: Mapping[tuple[Any, ...], Average], term: int | None) -> list[Average]:
    """The students' averages of a term; None is outside of all terms."""
    return [average for (key, _student), average in averages.items() if key == term]


def term_figures(name: str, averages: list[Average]) -> TermFigures:
    shares = [average.share for average in averages if average.share is not None]
    return TermFigures(name, len(shares), mean(shares))


def bars_of(rows: Iterable[Figures]) -> list[HorizontalBar]:
    return horizontal_bars([(each.name, each.average) for each in rows])
