"""The list that a teacher starts from: the registers of a day, and those that were missed."""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass
from datetime import date, timedelta

from django.db.models import Count
from django.utils.translation import gettext as _

from accounts.models import User
from attendance.models import Register
from students.calendar import SchoolCalendar, load_calendar
from students.models import Enrolment, School, SchoolClass

MISSED_DAYS = 14
LOOK_BACK_DAYS = 120  # far enough to find the last school day before any summer


@dataclass(frozen=True)
class DueRegister:
    """The register of a class on a school day: how many students it lists, how many have a mark, what is stored."""

    school_class: SchoolClass
    date: date
    enrolled: int
    marked: int
    register: Register | None

    @property
    def is_taken(self) -> bool:
        """Every student enrolled on the day has a mark."""
        return self.marked == self.enrolled

    @property
    def is_started(self) -> bool:
        return 0 < self.marked < self.enrolled


@dataclass(frozen=True)
class RegistersOfDay:
    """What `/attendance/` shows: the registers of a day, and the missed ones of the last 14 days.

    day: the day asked for, else the latest school day. off: why classes have no register on it, as sentences.
    """

    today: date
    day: date
    due: list[DueRegister]
    missed: list[DueRegister]
    off: list[str]


def registers_of_day(school: School, user: User, asked: date | None = None) -> RegistersOfDay:
    """The registers of the day asked for, or of the latest school day, and those missed in the 14 days before today.

    Four statements at any size: classes, calendar, class sizes, registers with who took them.
    """
    today = school.today()
    oldest = today - timedelta(days=MISSED_DAYS)
    first = min(asked or today, today) - timedelta(days=LOOK_BACK_DAYS)
    last = max(asked or today, today)
    classes = list(
        SchoolClass.objects.visible_to(user)
        .filter(academic_year__starts_on__lte=last, academic_year__ends_on__gt=first)
        .select_related("academic_year")
    )
    calendar = load_calendar(school, first, last)
    met = {day for school_class in classes for day in calendar.school_days(school_class) if day <= today}
    day = asked or max(met, default=today)
    window = {oldest + timedelta(days=number) for number in range(MISSED_DAYS)}
    due = due_registers(classes, calendar, Sizes(classes, first, last), window | {day})
    reasons = {calendar.why_no_school(school_class, day) for school_class in classes}
    return RegistersOfDay(
        today=today,
        day=day,
        due=[entry for entry in due if entry.date == day],
        missed=[entry for entry in due if entry.date in window - {day} and not entry.is_taken],
        off=sorted(reason or _("Nobody is enrolled in a class that meets on this day.") for reason in reasons),
    )


class Sizes:
    """How many students each class has on a day, from one statement."""

    def __init__(self, classes: list[SchoolClass], first: date, last: date) -> None:
        enrolments = Enrolment.objects.overlapping(first, last).filter(school_class__in=classes)
        rows = enrolments.order_by().values_list("school_class", "starts_on", "ends_on")
        self.spans: dict[int, list[tuple[date, date | None, int]]] = defaultdict(list)
        for school_class, starts_on, ends_on, number in rows.annotate(number=Count("pk")):
            self.spans[school_class].append((starts_on, ends_on, number))

    def on(self, school_class: SchoolClass, day: date) -> int:
        spans = self.spans[school_class.pk]
        return sum(number for start, end, number in spans if start <= day and (end is None or day < end))


def due_registers(
    classes: list[SchoolClass], calendar: SchoolCalendar, sizes: Sizes, days: set[date]
) -> list[DueRegister]:
    """The registers due on these days, the newest day first. Empty classes owe none."""
    rows = Register.objects.filter(school_class__in=classes, date__in=days)
    stored = {
        (register.school_class_id, register.date): register
        for register in rows.select_related("taken_by__teacher", "taken_by__parent")
    }
    due = []
    for school_class in classes:
        for day in days.intersection(calendar.school_days(school_class)):
            if size := sizes.on(school_class, day):
                register = stored.get((school_class.pk, day))
                due.append(DueRegister(school_class, day, size, register.recorded if register else 0, register))
    return sorted(due, key=lambda entry: (-entry.date.toordinal(), entry.school_class.name))
