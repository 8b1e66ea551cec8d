"""What is done to an event as a whole, each with who did it: set it, change it, delete it."""

from __future__ import annotations

from typing import Any

from django.core.exceptions import ValidationError
from django.db import IntegrityError, transaction
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from accounts.models import User
from core.merge import fingerprint
from participation.models import Event
from participation.services import fit_record, lock_event, refusing_twice
from students.models import Student
from students.sheets import remove_rows, update_rows


@transaction.atomic
def save_event(*, by: User, event: Event) -> Event:
    """Create or change an event; its name, day and class are copied to its records.

    Raises ValidationError for what the model refuses, for a day to come once somebody is noted, for another class then,
    and where a student is noted in another event of the new name and day.
    """
    records = []
    if event.pk:
        stored = lock_event(event)
        records = list(event.records.order_by("student"))
        if records:
            refuse_once_noted(stored, event)
    event.full_clean()
    event._history_user = by  # type: ignore[attr-defined]
    event.save()
    stale = [row for row in records if (row.event_name, row.date) != (event.name, event.date)]
    for row in stale:
        fit_record(event, row)
    if stale:
        with refusing_twice(event, [row.student_id for row in stale]):
            update_rows(by=by, moment=timezone.now(), rows=stale, more=("event_name", "date", "school_class"))
    return event


def refuse_once_noted(stored: Event, event: Event) -> None:
    """Raise ValidationError for what an event with records cannot become."""
    if event.school_class_id != stored.school_class_id:
        raise ValidationError({"school_class": _("Somebody is noted in it, so it stays there. Add another event.")})
    if event.date > timezone.localdate():
        raise ValidationError({"date": _("Somebody is noted in it, so its day has come. Give a day up to today.")})


def create_event(*, by: User, fields: dict[str, Any]) -> Event:
    """Set an event; `fields` are those of EventForm by name. Raises ValidationError for what the model refuses."""
    return save_once(by, Event(**fields))


def save_once(by: User, event: Event) -> Event:
    """Save it; of two people who save the same event at one moment, the second is told as any later one would be."""
    try:
        with transaction.atomic():
            return save_event(by=by, event=event)
    except IntegrityError:
        event.full_clean()
        raise


@transaction.atomic
def change_event(*, by: User, event: Event, base: str, fields: dict[str, Any]) -> Event:
    """Change an event; `base` is its fingerprint as it was shown, `fields` as for a new one.

    Raises ValidationError as `save_event` does, where somebody changed it since, and where it holds others' students.
    """
    stored = lock_event(event)
    if event_fingerprint(stored) != base:
        raise ValidationError(
            _("Somebody changed this meanwhile: it is now “%(name)s”. Look again, then save once more.")
            % {"name": stored.name}
        )
    refuse_for_others(by, stored)
    for name, value in fields.items():
        setattr(stored, name, value)
    return stored if event_fingerprint(stored) == base else save_once(by, stored)


def event_fingerprint(event: Event) -> str:
    """What tells one version of an event from another; not who took part."""
    return fingerprint((event.name, event.date.isoformat(), event.school_class_id))


def refuse_for_others(by: User, event: Event) -> None:
    """Raise ValidationError where a mixed group holds students whom this person may not see."""
    if event.school_class_id is not None:
        return
    own = Student.objects.visible_to(by).order_by().values("pk")
    if event.records.exclude(student__in=own).exists():
        raise ValidationError(
            _("Students of other classes are noted in it too. Ask the school office to change or delete it.")
        )


@transaction.atomic
def delete_event(*, by: User, event: Event, expected: str | None = None) -> int:
    """Delete an event with its records, which stay in the history; gives how many records went.

    `expected` is how many were shown to go. Raises ValidationError where there are more or fewer by now, and where it
    holds others' students.
    """
    locked = lock_event(event)
    refuse_for_others(by, locked)
    records = list(locked.records.order_by("student"))
    if expected is not None and str(len(records)) != expected:
        raise ValidationError(
            ngettext(
                "There is %(number)d student noted in it now. Look again, then decide.",
                "There are %(number)d students noted in it now. Look again, then decide.",
                len(records),
            )
            % {"number": len(records)}
        )
    remove_rows(by=by, moment=timezone.now(), rows=records)
    locked._history_user = by  # type: ignore[attr-defined]
    locked.delete()
    return len(records)
