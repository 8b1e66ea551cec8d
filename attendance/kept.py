"""Attendance of many classes and students at once, from the registers' kept counts and the rows of who was missing.

The figures are those of metrics.py, which counts every row; test_kept_recount.py compares the two. They are equal
because each mark stands in a register, which counts the marks of those enrolled on the day: recounting.py sees to that.
"""

from __future__ import annotations

from bisect import bisect_left
from collections import defaultdict
from collections.abc import Callable, Collection, Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from datetime import date
from functools import cached_property
from itertools import chain
from operator import add
from typing import Any, Self

from django.db.models import IntegerField, Q
from django.db.models.functions import Cast

from attendance.kept_reading import DATED, GROUPED, OF_STUDENTS, STANDING, dated, grouped, read_registers
from attendance.kept_registers import STATUSES, ClassRegisters, RegisterDays, Span
from attendance.metrics import Attendance
from attendance.models import AttendanceRecord, Status
from attendance.querysets import AttendanceRecordQuerySet
from core.packed import IsoDay, day_of, whole
from students.calendar import SchoolCalendar
from students.models import Enrolment, SchoolClass
from students.querysets import EnrolmentQuerySet

Mark = tuple[date, str]  # day and status
Line = tuple[int, int]  # student and class
# Named, PostgreSQL looks up each of so few (2 classes of a school of 1,000: 2 ms instead of 9); more are a subquery.
FEW_STUDENTS = 500
NOTHING = (0,) * (len(STATUSES) + 2)  # of a student without a day
CLASSES_AT_A_TIME = 200  # whose incomplete registers one statement asks for: SQLite limits how deep a condition may be


@dataclass
class Missing:
    """Marks other than present by line.

    grouped: late, excused and absent over the whole calendar. dated: each mark of those who were in a class for a part
    of its registers only, and all marks, present ones too, in a class of which not everybody is known.
    """

    grouped: dict[Line, tuple[int, int, int]]
    dated: dict[Line, list[Mark]]
    standing: set[tuple[int, int, date]]


