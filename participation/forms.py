"""An event as a form: one line a student, read and checked without a form object per line."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass, field

from django.utils.translation import gettext as _

from core.merge import fingerprint
from participation.models import Event, ParticipationRecord, Status
from participation.services import no_line_message
from participation.sheet import Line, Note
from students.sheet_pages import (
    SHARED_NAMES,
    SheetForm,
    base_of,
    is_posted,
    keeps_theirs,
    readable,
    strangers_in,
    wrong_with_note,
)

REMARKS_LENGTH = ParticipationRecord._meta.get_field("remarks").max_length or 0
LONGEST_SEARCH = 100  # SQLite refuses a statement with a thousand conditions
FIELDS = ("status", "remarks", "add")


@dataclass
class NoteRow:
    """A line as it is drawn: the student, what stands in each control, and what is wrong with it.

    `base` is the fingerprint of the note that the form was opened with; an empty status is not noted.
    """

    line: Line
    base: str
    status: str
    remarks: str
    errors: list[str] = field(default_factory=list)

    @property
    def note(self) -> Note | None:
        """What is to be stored. Call only once `errors` is known to be empty."""
        return Note(Status(self.status), self.remarks) if self.status else None


class NotesForm(SheetForm[NoteRow]):
    """Reads what was posted for an event, or shows what stands.

    `row-<student_id>` holds the fingerprint of what the page was opened with, as in every sheet. The button "rest" sets
    the blank lines to attended, "find" looks for students to add to a mixed group, "join" adds those whose
    `add-<student_id>` is ticked: each asks for the page with what was typed, and nothing is saved then.
    """

    main_field = "status"

    def __init__(self, event: Event, lines: list[Line], posted: Mapping[str, str] | None = None) -> None:
        self.event = event
        self.lines = lines
        self.posted = posted
        self.errors: list[str] = []
        sent = posted or {}
        self.search = sent.get("search", "").strip() if event.school_class_id is None else ""
        # Enter in the search box presses the first button of the form, which saves: a new search is meant.
        self.wants_find = bool(self.search) and ("find" in sent or self.search != sent.get("searched", "").strip())
        self.wants_join = "join" in sent and event.school_class_id is None
        self.wants_rest = "rest" in sent
        self.rows = [posted_row(line, posted) if posted is not None else unposted_row(line) for line in lines]
        if posted is not None:
            self.check(posted)

    def check(self, posted: Mapping[str, str]) -> None:
        """Refuse students who have no line, and collect the errors of the lines."""
        if strangers := strangers_in(posted, FIELDS, {line.student_id for line in self.lines}):
            self.errors.append(no_line_message(self.event, strangers))
        elif not self.posted_rows and not self.is_asking:
            self.errors.append(_("Nothing was sent. Choose how each student took part and save again."))
        self.check_search(posted)
        for row in self.posted_rows:
            if self.wants_rest and not row.status:
                row.status = Status.ATTENDED.value
            row.errors = wrong_with(row)
        if wrong := sum(bool(row.errors) for row in self.rows):
            self.errors.append(
                _("Nothing is saved yet: look at the lines marked below (%(number)d).") % {"number": wrong}
            )

    def check_search(self, posted: Mapping[str, str]) -> None:
        """Say what is missing where students are looked for or added."""
        if "find" in posted and not self.search:
            self.errors.append(_("Type a name or a student id, then find."))
        if len(self.search) > LONGEST_SEARCH:
            self.errors.append(_("Search by at most %(most)d characters.") % {"most": LONGEST_SEARCH})
            self.wants_find = False
        if self.wants_join and not any(name.startswith("add-") for name in posted):
            self.errors.append(_("Tick the students that are to be added."))

    @property
    def is_asking(self) -> bool:
        """Whether the page is asked for with something done to it, and nothing is to be saved."""
        return self.wants_rest or self.wants_find or self.wants_join or "find" in (self.posted or {})

    @property
    def has_blanks(self) -> bool:
        """Whether a line is not noted."""
        return any(not row.status for row in self.rows)

    def is_valid(self) -> bool:
        return self.posted is not None and not self.is_asking and not self.errors

    @property
    def notes(self) -> dict[str, Note | None]:
        """The notes to save by student_id."""
        return {row.line.student_id: row.note for row in self.rows_to_save}

    @property
    def counts(self) -> dict[Status | None, int]:
        """How many of each status stand in the form now; a line that cannot be read counts as not noted."""
        return dict(Counter(Status(row.status) if row.status in Status.values else None for row in self.rows))


def asked_for(posted: Mapping[str, str] | None) -> set[str]:
    """The student_ids that a post names, or ticks to be added, so that their lines can be read."""
    prefixes = tuple(f"{name}-" for name in (*SHARED_NAMES, *FIELDS))
    named = {name.split("-", 1)[1] for name in posted or {} if name.startswith(prefixes)}
    return {student_id for student_id in named if student_id and readable(student_id) == student_id}


def unposted_row(line: Line) -> NoteRow:
    """The line as it stands."""
    note = line.note
    return NoteRow(line, fingerprint(note), note.status.value if note else "", note.remarks if note else "")


def posted_row(line: Line, posted: Mapping[str, str]) -> NoteRow:
    """The line as typed. Nothing is corrected silently; somebody just added to a mixed group took part."""
    key = line.student_id
    if not is_posted(posted, key, NotesForm.main_field) and f"add-{key}" in posted and line.note is None:
        return NoteRow(line, fingerprint(None), Status.ATTENDED.value, "")
    if keeps_theirs(posted, key) or not is_posted(posted, key, NotesForm.main_field):
        return unposted_row(line)
    return NoteRow(
        line,
        base=base_of(posted, key),
        status=posted.get(f"status-{key}", ""),
        remarks=posted.get(f"remarks-{key}", "").strip(),
    )


def wrong_with(row: NoteRow) -> list[str]:
    """Every rule that a typed line breaks, as a sentence that says what to change."""
    errors = []
    if row.status and row.status not in Status.values:
        errors.append(_("Choose Attended, Helped, Led, Award or Absent, or “Not noted”."))
    if row.remarks and not row.status:
        errors.append(_("There is a remark but no choice. Choose how they took part, or clear the remark."))
    return errors + wrong_with_note(row.remarks, REMARKS_LENGTH)
