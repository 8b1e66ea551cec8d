"""What the numbers of participation mean: how often somebody took part, and as what. No rate: nobody is due."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterable
from dataclasses import dataclass

from django.db.models import Count

from participation.models import Status
from participation.querysets import ParticipationRecordQuerySet


@dataclass(frozen=True)
class Participation:
    """How many records of each status there are."""

    attended: int = 0
    helped: int = 0
    led: int = 0
    award: int = 0
    absent: int = 0

    @property
    def recorded(self) -> int:
        """All records, those of absence too."""
        return self.took_part + self.absent

    @property
    def took_part(self) -> int:
        """The records of somebody who was there, in whatever role."""
        return self.attended + self.helped + self.led + self.award


def count_participation(statuses: Iterable[str]) -> Participation:
    """Count statuses."""
    return Participation(**Counter(Status(status).value for status in statuses))


def participation_by_student(records: ParticipationRecordQuerySet) -> dict[int, Participation]:
    """The counts of each student with a record, by key; one statement.

    Narrow `records` before: `.between(first, last)`, or `.during(term)`. A student without any has no entry.
    """
    counted = records.order_by().values_list("student_id", "status").annotate(number=Count("pk"))
    found: dict[int, dict[str, int]] = defaultdict(dict)
    for student, status, number in counted:
        found[student][status] = number
    return {student: Participation(**numbers) for student, numbers in found.items()}
