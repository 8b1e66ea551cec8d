"""Mark entry as a form: one input a student, read and checked without a form object per line."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from fractions import Fraction

from django.utils.translation import gettext as _

from assessments.entry import NotRead, Reading, looks_slipped, read_score, say_reading
from assessments.models import Assessment, Score
from assessments.scoresheet import Entry, Line
from core.merge import fingerprint
from students.sheet_pages import (
    SheetForm,
    base_of,
    is_posted,
    keeps_theirs,
    not_enrolled_message,
    strangers_in,
    wrong_with_note,
)

NOTES_LENGTH = Score._meta.get_field("notes").max_length or 0
FIELDS = ("score", "notes", "sure")


@dataclass
class ScoreRow:
    """A line as it is drawn: the student, what is typed, how it was read, what is wrong or odd about it.

    `base` is the fingerprint of the entry that the form was opened with; `sure` what was typed when a slip was asked
    about.
    """

    line: Line
    base: str
    typed: str
    notes: str
    sure: str = ""
    reading: Reading = field(default_factory=lambda: Reading(None))
    read_as: str = ""
    errors: list[str] = field(default_factory=list)
    slip: str = ""

    @property
    def entry(self) -> Entry | None:
        """What is to be stored. Call only once `errors` is known to be empty."""
        return self.reading.entry(self.notes)

    @property
    def is_changed(self) -> bool:
        """Whether it was changed in the form and is not stored as it is typed."""
        return self.entry != self.line.entry and fingerprint(self.entry) != self.base

    @property
    def is_held(self) -> bool:
        """Whether it is not saved: it cannot be read, or looks like a slip that nobody confirmed."""
        return bool(self.errors or self.slip)


class ScoresForm(SheetForm[ScoreRow]):
    """Reads what was posted for a piece of work, or shows what stands.

    `row-<student_id>` holds the fingerprint of what the page was opened with, as in every sheet. A line that cannot be
    read, or that looks like a slip, is held back and stays as typed; the others can be saved. The buttons "check" and
    "fill" ask for the page with how each line is read, or with its blanks filled; nothing is saved then.
    """

    main_field = "score"

    def __init__(self, assessment: Assessment, lines: list[Line], posted: Mapping[str, str] | None = None) -> None:
        self.assessment = assessment
        self.lines = lines
        self.posted = posted
        self.errors: list[str] = []
        self.filling = (posted or {}).get("filling", "").strip()
        self.wants_fill = posted is not None and "fill" in posted
        self.wants_check = posted is not None and ("check" in posted or self.wants_fill)
        if posted is None:
            self.rows = [unposted_row(line) for line in lines]
        else:
            self.rows = [posted_row(line, posted) for line in lines]
            self.check(posted)
        self.read_rows()

    def check(self, posted: Mapping[str, str]) -> None:
        """Refuse students who have no line, and fill the blanks where that was asked for."""
        if strangers := strangers_in(posted, FIELDS, {line.student_id for line in self.lines}):
            self.errors.append(not_enrolled_message(strangers))
        elif not self.posted_rows:
            self.errors.append(_("No scores were sent. Type the scores and save again."))
        if not self.wants_fill:
            return
        try:
            reading = read_score(self.filling, self.assessment)
        except NotRead as error:
            self.errors.append(str(error))
            return
        if reading.state is None:
            self.errors.append(_("Type what the blanks are to be filled with."))
            return
        for row in self.posted_rows:
            row.typed = row.typed or self.filling

    def read_rows(self) -> None:
        """Read each line, and look for slips among those that were sent."""
        for row in self.rows:
            read_row(row, self.assessment)
        shares = [share for row in self.rows if (share := share_of(row, self.assessment)) is not None]
        for row in self.posted_rows:
            share = share_of(row, self.assessment)
            if share is None or row.sure == row.typed or not row.is_changed:
                continue
            row.slip = looks_slipped(share, shares) or ""

    @property
    def held(self) -> list[ScoreRow]:
        """The lines that are not saved, each with what is wrong or odd about it."""
        return [row for row in self.posted_rows if row.is_held]

    @property
    def rows_to_save(self) -> list[ScoreRow]:
        """The lines that were sent and can be read, but those in which somebody else's score was chosen to stand."""
        return [row for row in super().rows_to_save if not row.is_held]

    def is_valid(self) -> bool:
        """Whether there is something to save; single lines may still be held back."""
        return self.posted is not None and not self.wants_check and not self.errors

    @property
    def entries(self) -> dict[str, Entry | None]:
        """The entries to save by student_id."""
        return {row.line.student_id: row.entry for row in self.rows_to_save}

    def take_over(self, lines: list[Line]) -> None:
        """After a save: the saved lines stand as they are stored now, those held back as they were typed."""
        stored = {line.student_id: line for line in lines}
        held = {row.line.student_id for row in self.held}
        self.rows = [
            row if row.line.student_id in held else unposted_row(stored[row.line.student_id])
            for row in self.rows
            if row.line.student_id in stored
        ]
        for row in self.rows:
            if not row.is_held:
                read_row(row, self.assessment)


def unposted_row(line: Line) -> ScoreRow:
    """The line as it stands."""
    entry = line.entry
    return ScoreRow(line, fingerprint(entry), entry.typed if entry else "", entry.notes if entry else "")


def posted_row(line: Line, posted: Mapping[str, str]) -> ScoreRow:
    """The line as typed. Nothing is corrected silently."""
    if keeps_theirs(posted, line.student_id) or not is_posted(posted, line.student_id, ScoresForm.main_field):
        return unposted_row(line)
    return ScoreRow(
        line,
        base=base_of(posted, line.student_id),
        typed=posted.get(f"score-{line.student_id}", "").strip(),
        notes=posted.get(f"notes-{line.student_id}", "").strip(),
        sure=posted.get(f"sure-{line.student_id}", ""),
    )


def read_row(row: ScoreRow, assessment: Assessment) -> None:
    """Note how a line is read, and every rule that it breaks."""
    try:
        row.reading = read_score(row.typed, assessment)
    except NotRead as error:
        row.errors.append(str(error))
    row.read_as = say_reading(row.reading, assessment)
    if row.notes and not row.typed:
        row.errors.append(_("There is a note but no score. Type a score, M or EX, or clear the note."))
    row.errors += wrong_with_note(row.notes, NOTES_LENGTH)


def share_of(row: ScoreRow, assessment: Assessment) -> Fraction | None:
    """The score of a line that could be read, of the maximum."""
    points = row.reading.points
    return None if points is None or row.errors else Fraction(points) / Fraction(assessment.max_score)
