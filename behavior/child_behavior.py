"""What was noted of one student: what the report and the staff page show of it."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date

from behavior.metrics import Counts, count_rows, read_by
from behavior.models import BehaviorCategory, BehaviorRecord
from behavior.querysets import BehaviorRecordQuerySet


@dataclass(frozen=True)
class ChildBehavior:
    """The records of a time, newest first, with what they come to; by_category goes by the categories' names."""

    counts: Counts
    by_category: dict[BehaviorCategory, Counts]
    records: list[BehaviorRecord]

    @property
    def positive(self) -> int:
        return self.counts.positive

    @property
    def negative(self) -> int:
        return self.counts.negative


def behavior_of_year(records: BehaviorRecordQuerySet, first: date, last: date, *, shared_only: bool) -> ChildBehavior:
    """One student's behaviour from first to last, both inclusive, out of `records`; one statement.

    `shared_only` is what a parent reads; staff read all, and who noted it.
    """
    found = list(
        read_by(records.between(first, last), shared_only=shared_only)
        .select_related("category", "teacher")
        .order_by("-date", "-pk")
    )
    categories: dict[BehaviorCategory, list[BehaviorRecord]] = {}
    for record in sorted(found, key=lambda record: str(record.category)):
        categories.setdefault(record.category, []).append(record)
    return ChildBehavior(
        counts=count_rows(found),
        by_category={category: count_rows(rows) for category, rows in categories.items()},
        records=found,
    )
