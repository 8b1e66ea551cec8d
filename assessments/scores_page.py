"""What the page of mark entry shows beside its lines: the piece of work, median and extremes, undo, clashes."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass
from functools import cached_property

from django.utils.translation import ngettext

from accounts.models import User
from assessments.forms import ScoresForm, share_of
from assessments.metrics import Spread, spread_of
from assessments.models import Assessment, State
from assessments.scoresheet import Entry, count, read_lines, say, say_saved
from assessments.services import Clash
from students.sheet_pages import ClashRow, names_of, undo_key


@dataclass
class ScoresPage:
    """The page of mark entry of one piece of work; `saved` is how many lines a save of just now wrote."""

    assessment: Assessment
    form: ScoresForm
    user: User
    saved: int | None = None

    @property
    def undo_key(self) -> str:
        """The moment of this person's own last save while it can be undone, else empty."""
        return undo_key(self.assessment.scored_by_id, self.assessment.scored_at, self.user)

    @property
    def receipt(self) -> str:
        """What is stored, in words."""
        return say(count(row.line.entry for row in self.form.rows))

    @property
    def counts(self) -> str:
        """What stands in the form, in words."""
        return say(self.form_counts)

    @cached_property
    def form_counts(self) -> dict[State | None, int]:
        """How many lines of each state stand in the form; a line that cannot be read counts as not graded."""
        return dict(Counter(row.reading.state for row in self.form.rows))

    @cached_property
    def spread(self) -> Spread:
        """Median, lowest and highest of what stands in the form."""
        shares = [share for row in self.form.rows if (share := share_of(row, self.assessment)) is not None]
        return spread_of(Counter(shares), self.form_counts.get(State.MISSING, 0))

    @property
    def held_back(self) -> list[str]:
        """What became of the lines of a save that were not saved, as sentences."""
        held = self.form.held
        if self.form.wants_check or not held:
            return []
        sentences = [say_saved(self.saved)] if self.saved else []
        wrong = sum(bool(row.errors) for row in held)
        odd = len(held) - wrong
        if wrong:
            sentences.append(
                ngettext(
                    "%(number)d score cannot be saved as it is typed. Correct it below and save again.",
                    "%(number)d scores cannot be saved as they are typed. Correct them below and save again.",
                    wrong,
                )
                % {"number": wrong}
            )
        if odd:
            sentences.append(
                ngettext(
                    "%(number)d score looks like a slip and is not saved yet. If it is right, save again.",
                    "%(number)d scores look like slips and are not saved yet. If they are right, save again.",
                    odd,
                )
                % {"number": odd}
            )
        return sentences

    @property
    def carried(self) -> dict[str, str]:
        """The lines held back as the form posts them, so that deciding a clash first loses none of them."""
        fields: dict[str, str] = {}
        for row in self.form.held:
            student_id = row.line.student_id
            fields |= {
                f"row-{student_id}": row.base,
                f"score-{student_id}": row.typed,
                f"notes-{student_id}": row.notes,
            }
        return fields

    def show_saved(self, saved: int) -> None:
        """After a save that held lines back: show what is stored now beside what was typed; one statement."""
        self.saved = saved
        self.form.take_over(read_lines(self.assessment))

    def clashes(self, clashes: list[Clash]) -> list[ClashRow]:
        """The clashes with the names of those who saved the other scores; one statement."""
        names = names_of(clash.line.marked_by for clash in clashes)
        return [
            ClashRow.of(
                clash.line, theirs=clash.line.entry, mine=clash.entry, fields=fields_of(clash.entry), names=names
            )
            for clash in clashes
        ]


def fields_of(entry: Entry | None) -> dict[str, str]:
    """An entry as the form posts it; `sure`, since a clash is decided by somebody who sees both values."""
    typed = entry.typed if entry else ""
    return {"score": typed, "notes": entry.notes if entry else "", "sure": typed}
