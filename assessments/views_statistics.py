"""The page of statistics: distribution, subjects, classes, trend; as a page or as CSV."""

from __future__ import annotations

from collections.abc import Iterator

from django.http import HttpResponseBase
from django.shortcuts import render

from accounts.access import allow
from accounts.reading import note_reading
from accounts.roles import Role
from assessments.models import Score
from assessments.statistics import Figures, Statistics, statistics_of
from assessments.statistics_form import Offered, StatisticsForm
from core.export import asks_for_file, file_response
from core.lists import chips_of
from core.numbers import percent
from students.middleware import SchoolRequest

COLUMNS = (
    "of",
    "name",
    "students",
    "average",
    "mean",
    "median",
    "standard_deviation",
    "lowest",
    "highest",
    "graded",
    "missing",
    "exempt",
)


@allow(Role.ADMIN, Role.TEACHER)
def statistics(request: SchoolRequest) -> HttpResponseBase:
    """The statistics of the scores that this person may read, narrowed by class, subject, term and year."""
    offered = Offered.to(request.user)
    form = StatisticsForm(request.GET, offered=offered, today=request.school.today())
    asked = form.asked if form.is_valid() else None
    found = statistics_of(Score.objects.visible_to(request.user), asked, offered) if asked else None
    note_reading(request)
    if found and asks_for_file(request):
        return file_response(request, "statistics", COLUMNS, lines_of(found))
    context = {"filter_form": form, "chips": chips_of(form, request.GET), "asked": asked, "found": found}
    return render(request, "assessments/statistics.html", context, status=200 if form.is_valid() else 400)


def lines_of(found: Statistics) -> Iterator[list[object]]:
    """One line of the file a subject, then one a class; percentages of 0 to 100 with one decimal."""
    for kind, rows in (("subject", found.subjects), ("class", found.classes)):
        for row in rows:
            yield [kind, row.name, row.students, *percentages(row), row.spread.count, row.spread.missing, row.exempt]


def percentages(row: Figures) -> list[object]:
    spread = row.spread
    shares = (row.average, spread.mean, spread.median, spread.deviation, spread.lowest, spread.highest)
    return [percent(share) for share in shares]
