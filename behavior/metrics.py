"""What the numbers of behaviour mean. Every page, file and answer asks here; docs/metrics.md has worked examples.

Records are counted, never weighed against one another: three times praise does not make up for one blow.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, timedelta

from django.db.models import Count, Q

from behavior.models import BehaviorCategory, BehaviorRecord, BehaviorType
from behavior.querysets import BehaviorRecordQuerySet

ONE_WEEK = timedelta(weeks=1)
MANY_NEGATIVE, NEGATIVE_DAYS = 3, 30  # so many negative records in so many days are a behavioural concern
POSITIVE, NEGATIVE = Q(behavior_type=BehaviorType.POSITIVE), Q(behavior_type=BehaviorType.NEGATIVE)


@dataclass(frozen=True)
class Counts:
    """How many records there are of either type."""

    positive: int = 0
    negative: int = 0

    @property
    def all(self) -> int:
        return self.positive + self.negative

    def __add__(self, other: Counts) -> Counts:
        return Counts(self.positive + other.positive, self.negative + other.negative)


def read_by(records: BehaviorRecordQuerySet, *, shared_only: bool) -> BehaviorRecordQuerySet:
    """The records that count: for parents those shared with them, for staff all."""
    return records.shared() if shared_only else records


def count_behavior(records: BehaviorRecordQuerySet, *, shared_only: bool) -> Counts:
    """All records by type; one statement."""
    numbers = read_by(records, shared_only=shared_only).aggregate(
        positive=Count("pk", filter=POSITIVE), negative=Count("pk", filter=NEGATIVE)
    )
    return Counts(**numbers)


def count_by_category(records: BehaviorRecordQuerySet, *, shared_only: bool) -> dict[BehaviorCategory, Counts]:
    """Records by category and type, by name; a category without any is not in it. One statement."""
    rows = read_by(records, shared_only=shared_only).order_by().values("category", "category__name")
    counted = rows.annotate(positive=Count("pk", filter=POSITIVE), negative=Count("pk", filter=NEGATIVE))
    found = {
        BehaviorCategory(pk=row["category"], name=row["category__name"]): Counts(row["positive"], row["negative"])
        for row in counted
    }
    return dict(sorted(found.items(), key=lambda pair: str(pair[0])))


def count_by_week(records: BehaviorRecordQuerySet, *, shared_only: bool) -> dict[date, Counts]:
    """Records by ISO week, named by its Monday, from the first week with a record to the last; one statement.

    Weeks between without a record count 0.
    """
    rows = read_by(records, shared_only=shared_only).order_by().values("date")
    # The database counts by day, of which there are few; the two databases name weeks differently.
    counted = rows.annotate(positive=Count("pk", filter=POSITIVE), negative=Count("pk", filter=NEGATIVE))
    return by_week((row["date"], Counts(row["positive"], row["negative"])) for row in counted)


def by_week(days: Iterable[tuple[date, Counts]]) -> dict[date, Counts]:
    """The counts of days added up by the Monday of their ISO week, in order and without a gap."""
    found: dict[date, Counts] = {}
    for day, counts in days:
        monday = day - timedelta(days=day.weekday())
        found[monday] = found.get(monday, Counts()) + counts
    if not found:
        return {}
    first, last = min(found), max(found)
    weeks = [first + number * ONE_WEEK for number in range((last - first) // ONE_WEEK + 1)]
    return {monday: found.get(monday, Counts()) for monday in weeks}


def count_rows(records: Iterable[BehaviorRecord]) -> Counts:
    """The same count over rows that are at hand."""
    types = [record.behavior_type for record in records]
    return Counts(types.count(BehaviorType.POSITIVE), types.count(BehaviorType.NEGATIVE))
