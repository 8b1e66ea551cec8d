"""Attendance from kept counts against an independent recount, day by day and row by row, of random schools."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass
from datetime import date, timedelta

import pytest
from django.db import transaction
from django.db.models import Q
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from attendance.kept import KeptAttendance
from attendance.metrics import attendance_of, class_attendance, student_attendance
from attendance.models import AttendanceRecord, Register
from attendance.recounting import recount_registers
from attendance.tests.factories import AttendanceRecordFactory
from students.calendar import load_calendar
from students.models import AcademicYear, Closure, Enrolment, School, SchoolClass, Student, Term
from students.tests.factories import AcademicYearFactory, SchoolClassFactory, StudentFactory

DAYS = timedelta(days=1)
ORDER = ("present", "late", "excused", "absent")


def calendar(first, last):
    return load_calendar(School.current(), first, last)


def numbers(figures):
    """(present, late, excused, absent), due, counted."""
    return tuple(figures.counts[status] for status in ORDER), figures.due, figures.counted


FIRST = date(2026, 3, 2)
LENGTH = 14
OFFSETS = st.integers(min_value=0, max_value=LENGTH)
STUDENTS, CLASSES = range(4), range(3)
LINES = st.tuples(st.sampled_from(STUDENTS), st.sampled_from(CLASSES))
RANGES = st.tuples(OFFSETS, OFFSETS).map(sorted)


@st.composite
def spans(draw):
    """Of each student in each class none, one, or two that do not meet; the last may be open, one primary at most."""
    drawn, settled = [], set()
    for line in draw(st.lists(LINES, unique=True, min_size=3, max_size=9)):
        cuts = sorted(draw(st.lists(OFFSETS, min_size=2, max_size=4, unique=True)))
        if len(cuts) % 2:
            cuts.append(None)
        for start, end in zip(cuts[::2], cuts[1::2], strict=True):
            is_primary = draw(st.booleans()) and not (end is None and line[0] in settled)
            settled |= {line[0]} if is_primary and end is None else set()
            drawn.append((line, start, end, is_primary))
    return drawn


@st.composite
def schools(draw):
    """Enrolments, whole registers and single marks on any day, a closure, a term, weekdays: within two weeks."""
    return {
        "spans": draw(spans()),
        "taken": draw(st.dictionaries(st.tuples(st.sampled_from(CLASSES), OFFSETS), st.randoms(), max_size=20)),
        "marks": draw(st.dictionaries(st.tuples(LINES, OFFSETS), st.sampled_from(ORDER), max_size=15)),
        "closure": draw(RANGES),
        "term": draw(RANGES),
        "weekdays": draw(st.sampled_from(["", "12345", "24", "1234567"])),
        "asked": draw(st.sets(st.sampled_from(CLASSES), min_size=1)),
        "calendar": draw(st.tuples(OFFSETS, OFFSETS)),
    }


def on(offset):
    return None if offset is None else FIRST + offset * DAYS


@dataclass
class Drawn:
    """A school as it is stored, and its rows as a recount reads them."""

    students: list[Student]
    classes: list[SchoolClass]

    @property
    def marks(self):
        rows = AttendanceRecord.objects.values_list("student_id", "school_class_id", "date", "status")
        return {(student, school_class, day): status for student, school_class, day, status in rows}


def covers(enrolment, day):
    return enrolment.starts_on <= day and (enrolment.ends_on is None or day < enrolment.ends_on)


def write(drawn):
    """Store the school; the registers are counted here, from the rows."""
    year = AcademicYearFactory(starts_on=date(2026, 3, 3), ends_on=date(2026, 3, 15))
    classes = [SchoolClassFactory(academic_year=year) for _number in CLASSES]
    classes[1].meets_on = drawn["weekdays"]
    classes[1].save()
    students = [StudentFactory() for _number in STUDENTS]
    for (student, place), start, end, is_primary in drawn["spans"]:
        Enrolment.objects.create(
            student=students[student], school_class=classes[place], is_primary=is_primary,
            starts_on=on(start), ends_on=on(end),
        )  # fmt: skip
    marks = {(students[student].pk, classes[key].pk, on(day)): status
             for ((student, key), day), status in drawn["marks"].items()}  # fmt: skip
    for (place, offset), random in drawn["taken"].items():
        for enrolment in Enrolment.objects.filter(school_class=classes[place]):
            if covers(enrolment, on(offset)):
                marks[enrolment.student_id, classes[place].pk, on(offset)] = random.choice(ORDER)
    AttendanceRecord.objects.bulk_create(
        AttendanceRecord(student_id=student, school_class_id=key, date=day, status=status)
        for (student, key, day), status in marks.items()
    )
    keep_registers(marks, {(classes[place].pk, on(offset)) for place, offset in drawn["taken"]})
    for model, (start, end), further in (
        (Closure, drawn["closure"], {}),
        (Term, drawn["term"], {"academic_year": year}),
    ):
        if start < end:
            model.objects.create(name="Some days", starts_on=on(start), ends_on=on(end), **further)
    return Drawn(students, classes)


def keep_registers(marks, opened):
    """A register for each day with a mark, and for those that were only opened, with the marks of those enrolled."""
    enrolments = list(Enrolment.objects.all())
    counts = {key: Counter() for key in opened | {(school_class, day) for _student, school_class, day in marks}}
    for (student, school_class, day), status in marks.items():
        counts[school_class, day][status] += any(
            (row.student_id, row.school_class_id) == (student, school_class) and covers(row, day) for row in enrolments
        )
    Register.objects.bulk_create(Register(school_class_id=key, date=day, **counts[key, day]) for key, day in counts)


def is_school_day(school_class, day):
    year = AcademicYear.objects.get(pk=school_class.academic_year_id)
    if any(row.starts_on <= day < row.ends_on for row in Closure.objects.all()):
        return False
    terms = list(Term.objects.filter(academic_year=year))
    if terms and not any(row.starts_on <= day < row.ends_on for row in terms):
        return False
    return str(day.isoweekday()) in (school_class.meets_on or "12345") and year.starts_on <= day < year.ends_on


class Recount:
    """The same figures as KeptAttendance, each from all rows."""

    def __init__(self, drawn, first, last):
        self.drawn = drawn
        self.marks, self.enrolments = drawn.marks, list(Enrolment.objects.all())
        self.days = [first + number * DAYS for number in range((last - first).days + 1)]
        self.school_days = {(each.pk, day) for each in drawn.classes for day in self.days if is_school_day(each, day)}

    def sessions(self, wanted):
        """(class, day, status or None) of each session of the enrolments that are wanted."""
        for row in self.enrolments:
            for day in self.days:
                if wanted(row) and covers(row, day):
                    yield row.school_class_id, day, self.marks.get((row.student_id, row.school_class_id, day))

    def figures(self, wanted):
        counts, due, counted = Counter(), 0, 0
        for school_class, day, status in self.sessions(wanted):
            counts[status] += 1
            due += (school_class, day) in self.school_days
            counted += bool(status) and (school_class, day) in self.school_days
        return tuple(counts[status] for status in ORDER), due, counted

    def counting(self, classes):
        """Primary enrolments in the classes; all of them where none is primary on any of the days."""
        keys = {each.pk for each in classes}
        primary = [row for row in self.enrolments if row.school_class_id in keys and row.is_primary]
        is_any = any(covers(row, day) for row in primary for day in self.days)
        return lambda row: row.school_class_id in keys and (row.is_primary or not is_any)

    def by_day(self, wanted):
        found = {}
        for _class, day, status in self.sessions(wanted):
            if status:
                attended, possible = found.get(day, (0, 0))
                found[day] = (attended + (status in {"present", "late"}), possible + 1)
        return found

    def registers_due(self, classes):
        due = taken = 0
        for each in classes:
            for day in self.days:
                enrolled = [row for row in self.enrolments if row.school_class_id == each.pk and covers(row, day)]
                if enrolled and (each.pk, day) in self.school_days:
                    due += 1
                    taken += all((row.student_id, each.pk, day) in self.marks for row in enrolled)
        return due, taken


def compare(drawn, school):
    """Every figure of KeptAttendance against the recount and against metrics.py; gives how many differ."""
    first, last = (on(offset) for offset in drawn["calendar"])
    asked = [school.classes[place] for place in sorted(drawn["asked"])]
    asked_students = school.students[:2]
    whose = Q(school_class__in=asked) | Q(student__in=asked_students)
    week = calendar(first, last)
    kept = KeptAttendance.load(week, asked, Enrolment.objects.filter(whose))
    recount = Recount(school, first, last)
    wanted = recount.counting(asked)
    pairs = [
        (numbers(kept.of_classes(asked)), recount.figures(wanted)),
        (kept.by_day(asked), recount.by_day(wanted)),
        (kept.registers_due(asked), recount.registers_due(asked)),
    ]
    of_students = kept.of_students()
    assert set(of_students) >= {row.student_id for row in recount.enrolments if row.student_id in of_students}
    for student in asked_students:
        nobody = ((0, 0, 0, 0), 0, 0)
        found = numbers(of_students[student.pk]) if student.pk in of_students else nobody
        own = recount.figures(lambda row, pk=student.pk: row.student_id == pk and row.is_primary)
        pairs += [(found, own), (found, numbers(student_attendance(week, student)))]
    for each in asked:
        own = recount.figures(lambda row, pk=each.pk: row.school_class_id == pk)
        pairs += [(numbers(kept.of_class(each)), own), (own, numbers(class_attendance(week, each)))]
        primary = Enrolment.objects.filter(school_class=each, is_primary=True)
        if primary.overlapping(first, last).exists() and first <= last:
            pairs.append((numbers(kept.of_classes([each])), numbers(attendance_of(week, primary))))
        day = min(first, last)
        there = {row.student_id for row in recount.enrolments if row.school_class_id == each.pk and covers(row, day)}
        pairs.append((kept.students_on(day, [each]), there))
    return [pair for pair in pairs if pair[0] != pair[1]]


A_SCHOOL = {
    "spans": [((0, 0), 0, None, True), ((1, 0), 0, None, True), ((2, 1), 0, None, True)],
    "taken": {},
    "marks": {((0, 0), 2): "present", ((1, 0), 2): "late", ((2, 1), 2): "absent", ((0, 0), 3): "absent"},
    "closure": [0, 0],
    "term": [0, 0],
    "weekdays": "",
    "asked": {0, 1},
    "calendar": (0, LENGTH),
}
SEEDED = {
    "a mark without a register": lambda school: AttendanceRecordFactory(
        student=school.students[0], school_class=school.classes[0], date=on(8), status="late"
    ),
    "a count too high": lambda school: Register.objects.filter(school_class=school.classes[0], date=on(2)).update(
        absent=1
    ),
    "another mark than was counted": lambda _school: AttendanceRecord.objects.filter(date=on(2), status="late").update(
        status="absent"
    ),
    "a mark of which the register does not know": lambda school: AttendanceRecordFactory(
        student=school.students[1], school_class=school.classes[0], date=on(3), status="excused"
    ),
    "a register without its marks": lambda _school: AttendanceRecord.objects.filter(
        status="absent", date=on(2)
    ).delete(),
    "an enrolment that nobody told of": lambda school: Enrolment.objects.filter(student=school.students[0]).update(
        ends_on=on(3)
    ),
}


@pytest.mark.parametrize("seed", SEEDED.values(), ids=SEEDED)
def test_the_comparison_sees_a_wrong_row_or_count_and_the_recount_mends_it(db, seed):
    school = write(A_SCHOOL)
    assert compare(A_SCHOOL, school) == []
    seed(school)
    assert compare(A_SCHOOL, school) != []
    assert len(recount_registers(by=None, repair=True)) == 1
    assert compare(A_SCHOOL, school) == []


@pytest.mark.django_db
@settings(
    max_examples=60, deadline=None, database=None,
    suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow],
)  # fmt: skip
@given(drawn=schools())
def test_every_figure_equals_the_recount(drawn):
    with transaction.atomic():
        assert compare(drawn, write(drawn)) == []
        assert recount_registers(by=None, repair=False) == []
        transaction.set_rollback(True)
