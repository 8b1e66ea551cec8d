"""Where the figures of the dashboard lead: to the rows behind them, narrowed by what other lists can be narrowed by."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import date
from functools import cached_property
from typing import NamedTuple
from urllib.parse import urlencode

from django.urls import reverse
from django.utils.formats import number_format
from django.utils.html import format_html
from django.utils.translation import gettext as _

from core.charts import HorizontalBar
from core.numbers import print_percent
from core.templatetags.portal import day_short
from dashboard.dashboard_page import Dashboard
from dashboard.figures import ClassFigures, SubjectFigures
from dashboard.groups import GroupShare
from dashboard.scope import Scope

ANY_CLASS = 10**18  # stands for the key of a class in an address; nothing else in one has as many digits


@dataclass(frozen=True)
class SubjectRow:
    """A subject with its bar, and where its statistics are."""

    figures: SubjectFigures
    bar: HorizontalBar
    statistics: str


class ClassRow(NamedTuple):
    """A class as it stands in the table: each figure in words, and where the rows behind it are.

    All of it is text, and a link tells in words whose figure it is; the template takes the row apart by the order of
    its columns, since it looks up a name of its own in half the time: a school has a hundred such rows.
    """

    name: str
    page: str
    students: str
    average: str
    average_of: str
    statistics: str
    attendance: str
    attendance_of: str
    records: str
    coverage: str
    not_taken: str
    not_taken_of: str
    registers: str


@dataclass(frozen=True)
class Links:
    """The addresses for what was found, with the filters as they stand in the form."""

    found: Dashboard
    class_id: str
    grade_level: str
    routes: dict[str, str] = field(default_factory=dict)

    @property
    def scope(self) -> Scope:
        return self.found.scope

    @property
    def not_begun(self) -> str:
        """That the year or the term is still to come, as a sentence; empty once it has begun."""
        first, last = self.days
        if first <= last:
            return ""
        name = self.scope.term or self.scope.seen.year
        return _("%(name)s begins on %(day)s. Until then there is nothing to count.") % {
            "name": name,
            "day": day_short(first),
        }

    def to(self, route: str, **query: object) -> str:
        """A route with those parts of the query that say something."""
        said = {name: str(value) for name, value in query.items() if value not in {None, ""}}
        if route not in self.routes:
            self.routes[route] = reverse(route)
        return f"{self.routes[route]}?{urlencode(said)}" if said else self.routes[route]

    @property
    def students(self) -> str:
        return self.to("students:list", class_id=self.class_id, grade_level=self.grade_level)

    @property
    def high_performers(self) -> str:
        chosen = {"class_id": self.class_id, "grade_level": self.grade_level, "term": self.scope.term}
        return self.to("dashboard:high_performers", **chosen)

    @property
    def at_risk(self) -> str:
        return self.to("dashboard:at_risk", class_id=self.class_id, grade_level=self.grade_level)

    @property
    def statistics(self) -> str:
        return self.statistics_of(class_id=self.class_id)

    def statistics_of(self, **query: object) -> str:
        """The page of statistics for the school year or its term."""
        return self.to("assessments:statistics", academic_year=self.scope.seen.year.pk, term=self.scope.term, **query)

    @property
    def records(self) -> str:
        return self.records_of(self.class_id)

    def records_of(self, class_id: object) -> str:
        first, last = self.days
        return self.to("attendance:records", class_id=class_id, start_date=first, end_date=last)

    @property
    def not_taken(self) -> str:
        return self.not_taken_of(self.class_id)

    def not_taken_of(self, class_id: object) -> str:
        first, last = self.days
        return self.to("attendance:not_taken", class_id=class_id, start_date=first, end_date=last)

    @property
    def subject_rows(self) -> list[SubjectRow]:
        return [
            SubjectRow(figures, bar, self.statistics_of(subject=figures.pk, class_id=self.class_id))
            for figures, bar in self.found.subject_bars
        ]

    @property
    def class_rows(self) -> list[ClassRow]:
        """The addresses and sentences are made once, and the class put in its place."""
        addresses = (
            reverse("students:class", kwargs={"class_id": ANY_CLASS}),
            self.statistics_of(class_id=ANY_CLASS),
            self.records_of(ANY_CLASS),
            self.not_taken_of(ANY_CLASS),
        )
        sentences = (
            _("average of %(name)s"),
            _("attendance of %(name)s"),
            _("registers of %(name)s not taken"),
        )
        return [class_row(figures, addresses, sentences) for figures in self.found.classes]

    @property
    def whole_year(self) -> str:
        return self.to("dashboard:home", class_id=self.class_id, grade_level=self.grade_level)

    @cached_property
    def days(self) -> tuple[date, date]:
        """First and last day that the figures are of."""
        calendar = self.scope.calendar()
        return calendar.first, calendar.last


def class_row(figures: ClassFigures, addresses: Sequence[str], sentences: Sequence[str]) -> ClassRow:
    """A row; the addresses are for ANY_CLASS."""
    key, named = str(figures.school_class.pk), {"name": figures.school_class.name}
    page, statistics, records, registers = (each.replace(str(ANY_CLASS), key) for each in addresses)
    average_of, attendance_of, not_taken_of = (each % named for each in sentences)
    return ClassRow(
        name=figures.school_class.name,
        page=page,
        students=number_format(figures.students),
        average=share_in_words(figures.average),
        average_of=average_of,
        statistics=statistics,
        attendance=share_in_words(figures.attendance),
        attendance_of=attendance_of,
        records=records,
        coverage=print_percent(figures.coverage),
        not_taken=number_format(figures.registers.not_taken),
        not_taken_of=not_taken_of,
        registers=registers,
    )


def share_in_words(share: GroupShare) -> str:
    """As the component of a share prints it."""
    if share.is_withheld:
        return format_html('<span class="withheld">{}</span>', _("fewer than 5"))
    return print_percent(share.shown)
