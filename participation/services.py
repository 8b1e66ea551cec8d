"""Everything that can change how somebody took part, each with who did it."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime
from functools import partial
from typing import Any

from django.core.exceptions import ValidationError
from django.db import IntegrityError, transaction
from django.db.models import QuerySet
from django.utils import timezone
from django.utils.translation import gettext as _

from accounts.models import User
from core.merge import fingerprint, three_way
from participation.models import Event, ParticipationRecord
from participation.sheet import Line, Note, read_lines, why_closed
from students.models import Student
from students.sheet_pages import not_enrolled_message
from students.sheets import remove_rows, take_back, write_rows


class ParticipationRefused(ValidationError):
    """It cannot be saved; the message says why and what to do. Nothing was changed."""


class NotYet(ParticipationRefused):
    """The day of the event has not come."""


class StrangersRefused(ParticipationRefused):
    """Some who are noted have no line in the event."""


class NotedElsewhere(ParticipationRefused):
    """Some who are noted stand in another event of this name on this day."""


@dataclass(frozen=True)
class Clash:
    """A line that somebody else saved since it was opened: `line` as stored now, `note` as it was sent."""

    line: Line
    note: Note | None


@dataclass(frozen=True)
class Receipt:
    """What a save did.

    saved: how many lines it wrote; kept: whose line somebody else has changed since the form was opened, untouched in
    it; clashes: the lines that were not saved.
    """

    saved: int
    kept: list[str]
    clashes: list[Clash]


@transaction.atomic
def record_participation(
    *, by: User, event: Event, notes: Mapping[str, Note | None], bases: Mapping[str, str] | None = None
) -> Receipt:
    """Store who took part in an event, keyed by student_id: all lines but those that clash or, refused, none.

    None takes a line away: not noted. Runs under a lock on the event and is idempotent. `bases` holds the fingerprint
    of each note as the form was opened with; one that was stored otherwise since clashes and stays as it is. Without
    `bases` the notes overwrite what is stored. A student joins a mixed group by being noted in it.

    Raises ParticipationRefused before the day of the event, for a student who has no line in it and whom `by` may not
    add, and for one who is noted in another event of this name on this day.
    """
    event = lock_event(event)
    if closed := why_closed(event, timezone.localdate()):
        raise NotYet(closed)
    lines = {line.student_id: line for line in read_lines(event, by, notes)}
    if strangers := sorted(set(notes) - set(lines)):
        raise StrangersRefused(no_line_message(event, strangers))
    stored = {key: lines[key].note for key in notes}
    if bases is None:
        bases = {key: fingerprint(note) for key, note in stored.items()}
    merge = three_way(bases, notes, stored)
    if merge.save:
        moment = timezone.now()
        store_notes(by, event, [(lines[key], note) for key, note in merge.save.items()], moment)
        note_saving(event, by=by, moment=moment)
    return Receipt(
        saved=len(merge.save),
        kept=[lines[key].full_name for key in merge.kept],
        clashes=[Clash(lines[key], notes[key]) for key in merge.clashes],
    )


def lock_event(event: Event) -> Event:
    """The row as stored, locked until the transaction ends. Raises ParticipationRefused where it was deleted."""
    locked = Event.objects.select_for_update().filter(pk=event.pk).first()
    if locked is None:
        raise ParticipationRefused(_("Somebody deleted this event meanwhile."))
    return locked


def no_line_message(event: Event, student_ids: Iterable[str]) -> str:
    """Says who has no line in an event. Names only ids, which the sender already knew."""
    if event.school_class_id is not None:
        return not_enrolled_message(student_ids)
    return _("Not among your students: %(students)s. They may have moved; open the page again.") % {
        "students": ", ".join(student_ids)
    }


def store_notes(by: User, event: Event, notes: Iterable[tuple[Line, Note | None]], moment: datetime) -> None:
    """Write new, changed and withdrawn lines with their history, sorted by student against deadlocks."""
    new: list[ParticipationRecord] = []
    old: list[ParticipationRecord] = []
    gone: list[ParticipationRecord] = []
    for line, note in sorted(notes, key=lambda pair: pair[0].pk):
        if note:
            (old if line.record else new).append(record_of(event, line, note))
        elif line.note:
            gone.append(record_of(event, line, line.note))
    with refusing_twice(event, [row.student_id for row in new]):
        write_rows(by=by, moment=moment, new=new, changed=old)
    remove_rows(by=by, moment=moment, rows=gone)


def record_of(event: Event, line: Line, note: Note) -> ParticipationRecord:
    """The row of a line with this note, not saved."""
    row = ParticipationRecord(
        pk=line.record,
        student_id=line.pk,
        event=event,
        event_name=event.name,
        date=event.date,
        school_class_id=event.school_class_id,
        status=note.status,
        remarks=note.remarks,
        marked_by_id=line.marked_by,
    )
    if line.recorded_at:
        row.created_at = line.recorded_at
        row.updated_at = line.marked_at or line.recorded_at
    return row


@contextmanager
def refusing_twice(event: Event, students: Collection[int] | QuerySet[Any]) -> Iterator[None]:
    """A savepoint in which the database's "once per student, event and day" becomes a sentence.

    `students` are the keys of those who are written; no statement is spent on it unless the database refuses.
    """
    try:
        with transaction.atomic():
            yield
    except IntegrityError as error:
        others = ParticipationRecord.objects.filter(event_name=event.name, date=event.date, student__in=students)
        if names := [str(row.student) for row in others.exclude(event=event.pk).select_related("student")]:
            message = _(
                "Noted already in another event of the name “%(event)s” on this day: %(students)s. Nothing was saved. "
                "Note them in one of the two alone."
            )
            raise NotedElsewhere(message % {"event": event.name, "students": ", ".join(names)}) from error
        raise


def note_saving(event: Event, *, by: User | None, moment: datetime | None) -> None:
    """Keep who noted last and when. No version of its own in the history: the records' rows say it all."""
    Event.objects.filter(pk=event.pk).update(noted_by=by, noted_at=moment)


@transaction.atomic
def undo_participation(*, by: User, event: Event, saved_at: datetime) -> int:
    """Take back what `by` saved in an event at that moment, as a new change; gives how many lines it changed.

    Raises UndoRefused after 10 minutes or where somebody changed one of the lines since, ParticipationRefused where the
    event is gone or a line that would come back stands in another event of its name by now.
    """
    event = lock_event(event)
    history = ParticipationRecord.history.filter(event=event.pk)
    saved = history.filter(history_date=saved_at, history_user=by)
    with refusing_twice(event, saved.values("student")):
        changed = take_back(
            by=by,
            saved_at=saved_at,
            rows=ParticipationRecord.objects.filter(event=event.pk),
            history=history,
            fit=partial(fit_record, event),
        )
    former = history.filter(history_date__lt=saved_at).order_by("history_date", "history_id").last()
    note_saving(event, by=former.history_user if former else None, moment=former.history_date if former else None)
    return changed


def fit_record(event: Event, record: ParticipationRecord) -> None:
    """Give a line that comes back the name, day and class that the event has today."""
    record.event_name, record.date, record.school_class_id = event.name, event.date, event.school_class_id


def erase_participation(student: Student, _by: User) -> None:
    """Delete a student's records with their history. No count is kept anywhere that would have to be mended."""
    ParticipationRecord.history.filter(student_id=student.pk).delete()
    ParticipationRecord.objects.filter(student=student).delete()
