"""Everything that can change a mark, each with who did it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from typing import Any

from django.core.exceptions import ValidationError
from django.db import transaction
from django.db.models import Count, Exists, OuterRef, Q
from django.utils import timezone
from django.utils.translation import gettext as _
from simple_history.utils import bulk_create_with_history, bulk_update_with_history

from accounts.models import User
from attendance.models import AttendanceRecord, PlannedAbsence, Register, Status
from attendance.register import Line, Mark, OpenRegister, count, read_lines
from students.models import SchoolClass, Student

MARK_FIELDS = ("status", "minutes_late", "left_early", "note")


class RegisterRefused(ValidationError):
    """The register cannot be saved; the message says why and what to do. Nothing was changed."""


@dataclass(frozen=True)
class Receipt:
    """What a save did: the stored marks by status, how many changed, and who still has none."""

    counts: dict[Status, int]
    changed: int
    unmarked: list[str]


@transaction.atomic
def take_register(*, by: User, opened: OpenRegister, marks: Mapping[str, Mark]) -> Receipt:
    """Store the marks of a register, keyed by student_id: all of them or, refused, none.

    Runs under a lock on the register and is idempotent: marks equal to the stored ones write nothing. A student
    without a mark here keeps what is stored. `opened` says which register, and whether `by` may take it; its
    lines are read again under the lock.

    Raises RegisterRefused for a day on which the register may not be taken, an empty class, or a student who is
    not enrolled in the class on the day.
    """
    if opened.closed_because:
        raise RegisterRefused(opened.closed_because)
    register = lock_register(opened.school_class, opened.date)
    lines = {line.student_id: line for line in read_lines(opened.school_class, opened.date)}
    if not lines:
        raise RegisterRefused(_("Nobody is enrolled in this class on this day. Add students to the class first."))
    if strangers := sorted(set(marks) - set(lines)):
        raise RegisterRefused(not_enrolled_message(strangers))
    changed = store_marks(by, opened, [(lines[key], mark) for key, mark in marks.items()])
    if changed:
        count_register(register, by=by)
    return Receipt(
        counts=count(mark.status for line in lines.values() if (mark := marks.get(line.student_id) or line.mark)),
        changed=changed,
        unmarked=[line.full_name for line in lines.values() if not line.mark and line.student_id not in marks],
    )


def not_enrolled_message(student_ids: list[str]) -> str:
    """Says which posted students are not on the register. Names only ids, which the sender already knew."""
    return _(
        "Not in this class on this day: %(students)s. The class list may have changed; open the register again."
    ) % {"students": ", ".join(student_ids)}


def lock_register(school_class: SchoolClass, day: date) -> Register:
    """The register's row, made if need be and locked until the transaction ends.

    The insert that ignores a conflict lets two first saves of one register meet here instead of failing.
    """
    locked = Register.objects.select_for_update().filter(school_class=school_class, date=day)
    if register := locked.first():
        return register
    Register.objects.bulk_create([Register(school_class=school_class, date=day)], ignore_conflicts=True)
    return locked.get()


def store_marks(by: User, opened: OpenRegister, marks: list[tuple[Line, Mark]]) -> int:
    """Write new and changed marks with their history, sorted by student against deadlocks. Gives their number."""
    changed = sorted(((line, mark) for line, mark in marks if mark != line.mark), key=lambda pair: pair[0].pk)
    new: list[AttendanceRecord] = []
    old: list[AttendanceRecord] = []
    for line, mark in changed:
        record = AttendanceRecord(
            pk=line.record,
            student_id=line.pk,
            school_class=opened.school_class,
            date=opened.date,
            status=mark.status,
            minutes_late=mark.minutes_late,
            left_early=mark.left_early,
            note=mark.note,
        )
        if line.recorded_at:
            record.created_at, record.updated_at = line.recorded_at, timezone.now()
        (old if line.record else new).append(record)
    if new:
        bulk_create_with_history(new, AttendanceRecord, default_user=by)
    if old:
        bulk_update_with_history(old, AttendanceRecord, [*MARK_FIELDS, "updated_at"], default_user=by)
    return len(changed)


def count_register(register: Register, *, by: User) -> None:
    """Recount a register from its rows, note who took it and when, and keep that in its history."""
    rows = AttendanceRecord.objects.filter(school_class=register.school_class_id, date=register.date)
    counts = rows.aggregate(**{status.value: Count("pk", filter=Q(status=status)) for status in Status})
    for status, number in counts.items():
        setattr(register, status, number)
    register.version += 1
    register.taken_by, register.taken_at = by, timezone.now()
    register._history_user = by  # type: ignore[attr-defined]
    register.save()


def erase_records(student: Student, by: User) -> None:
    """Delete a student's marks with their history and recount the registers they stood in."""
    rows = AttendanceRecord.objects.filter(student=student)
    marked = Exists(rows.filter(school_class=OuterRef("school_class"), date=OuterRef("date")))
    registers = list(Register.objects.select_for_update().filter(marked).order_by("pk"))
    AttendanceRecord.history.filter(student_id=student.pk).delete()
    rows.delete()
    recount(registers, by=by)


def recount(registers: list[Register], *, by: User) -> None:
    """Set the kept counts of registers from their rows, without touching who took them and when.

    Asks for all days of their classes: a condition for each register would grow past what SQLite can parse.
    """
    classes = {register.school_class_id for register in registers}
    counted = {
        (row["school_class"], row["date"]): row
        for row in AttendanceRecord.objects.filter(school_class__in=classes)
        .order_by()
        .values("school_class", "date")
        .annotate(**{status.value: Count("pk", filter=Q(status=status)) for status in Status})
    }
    for register in registers:
        row: Mapping[str, Any] = counted.get((register.school_class_id, register.date), {})
        for status in Status:
            setattr(register, status, row.get(status.value, 0))
    bulk_update_with_history(registers, Register, [status.value for status in Status], default_user=by)


def erase_planned_absences(student: Student, _by: User) -> None:
    """Delete a student's planned absences with their history."""
    PlannedAbsence.history.filter(student_id=student.pk).delete()
    PlannedAbsence.objects.filter(student=student).delete()
