"""The statements of kept.py: the registers of classes and who was missing, each class or student as one row."""

from __future__ import annotations

from collections.abc import Collection
from typing import Any

from django.db.models import DateField, F, IntegerField, Sum, TextField, Value
from django.db.models.functions import Cast, Concat

from attendance.kept_registers import STATUSES
from attendance.models import AttendanceRecord, Register, Status
from attendance.querysets import AttendanceRecordQuerySet
from core.packed import IsoDay, Packed
from core.prepared import Given, OneOf, Prepared
from students.calendar import SchoolCalendar
from students.models import AcademicYear, SchoolClass

# Of a row of `read_missing`: a day with its status, or the status of each mark.
# A text is all that a row tells of: taking numbers and days apart one by one costs more than the database.
COLUMNS = ("student_id", "school_class_id", "said", "kind")
GROUPED, DATED, STANDING = "grouped", "dated", "standing"
REGISTER_COLUMNS = ("school_class_id", "on", "attended", "totals", *(f"all_{status.value}" for status in STATUSES))


def grouped(marks: AttendanceRecordQuerySet) -> Any:
    """The status of each mark of a student in a class, as rows of `read_missing`."""
    by_line: Any = marks.values("student_id", "school_class_id").annotate(said=Packed(F("status")))
    return by_line.annotate(kind=Value(GROUPED, TextField())).values_list(*COLUMNS)


def dated(marks: AttendanceRecordQuerySet, kind: str) -> Any:
    """Marks as rows of `read_missing`, one each."""
    said = Concat(IsoDay("date"), Value(" "), F("status"), output_field=TextField())
    return marks.order_by().annotate(said=said, kind=Value(kind, TextField())).values_list(*COLUMNS)


def missing_of_students() -> Any:
    """The rows of `read_missing` where no register is incomplete and everybody in the classes is known."""
    not_present = AttendanceRecord.objects.exclude(status=Status.PRESENT).order_by()
    day = DateField()
    between = not_present.filter(date__gte=Given("first", day), date__lte=Given("last", day))
    of_all = grouped(between.filter(OneOf("student_id", "students")))
    return of_all.union(dated(not_present.filter(OneOf("student_id", "partly")), DATED), all=True)


OF_STUDENTS: Prepared[AttendanceRecord] = Prepared(missing_of_students)


def read_registers(
    calendar: SchoolCalendar, asked: Collection[int], others: Collection[int]
) -> tuple[list[tuple[Any, ...]], dict[int, SchoolClass]]:
    """The registers of the classes asked for, by class: packed the day of each, how many attended and how many marks it
    counts, each in the same order, then the sum for each status; and the other classes as far as the calendar looks at
    them. One statement.
    """
    if not others:
        return list(OF_CLASSES.rows(classes=asked, first=calendar.first, last=calendar.last)), {}
    of_days = Register.objects.filter(school_class__in=asked, date__gte=calendar.first, date__lte=calendar.last)
    by_class = packed_by_class(of_days)
    number, day = Cast(Value(None), IntegerField()), Cast(Value(None), DateField())
    rows: Any = by_class.values_list(*REGISTER_COLUMNS, number, day, day)
    year: Any = (f"academic_year{name}" for name in ("_id", "__starts_on", "__ends_on"))
    classes = SchoolClass.objects.filter(pk__in=others).order_by()
    text = Value("", output_field=TextField())
    of_others = classes.values_list("pk", "meets_on", text, text, *[number] * len(STATUSES), *year)
    counts, found = [], {}
    for key, *columns_of_class, year_key, starts_on, ends_on in rows.union(of_others, all=True):
        if year_key is None:
            counts.append((key, *columns_of_class))
            continue
        academic_year = AcademicYear(pk=year_key, starts_on=starts_on, ends_on=ends_on)
        found[key] = SchoolClass(pk=key, meets_on=columns_of_class[0], academic_year=academic_year)
    return counts, found


def packed_by_class(of_days: Any) -> Any:
    """Registers by class, with what REGISTER_COLUMNS name."""
    attended = F("present") + F("late")
    packed = {
        "on": Packed(IsoDay("date")),
        "attended": Packed(attended),
        "totals": Packed(attended + F("excused") + F("absent")),
    }
    sums = {f"all_{status.value}": Sum(status.value) for status in STATUSES}
    return of_days.order_by().values("school_class_id").annotate(**packed, **sums)


def registers_of_classes() -> Any:
    days = {"date__gte": Given("first", DateField()), "date__lte": Given("last", DateField())}
    return packed_by_class(Register.objects.filter(OneOf("school_class_id", "classes"), **days)).values_list(
        *REGISTER_COLUMNS
    )


OF_CLASSES: Prepared[Register] = Prepared(registers_of_classes)
