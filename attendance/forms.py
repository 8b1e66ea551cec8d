"""The register as a form: one line a student, read and checked without a form object per line."""

from __future__ import annotations

import datetime as dt
import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from unicodedata import category

from django import forms
from django.core.exceptions import ValidationError
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from attendance.models import MOST_MINUTES_LATE, AttendanceRecord, Status
from attendance.register import Line, Mark, OpenRegister, count
from attendance.services import not_enrolled_message
from students.fields import DayFormField
from students.forms import JOINERS, UNPRINTABLE, DayInput

FIRST_YEAR, LAST_YEAR = 1950, 2150
NOTE_LENGTH = AttendanceRecord._meta.get_field("note").max_length or 0
STATUS_NAME = re.compile(r"^(?:status|minutes|left|note|row)-(?P<student_id>.*)$", re.DOTALL)
ALLOWED_BESIDE = JOINERS + "\t"  # what a note may hold though it prints nothing
WHOLE_NUMBER = re.compile(r"^[0-9]{1,4}$")  # not str.isdigit: that takes full-width digits


class DayForm(forms.Form):
    """Chooses the day whose registers are listed."""

    date = DayFormField(
        label=gettext_lazy("Day"),
        required=False,
        widget=DayInput(),
        error_messages={"invalid": gettext_lazy("Give the day as 2026-11-23: year, month, day.")},
    )

    def clean_date(self) -> dt.date | None:
        """Refuses a year that no school register can have."""
        day: dt.date | None = self.cleaned_data["date"]
        if day and not FIRST_YEAR <= day.year <= LAST_YEAR:
            raise ValidationError(_("Give a day between the years %d and %d.") % (FIRST_YEAR, LAST_YEAR))
        return day


@dataclass
class RegisterRow:
    """A line as it is drawn: the student, what stands in each control, and what is wrong with it."""

    line: Line
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
    def mark(self) -> Mark:
        """The typed values as a mark. Call only once `errors` is known to be empty."""
        minutes = int(self.minutes_late) if self.minutes_late else None
        return Mark(Status(self.status), minutes, self.left_early, self.note)


class RegisterForm:
    """Reads what was posted for a register, or shows what stands.

    `row-<student_id>` tells which lines the page had, so that a line without a mark is a mistake but a student
    who joined since is not.
    """

    def __init__(self, opened: OpenRegister, posted: Mapping[str, str] | None = None) -> None:
        self.opened = opened
        self.posted = posted
        self.errors: list[str] = []
        if posted is None:
            self.rows = [unposted_row(line) for line in opened.lines]
        else:
            self.rows = [posted_row(line, posted) for line in opened.lines]
            self.check(posted)

    def check(self, posted: Mapping[str, str]) -> None:
        """Refuse students who are not on this register, and collect the errors of the lines."""
        names = (STATUS_NAME.match(name) for name in posted)
        known = {line.student_id for line in self.opened.lines}
        strangers = sorted({match["student_id"] for match in names if match} - known)
        if strangers:
            self.errors.append(not_enrolled_message([readable(name) for name in strangers]))
        elif not self.posted_ids:
            self.errors.append(_("No marks were sent. Choose a mark for each student and save again."))
        wrong = sum(bool(row.errors) for row in self.rows)
        if wrong:
            self.errors.append(
                _("Nothing is saved yet: look at the lines marked below (%(number)d).") % {"number": wrong}
            )

    @property
    def posted_ids(self) -> set[str]:
        """The students whose lines were sent."""
        posted = self.posted or {}
        return {line.student_id for line in self.opened.lines if is_posted(line, posted)}

    def is_valid(self) -> bool:
        return self.posted is not None and not self.errors

    @property
    def marks(self) -> dict[str, Mark]:
        """The posted marks by student_id."""
        ids = self.posted_ids
        return {row.line.student_id: row.mark for row in self.rows if row.line.student_id in ids}

    @property
    def counts(self) -> dict[Status, int]:
        """How many of each status stand in the form now."""
        return count(Status(row.status) for row in self.rows if row.status in Status.values)


def readable(student_id: str) -> str:
    """A posted id for an error message: printable and short."""
    return "".join(letter if letter.isprintable() else "?" for letter in student_id)[:20] or "?"


def is_posted(line: Line, posted: Mapping[str, str]) -> bool:
    return f"row-{line.student_id}" in posted or f"status-{line.student_id}" in posted


def unposted_row(line: Line) -> RegisterRow:
    mark = line.suggested
    minutes = "" if mark.minutes_late is None else str(mark.minutes_late)
    return RegisterRow(line, mark.status, minutes, mark.left_early, mark.note)


def posted_row(line: Line, posted: Mapping[str, str]) -> RegisterRow:
    """The line as typed, with what is wrong in words. Nothing is corrected silently."""
    if not is_posted(line, posted):
        return unposted_row(line)
    row = RegisterRow(
        line,
        status=posted.get(f"status-{line.student_id}", ""),
        minutes_late=posted.get(f"minutes-{line.student_id}", "").strip(),
        left_early=bool(posted.get(f"left-{line.student_id}")),
        note=posted.get(f"note-{line.student_id}", "").strip(),
    )
    row.errors = wrong_with(row)
    return row


def wrong_with(row: RegisterRow) -> list[str]:
    """Every rule that a typed line breaks, as a sentence that says what to change."""
    errors = []
    if row.status not in Status.values:
        errors.append(_("Choose Present, Late, Excused or Absent."))
    if row.minutes_late:
        if not WHOLE_NUMBER.match(row.minutes_late) or not 1 <= int(row.minutes_late) <= MOST_MINUTES_LATE:
            errors.append(_("Give the minutes as a whole number from 1 to %(most)d.") % {"most": MOST_MINUTES_LATE})
        if row.status != Status.LATE:
            errors.append(_("Minutes are noted, but the mark is not Late. Choose Late or clear the minutes."))
    if row.left_early and row.status not in {Status.PRESENT, Status.LATE}:
        errors.append(_("“Left early” goes with Present or Late. Choose one of them or untick it."))
    if len(row.note) > NOTE_LENGTH:
        errors.append(
            _("The note has %(length)d characters. Shorten it to %(most)d.")
            % {"length": len(row.note), "most": NOTE_LENGTH}
        )
    if any(category(letter) in UNPRINTABLE and letter not in ALLOWED_BESIDE for letter in row.note):
        errors.append(_("The note holds characters that cannot be printed. Type it again on one line."))
    return errors
