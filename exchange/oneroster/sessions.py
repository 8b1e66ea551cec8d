"""School years and terms out of academicSessions.csv."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import date
from itertools import pairwise

from django.utils.translation import gettext as _

from exchange.oneroster.problems import Problems, quoted
from exchange.oneroster.reading import Bundle
from exchange.oneroster.roster import Notes, Span
from exchange.oneroster.rows import Row

YEAR = "schoolYear"
TERM_KINDS = ("semester", "term")


@dataclass
class Sessions:
    """All sessions by id, with the year each belongs to ("" where that cannot be told), and those imported."""

    rows: dict[str, Row]
    year_of: dict[str, str] = field(default_factory=dict)
    years: dict[str, Span] = field(default_factory=dict)
    terms: dict[str, Span] = field(default_factory=dict)

    def span(self, session: str) -> tuple[date, date]:
        row = self.rows[session]
        return _dates(row)


def read_sessions(bundle: Bundle, problems: Problems, notes: Notes) -> Sessions | None:
    """The calendar of a bundle; None where a cell of it is at fault already, so that its dates mean nothing."""
    rows = bundle.rows("academicSessions")
    if not all(row.sound for row in rows):
        return None
    for row in rows:
        if row.get("startDate") >= row.get("endDate"):
            problems.add(row, "endDate", _("a day after startDate %(day)s") % {"day": row.get("startDate")})
    sessions = Sessions({row.key: row for row in rows})
    for row in rows:
        sessions.year_of[row.key] = _year_of(row, sessions, problems)
    if not all(row.sound for row in rows):
        return None
    sessions.years = {row.key: _span(row) for row in rows if row.get("type") == YEAR}
    sessions.terms = {row.key: _span(row, sessions.year_of[row.key]) for row in _finest_terms(sessions, notes)}
    _check_names(sessions, problems)
    _check_terms(sessions, problems)
    return sessions


def _dates(row: Row) -> tuple[date, date]:
    return date.fromisoformat(row.get("startDate")), date.fromisoformat(row.get("endDate"))


def _span(row: Row, year: str = "") -> Span:
    starts_on, ends_on = _dates(row)
    return Span(row, row.get("title"), starts_on, ends_on, year)


def _ancestors(row: Row, rows: dict[str, Row]) -> list[Row]:
    """The sessions above one, nearest first; one that is above itself ends the list."""
    above: list[Row] = []
    while (parent := rows.get(row.get("parentSourcedId"))) and parent not in above:
        above.append(parent)
        row = parent
    return above


def _year_of(row: Row, sessions: Sessions, problems: Problems) -> str:
    """The school year above a session, else the only one with the same schoolYear."""
    line = [row, *_ancestors(row, sessions.rows)]
    if row in line[1:]:
        problems.add(row, "parentSourcedId", _("a session that is not below this one"))
        return ""
    years = [one.key for one in line if one.get("type") == YEAR]
    if not years:
        same = [one for one in sessions.rows.values() if one.get("type") == YEAR]
        years = [one.key for one in same if one.get("schoolYear") == row.get("schoolYear")]
        years = years if len(years) == 1 else []
    if not years and row.get("type") in TERM_KINDS:
        words = {"year": row.get("schoolYear")}
        expected = _("a session of type schoolYear above it, or exactly one with the schoolYear %(year)s") % words
        problems.add(row, "parentSourcedId", expected)
    return years[0] if years else ""


def _finest_terms(sessions: Sessions, notes: Notes) -> list[Row]:
    """Terms and semesters, without those that contain others: the portal has one level of terms.

    A semester that holds terms is only a name above them. Which holds which is told by parentSourcedId, or by the
    dates where a term lies in a semester.
    """
    candidates = [row for row in sessions.rows.values() if row.get("type") in TERM_KINDS]
    above = {parent.key for row in candidates for parent in _ancestors(row, sessions.rows)}
    terms = [row for row in candidates if row.get("type") == "term"]
    for row in candidates:
        starts_on, ends_on = row.get("startDate"), row.get("endDate")
        if row.get("type") == "semester" and any(
            starts_on <= term.get("startDate") and term.get("endDate") <= ends_on for term in terms
        ):
            above.add(row.key)
    for row in candidates:
        if row.key in above:
            notes.add(_("Not imported, since shorter terms lie in them"), row.get("title"))
    return [row for row in candidates if row.key not in above]


def _check_names(sessions: Sessions, problems: Problems) -> None:
    """The portal knows years, and the terms of a year, by name."""
    first: dict[tuple[str, str], Row] = {}
    for span in [*sessions.years.values(), *sessions.terms.values()]:
        other = first.setdefault((span.year, span.name), span.row)
        if other is not span.row:
            expected = _("a title of its own; row %(number)s has this one") % {"number": other.number}
            problems.add(span.row, "title", expected)


def _check_terms(sessions: Sessions, problems: Problems) -> None:
    for year_id, year in sessions.years.items():
        terms = sorted(
            (term for term in sessions.terms.values() if term.year == year_id), key=lambda one: one.starts_on
        )
        words = {"first": year.starts_on, "last": year.ends_on, "year": quoted(year.name)}
        for term in terms:
            expected = _("a day from %(first)s to %(last)s, in the school year %(year)s") % words
            if term.starts_on < year.starts_on:
                problems.add(term.row, "startDate", expected)
            if term.ends_on > year.ends_on:
                problems.add(term.row, "endDate", expected)
        for before, term in pairwise(terms):
            if term.starts_on < before.ends_on:
                words = {"day": before.ends_on, "term": quoted(before.name)}
                expected = _("%(day)s or later: terms of a year do not overlap, and %(term)s ends then") % words
                problems.add(term.row, "startDate", expected)
