"""The bare dashboard: its figures from kept counts in five statements, of which two are session and user.

As an engineer in a hurry would: the database adds up, in floats. Whole school, nobody is asked for a role or a term.
The trend is that of attendance, since nothing that is kept tells averages by day; of the alerts it has low averages
alone.
"""

from __future__ import annotations

from collections import Counter, defaultdict
from datetime import date, timedelta

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
    """Four figures, the trend of attendance, subjects, grades, classes, and ten students with low averages."""
    today = timezone.localdate()
    context = {"today": today, **attendance(today - PERIOD), **marks(), **students()}
    return render(request, "bench/bare_dashboard.html", context)


def attendance(since: date) -> dict[str, object]:
    """The rate of the year and of each class, and of each day since then."""
    day = Case(When(date__gt=since, then=F("date")), output_field=DateField())
    rows = Register.objects.order_by().values_list("school_class__name", day)
    days: dict[date, Counter[str]] = defaultdict(Counter)
    classes: dict[str, Counter[str]] = defaultdict(Counter)
    school: Counter[str] = Counter()
    attended, possible = Sum(F("present") + F("late")), Sum(F("present") + F("late") + F("excused") + F("absent"))
    for name, on, *counts in rows.annotate(attended=attended, possible=possible, taken=Count("pk")):
        counted = dict(zip(("attended", "possible", "taken"), counts, strict=True))
        for part in (school, classes[name], *([days[on]] if on else [])):
            part.update(counted)
    return {
        "rate": rate(school),
        "taken": school["taken"],
        "days": [(on, rate(counts)) for on, counts in sorted(days.items())],
        "classes": [(name, rate(counts), counts["taken"]) for name, counts in sorted(classes.items())],
    }


def rate(counts: Counter[str]) -> str:
    return f"{100 * counts['attended'] / counts['possible']:.1f} %" if counts["possible"] else "–"


def marks() -> dict[str, object]:
    """The subjects and the distribution of grades, from the distributions of scores."""
    subjects: dict[str, Counter[int]] = defaultdict(Counter)
    for name, counts in ScoreHistogram.objects.order_by().values_list("subject__name", "counts"):
        subjects[name].update({percent: number for percent, number in enumerate(counts) if number})
    everything = sum(subjects.values(), Counter())
    grades: Counter[str] = Counter()
    for percent, number in everything.items():
        grades[next(label for label, bound in GRADES.items() if percent >= bound)] += number
    return {
        "subjects": [(name, average(counts), counts.total()) for name, counts in sorted(subjects.items())],
        "grades": [(label, grades[label]) for label in GRADES],
    }


def average(counts: Counter[int]) -> str:
    return f"{sum(percent * number for percent, number in counts.items()) / (counts.total() or 1):.1f} %"


def students() -> dict[str, object]:
    """The average of each student, from the kept totals."""
    earned = Sum(Cast("earned", FloatField()) / Cast("base", FloatField()))
    names = ("student__student_id", "student__given_name", "student__family_name")
    totals = SubjectTotal.objects.order_by().values_list(*names).annotate(earned=earned, weighs=Sum("weight"))
    shares = sorted((points / weight, *name) for *name, points, weight in totals if weight)
    low = [(f"{100 * share:.1f} %", *name) for share, *name in shares[:TALK_TO] if share < LOW]
    return {
        "students": len(shares),
        "average": f"{100 * sum(share for share, *_name in shares) / (len(shares) or 1):.1f} %",
        "high": sum(share >= HIGH for share, *_name in shares),
        "low": low,
    }
