"""The period that a report is about: this term, this school year, or days that the reader chose."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, timedelta
from typing import Any

from django import forms
from django.core.exceptions import ValidationError
from django.db import models
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from students.calendar import SchoolCalendar
from students.fields import DayFormField
from students.forms import OLDEST, DayInput

ONE_DAY = timedelta(days=1)
LONGEST = 3 * 366  # days: a report is no archive


class Kind(models.TextChoices):
    TERM = "term", gettext_lazy("This term")
    YEAR = "year", gettext_lazy("This year")
    DATES = "dates", gettext_lazy("Days of your choice")


@dataclass(frozen=True)
class Period:
    """From first to last, both inclusive; `name` says it in words, where it has a name."""

    kind: Kind
    first: date
    last: date
    name: str = ""

    def holds(self, day: date) -> bool:
        return self.first <= day <= self.last


class PeriodForm(forms.Form):
    """Chooses the period as `?period=term`, or `?period=dates&first=2026-09-01&last=2026-10-31`."""

    period = forms.ChoiceField(
        label=gettext_lazy("Period"),
        choices=Kind.choices,
        required=False,
        error_messages={"invalid_choice": gettext_lazy("Choose this term, this year, or days of your choice.")},
    )
    first = DayFormField(label=gettext_lazy("From"), required=False, widget=DayInput())
    last = DayFormField(label=gettext_lazy("To"), required=False, widget=DayInput())

    def __init__(self, query: Any, *, today: date) -> None:
        super().__init__(query)
        self.today = today

    def clean(self) -> dict[str, Any]:
        """Days of one's choice need both days, in order, up to today."""
        chosen = super().clean() or {}
        if chosen.get("period") != Kind.DATES or self.errors:
            return chosen
        first, last = chosen.get("first"), chosen.get("last")
        if not first or not last:
            raise ValidationError(_("Give the first and the last day of the period."))
        if first > last:
            raise ValidationError(_("The first day is after the last. Exchange them."))
        if last > self.today:
            raise ValidationError(_("The last day is still to come. Choose today or an earlier day."))
        if first < OLDEST or (last - first).days > LONGEST:
            raise ValidationError(_("Choose a period of at most three years."))
        return chosen

    @property
    def problems(self) -> list[str]:
        """What is wrong with what was chosen, as sentences."""
        return [str(sentence) for sentences in self.errors.values() for sentence in sentences]

    def period_within(self, calendar: SchoolCalendar, year: Any) -> Period:
        """What was chosen; the school year to date where nothing valid was. `calendar` is that year's."""
        chosen = self.cleaned_data if self.is_valid() else {}
        kind = chosen.get("period")
        if kind == Kind.DATES:
            return Period(Kind.DATES, chosen["first"], chosen["last"])
        if kind == Kind.TERM and (term := latest_term(calendar, year)):
            return term
        return Period(Kind.YEAR, calendar.first, calendar.last, _("school year %(year)s") % {"year": year})


def latest_term(calendar: SchoolCalendar, year: Any) -> Period | None:
    """The term of today, or the one that began last; None in a year without terms, or before the first."""
    begun = [span for span in calendar.terms.get(year.pk, []) if span[0] <= calendar.last]
    if not begun:
        return None
    starts_on, ends_on, name = max(begun)
    return Period(Kind.TERM, max(starts_on, calendar.first), min(ends_on - ONE_DAY, calendar.last), name)
