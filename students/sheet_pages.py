"""What the pages of all sheets share: how a line is posted, how a clash is shown and decided, how a save is undone.

A page posts `row-<student_id>`, the fingerprint of what the line was opened with. After a clash it posts
`clash-<student_id>` and the answer, `choice-<student_id>`, "mine" or "theirs".
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime
from functools import cached_property
from typing import Any, Generic, Protocol, TypeVar
from unicodedata import category

from django import forms
from django.contrib import messages
from django.core.exceptions import ValidationError
from django.utils import timezone
from django.utils.translation import gettext as _

from accounts.access import PortalRequest
from accounts.models import User
from core.merge import UNSTORED, fingerprint
from students.forms import JOINERS, UNPRINTABLE
from students.sheets import UNDO_FOR

UNDECIDED = "?"  # the fingerprint of nothing: a clash in which nothing was chosen clashes again
MINE, THEIRS = "mine", "theirs"
SHARED_NAMES = ("row", "clash", "choice")
ALLOWED_BESIDE = JOINERS + "\t"  # what a note may hold though it prints nothing


class SheetLine(Protocol):
    """A line of any sheet: the student, and who wrote what is stored and when."""

    @property
    def student_id(self) -> str: ...
    @property
    def full_name(self) -> str: ...
    @property
    def marked_by(self) -> int | None: ...
    @property
    def marked_at(self) -> datetime | None: ...


class SheetRow(Protocol):
    """A line as it is drawn; `base` is the fingerprint of what it was opened with."""

    base: str

    @property
    def line(self) -> Any: ...  # a SheetLine, of its own kind in each sheet


RowT = TypeVar("RowT", bound=SheetRow)


class SheetForm(Generic[RowT]):
    """What was posted for a sheet, or what stands: a row a student. `posted` is None where nothing was sent."""

    main_field: str  # what a line consists of before all: with it, or its fingerprint, a line counts as sent
    posted: Mapping[str, str] | None
    rows: list[RowT]

    @cached_property
    def posted_rows(self) -> list[RowT]:
        """The lines that were sent."""
        posted = self.posted or {}
        return [row for row in self.rows if is_posted(posted, row.line.student_id, self.main_field)]

    @property
    def rows_to_save(self) -> list[RowT]:
        """The lines that were sent but those in which somebody else's value was chosen to stand."""
        posted = self.posted or {}
        return [row for row in self.posted_rows if not keeps_theirs(posted, row.line.student_id)]

    @property
    def undecided(self) -> bool:
        """Whether a clash came back without a choice."""
        return any(row.base == UNDECIDED for row in self.posted_rows)

    @property
    def bases(self) -> dict[str, str]:
        """What each line to save was opened with, by student_id."""
        return {row.line.student_id: row.base for row in self.rows_to_save}


class UndoForm(forms.Form):
    """Names the save that is to be undone by its moment."""

    saved_at = forms.DateTimeField(input_formats=["%Y-%m-%dT%H:%M:%S.%f%z"])


def undo_key(saved_by: int | None, saved_at: datetime | None, user: User) -> str:
    """The moment of this person's own last save as the undo form sends it; empty once it cannot be undone."""
    if saved_at is None or saved_by != user.pk or timezone.now() - saved_at > UNDO_FOR:
        return ""
    return saved_at.isoformat(timespec="microseconds")


def undo_posted(request: PortalRequest, undo: Callable[[datetime], int], say: Callable[[int], str]) -> None:
    """Take back the save that was posted, and leave a message: `say` with the number that `undo` gives, or why not."""
    asked = UndoForm(request.POST)
    if not asked.is_valid():
        messages.error(request, _("There is nothing to undo here."))
        return
    try:
        changed = undo(asked.cleaned_data["saved_at"])
    except ValidationError as refusal:
        messages.error(request, " ".join(refusal.messages))
    else:
        messages.success(request, say(changed))


def tell_kept(request: PortalRequest, names: Iterable[str]) -> None:
    """Say whose lines stayed as somebody else saved them meanwhile; nothing where there are none."""
    if students := ", ".join(names):
        messages.info(request, _("Kept as somebody else changed it since: %(students)s.") % {"students": students})


def wrong_with_note(note: str, most: int) -> list[str]:
    """What is wrong with the note of a line, as sentences."""
    errors = []
    if len(note) > most:
        errors.append(
            _("The note has %(length)d characters. Shorten it to %(most)d.") % {"length": len(note), "most": most}
        )
    if any(category(letter) in UNPRINTABLE and letter not in ALLOWED_BESIDE for letter in note):
        errors.append(_("The note holds characters that cannot be printed. Type it again on one line."))
    return errors


def is_posted(posted: Mapping[str, str], student_id: str, main_field: str) -> bool:
    """Whether the line of a student was sent."""
    return f"row-{student_id}" in posted or f"{main_field}-{student_id}" in posted


def keeps_theirs(posted: Mapping[str, str], student_id: str) -> bool:
    """Whether the value of somebody else was chosen to stand."""
    return posted.get(f"choice-{student_id}") == THEIRS


def base_of(posted: Mapping[str, str], student_id: str) -> str:
    """What a posted line was opened with."""
    if f"clash-{student_id}" in posted and posted.get(f"choice-{student_id}") not in {MINE, THEIRS}:
        return UNDECIDED
    return posted.get(f"row-{student_id}", UNSTORED)


def strangers_in(posted: Iterable[str], names: Iterable[str], known: Iterable[str]) -> list[str]:
    """The students of posted fields such as "note-STU00001" who have no line here, readable and sorted."""
    prefixes = tuple(f"{name}-" for name in (*SHARED_NAMES, *names))
    found = {name.split("-", 1)[1] for name in posted if name.startswith(prefixes)}
    return [readable(student_id) for student_id in sorted(found - set(known))]


def readable(student_id: str) -> str:
    """A posted id for an error message: printable and short."""
    return "".join(letter if letter.isprintable() else "?" for letter in student_id)[:20] or "?"


def not_enrolled_message(student_ids: Iterable[str]) -> str:
    """Says which posted students have no line. Names only ids, which the sender already knew."""
    return _("Not in this class on this day: %(students)s. The class list may have changed; open the page again.") % {
        "students": ", ".join(student_ids)
    }


@dataclass(frozen=True)
class ClashRow:
    """A clash as it is shown: both values, both people, both times.

    fields: what the page posts to save the own value; base: the fingerprint of what is stored now.
    """

    line: SheetLine
    theirs: Any
    their_name: str
    mine: Any
    base: str
    fields: Mapping[str, str]

    @classmethod
    def of(
        cls, line: SheetLine, *, theirs: Any, mine: Any, fields: Mapping[str, str], names: Mapping[int, str]
    ) -> ClashRow:
        """A row for one line; `names` comes from `names_of`."""
        their_name = names.get(line.marked_by or 0, _("Somebody"))
        return cls(line, theirs, their_name, mine, fingerprint(theirs), fields)


def names_of(keys: Iterable[int | None]) -> dict[int, str]:
    """How these users are called; one statement."""
    users = User.objects.filter(pk__in={key for key in keys if key}).select_related("teacher", "parent")
    return {user.pk: str(user) for user in users}
