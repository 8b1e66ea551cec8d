"""Everything that can change a record of behaviour, each with who did it."""

from __future__ import annotations

import datetime as dt
import uuid
from collections.abc import Iterable
from dataclasses import dataclass

from django.core.exceptions import ValidationError
from django.db import IntegrityError, transaction
from django.utils import timezone
from django.utils.translation import gettext as _
from simple_history.utils import bulk_create_with_history

from accounts.models import Teacher, User
from accounts.roles import Role
from behavior.models import BehaviorCategory, BehaviorRecord, BehaviorType
from core.merge import fingerprint
from students.models import SchoolClass, Student
from students.services import save_by
from students.sheets import UNDO_FOR, UndoRefused, remove_rows

FURTHEST_BACK = dt.timedelta(days=366)


class BehaviorRefused(ValidationError):
    """The behaviour cannot be noted or changed; the message says why and what to do. Nothing was changed."""


@dataclass(frozen=True)
class Noting:
    """What is noted of a student; `category` is one that the school offers."""

    behavior_type: BehaviorType
    category: BehaviorCategory
    notes: str
    date: dt.date
    shared_with_parents: bool = False


@dataclass(frozen=True)
class Receipt:
    """What a save did: the key that its records share, and how many it wrote; none where it was saved before."""

    entry_key: uuid.UUID
    written: int


def note_behavior(
    *,
    by: User,
    students: Iterable[Student],
    noting: Noting,
    school_class: SchoolClass | None = None,
    form_key: uuid.UUID | None = None,
) -> Receipt:
    """Note the same of each of these students, one record each: of all or, refused, of none.

    `form_key` names the form that was sent: the same form with the same content stores once, however often it
    arrives, and even at the same moment. Raises BehaviorRefused without a student, for a day that is to come or more
    than a year back, and for a category that is no longer offered.
    """
    chosen = sorted({student.pk: student for student in students}.values(), key=lambda student: student.pk)
    if not chosen:
        raise BehaviorRefused(_("Choose at least one student."))
    refuse_day(noting.date)
    refuse_withdrawn(noting.category)
    key = entry_key_of(form_key or uuid.uuid4(), chosen, noting)
    saved = BehaviorRecord.objects.filter(entry_key=key)
    if saved.exists():
        return Receipt(key, 0)
    where_and_who = {"school_class": school_class, "noted_by": by, "teacher": Teacher.objects.filter(user=by).first()}
    columns = content_of(noting) | where_and_who
    records = [BehaviorRecord(student=student, entry_key=key, **columns) for student in chosen]
    try:
        with transaction.atomic():
            bulk_create_with_history(records, BehaviorRecord, default_user=by)
    except IntegrityError:
        if saved.exists():  # the same form, sent twice at one moment: the other one has stored it
            return Receipt(key, 0)
        raise
    return Receipt(key, len(records))


def entry_key_of(form_key: uuid.UUID, students: Iterable[Student], noting: Noting) -> uuid.UUID:
    """What the records of one save share: the form and its content, so that a changed form is another save."""
    return uuid.uuid5(form_key, fingerprint(([student.pk for student in students], version_of(noting))))


def content_of(noting: Noting) -> dict[str, object]:
    """The columns of a record that a person types."""
    return {
        "behavior_type": noting.behavior_type,
        "category": noting.category,
        "notes": noting.notes,
        "date": noting.date,
        "shared_with_parents": noting.shared_with_parents,
    }


def version_of(noting: Noting | BehaviorRecord) -> tuple[object, ...]:
    """The typed content as plain values."""
    words = (str(noting.behavior_type), noting.category.pk, noting.notes)
    return (*words, noting.date.isoformat(), noting.shared_with_parents)


def behavior_fingerprint(record: BehaviorRecord) -> str:
    """What tells one version of a record from another."""
    return fingerprint(version_of(record))


