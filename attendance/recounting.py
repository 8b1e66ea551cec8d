"""Keeps the counts of the registers equal to the marks of those enrolled, where something else changes than a mark."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Iterable, Iterator
from dataclasses import dataclass
from datetime import date
from typing import Any

from django.db import transaction
from django.db.models import Count, Q
from simple_history.utils import bulk_update_with_history

from accounts.models import User
from attendance.models import AttendanceRecord, Register, Status
from students.models import SchoolClass

STATUSES = [status.value for status in Status]
Counts = dict[str, int]  # the number of marks by status, all four named
Key = tuple[int, date]  # class and day


@dataclass(frozen=True)
class WrongRegister:
    """A register whose kept counts are not those of its rows; `kept` is None for marks without a register."""

    school_class: SchoolClass
    date: date
    kept: Counts | None
    counted: Counts


def recount_registers(*, by: User | None, repair: bool) -> list[WrongRegister]:
    """Recount every register from its rows, class by class, and give those that were wrong; `repair` mends them.

    A class and its repair are one transaction, so that a school can go on working meanwhile.
    """
    classes = SchoolClass.objects.select_related("academic_year").order_by("pk").iterator()
    return [wrong for school_class in classes for wrong in recount_class(school_class, by=by, repair=repair)]


@transaction.atomic
def recount_class(school_class: SchoolClass, *, by: User | None, repair: bool) -> list[WrongRegister]:
    """What was wrong of one class, with its academic_year loaded."""
    days = {each.date for each in find_wrong(school_class)}
    if not days:
        return []
    # Somebody may have saved between the two statements: once nobody can, ask again.
    lock_registers(school_class.pk, days)
    found = [each for each in find_wrong(school_class) if each.date in days]
    if repair:
        missing = [each.date for each in found if each.kept is None]
        Register.objects.bulk_create(
            [Register(school_class=school_class, date=day) for day in missing], ignore_conflicts=True
        )
        recount(lock_registers(school_class.pk, days), by=by)
    return found


def find_wrong(school_class: SchoolClass) -> Iterator[WrongRegister]:
    """The wrong registers of a class, by day; three statements. Each mark stands in one, even if it counts nowhere."""
    kept = {register.date: counts_of(register) for register in Register.objects.filter(school_class=school_class)}
    counted = {day: counts for (_class, day), counts in count_marks([school_class.pk]).items()}
    marked = AttendanceRecord.objects.filter(school_class=school_class).order_by().values_list("date", flat=True)
    for day in sorted({*kept, *marked.distinct()}):
        right = counted.get(day, no_marks())
        if kept.get(day) != right:
            yield WrongRegister(school_class, day, kept.get(day), right)


def recount_of_students(students: list[int], since: date | None, by: User | None) -> None:
    """Mend the registers that hold marks of students whose enrolments changed.

    One statement where they have no mark since then. Only registers that come out otherwise are locked and written:
    a move of many students waits for nobody who takes a register, unless both are about the same marks.
    """
    marks = AttendanceRecord.objects.filter(student__in=students)
    if since:
        marks = marks.filter(date__gte=since)
    touched: dict[int, set[date]] = defaultdict(set)
    for school_class, day in marks.order_by().values_list("school_class_id", "date").distinct():
        touched[school_class].add(day)
    for school_class, days in sorted(touched.items()):
        of_class = Register.objects.filter(school_class=school_class, date__gte=min(days), date__lte=max(days))
        registers = [register for register in of_class if register.date in days]
        if differing := differ(registers):
            recount(lock_registers(school_class, {register.date for register in differing}), by=by)


def lock_registers(school_class: int, days: Collection[date]) -> list[Register]:
    """The registers of a class on these days, locked until the transaction ends."""
    of_class = Register.objects.select_for_update().filter(school_class=school_class, date__gte=min(days))
    return [each for each in of_class.filter(date__lte=max(days)).order_by("date") if each.date in days]


def recount(registers: Iterable[Register], *, by: User | None) -> None:
    """Set the kept counts of locked registers from their rows, without touching who took them and when."""
    registers = list(registers)
    wrong = differ(registers)
    if wrong:
        bulk_update_with_history(wrong, Register, STATUSES, default_user=by)


def differ(registers: list[Register]) -> list[Register]:
    """Those registers whose counts are not those of their rows, with the right ones set and not saved."""
    if not registers:
        return []
    days = [register.date for register in registers]
    counted = count_marks({register.school_class_id for register in registers}, min(days), max(days))
    wrong = []
    for register in registers:
        right = counted.get((register.school_class_id, register.date), no_marks())
        if counts_of(register) != right:
            wrong.append(register)
            for status, number in right.items():
                setattr(register, status, number)
    return wrong


def count_marks(classes: Collection[int], first: date = date.min, last: date = date.max) -> dict[Key, Counts]:
    """The marks of those enrolled by status, for each class and day that has one.

    Asks for all days in between: a condition for each register would grow past what SQLite can parse.
    """
    rows = AttendanceRecord.objects.filter(school_class__in=classes).between(first, last).of_enrolled()
    numbers: Any = {status: Count("pk", filter=Q(status=status)) for status in STATUSES}
    counted = rows.order_by().values_list("school_class_id", "date").annotate(**numbers)
    return {(school_class, day): dict(zip(STATUSES, counts, strict=True)) for school_class, day, *counts in counted}


def counts_of(register: Register) -> Counts:
    return {status: getattr(register, status) for status in STATUSES}


def no_marks() -> Counts:
    return dict.fromkeys(STATUSES, 0)
