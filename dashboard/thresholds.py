"""From when on an alert is raised: the set in force, or another one for one look. docs/metrics.md has the sources."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from decimal import Decimal
from fractions import Fraction
from typing import Any

from assessments.metrics import LOW, LOW_IN_A_SUBJECT
from attendance.metrics import CHRONIC
from behavior.metrics import MANY_NEGATIVE, NEGATIVE_DAYS
from dashboard.models import ThresholdSet

WHOLE = 100


@dataclass(frozen=True)
class Thresholds:
    """attendance, average, subject: shares of 0 to 1; `version` 0 is what the portal starts with.

    Low attendance is a rate of at most `attendance`; low performance an average below `average`, or one in a subject
    below `subject`; a behavioural concern at least `negative_notes` in the last `note_days` days, today among them.
    """

    attendance: Fraction = 1 - CHRONIC
    average: Fraction = LOW
    subject: Fraction = LOW_IN_A_SUBJECT
    negative_notes: int = MANY_NEGATIVE
    note_days: int = NEGATIVE_DAYS
    version: int = 0
    valid_from: datetime | None = None
    set_by: str = ""
    is_for_one_look: bool = False

    def columns(self) -> dict[str, Decimal | int]:
        """The values as ThresholdSet stores them."""
        return {
            "attendance": as_percent(self.attendance),
            "average": as_percent(self.average),
            "subject": as_percent(self.subject),
            "negative_notes": self.negative_notes,
            "note_days": self.note_days,
        }

    def with_columns(self, **values: Decimal | int | None) -> Thresholds:
        """The same with some values as they are typed (percent for shares) for one look; None changes nothing."""
        given = {name: value for name, value in values.items() if value is not None}
        if not given:
            return self
        shares = {name: Fraction(value) / WHOLE for name, value in given.items() if name in SHARES}
        numbers = {name: int(value) for name, value in given.items() if name not in SHARES}
        return replace(self, **shares, **numbers, is_for_one_look=True)  # type: ignore[arg-type]


SHARES = frozenset({"attendance", "average", "subject"})
VALUES = ("attendance", "average", "subject", "negative_notes", "note_days")


def as_percent(share: Fraction) -> Decimal:
    """A share with at most three decimals as percent with one."""
    return Decimal(int(share * WHOLE * 10)).scaleb(-1)


def thresholds_in_force() -> Thresholds:
    """The latest set; one statement. A school that never set any has the defaults."""
    rows = ThresholdSet.objects.select_related("set_by__teacher", "set_by__parent")
    latest = rows.first()
    return thresholds_of(latest) if latest else Thresholds()


def thresholds_of(row: ThresholdSet) -> Thresholds:
    """A stored set."""
    values = {name: getattr(row, name) for name in VALUES}
    return in_force(values, row.version, row.valid_from, str(row.set_by))


def in_force(values: dict[str, Any], version: int, valid_from: datetime, set_by: str) -> Thresholds:
    """A set from its columns."""
    wanted = Thresholds().with_columns(**values)
    return replace(wanted, version=version, valid_from=valid_from, set_by=set_by, is_for_one_look=False)


# The columns of a set as a row, for `thresholds_of_row`: its values, its version and day, who set it.
ROW = (
    *VALUES,
    "version",
    "valid_from",
    "set_by__teacher__full_name",
    "set_by__parent__full_name",
    "set_by__username",
)


def thresholds_of_row(row: Sequence[Any]) -> Thresholds:
    """A stored set from the columns ROW, where one statement reads it with other rows."""
    *values, version, valid_from, teacher, parent, username = row
    return in_force(dict(zip(VALUES, values, strict=True)), version, valid_from, teacher or parent or username)