def refuse_day(day: dt.date) -> None:
    """Raises BehaviorRefused for a day that is to come or more than a year back."""
    today = timezone.localdate()
    if day > today:
        raise BehaviorRefused({"date": _("This day is still to come. Give today or an earlier day.")})
    if day < today - FURTHEST_BACK:
        raise BehaviorRefused({"date": _("This day is more than a year back. Give a later one.")})


def refuse_withdrawn(category: BehaviorCategory) -> None:
    """Raises BehaviorRefused for a category that the school no longer offers."""
    if not BehaviorCategory.objects.filter(pk=category.pk, is_active=True).exists():
        message = _("The category “%(name)s” is no longer offered. Choose another one.")
        raise BehaviorRefused({"category": message % {"name": category}})


@transaction.atomic
def change_behavior(*, by: User, record: BehaviorRecord, base: str, noting: Noting) -> BehaviorRecord:
    """Change what was noted; `base` is its fingerprint as it was shown. The same again writes nothing.

    Raises BehaviorRefused for somebody else's record (an admin may change all), where somebody changed or withdrew it
    since, for a new day as note_behavior says, and for a new category that is not offered.
    """
    stored = lock_unchanged(by, record, base)
    if version_of(stored) == version_of(noting):
        return stored
    if noting.date != stored.date:
        refuse_day(noting.date)
    if noting.category != stored.category:
        refuse_withdrawn(noting.category)
    for name, value in content_of(noting).items():
        setattr(stored, name, value)
    save_by(stored, by)
    return stored


@transaction.atomic
def withdraw_behavior(*, by: User, record: BehaviorRecord, base: str) -> None:
    """Delete a record; the history keeps it. `base` and refusals as change_behavior."""
    stored = lock_unchanged(by, record, base)
    stored._history_user = by  # type: ignore[attr-defined]
    stored.delete()


def lock_unchanged(by: User, record: BehaviorRecord, base: str) -> BehaviorRecord:
    """The record as stored, locked, if it may be changed by this person and is as it was shown."""
    locked = BehaviorRecord.objects.select_for_update(of=("self",)).select_related("category")
    stored = locked.filter(pk=record.pk).first()
    if stored is None:
        raise BehaviorRefused(_("Somebody withdrew this record meanwhile."))
    if by.role != Role.ADMIN and stored.noted_by_id != by.pk:
        raise BehaviorRefused(_("Only who noted this, or the school office, can change it."))
    if behavior_fingerprint(stored) != base:
        message = _("Somebody changed this meanwhile: it is now %(type)s, %(category)s, “%(notes)s”. Look again.")
        words = {"type": stored.get_behavior_type_display(), "category": stored.category, "notes": stored.notes}
        raise BehaviorRefused(message % words)
    return stored


@transaction.atomic
def undo_note(*, by: User, entry_key: uuid.UUID) -> int:
    """Withdraw what one save of this person noted; gives how many records.

    Raises UndoRefused once 10 minutes have passed, where nothing of it is left, and where a record was changed since.
    """
    saved = BehaviorRecord.objects.select_for_update().filter(entry_key=entry_key, noted_by=by)
    records = list(saved.order_by("student"))
    if not records:
        raise UndoRefused(_("There is nothing left to undo here."))
    if timezone.now() - records[0].created_at > UNDO_FOR:
        raise UndoRefused(_("Only the save of the last 10 minutes can be undone. Withdraw the records one by one."))
    keys = [record.pk for record in records]
    if BehaviorRecord.history.filter(id__in=keys, history_type="~").exists():
        raise UndoRefused(_("One of these records was changed since. Nothing was undone; withdraw them one by one."))
    remove_rows(by=by, moment=timezone.now(), rows=records)
    return len(records)


def erase_behavior(student: Student, _by: User) -> None:
    """Delete what was noted of a student with its history. No count is kept anywhere that would have to be mended."""
    BehaviorRecord.history.filter(student_id=student.pk).delete()
    BehaviorRecord.objects.filter(student=student).delete()
