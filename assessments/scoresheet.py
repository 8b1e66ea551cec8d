"""One piece of work as it stands: a line per student with what is stored of them."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from fractions import Fraction

from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from assessments.models import Assessment, State
from assessments.querysets import roster_with_scores
from core.numbers import print_points


@dataclass(frozen=True)
class Entry:
    """What is entered for one student: a score in points, or that it is missing or exempt; never neither."""

    state: State
    points: Decimal | None = None
    notes: str = ""

    def __repr__(self) -> str:
        """One text for equal entries, since a fingerprint is made of it: 17 and 17.00 are the same score."""
        points = None if self.points is None else str(self.points.quantize(Decimal("0.01")))
        return f"Entry({self.state.value!r}, {points!r}, {self.notes!r})"

    @property
    def typed(self) -> str:
        """As it is typed into the column: "17.5", "M", "EX"."""
        if self.points is not None:
            return print_points(self.points, localized=False)
        return TYPED_STATES[self.state]

    def share_of(self, assessment: Assessment) -> Fraction | None:
        """The score of its maximum, exactly; None unless graded."""
        return None if self.points is None else Fraction(self.points) / Fraction(assessment.max_score)


TYPED_STATES = {State.MISSING: "M", State.EXEMPT: "EX"}


@dataclass(frozen=True)
class Line:
    """One student; `entry` is None until graded, as are who entered it last and when."""

    pk: int
    student_id: str
    full_name: str
    record: int | None
    recorded_at: datetime | None
    marked_at: datetime | None
    marked_by: int | None
    external_id: str | None
    entry: Entry | None


def read_lines(assessment: Assessment) -> list[Line]:
    """The lines of a piece of work, in the order of the class list; one statement."""
    return [
        Line(
            pk=pk,
            student_id=student_id,
            full_name=f"{given_name} {family_name}".strip(),
            record=record,
            recorded_at=recorded_at,
            marked_at=marked_at,
            marked_by=marked_by,
            external_id=external_id,
            entry=Entry(State(state), points, notes) if record else None,
        )
        for (
            pk,
            student_id,
            given_name,
            family_name,
            record,
            recorded_at,
            marked_at,
            marked_by,
            external_id,
            state,
            points,
            notes,
        ) in roster_with_scores(assessment)
    ]


def count(entries: Iterable[Entry | None]) -> dict[State | None, int]:
    """How many of each state; None counts those not graded."""
    return dict(Counter(entry.state if entry else None for entry in entries))


def say(counts: Mapping[State | None, int]) -> str:
    """Counts in words: "26 graded, 1 missing, 1 exempt, 2 not graded yet."."""
    words = {
        State.GRADED: _("%(number)d graded"),
        State.MISSING: _("%(number)d missing"),
        State.EXEMPT: _("%(number)d exempt"),
        None: _("%(number)d not graded yet"),
    }
    said = [words[state] % {"number": counts[state]} for state in words if counts.get(state)]
    return ", ".join(said) + "." if said else _("Nothing is graded yet.")


def say_saved(number: int) -> str:
    """How many scores a save wrote."""
    return ngettext("%(number)d score saved.", "%(number)d scores saved.", number) % {"number": number}
