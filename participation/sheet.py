"""One event as it stands: a line per student with what is noted of them."""

from __future__ import annotations

from collections import Counter
from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass
from datetime import date, datetime

from django.utils.translation import gettext as _

from accounts.models import User
from core.templatetags.portal import day_in_words
from participation.models import Event, Status
from participation.querysets import added_to_group, roster_with_notes


@dataclass(frozen=True)
class Note:
    """What is noted of one student."""

    status: Status
    remarks: str = ""


@dataclass(frozen=True)
class Line:
    """One student; `note` is None until noted, as are who noted it last and when."""

    pk: int
    student_id: str
    full_name: str
    record: int | None = None
    recorded_at: datetime | None = None
    marked_at: datetime | None = None
    marked_by: int | None = None
    note: Note | None = None


def read_lines(event: Event, user: User, added: Collection[str] = ()) -> list[Line]:
    """The lines of an event that this person may see, by name: one statement, or two for a mixed group with `added`.

    `added` are the student_ids of those who are to join a mixed group and stand nowhere yet; one whom this person may
    not see gets no line. An event of a class has its class.
    """
    lines = [
        Line(
            pk=pk,
            student_id=student_id,
            full_name=f"{given_name} {family_name}".strip(),
            record=record,
            recorded_at=recorded_at,
            marked_at=marked_at,
            marked_by=marked_by,
            note=Note(Status(status), remarks) if record else None,
        )
        for pk, student_id, given_name, family_name, record, recorded_at, marked_at, marked_by, status, remarks in (
            roster_with_notes(event, user)
        )
    ]
    if event.school_class_id is None and (missing := set(added) - {line.student_id for line in lines}):
        lines += [Line(student.pk, student.student_id, student.full_name) for student in added_to_group(missing, user)]
    return lines


def why_closed(event: Event, today: date) -> str | None:
    """Why nothing can be noted in an event yet, as a sentence; None once its day has come."""
    if event.date <= today:
        return None
    return _("This is on %(date)s. Who took part can be noted on that day or later.") % {
        "date": day_in_words(event.date)
    }


def count(notes: Iterable[Note | None]) -> dict[Status | None, int]:
    """How many of each status; None counts those not noted."""
    return dict(Counter(note.status if note else None for note in notes))


def say(counts: Mapping[Status | None, int]) -> str:
    """Counts in words: "26 attended, 1 led, 2 not noted yet."."""
    words = {
        Status.ATTENDED: _("%(number)d attended"),
        Status.HELPED: _("%(number)d helped"),
        Status.LED: _("%(number)d led"),
        Status.AWARD: _("%(number)d with an award"),
        Status.ABSENT: _("%(number)d absent"),
        None: _("%(number)d not noted yet"),
    }
    said = [words[status] % {"number": counts[status]} for status in words if counts.get(status)]
    return ", ".join(said) + "." if said else _("Nobody is noted yet.")
