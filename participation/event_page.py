"""What the page of an event shows beside its lines: what may be noted, whom a search found, undo, clashes."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from functools import cached_property

from accounts.models import User
from participation.forms import NotesForm
from participation.models import Event, Status
from participation.services import Clash
from participation.sheet import Note, count, say, why_closed
from students.models import Student
from students.sheet_pages import ClashRow, names_of, undo_key

MOST_FOUND = 20


@dataclass
class EventPage:
    """The page of one event."""

    event: Event
    form: NotesForm
    user: User
    today: date

    @property
    def undo_key(self) -> str:
        """The moment of this person's own last save while it can be undone, else empty."""
        return undo_key(self.event.noted_by_id, self.event.noted_at, self.user)

    @property
    def receipt(self) -> str:
        """What is stored, in words."""
        return say(count(row.line.note for row in self.form.rows))

    @property
    def counts(self) -> str:
        """What stands in the form, in words."""
        return say(self.form.counts)

    @property
    def closed_because(self) -> str | None:
        """Why nothing can be noted yet."""
        return why_closed(self.event, self.today)

    @property
    def is_mixed(self) -> bool:
        return self.event.school_class_id is None

    @property
    def choices(self) -> list[tuple[str, str]]:
        """How somebody can have taken part: value and word each."""
        return [(status.value, str(status.label)) for status in Status]

    @cached_property
    def found(self) -> list[Student]:
        """The students whom the search finds and who have no line yet, each with `class_name`; one statement.

        At most MOST_FOUND, and one more that says that there are others.
        """
        if not self.form.wants_find:
            return []
        here = [line.pk for line in self.form.lines]
        students = Student.objects.visible_to(self.user).current(self.event.date).matching(self.form.search)
        others = students.exclude(pk__in=here) if here else students
        return list(others.with_class().order_by("family_name", "given_name", "pk")[: MOST_FOUND + 1])

    @property
    def offered(self) -> list[Student]:
        """Those who are shown to be added."""
        return self.found[:MOST_FOUND]

    @property
    def has_more(self) -> bool:
        """Whether the search finds more than are shown."""
        return len(self.found) > MOST_FOUND

    def clashes(self, clashes: list[Clash]) -> list[ClashRow]:
        """The clashes with the names of those who saved the other notes; one statement."""
        names = names_of(clash.line.marked_by for clash in clashes)
        return [
            ClashRow.of(clash.line, theirs=clash.line.note, mine=clash.note, fields=fields_of(clash.note), names=names)
            for clash in clashes
        ]


def fields_of(note: Note | None) -> dict[str, str]:
    """A note as the form posts it."""
    return {"status": note.status.value if note else "", "remarks": note.remarks if note else ""}
