"""What one student took part in: what the report and the staff page show of it."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date

from participation.metrics import Participation, count_participation
from participation.models import ParticipationRecord
from participation.querysets import ParticipationRecordQuerySet


@dataclass(frozen=True)
class ChildParticipation:
    """A student's records of a span of days, the latest first, and how many of each status they are."""

    counts: Participation
    records: list[ParticipationRecord]


def participation_of(records: ParticipationRecordQuerySet, first: date, last: date) -> ChildParticipation:
    """One student's participation from first to last, both inclusive, out of `records`; one statement."""
    found = list(records.between(first, last).select_related("school_class").order_by("-date", "event_name", "pk"))
    return ChildParticipation(count_participation(record.status for record in found), found)
