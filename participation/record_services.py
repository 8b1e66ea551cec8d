"""How one student took part, with the event that it is of, such as a program sends: matched, or else set."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from django.core.exceptions import ValidationError
from django.db import transaction
from django.utils.translation import gettext as _

from accounts.models import User
from participation.event_services import create_event
from participation.forms import REMARKS_LENGTH
from participation.models import Event, ParticipationRecord, Status
from participation.services import NotedElsewhere, NotYet, StrangersRefused, record_participation
from participation.sheet import Note
from students.models import Student
from students.sheet_pages import wrong_with_note

MayReplace = Callable[["ParticipationRecord | None"], bool]


@dataclass(frozen=True)
class SentNote:
    """A note as it was sent. Remarks that are None were not sent, and stay as they are stored."""

    status: Status
    remarks: str | None = None

    def over(self, stored: ParticipationRecord | None) -> Note:
        """The whole note. Raises ValidationError by field."""
        remarks = (stored.remarks if stored else "") if self.remarks is None else self.remarks
        if wrong := wrong_with_note(remarks, REMARKS_LENGTH):
            raise ValidationError({"remarks": wrong})
        return Note(self.status, remarks)


class ParticipationClash(Exception):
    """Another note is stored than the sender may replace: `stored` is it, None where there is none."""

    def __init__(self, stored: ParticipationRecord | None) -> None:
        super().__init__("another note is stored")
        self.stored = stored


@transaction.atomic
def note_student(
    *, by: User, student: Student, fields: dict[str, Any], sent: SentNote, may_replace: MayReplace
) -> tuple[int, bool]:
    """Store how a student took part in the event of these `fields`, those of EventForm; its key and whether it is new.

    Runs under the lock of that event, which is set where there is none. Idempotent: a note that is stored as it was
    sent writes nothing. `may_replace` is asked, under the lock, about what is stored in the place that is to be
    written, None for nothing. Raises ParticipationClash where it may not be, ValidationError by field for what breaks a
    rule; then no event is set either.
    """
    event = lock_matching(by, fields) or set_event(by, fields)
    of_student = ParticipationRecord.objects.filter(event=event.pk, student=student.pk)
    stored = of_student.select_related("student").first()
    note = sent.over(stored)
    if stored and Note(Status(stored.status), stored.remarks) == note:
        return stored.pk, False
    if not may_replace(stored):
        raise ParticipationClash(stored)
    store(by, event, student, note)
    return stored.pk if stored else of_student.values_list("pk", flat=True).get(), stored is None


def lock_matching(by: User, fields: dict[str, Any]) -> Event | None:
    """The event of this class, day and name, locked until the transaction ends."""
    return Event.objects.visible_to(by).select_for_update().filter(**fields).first()


def set_event(by: User, fields: dict[str, Any]) -> Event:
    """A new event, or the one that somebody else has set at the same moment."""
    try:
        return create_event(by=by, fields=fields)
    except ValidationError:
        event = lock_matching(by, fields)
        if event is None:
            raise
        return event


def store(by: User, event: Event, student: Student, note: Note | None) -> None:
    """Write how one student took part. Raises ValidationError by field."""
    try:
        record_participation(by=by, event=event, notes={student.student_id: note})
    except NotYet as refusal:
        raise ValidationError({"date": refusal.messages}) from refusal
    except NotedElsewhere as refusal:
        raise ValidationError({"event_name": refusal.messages}) from refusal
    except StrangersRefused as refusal:
        raise ValidationError({"student_id": _("No such student is in this class on this day.")}) from refusal


def change_note(*, by: User, record: ParticipationRecord, sent: SentNote) -> None:
    """Change how a student took part. The caller holds the lock of the event. Raises ValidationError by field."""
    store(by, record.event, record.student, sent.over(record))


def withdraw_note(*, by: User, record: ParticipationRecord) -> None:
    """Take a record away, so that the student is not noted; the event stays. The caller holds the lock of the event."""
    store(by, record.event, record.student, None)
