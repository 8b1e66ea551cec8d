"""What a report card says: every figure printed, every sentence written, so that card.typ only places them."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime
from typing import Any

from django.utils import timezone
from django.utils.formats import date_format
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from assessments.child_marks import ChildMarks
from attendance.metrics import Attendance, Tier
from core.numbers import print_percent
from dashboard.card import Card
from dashboard.card_sections import of_what, sections_of
from dashboard.insights import Finding
from dashboard.period import Period
from dashboard.report import BehaviorSection, ChildReport

Words = dict[str, Any]  # strings, and lists and dicts of them


def words_of(card: Card, moment: datetime) -> Words:
    """One card in words; `notice` says what of it could not be drawn (dashboard.typeset)."""
    report = card.report
    return {
        "id": report.student.student_id,
        "name": report.student.full_name,
        "place": place_of(report),
        "as_of": _("as of %(moment)s") % {"moment": date_format(timezone.localtime(moment), "j M Y, H:i")},
        "figures": list(figures_of(report)),
        "findings": findings_of(report),
        "sections": list(sections_of(card)) if report.school_class else [],
        "notice": "",
    }


def place_of(report: ChildReport) -> str:
    """The class, the student id and the period."""
    name = report.school_class.name if report.school_class else _("No class at the moment")
    parts = [name, report.student.student_id]
    if report.period:
        parts.append(period_in_words(report.period))
    return " · ".join(parts)


def period_in_words(period: Period) -> str:
    """Its name, or its days."""
    if period.name:
        return period.name
    days = {"first": date_format(period.first, "j M Y"), "last": date_format(period.last, "j M Y")}
    return _("%(first)s to %(last)s") % days


def figures_of(report: ChildReport) -> Iterable[dict[str, str]]:
    """The figures in sentences: `strong` is printed bold, before the rest."""
    if not report.school_class:
        yield said(_("This child has been in no class yet, so there is nothing to report."))
        return
    if report.attendance:
        yield from attendance_in_words(report.attendance.figures)
    if report.marks and report.marks.subjects:
        yield average_in_words(report.marks)
    elif report.marks:
        yield said(_("No marks are published for this time yet."))
    if report.behavior:
        yield said(behavior_in_words(report.behavior))


def said(sentence: str, strong: str = "") -> dict[str, str]:
    return {"strong": strong, "rest": sentence}


def attendance_in_words(figures: Attendance) -> Iterable[dict[str, str]]:
    """Rate, days missed, what was not counted, the band of absence."""
    if not figures.possible:
        yield said(_("No register has been taken for this child in this school year yet."))
        return
    missed = ngettext(
        "attendance: %(missed)d day missed of %(possible)d",
        "attendance: %(missed)d days missed of %(possible)d",
        figures.missed,
    ) % {"missed": figures.missed, "possible": figures.possible}
    excuse = ""
    if figures.unexcused:
        excuse = _(", %(unexcused)d of them without an excuse") % {"unexcused": figures.unexcused}
    elif figures.missed:
        excuse = _(", all excused")
    counted = "" if figures.not_counted else _(", all registers counted")
    yield said(f"{missed}{excuse}{counted}.", print_percent(figures.rate))
    if figures.not_counted:
        numbers = {"counted": figures.counted, "due": figures.due, "coverage": print_percent(figures.coverage)}
        yield said(
            ngettext(
                "%(counted)d of %(due)d registers are counted (%(coverage)s); one was not taken.",
                "%(counted)d of %(due)d registers are counted (%(coverage)s); the others were not taken.",
                figures.not_counted,
            )
            % numbers
        )
    if figures.tier and figures.tier != Tier.SATISFACTORY:
        yield said(_("Absence so far: %(tier)s.") % {"tier": figures.tier.label})


def average_in_words(marks: ChildMarks) -> dict[str, str]:
    """The average with its grade and what it is of."""
    grade = _(", grade %(grade)s") % {"grade": marks.grade} if marks.grade else ""
    return said(
        _("average%(grade)s: %(of)s") % {"grade": grade, "of": of_what(marks.average)},
        print_percent(marks.average.share),
    )


def behavior_in_words(section: BehaviorSection) -> str:
    """How many notes of either kind."""
    if not section.records:
        return _("Behaviour: nothing noted.")
    numbers = {"positive": section.positive, "negative": section.negative}
    return _("Behaviour: %(positive)d positive, %(negative)d negative") % numbers


def findings_of(report: ChildReport) -> list[dict[str, Any]]:
    """The three lists of the page; one without a finding says so or is left out, as there."""
    if report.insights is None or report.is_young:
        return [{"title": "", "lines": [_("Nothing has been noted for this time yet.")]}] if report.school_class else []
    lists = [
        (_("New since last week"), report.insights.changes, _("Nothing new since last week.")),
        (_("To praise"), report.insights.praise, ""),
        (_("To watch"), report.insights.watch, _("Nothing to worry about.")),
    ]
    return [
        {"title": title, "lines": sentences(findings) or [empty]}
        for title, findings, empty in lists
        if findings or empty
    ]


def sentences(findings: Iterable[Finding]) -> list[str]:
    return [finding.sentence for finding in findings]
