"""The counts over a list of records: by category and by week, as a table and as columns."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date

from django.utils.formats import date_format

from behavior.metrics import Counts
from behavior.models import BehaviorCategory
from core.charts import BarChart, bar_chart

WEEKS_DRAWN = 6  # as many columns as a phone shows; the table has all


@dataclass(frozen=True)
class Summary:
    """What the filtered records come to."""

    by_category: Mapping[BehaviorCategory, Counts]
    by_week: Mapping[date, Counts]

    @property
    def counts(self) -> Counts:
        """All of them."""
        return sum(self.by_category.values(), Counts())

    @property
    def categories(self) -> list[tuple[BehaviorCategory, Counts]]:
        return list(self.by_category.items())

    @property
    def weeks(self) -> list[tuple[date, Counts]]:
        """The latest week first."""
        return list(self.by_week.items())[::-1]

    @property
    def weeks_drawn(self) -> list[tuple[date, Counts]]:
        """The latest weeks, in order."""
        return list(self.by_week.items())[-WEEKS_DRAWN:]

    @property
    def positive_bars(self) -> BarChart:
        return bar_chart([(week_label(monday), counts.positive) for monday, counts in self.weeks_drawn])

    @property
    def negative_bars(self) -> BarChart:
        return bar_chart([(week_label(monday), counts.negative) for monday, counts in self.weeks_drawn])

    @property
    def category_bars(self) -> BarChart:
        """All records by category."""
        return bar_chart([(str(category), counts.all) for category, counts in self.categories])


def week_label(monday: date) -> str:
    """Short enough for a column, such as "14 Sep"; that it is a Monday is said beside."""
    return date_format(monday, "j M")
