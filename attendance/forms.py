"""The register as a form: one line a student, read and checked without a form object per line."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, field

from django import forms
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from accounts.models import User
from attendance.models import MOST_MINUTES_LATE, AttendanceRecord, Status
from attendance.register import Line, Mark, OpenRegister, count
from core.merge import fingerprint
from students.fields import DayFormField
from students.forms import DayInput
from students.record_filters import within_years
from students.sheet_pages import (
    SheetForm,
    base_of,
    is_posted,
    keeps_theirs,
    not_enrolled_message,
    strangers_in,
    wrong_with_note,
)

NOTE_LENGTH = AttendanceRecord._meta.get_field("note").max_length or 0
FIELDS = ("status", "minutes", "left", "note")
STATUSES = frozenset(Status.values)  # which Django makes anew each time it is asked
WHOLE_NUMBER = re.compile(r"^[0-9]{1,4}$")  # not str.isdigit: that takes full-width digits


class DayForm(forms.Form):
    """Chooses the day whose registers are listed."""

    date = DayFormField(
        label=gettext_lazy("Day"),
        required=False,
        widget=DayInput(),
        validators=[within_years],
        error_messages={"invalid": gettext_lazy("Give the day as 2026-11-23: year, month, day.")},
    )


@dataclass
class RegisterRow:
    """A line as it is drawn: the student, what stands in each control, and what is wrong with it.

    `base` is the fingerprint of the mark that the form was opened with.
    """

    line: Line
    base: str
    status: str
    minutes_late: str
    left_early: bool
    note: str
    errors: list[str] = field(default_factory=list)

    @property
    def has_details(self) -> bool:
        """Whether the fold with minutes and note is drawn open."""
        return bool(self.minutes_late or self.left_early or self.note or self.errors)

    @property
    def is_free(self) -> bool:
        """Whether "set the rest present" may fill it: nothing is stored and no absence is planned."""
        return self.line.mark is None and self.line.planned is None

    def replaces_mark_of_another(self, user: User) -> bool:
        """Whether the stored mark is somebody else's, and stood there when the form was opened."""
        known = self.base == fingerprint(self.line.mark)
        return bool(self.line.mark and known and self.line.marked_by not in {None, user.pk})

    @property
    def mark(self) -> Mark:
        """The typed values as a mark. Call only once `errors` is known to be empty."""
        minutes = int(self.minutes_late) if self.minutes_late else None
        return Mark(Status(self.status), minutes, self.left_early, self.note)


class RegisterForm(SheetForm[RegisterRow]):
    """Reads what was posted for a register, or shows what stands.

    `row-<student_id>` tells which lines the page had, so that a line without a mark is a mistake but a student
    who joined since is not; it holds the fingerprint of the mark that the page was opened with. After a clash the
    page asks for `choice-<student_id>`. The button "rest" asks for the page with its free lines set to present;
    nothing is saved then.
    """

    main_field = "status"

    def __init__(
        self, opened: OpenRegister, posted: Mapping[str, str] | None = None, *, start_blank: bool = False
    ) -> None:
        self.opened = opened
        self.posted = posted
        self.errors: list[str] = []
        self.wants_rest = posted is not None and "rest" in posted
        if posted is None:
            self.rows = [unposted_row(line, blank=start_blank) for line in opened.lines]
            return
        self.rows = [posted_row(line, posted) for line in opened.lines]
        if self.wants_rest:
            for row in self.rows:
                fill_rest(row)
        else:
            self.check(posted)

    def check(self, posted: Mapping[str, str]) -> None:
        """Refuse students who are not on this register, and collect the errors of the lines."""
        known = {line.student_id for line in self.opened.lines}
        if strangers := strangers_in(posted, FIELDS, known):
            self.errors.append(not_enrolled_message(strangers))
        elif not self.posted_rows:
            self.errors.append(_("No marks were sent. Choose a mark for each student and save again."))
        for row in self.posted_rows:
            row.errors = wrong_with(row)
        wrong = sum(bool(row.errors) for row in self.rows)
        if wrong:
            self.errors.append(
                _("Nothing is saved yet: look at the lines marked below (%(number)d).") % {"number": wrong}
            )

    @property
    def changed(self) -> list[RegisterRow]:
        """The valid lines that were changed in the form and are not stored as they are typed."""
        return [row for row in self.rows_to_save if row.mark != row.line.mark and fingerprint(row.mark) != row.base]

    @property
    def confirmed(self) -> set[str]:
        """What was asked once and is meant."""
        return set((self.posted or {}).get("confirmed", "").split())

    def is_valid(self) -> bool:
        return self.posted is not None and not self.wants_rest and not self.errors

    @property
    def marks(self) -> dict[str, Mark]:
        """The marks to save by student_id."""
        return {row.line.student_id: row.mark for row in self.rows_to_save}

    @property
    def counts(self) -> dict[Status, int]:
        """How many of each status stand in the form now."""
        return count(Status(row.status) for row in self.rows if row.status in STATUSES)


def unposted_row(line: Line, *, blank: bool = False) -> RegisterRow:
    """The line as it stands: the stored mark, else a planned absence, else present or, `blank`, nothing chosen."""
    mark = line.suggested
    minutes = "" if mark.minutes_late is None else str(mark.minutes_late)
    row = RegisterRow(line, fingerprint(line.mark), mark.status, minutes, mark.left_early, mark.note)
    if blank and row.is_free:
        row.status = ""
    return row


def posted_row(line: Line, posted: Mapping[str, str]) -> RegisterRow:
    """The line as typed. Nothing is corrected silently."""
    if keeps_theirs(posted, line.student_id) or not is_posted(posted, line.student_id, RegisterForm.main_field):
        return unposted_row(line)
    return RegisterRow(
        line,
        base=base_of(posted, line.student_id),
        status=posted.get(f"status-{line.student_id}", ""),
        minutes_late=posted.get(f"minutes-{line.student_id}", "").strip(),
        left_early=bool(posted.get(f"left-{line.student_id}")),
        note=posted.get(f"note-{line.student_id}", "").strip(),
    )


def fill_rest(row: RegisterRow) -> None:
    """Set a line without a mark to present, unless something is stored or an absence is planned."""
    if not row.status:
        suggested = unposted_row(row.line)
        row.status, row.note = suggested.status, row.note or suggested.note


def minutes_without_late() -> str:
    """What is wrong with minutes beside another mark than Late."""
    return _("Minutes are noted, but the mark is not Late. Choose Late or clear the minutes.")


def wrong_with(row: RegisterRow) -> list[str]:
    """Every rule that a typed line breaks, as a sentence that says what to change."""
    errors = []
    if row.status not in STATUSES:
        errors.append(_("Choose Present, Late, Excused or Absent."))
    if row.minutes_late:
        if not WHOLE_NUMBER.match(row.minutes_late) or not 1 <= int(row.minutes_late) <= MOST_MINUTES_LATE:
            errors.append(_("Give the minutes as a whole number from 1 to %(most)d.") % {"most": MOST_MINUTES_LATE})
        if row.status != Status.LATE:
            errors.append(minutes_without_late())
    if row.left_early and row.status not in {Status.PRESENT, Status.LATE}:
        errors.append(_("“Left early” goes with Present or Late. Choose one of them or untick it."))
    return errors + wrong_with_note(row.note, NOTE_LENGTH)
