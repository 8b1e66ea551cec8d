"""The sections of a report card, in words and tables, in the order of the page."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Any

from django.utils.formats import date_format
from django.utils.translation import gettext as _

from assessments.child_marks import ChildMarks, SubjectMarks
from assessments.metrics import Average, Direction
from attendance.metrics import Attendance
from attendance.models import AttendanceRecord, Status
from behavior.models import BehaviorRecord
from core.numbers import NO_DATA, print_percent
from core.templatetags.portal import day_short
from dashboard.card import Card, MonthLine
from dashboard.report import AttendanceSection, BehaviorSection
from participation.models import ParticipationRecord

# title; lines: list of strings; table: a Table or None; notes-title and notes: a list below the table, or "" and [].
Section = dict[str, Any]
# head and total: lists of strings; rows: lists of them; widths: parts of the room, 0 for as much as needed; figures:
# how many columns after the first hold figures; charts: a line or None for each row, or [] for no such column.
Table = dict[str, Any]


def sections_of(card: Card) -> Iterable[Section]:
    """Notes of the school, marks, attendance, behaviour, participation; one that may not be read says so."""
    report = card.report
    if report.notes:
        yield section(_("From the school"), [f"{note.text} ({author(note)})" for note in report.notes])
    yield marks_section(report.marks)
    yield attendance_section(report.attendance, card.months)
    yield behavior_section(report.behavior)
    yield participation_section(report.participation)


def section(title: str, lines: Sequence[str] = (), table: Table | None = None) -> Section:
    return {"title": title, "lines": list(lines), "table": table, "notes-title": "", "notes": []}


def table_of(
    columns: Sequence[tuple[str, int]],
    rows: Iterable[Sequence[str]],
    figures: int = 0,
    charts: Sequence[dict[str, Any] | None] = (),
    total: Sequence[str] = (),
) -> Table:
    """A table whose columns are given as head and width; `total` is a last row that stands out."""
    return {
        "head": [head for head, _width in columns],
        "widths": [width for _head, width in columns],
        "rows": [list(row) for row in rows],
        "figures": figures,
        "charts": list(charts),
        "total": list(total),
    }


def author(note: Any) -> str:
    """Who wrote a note for the family, and when."""
    return f"{note.written_by}, {date_format(note.created_at, 'j M Y')}"


def marks_section(marks: ChildMarks | None) -> Section:
    """A row a subject: average, grade, what it is of, the teacher's latest note, the line."""
    title = _("Marks")
    if marks is None:
        return section(title, [_("Your access does not include marks. The school office can tell you more.")])
    if not marks.subjects:
        return section(title, [_("No marks are published for this time yet.")])
    columns = [(_("Subject"), 4), (_("Average"), 0), (_("Grade"), 0), (_("Over"), 3), (_("Latest note"), 6)]
    charts = [line_of(each) for each in marks.subjects]
    if any(charts):
        columns.append((_("Line"), 0))
    rows = [subject_row(each) for each in marks.subjects]
    return section(title, table=table_of(columns, rows, figures=2, charts=charts if any(charts) else ()))


def subject_row(each: SubjectMarks) -> list[str]:
    """One subject, without its line."""
    note = each.latest_note
    return [
        heading_of(each),
        print_percent(each.average.share),
        each.grade or NO_DATA,
        of_what(each.average),
        f"“{note.notes}” {note.assessment.title}, {day_short(note.assessment.date_taken)}" if note else "",
    ]


def heading_of(each: SubjectMarks) -> str:
    """The subject, with its direction where it has one."""
    if each.trend and each.trend.direction != Direction.STEADY:
        return _("%(subject)s is %(direction)s") % {"subject": each.subject, "direction": each.trend.direction.label}
    return str(each.subject)


def of_what(average: Average) -> str:
    """Such as "of 7 graded, 1 missing, 1 exempt"."""
    parts = [_("of %(number)d graded") % {"number": average.graded}]
    if average.missing:
        parts.append(_("%(number)d missing") % {"number": average.missing})
    if average.exempt:
        parts.append(_("%(number)d exempt") % {"number": average.exempt})
    return ", ".join(parts)


def line_of(each: SubjectMarks) -> dict[str, Any] | None:
    """The line of a subject in the units of core.charts, and the same in words for who cannot see it."""
    line = each.line
    if line is None:
        return None
    shares = ", ".join(print_percent(share) for share in each.shares)
    return {
        "points": [[int(number) for number in point.split(",")] for point in line.line.split()],
        "width": line.width,
        "height": line.height,
        "words": _("%(subject)s, from the oldest mark to the latest: %(shares)s")
        % {"subject": each.subject, "shares": shares},
    }


def attendance_section(attendance: AttendanceSection | None, months: Sequence[MonthLine]) -> Section:
    """A row a month, then the latest notes beside the marks."""
    title = _("Attendance")
    if attendance is None:
        return section(title, [_("Your access does not include attendance. The school office can tell you more.")])
    if not months:
        return section(title, [_("No register was taken in this time.")])
    columns = [(_("Month"), 1), *((str(status.label), 0) for status in Status), (_("Missed"), 0), (_("Attendance"), 0)]
    rows = [attendance_row(date_format(month.first, "F Y"), month.attendance) for month in months]
    total = attendance_row(_("Altogether"), attendance.figures)
    notes = [note_in_words(record) for record in attendance.notes]
    table = table_of(columns, rows, figures=len(columns) - 1, total=total)
    return {**section(title, table=table), "notes-title": _("Latest notes"), "notes": notes}


def attendance_row(name: str, figures: Attendance) -> list[str]:
    """The marks by status, the days missed of all, the rate."""
    counts = [str(figures.counts.get(status, 0)) for status in Status]
    missed = _("%(missed)d of %(possible)d") % {"missed": figures.missed, "possible": figures.possible}
    return [name, *counts, missed, print_percent(figures.rate)]


def note_in_words(record: AttendanceRecord) -> str:
    """Such as "Wed 4 Mar, Late: Bus was late"."""
    return f"{day_short(record.date)}, {record.get_status_display()}: {record.note}"


def behavior_section(behavior: BehaviorSection | None) -> Section:
    """A row a record, the latest first."""
    title = _("Behaviour")
    if behavior is None:
        return section(title, [_("Your access does not include behaviour. The school office can tell you more.")])
    if not behavior.records:
        return section(title, [_("Nothing was noted for you in this time.")])
    columns = [(_("Day"), 0), (_("Type"), 0), (_("Category"), 3), (_("Note"), 6), (_("Noted by"), 3)]
    return section(title, table=table_of(columns, [behavior_row(record) for record in behavior.records]))


def behavior_row(record: BehaviorRecord) -> list[str]:
    sign = f"{record.sign} {record.get_behavior_type_display()}"
    return [day_short(record.date), sign, str(record.category), record.notes, record.noted_by_name]


def participation_section(participation: Sequence[ParticipationRecord] | None) -> Section:
    """A row an event, the latest first."""
    title = _("Participation")
    if participation is None:
        return section(title, [_("Your access does not include participation. The school office can tell you more.")])
    if not participation:
        return section(title, [_("No events in this time.")])
    columns = [(_("Event"), 4), (_("Day"), 0), (_("Part taken"), 0), (_("Remarks"), 5)]
    rows = [
        [record.event_name, day_short(record.date), record.get_status_display(), record.remarks]
        for record in participation
    ]
    return section(title, table=table_of(columns, rows))
