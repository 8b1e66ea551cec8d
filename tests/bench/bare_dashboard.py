"""The bare dashboard: its figures from kept counts in five statements, of which two are session and user.

As an engineer in a hurry would: the database adds up, in floats. It has the rows and controls of the portal's page:
the filters, the figures, both trends as a line and a table, subjects, grades, every class with its figures as links.
Whole school, nobody is asked for a role or a term; a day's average is that of its scores, and of the alerts there are
low averages alone, since neither absences nor notes of behaviour are kept as counts.
"""

from __future__ import annotations

import json
from collections import Counter, defaultdict
from datetime import date, timedelta
from typing import Any

from django.contrib.auth.decorators import login_required
from django.db.models import Case, Count, DateField, F, FloatField, Sum, When
from django.db.models.functions import Cast
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils import timezone

from assessments.models import ScoreHistogram, SubjectTotal
from attendance.models import Register

PERIOD = timedelta(days=30)
GRADES = {"A": 90, "B": 80, "C": 70, "D": 60, "F": 0}
HIGH, LOW, TALK_TO = 0.85, 0.6, 10


@login_required
def dashboard(request: HttpRequest) -> HttpResponse:
    """Four figures, two trends, subjects, grades, classes, and ten students with low averages."""
    today = timezone.localdate()
    context: dict[str, Any] = {"today": today, **attendance(today - PERIOD), **marks(today - PERIOD), **students()}
    context["trends"] = [("Attendance", line(context["days"])), ("Average", line(context["averages"]))]
    averages = dict(context["averages"])
    context["table"] = [(on, printed(share), printed(averages.get(on))) for on, share in context["days"]]
    context["rows"] = [(*row, *context["classes"].get(row[0], (0, "–"))) for row in context["registers"]]
    return render(request, "bench/bare_dashboard.html", context)


def attendance(since: date) -> dict[str, object]:
    """The rate of the year and of each class, and of each day since then."""
    day = Case(When(date__gt=since, then=F("date")), output_field=DateField())
    rows = Register.objects.order_by().values_list("school_class_id", "school_class__name", day)
    days: dict[date, Counter[str]] = defaultdict(Counter)
    classes: dict[tuple[str, int], Counter[str]] = defaultdict(Counter)
    school: Counter[str] = Counter()
    attended, possible = Sum(F("present") + F("late")), Sum(F("present") + F("late") + F("excused") + F("absent"))
    for key, name, on, *counts in rows.annotate(attended=attended, possible=possible, taken=Count("pk")):
        counted = dict(zip(("attended", "possible", "taken"), counts, strict=True))
        for part in (school, classes[name, key], *([days[on]] if on else [])):
            part.update(counted)
    most = max((counts["taken"] for counts in classes.values()), default=0)
    return {
        "rate": printed(rate(school)),
        "taken": school["taken"],
        "days": [(on, rate(counts)) for on, counts in sorted(days.items())],
        "registers": [
            (key, name, printed(rate(counts)), counts["taken"], most - counts["taken"])
            for (name, key), counts in sorted(classes.items())
        ],
    }


def rate(counts: Counter[str]) -> float | None:
    return 100 * counts["attended"] / counts["possible"] if counts["possible"] else None


def printed(share: float | None) -> str:
    return "–" if share is None else f"{share:.1f} %"


def line(points: list[tuple[date, float | None]]) -> str:
    """The points of a polyline 600 wide and 100 high."""
    step = 600 / max(1, len(points) - 1)
    return " ".join(f"{number * step:.0f},{100 - (share or 0):.0f}" for number, (_on, share) in enumerate(points))


def marks(since: date) -> dict[str, object]:
    """The subjects, the distribution of grades, and the average of each day since then, from what is kept of scores."""
    first = since.isoformat()
    averages: dict[str, list[float]] = defaultdict(list)
    subjects: dict[str, Counter[int]] = defaultdict(Counter)
    for name, counts, by_day in ScoreHistogram.objects.order_by().values_list("subject__name", "counts", "by_day"):
        for text in by_day.splitlines():
            if text < first:
                break
            for _weight, maximum, points, _lacking in json.loads(text[len(first) :]):
                averages[text[: len(first)]].append(sum(points) / len(points) / maximum)
        subjects[name].update({percent: number for percent, number in enumerate(counts) if number})
    everything = sum(subjects.values(), Counter())
    grades: Counter[str] = Counter()
    for percent, number in everything.items():
        grades[next(label for label, bound in GRADES.items() if percent >= bound)] += number
    return {
        "subjects": [(name, printed(average(counts)), counts.total()) for name, counts in sorted(subjects.items())],
        "grades": [(label, grades[label]) for label in GRADES],
        "averages": [
            (date.fromisoformat(on), 100 * sum(shares) / len(shares)) for on, shares in sorted(averages.items())
        ],
    }


def average(counts: Counter[int]) -> float:
    return sum(percent * number for percent, number in counts.items()) / (counts.total() or 1)


def students() -> dict[str, object]:
    """The average of each student and class, from the kept totals."""
    earned = Sum(Cast("earned", FloatField()) / Cast("base", FloatField()))
    names = ("school_class_id", "student__student_id", "student__given_name", "student__family_name")
    totals = SubjectTotal.objects.order_by().values_list(*names).annotate(earned=earned, weighs=Sum("weight"))
    shares = sorted((points / weight, *name) for *name, points, weight in totals if weight)
    classes: dict[int, list[float]] = defaultdict(list)
    for share, school_class, *_name in shares:
        classes[school_class].append(100 * share)
    return {
        "students": len(shares),
        "average": printed(100 * sum(share for share, *_name in shares) / (len(shares) or 1)),
        "high": sum(share >= HIGH for share, *_name in shares),
        "classes": {key: (len(of_class), printed(sum(of_class) / len(of_class))) for key, of_class in classes.items()},
        "low": [(printed(100 * share), *name) for share, _class, *name in shares[:TALK_TO] if share < LOW],
    }
