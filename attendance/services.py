"""Everything that can change a mark, each with who did it."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from django.core.exceptions import ValidationError
from django.db import transaction
from django.db.models import Count, Exists, OuterRef, QuerySet
from django.utils import timezone
from django.utils.translation import gettext as _

from accounts.models import User
from attendance.models import AttendanceRecord, PlannedAbsence, Register, Status
from attendance.querysets import CLASS, DAY
from attendance.recounting import recount
from attendance.register import Line, Mark, OpenRegister, count, read_lines
from core.merge import fingerprint, three_way
from core.prepared import Prepared
from students.models import SchoolClass, Student
from students.row_writing import note_history, overwrite_rows
from students.sheet_pages import not_enrolled_message
from students.sheets import take_back, write_rows


class RegisterRefused(ValidationError):
    """The register cannot be saved; the message says why and what to do. Nothing was changed."""


@dataclass(frozen=True)
class Clash:
    """A line that somebody else saved since it was opened: `line` as stored now, `mark` as it was sent."""

    line: Line
    mark: Mark


@dataclass(frozen=True)
class Receipt:
    """What a save did.

    counts: the stored marks by status; changed: how many it wrote; unmarked: who still has none; kept: whose mark
    somebody else has changed since the form was opened, untouched in it; clashes: the lines that were not saved.
    """

    counts: dict[Status, int]
    changed: int
    unmarked: list[str]
    kept: list[str]
    clashes: list[Clash]


@transaction.atomic
def take_register(
    *,
    by: User,
    opened: OpenRegister,
    marks: Mapping[str, Mark],
    bases: Mapping[str, str] | None = None,
    is_taking: bool = True,
) -> Receipt:
    """Store the marks of a register, keyed by student_id: all of them but those that clash or, refused, none.

    Runs under a lock on the register and is idempotent: marks equal to the stored ones write nothing. A student
    without a mark here keeps what is stored. `opened` says which register, and whether `by` may take it; its
    lines are read again under the lock. `bases` holds the fingerprint of each mark as the form was opened with; a
    mark that was stored otherwise since clashes and stays as it is. None overwrites whatever is stored. `is_taking`
    False notes marks, such as those of the late desk, without calling `by` the one who took the register.

    Raises RegisterRefused for a day on which the register may not be taken, an empty class, or a student who is
    not enrolled in the class on the day.
    """
    if opened.closed_because:
        raise RegisterRefused(opened.closed_because)
    register = lock_register(opened.school_class, opened.date)
    lines = {line.student_id: line for line in read_lines(opened.school_class, opened.date, with_planned=False)}
    if not lines:
        raise RegisterRefused(_("Nobody is enrolled in this class on this day. Add students to the class first."))
    if strangers := sorted(set(marks) - set(lines)):
        raise RegisterRefused(not_enrolled_message(strangers))
    stored = {key: line.mark for key, line in lines.items()}
    if bases is None:
        bases = {key: fingerprint(mark) for key, mark in stored.items()}
    merge = three_way(bases, marks, stored)
    if merge.save:
        moment = timezone.now()
        store_marks(by, opened, [(lines[key], mark) for key, mark in merge.save.items()], moment)
        if is_taking:
            register.taken_by, register.taken_at = by, moment
        count_register(register, by=by, moment=moment)
    after = stored | merge.save
    return Receipt(
        counts=count(mark.status for mark in after.values() if mark),
        changed=len(merge.save),
        unmarked=[lines[key].full_name for key, mark in after.items() if mark is None],
        kept=[lines[key].full_name for key in merge.kept],
        clashes=[Clash(lines[key], marks[key]) for key in merge.clashes],
    )


LOCKED = Prepared(lambda: Register.objects.select_for_update().filter(school_class=CLASS, date=DAY).order_by())


def lock_register(school_class: SchoolClass, day: date) -> Register:
    """The register's row, made if need be and locked until the transaction ends.

    The insert that ignores a conflict lets two first saves of one register meet here instead of failing.
    """
    if locked := LOCKED.objects(school_class=school_class.pk, day=day):
        return locked[0]
    Register.objects.bulk_create([Register(school_class=school_class, date=day)], ignore_conflicts=True)
    return LOCKED.objects(school_class=school_class.pk, day=day)[0]


def store_marks(by: User, opened: OpenRegister, marks: Iterable[tuple[Line, Mark]], moment: datetime) -> None:
    """Write new and changed marks with their history, sorted by student against deadlocks."""
    new: list[AttendanceRecord] = []
    old: list[AttendanceRecord] = []
    for line, mark in sorted(marks, key=lambda pair: pair[0].pk):
        record = AttendanceRecord(
            pk=line.record,
            student_id=line.pk,
            school_class_id=opened.school_class.pk,
            date=opened.date,
            status=mark.status,
            minutes_late=mark.minutes_late,
            left_early=mark.left_early,
            note=mark.note,
        )
        if line.recorded_at:
            record.created_at = line.recorded_at
        (old if line.record else new).append(record)
    write_rows(by=by, moment=moment, new=new, changed=old)


def counted_marks(school_class: Any, day: Any) -> QuerySet[AttendanceRecord, Any]:
    """How many of each status a register counts."""
    rows = AttendanceRecord.objects.filter(school_class=school_class, date=day).of_enrolled()
    return rows.order_by().values_list("status").annotate(number=Count("pk"))


COUNTED = Prepared(lambda: counted_marks(CLASS, DAY))


def count_register(register: Register, *, by: User, moment: datetime) -> None:
    """Recount a locked register from the marks of those enrolled and save it as a new version, with history."""
    counts = dict(COUNTED.rows(school_class=register.school_class_id, day=register.date))
    for status in Status:
        setattr(register, status.value, counts.get(status.value, 0))
    register.version += 1
    register.updated_at = moment
    overwrite_rows([register], [*Status.values, "version", "taken_by", "taken_at", "updated_at"])
    note_history([register], kind="~", by=by, moment=moment)


@transaction.atomic
def undo_register(*, by: User, opened: OpenRegister, saved_at: datetime) -> int:
    """Take back what `by` saved in a register at that moment, as a new change; gives how many marks it changed.

    Who took the register is again who had before. Raises RegisterRefused for a day on which `by` may not take it,
    UndoRefused after 10 minutes or where somebody changed one of the marks since.
    """
    if opened.closed_because:
        raise RegisterRefused(opened.closed_because)
    register = lock_register(opened.school_class, opened.date)
    of_day = {"school_class": opened.school_class.pk, "date": opened.date}
    changed = take_back(
        by=by,
        saved_at=saved_at,
        rows=AttendanceRecord.objects.filter(**of_day),
        # Named by student too, since the history has an index on the student alone.
        history=AttendanceRecord.history.filter(student__in=[line.pk for line in opened.lines], **of_day),
    )
    former = Register.history.filter(id=register.pk, history_date__lt=saved_at).order_by("history_date", "history_id")
    last = former.last()
    register.taken_by_id, register.taken_at = (last.taken_by_id, last.taken_at) if last else (None, None)
    count_register(register, by=by, moment=timezone.now())
    return changed


def erase_records(student: Student, by: User) -> None:
    """Delete a student's marks with their history and recount the registers they stood in."""
    rows = AttendanceRecord.objects.filter(student=student)
    marked = Exists(rows.filter(school_class=OuterRef("school_class"), date=OuterRef("date")))
    registers = list(Register.objects.select_for_update().filter(marked).order_by("pk"))
    AttendanceRecord.history.filter(student_id=student.pk).delete()
    rows.delete()
    recount(registers, by=by)


def erase_planned_absences(student: Student, _by: User) -> None:
    """Delete a student's planned absences with their history."""
    PlannedAbsence.history.filter(student_id=student.pk).delete()
    PlannedAbsence.objects.filter(student=student).delete()
