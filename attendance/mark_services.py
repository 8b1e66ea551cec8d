"""Marks of many students, classes and days at once, such as a program sends: all of them or none.

The statements do not grow with the marks, but for the parameters that SQLite takes in one.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime

from django.core.exceptions import ValidationError
from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext as _

from accounts.models import User
from attendance.forms import NOTE_LENGTH, minutes_without_late
from attendance.models import AttendanceRecord, Register, Status
from attendance.recounting import STATUSES, count_marks, no_marks
from attendance.register import Mark, why_closed
from students.calendar import load_calendar
from students.models import Enrolment, School, SchoolClass
from students.row_writing import note_history, overwrite_rows
from students.sheet_pages import wrong_with_note
from students.sheets import SheetRecord, write_rows

Key = tuple[int, date]  # class and day
Errors = dict[int, dict[str, list[str]]]  # by the place in what was sent, then by field
MayReplace = Callable[["AttendanceRecord | None"], bool]
COUNTED = [*STATUSES, "version", "taken_by", "taken_at", "updated_at"]


@dataclass(frozen=True)
class SentMark:
    """A mark as it was sent. What is None was not sent, and stays as it is stored."""

    student_id: str
    class_id: int
    date: date
    status: Status
    minutes_late: int | None = None
    note: str | None = None

    def over(self, stored: AttendanceRecord | None) -> Mark:
        """The whole mark: what was sent, and for the rest what is stored, as far as it goes with the status."""
        minutes, note, left_early = self.minutes_late, self.note, False
        if stored:
            is_late = self.status == stored.status == Status.LATE
            minutes = stored.minutes_late if minutes is None and is_late else minutes
            note = stored.note if note is None else note
            left_early = stored.left_early and self.status in {Status.PRESENT, Status.LATE}
        return Mark(self.status, minutes, left_early, note or "")


class MarksRefused(ValidationError):
    """Some marks cannot be saved, so none is: `by_place` says which and why."""

    def __init__(self, by_place: Errors) -> None:
        super().__init__(_("Nothing is saved: some marks cannot be taken."))
        self.by_place = by_place


class MarksClash(Exception):
    """Other marks are stored than the sender may replace: `stored` holds them by their place in what was sent."""

    def __init__(self, stored: dict[int, AttendanceRecord | None]) -> None:
        super().__init__("other marks are stored")
        self.stored = stored


@dataclass
class Marking:
    """What a save of marks looked up: the classes that may be marked, who is enrolled in them, what is stored."""

    classes: Mapping[int, SchoolClass]
    closed: dict[Key, str] = field(default_factory=dict)
    students: dict[str, int] = field(default_factory=dict)  # their keys by student_id
    enrolled: dict[tuple[str, int], list[tuple[date, date | None]]] = field(default_factory=dict)
    stored: dict[tuple[str, int, date], AttendanceRecord] = field(default_factory=dict)

    def is_enrolled(self, mark: SentMark) -> bool:
        """Whether the student is in that class on that day."""
        spans = self.enrolled.get((mark.student_id, mark.class_id), [])
        return any(first <= mark.date and (end is None or mark.date < end) for first, end in spans)

    def stored_for(self, mark: SentMark) -> AttendanceRecord | None:
        return self.stored.get((mark.student_id, mark.class_id, mark.date))


def only_nothing(stored: AttendanceRecord | None) -> bool:
    """Whoever has not read what is stored may fill empty places alone."""
    return stored is None


@transaction.atomic
def record_marks(
    *, by: User, school: School, marks: Sequence[SentMark], may_replace: MayReplace = only_nothing
) -> list[tuple[AttendanceRecord, bool]]:
    """Store marks, each in the register of its class and day; gives each stored mark and whether it is new.

    Runs under a lock on the registers and is idempotent: a mark that is stored as it was sent writes nothing.
    `may_replace` is asked, under the lock, about what is stored in a place that is to be written, None for nothing.
    Raises MarksRefused for marks that break a rule, MarksClash where something stored may not be replaced.
    """
    classes = SchoolClass.objects.visible_to(by).select_related("academic_year")
    marking = Marking(classes.in_bulk({mark.class_id for mark in marks}))
    look_up_days(marking, school, by, marks)
    look_up_students(marking, marks)
    if errors := {place: found for place, mark in enumerate(marks) if (found := wrong_with(marking, mark))}:
        raise MarksRefused(errors)
    refuse_repeated(marks)
    registers = lock_registers_of({(mark.class_id, mark.date) for mark in marks})
    look_up_stored(marking, marks)
    return write(by, marking, registers, marks, may_replace)


def look_up_days(marking: Marking, school: School, by: User, marks: Iterable[SentMark]) -> None:
    """Why each register may not be taken; one statement for the calendar of all the days."""
    keys = {(mark.class_id, mark.date) for mark in marks if mark.class_id in marking.classes}
    if not keys:
        return
    days = [day for _class, day in keys]
    calendar = load_calendar(school, min(days), max(days))
    for class_id, day in keys:
        if reason := why_closed(school, marking.classes[class_id], day, by, calendar):
            marking.closed[class_id, day] = reason


def look_up_students(marking: Marking, marks: Iterable[SentMark]) -> None:
    """The enrolments of those sent in the classes that may be marked; one statement."""
    rows = Enrolment.objects.filter(
        school_class__in=marking.classes, student__student_id__in={mark.student_id for mark in marks}
    )
    columns = ("student__student_id", "student", "school_class", "starts_on", "ends_on")
    for student_id, student, school_class, starts_on, ends_on in rows.order_by().values_list(*columns):
        marking.students[student_id] = student
        marking.enrolled.setdefault((student_id, school_class), []).append((starts_on, ends_on))


def look_up_stored(marking: Marking, marks: Iterable[SentMark]) -> None:
    """The marks that are stored in those places; one statement."""
    days = [mark.date for mark in marks]
    of_students = AttendanceRecord.objects.filter(student__in=marking.students.values())
    rows = of_students.filter(school_class__in=marking.classes).between(min(days), max(days))
    for record in rows.select_related("student"):
        marking.stored[record.student.student_id, record.school_class_id, record.date] = record


def wrong_with(marking: Marking, mark: SentMark) -> dict[str, list[str]]:
    """Every rule that a mark breaks, by field."""
    errors: dict[str, list[str]] = defaultdict(list)
    if mark.class_id not in marking.classes:
        errors["class_id"].append(_("There is no such class that is yours."))
    elif reason := marking.closed.get((mark.class_id, mark.date)):
        errors["date"].append(reason)
    elif not marking.is_enrolled(mark):
        errors["student_id"].append(_("No such student is in this class on this day."))
    if mark.minutes_late is not None and mark.status != Status.LATE:
        errors["minutes_late"].append(minutes_without_late())
    if mark.note and (said := wrong_with_note(mark.note, NOTE_LENGTH)):
        errors["note"] += said
    return errors


def refuse_repeated(marks: Sequence[SentMark]) -> None:
    """Refuses a student who is marked twice in one register: which of the two should stand?"""
    seen: set[tuple[str, int, date]] = set()
    errors: Errors = {}
    for place, mark in enumerate(marks):
        key = (mark.student_id, mark.class_id, mark.date)
        if key in seen:
            errors[place] = {"student_id": [_("This student is marked twice in this register. Send one mark.")]}
        seen.add(key)
    if errors:
        raise MarksRefused(errors)


def lock_registers_of(keys: set[Key]) -> dict[Key, Register]:
    """The registers, made if need be and locked until the transaction ends.

    Whoever waits here for a register that another save is making holds no lock yet; locks are taken in one order.
    """
    days = [day for _class, day in keys]
    of_classes = Register.objects.filter(school_class__in={class_id for class_id, _day in keys})
    among = of_classes.filter(date__gte=min(days), date__lte=max(days))
    there = set(among.values_list("school_class_id", "date"))
    if missing := sorted(keys - there):
        rows = [Register(school_class_id=class_id, date=day) for class_id, day in missing]
        Register.objects.bulk_create(rows, ignore_conflicts=True)
    wanted = [pk for pk, *key in among.values_list("pk", "school_class_id", "date") if tuple(key) in keys]
    locked = Register.objects.select_for_update().filter(pk__in=wanted).order_by("pk")
    return {(register.school_class_id, register.date): register for register in locked}


def write(
    by: User, marking: Marking, registers: Mapping[Key, Register], marks: Sequence[SentMark], may_replace: MayReplace
) -> list[tuple[AttendanceRecord, bool]]:
    """Write new and changed marks, then the registers that they stand in."""
    moment = timezone.now()
    clashes: dict[int, AttendanceRecord | None] = {}
    new: list[AttendanceRecord] = []
    changed: list[AttendanceRecord] = []
    saved: list[tuple[AttendanceRecord, bool]] = []
    for place, mark in enumerate(marks):
        stored = marking.stored_for(mark)
        whole = mark.over(stored)
        record = stored or AttendanceRecord(
            student_id=marking.students[mark.student_id], school_class_id=mark.class_id, date=mark.date
        )
        saved.append((record, stored is None))
        if stored and mark_of(stored) == whole:
            continue
        if not may_replace(stored):
            clashes[place] = stored
            continue
        set_mark(record, whole)
        (changed if stored else new).append(record)
    if clashes:
        raise MarksClash(clashes)
    # Sorted by student: two saves that write in one order cannot deadlock.
    write_rows(by=by, moment=moment, new=sorted(new, key=by_student), changed=sorted(changed, key=by_student))
    count_registers([registers[row.school_class_id, row.date] for row in (*new, *changed)], by=by, moment=moment)
    return saved


def by_student(record: SheetRecord) -> int:
    return record.student_id


def mark_of(record: AttendanceRecord) -> Mark:
    return Mark(Status(record.status), record.minutes_late, record.left_early, record.note)


def set_mark(record: AttendanceRecord, mark: Mark) -> None:
    record.status, record.minutes_late = mark.status, mark.minutes_late
    record.left_early, record.note = mark.left_early, mark.note


def count_registers(registers: Iterable[Register], *, by: User, moment: datetime) -> None:
    """Recount locked registers from the marks of those enrolled and save each as a new version, with history."""
    touched = sorted({register.pk: register for register in registers}.values(), key=lambda register: register.pk)
    if not touched:
        return
    days = [register.date for register in touched]
    counted = count_marks({register.school_class_id for register in touched}, min(days), max(days))
    for register in touched:
        counts = counted.get((register.school_class_id, register.date), no_marks())
        for status, number in counts.items():
            setattr(register, status, number)
        register.version += 1
        register.taken_by, register.taken_at = by, moment
        register.updated_at = moment
    overwrite_rows(touched, COUNTED)
    note_history(touched, kind="~", by=by, moment=moment)
