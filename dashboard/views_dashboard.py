"""The dashboard and the list of high performers."""

from __future__ import annotations

from collections.abc import Iterator

from django.http import HttpResponseBase
from django.shortcuts import render

from accounts.access import allow
from accounts.reading import note_reading
from accounts.roles import Role
from core.export import asks_for_file, file_response
from core.lists import chips_of, page_of
from core.numbers import percent
from dashboard.dashboard_csv import table_as_file
from dashboard.dashboard_form import DashboardForm
from dashboard.dashboard_links import Links
from dashboard.dashboard_page import get_dashboard
from dashboard.high_performers import HighPerformer, get_high_performers
from dashboard.scope import TermScopeForm, seen_year
from students.middleware import SchoolRequest

HIGH_COLUMNS = ("student_id", "full_name", "class", "average", "graded", "missing", "exempt")


@allow(Role.ADMIN, Role.TEACHER)
def home(request: SchoolRequest) -> HttpResponseBase:
    """How the classes that somebody sees are doing, and whom to talk to; each table as a file."""
    seen = seen_year(request.user, request.school)
    form = DashboardForm(request.GET, seen=seen)
    scope = form.scope if form.is_valid() else None
    found = get_dashboard(scope, form.chosen_period) if scope else None
    note_reading(request)
    if found and asks_for_file(request):
        return table_as_file(request, found, request.GET.get("table", "summary"))
    context = {
        "filter_form": form,
        "chips": chips_of(form, request.GET),
        "seen": seen,
        "found": found,
        "links": Links(found, request.GET.get("class_id", ""), request.GET.get("grade_level", "")) if found else None,
    }
    return render(request, "dashboard/dashboard.html", context, status=200 if form.is_valid() else 400)


@allow(Role.ADMIN, Role.TEACHER)
def high_performers(request: SchoolRequest) -> HttpResponseBase:
    """The students with an average of 85 % and more, by name, by pages or as a file."""
    seen = seen_year(request.user, request.school)
    form = TermScopeForm(request.GET, seen=seen)
    scope = form.scope if form.is_valid() else None
    found = get_high_performers(scope) if scope else []
    note_reading(request)
    if scope and asks_for_file(request):
        return file_response(request, "high-performers", HIGH_COLUMNS, high_lines(found))
    context = {
        "filter_form": form,
        "chips": chips_of(form, request.GET),
        "seen": seen,
        "scope": scope,
        "page": page_of(found, request.GET),
    }
    return render(request, "dashboard/high_performers.html", context, status=200 if form.is_valid() else 400)


def high_lines(found: list[HighPerformer]) -> Iterator[list[object]]:
    """One line of the file a student."""
    for each in found:
        of = each.average
        row = each.student
        yield [row.student_id, row.full_name, row.class_name, percent(of.share), of.graded, of.missing, of.exempt]  # type: ignore[attr-defined]
