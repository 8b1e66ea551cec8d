"""The tables of the dashboard as files, by name."""

from __future__ import annotations

from collections.abc import Callable, Iterator

from django.http import Http404, HttpRequest, HttpResponseBase
from django.utils.translation import gettext as _

from core.export import file_response
from core.numbers import percent
from dashboard.dashboard_page import Dashboard
from dashboard.groups import FEWER, GroupShare

Line = list[object]


def summary_lines(found: Dashboard) -> Iterator[Line]:
    """The figures, the year (or term) to date beside the last 30 days."""
    summary = found.summary
    yield ["total_students", summary.students, summary.students_before]
    yield ["average_score", cell(summary.average), cell(found.average_lately)]
    yield ["attendance_rate", cell(summary.attendance), cell(found.attendance_lately)]
    yield ["coverage", percent(summary.coverage), None]
    yield ["high_performers", summary.high_performers, None]
    yield ["registers_due", found.registers.due, None]
    yield ["registers_not_taken", found.registers.not_taken, None]


def trend_lines(found: Dashboard) -> Iterator[Line]:
    for point in found.trend.points:
        yield [point.day, percent(point.attendance), percent(point.average)]


def subject_lines(found: Dashboard) -> Iterator[Line]:
    for each in found.subjects:
        average = each.average
        yield [each.name, average.students, cell(average), each.graded, each.missing, each.exempt]


def grade_lines(found: Dashboard) -> Iterator[Line]:
    for grade in found.grades:
        yield [grade.label, *([FEWER, None] if grade.is_withheld else [grade.number, percent(grade.share)])]


def class_lines(found: Dashboard) -> Iterator[Line]:
    for each in found.classes:
        figures = [cell(each.average), cell(each.attendance), percent(each.coverage)]
        yield [each.school_class.name, each.students, *figures, each.registers.due, each.registers.not_taken]


def cell(share: GroupShare) -> object:
    """A share in percent, the words in its place where it is withheld, None without data."""
    return FEWER if share.is_withheld else percent(share.shown)


TABLES: dict[str, tuple[tuple[str, ...], Callable[[Dashboard], Iterator[Line]]]] = {
    "summary": (("figure", "to_date", "last_30_days"), summary_lines),
    "trend": (("date", "attendance_rate", "average_score"), trend_lines),
    "subjects": (("subject", "students", "average", "graded", "missing", "exempt"), subject_lines),
    "grades": (("grade", "scores", "of_all"), grade_lines),
    "classes": (
        ("class", "students", "average", "attendance_rate", "coverage", "registers_due", "registers_not_taken"),
        class_lines,
    ),
}


def table_as_file(request: HttpRequest, found: Dashboard, name: str) -> HttpResponseBase:
    """One table as a download. A table that there is not is a 404 that names those that there are."""
    if name not in TABLES:
        raise Http404(_("There is no such table. There are: %(names)s.") % {"names": ", ".join(TABLES)})
    columns, lines = TABLES[name]
    return file_response(request, f"dashboard-{name}", columns, lines(found))