@dataclass
class KeptAttendance:
    """Attendance of many classes and students over a calendar.

    registers: of each class by its key, those of other classes of the students too. spans: the enrolments.
    """

    calendar: SchoolCalendar
    enrolments: EnrolmentQuerySet
    spans: list[Span]
    registers: dict[int, ClassRegisters]
    _students: dict[tuple[int, date], set[int]] = field(default_factory=dict)

    @classmethod
    def load(cls, calendar: SchoolCalendar, classes: Collection[SchoolClass], enrolments: EnrolmentQuerySet) -> Self:
        """Read what the figures need, in two statements: enrolments, registers.

        classes: those in question, with their academic_year loaded. enrolments: those in these classes, and all of
        the students in question, who may have been in other classes before.
        """
        in_force = enrolments.not_over(min(calendar.first, calendar.last)).order_by()
        days = (IsoDay("starts_on"), IsoDay("ends_on"))
        is_primary = Cast("is_primary", IntegerField())  # SQLite's booleans are made one by one
        spans = [
            Span(student, school_class, day_of(starts_on), day_of(ends_on) if ends_on else None, bool(primary))
            for student, school_class, starts_on, ends_on, primary in in_force.values_list(
                "student_id", "school_class_id", *days, is_primary
            )
        ]
        asked = {school_class.pk: school_class for school_class in classes}
        counts, others = read_registers(calendar, asked, {span.school_class for span in spans}.difference(asked))
        registers = {
            key: ClassRegisters(calendar.school_days(school_class), is_whole=key in asked)
            for key, school_class in (asked | others).items()
        }
        for span in spans:
            if span.starts_on <= calendar.last and (span.ends_on is None or span.ends_on > calendar.first):
                registers[span.school_class].spans.append(span)
        shared: dict[tuple[str, int], RegisterDays] = {}
        for key, on, attended, totals, *numbers in counts:
            of_class = registers[key]
            kind = (on, id(of_class.school_days))  # the calendar keeps one list for all classes that meet alike
            if kind not in shared:
                shared[kind] = RegisterDays.sorted_from(on.split(), of_class.school_days)
            of_class.of_days, of_class.attended_text, of_class.counts = shared[kind], attended, numbers
            of_class.totals = shared[kind].in_order(whole(totals.split()))
        return cls(calendar, enrolments, spans, registers)

    def of_class(self, school_class: SchoolClass) -> Attendance:
        """Over everybody enrolled in it, as metrics.class_attendance."""
        return self.registers[school_class.pk].everybody

    def of_classes(self, classes: Iterable[SchoolClass]) -> Attendance:
        """Over the primary enrolments in these classes, so that nobody counts twice on a day.

        Over all enrolments where none of these classes is anybody's primary one, subject classes for instance. One
        statement more, once, where a class holds both primary and other enrolments.
        """
        counts, due, counted = dict.fromkeys(Status, 0), 0, 0
        for key, registers, without_others in self.counting(classes):
            parts = [(1, registers.everybody)]
            parts += [(-1, self.of_others(key))] if without_others else []
            for sign, part in parts:
                due += sign * part.due
                counted += sign * part.counted
                for status in STATUSES:
                    counts[status] += sign * part.counts[status]
        return Attendance(counts, due, counted)

    def by_day(self, classes: Iterable[SchoolClass], since: date | None = None) -> dict[date, tuple[int, int]]:
        """Attended and possible by day, over the same enrolments as `of_classes`; a day without a mark is left out.

        since: the first day that is asked for, by default that of the calendar.
        """
        first = since or self.calendar.first
        attended: dict[date, int] = defaultdict(int)
        possible: dict[date, int] = defaultdict(int)
        for key, registers, without_others in self.counting(classes):
            start = bisect_left(registers.days, first)
            columns = (registers.days, registers.attended, registers.totals)
            for day, there, total in zip(*(column[start:] for column in columns), strict=True):
                attended[day] += there
                possible[day] += total
            for day, status in self.other_marks[key] if without_others else ():
                if day >= first:
                    attended[day] -= status in {Status.PRESENT, Status.LATE}
                    possible[day] -= 1
        return {day: (attended[day], number) for day, number in sorted(possible.items()) if number}

    def registers_due(self, classes: Iterable[SchoolClass]) -> tuple[int, int]:
        """How many registers were due on the calendar's days, and how many of them are taken.

        Due is one on a school day of a class in which somebody is enrolled, taken one in which everybody has a mark.
        """
        both = [self.registers[school_class.pk].due_and_taken() for school_class in classes]
        return sum(due for due, _taken in both), sum(taken for _due, taken in both)

    def registers_on(self, day: date, classes: Iterable[SchoolClass]) -> tuple[int, int]:
        """The same of one day of the calendar alone."""
        both = [self.registers[school_class.pk].due_and_taken_on(day) for school_class in classes]
        return sum(due for due, _taken in both), sum(taken for _due, taken in both)

    def students_on(self, day: date, classes: Iterable[SchoolClass]) -> set[int]:
        """Who is enrolled in one of these classes on a day, by primary key; the day is none before the calendar."""
        return set().union(*(self.students_of(each.pk, day) for each in classes))

    def students_of(self, school_class: int, day: date) -> set[int]:
        """The same of one class; kept, since several figures ask for today."""
        key = (school_class, day)
        if key not in self._students:
            self._students[key] = {span.student for span in self.spans_of_classes[school_class] if span.covers(day)}
        return self._students[key]

    @cached_property
    def spans_of_classes(self) -> dict[int, list[Span]]:
        """The enrolments of each class."""
        found: dict[int, list[Span]] = defaultdict(list)
        for span in self.spans:
            found[span.school_class].append(span)
        return found

    def of_students(self) -> StudentsAttendance:
        """Each student's days by primary key, those of the primary classes, as metrics.student_attendance.

        One statement: who was missing, and who stands in the registers that are incomplete; for each further 200
        classes with such registers one more.
        """
        spans = [span for registers in self.registers.values() for span in registers.spans if span.is_primary]
        missing = self.read_missing(spans)
        holes = self.holes(missing.standing)
        numbers = {span.student: NOTHING for span in self.spans}
        for span in spans:
            own, before = self.of_span(span, missing, holes), numbers[span.student]
            numbers[span.student] = own if before is NOTHING else tuple(map(add, before, own))
        return StudentsAttendance(numbers)

    def counting(self, classes: Iterable[SchoolClass]) -> list[tuple[int, ClassRegisters, bool]]:
        """The classes that count, each with whether its enrolments that are not primary do not."""
        found = [(school_class.pk, self.registers[school_class.pk]) for school_class in classes]
        if primary := [(key, registers, registers.has_others) for key, registers in found if registers.has_primary]:
            return primary
        return [(key, registers, False) for key, registers in found]

    def of_others(self, school_class: int) -> Attendance:
        """Over those of a class whose primary class is another."""
        registers, counts = self.registers[school_class], dict.fromkeys(Status, 0)
        school_days = set(registers.school_days)
        for _day, status in self.other_marks[school_class]:
            counts[Status(status)] += 1
        due = sum(registers.within(each.starts_on, each.ends_on).due for each in registers.spans if not each.is_primary)
        return Attendance(counts, due, sum(day in school_days for day, _status in self.other_marks[school_class]))

    @cached_property
    def other_marks(self) -> dict[int, list[Mark]]:
        """The marks of those whose primary class is another, in the classes that hold both kinds; one statement."""
        mixed = [
            key
            for key, registers in self.registers.items()
            if registers.is_whole and registers.has_primary and registers.has_others
        ]
        rows = self.records().filter(school_class__in=mixed).covered_by(Enrolment.objects.filter(is_primary=False))
        marks: dict[int, list[Mark]] = {key: [] for key in mixed}
        for school_class, day, status in rows.order_by().values_list("school_class_id", "date", "status"):
            marks[school_class].append((day, status))
        return marks

    def of_span(self, span: Span, missing: Missing, holes: dict[Line, list[int]]) -> tuple[int, ...]:
        """Present, late, excused, absent, due and counted of one enrolment."""
        line, registers = (span.student, span.school_class), self.registers[span.school_class]
        due, possible, counted, is_all = registers.within(span.starts_on, span.ends_on)
        if is_all and registers.is_whole and line not in holes:
            late, excused, absent = missing.grouped.get(line, (0, 0, 0))
            return possible - late - excused - absent, late, excused, absent, due, counted
        marks = [mark for mark in missing.dated.get(line, ()) if span.covers(mark[0])]
        dated = [status for _day, status in marks]
        if not registers.is_whole:
            school_days = set(registers.school_days)
            counted = sum(day in school_days for day, _status in marks)
            return (*(dated.count(status) for status in STATUSES), due, counted)
        for place in holes.get(line, ()):
            if span.covers(registers.days[place]):
                possible -= 1
                counted -= registers.on_school_days[place]
        late, excused, absent = missing.grouped.get(line, (0, 0, 0)) if is_all else map(dated.count, STATUSES[1:])
        return possible - late - excused - absent, late, excused, absent, due, counted

    def read_missing(self, spans: Iterable[Span]) -> Missing:
        """The marks other than present, and all of incomplete registers; one statement, see `of_students`."""
        partly = {span.student for span in spans if not self.is_grouped(span)}
        students = {span.student for span in self.spans}
        standing = list(self.marks_of_incomplete())
        rows: Any
        if not standing and all(registers.is_whole for registers in self.registers.values()):
            first, last = self.calendar.first, self.calendar.last
            rows = OF_STUDENTS.rows(first=first, last=last, students=students, partly=partly)
        else:
            rows = self.ask_missing(students, partly, standing)
        missing = Missing({}, defaultdict(list), set())
        late, excused, absent = (status.value for status in STATUSES[1:])
        for student, school_class, said, kind in chain(rows, *(dated(each, STANDING) for each in standing[1:])):
            if kind == GROUPED:
                missing.grouped[student, school_class] = (said.count(late), said.count(excused), said.count(absent))
                continue
            text, _space, status = said.partition(" ")
            day = day_of(text)
            if kind == STANDING:
                missing.standing.add((student, school_class, day))
            elif self.calendar.first <= day <= self.calendar.last:
                missing.dated[student, school_class].append((day, status))
        return missing

    def ask_missing(
        self, students: Collection[int], partly: Collection[int], standing: list[AttendanceRecordQuerySet]
    ) -> Any:
        """The rows of `read_missing` of some students, or with marks of incomplete registers."""
        within: Any = students
        if len(students) > FEW_STUDENTS:
            whole = [key for key, registers in self.registers.items() if registers.is_whole]
            within = Enrolment.objects.filter(school_class__in=whole).order_by().values("student")
        rows: Any = grouped(self.records().exclude(status=Status.PRESENT).order_by().filter(student__in=within))
        arms = [dated(marks, STANDING) for marks in standing[:1]]
        if partly:
            arms.append(dated(self.marks_of(partly), DATED))
        return rows.union(*arms, all=True) if arms else rows

    def marks_of(self, students: Collection[int]) -> AttendanceRecordQuerySet:
        """Their marks other than present, and all in classes of which not everybody is known; of any day, since asking
        for days as well would lead SQLite away from the index of absences.
        """
        marks: AttendanceRecordQuerySet = AttendanceRecord.objects.filter(student__in=students)
        if outside := [key for key, registers in self.registers.items() if not registers.is_whole]:
            return marks.filter(~Q(status=Status.PRESENT) | Q(school_class__in=outside))
        return marks.exclude(status=Status.PRESENT)

    def is_grouped(self, span: Span) -> bool:
        """Whether the enrolment covers all registers of its class, so that the sum over the calendar is its own."""
        registers = self.registers[span.school_class]
        return registers.is_whole and registers.within(span.starts_on, span.ends_on).is_all

    @cached_property
    def lacking(self) -> dict[int, list[int]]:
        """The incomplete registers by class, by place."""
        return {
            key: registers.incomplete
            for key, registers in self.registers.items()
            if registers.is_whole and registers.incomplete
        }

    def holes(self, standing: Collection[tuple[int, int, date]]) -> dict[Line, list[int]]:
        """The incomplete registers, by place, in which an enrolled student has no mark."""
        holes: dict[Line, list[int]] = defaultdict(list)
        for key, places in self.lacking.items():
            registers = self.registers[key]
            for place in places:
                day = registers.days[place]
                for span in registers.spans:
                    if span.covers(day) and (span.student, key, day) not in standing:
                        holes[span.student, key].append(place)
        return holes

    def marks_of_incomplete(self) -> Iterator[AttendanceRecordQuerySet]:
        """The marks in incomplete registers, of at most 200 classes each."""
        started = {
            key: [self.registers[key].days[place] for place in places if self.registers[key].totals[place]]
            for key, places in self.lacking.items()
        }
        keys = [key for key, days in started.items() if days]
        for start in range(0, len(keys), CLASSES_AT_A_TIME):
            any_of = Q()
            for key in keys[start : start + CLASSES_AT_A_TIME]:
                any_of |= Q(school_class=key, date__in=started[key])
            yield AttendanceRecord.objects.filter(any_of)

    def records(self) -> AttendanceRecordQuerySet:
        """The marks of the calendar's days."""
        marks: AttendanceRecordQuerySet = AttendanceRecord.objects.between(self.calendar.first, self.calendar.last)
        return marks


class StudentsAttendance(Mapping[int, Attendance]):
    """The figures of many students by primary key: an `Attendance` is made of each that is asked for.

    numbers: present, late, excused, absent, due and counted of each student.
    """

    def __init__(self, numbers: Mapping[int, tuple[int, ...]]) -> None:
        self.numbers = numbers

    def __getitem__(self, student: int) -> Attendance:
        *counts, due, counted = self.numbers[student]
        return Attendance(dict(zip(STATUSES, counts, strict=True)), due, counted)

    def __iter__(self) -> Iterator[int]:
        return iter(self.numbers)

    def __len__(self) -> int:
        return len(self.numbers)

    def where(self, holds: Callable[[int, int, int, int], bool]) -> set[int]:
        """The students of whom something holds, asked of attended, possible, counted and due."""
        return {
            student
            for student, (present, late, excused, absent, due, counted) in self.numbers.items()
            if holds(present + late, present + late + excused + absent, counted, due)
        }
