"""What the numbers of attendance mean. Every page, file and answer asks here; docs/metrics.md has worked examples."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from fractions import Fraction
from math import ceil

from django.db.models import Count, TextChoices
from django.utils.translation import gettext_lazy as _

from attendance.models import AttendanceRecord, Status
from students.calendar import SchoolCalendar
from students.models import Enrolment, SchoolClass, Student
from students.querysets import EnrolmentQuerySet

ATTENDED = (Status.PRESENT, Status.LATE)
# Absence of 10 % or more of the days enrolled is chronic, excused or not: US Department of Education, EDFacts
# file specification 195; the bands beside it: Attendance Works, "satisfactory, at risk, chronic, severe".
AT_RISK, CHRONIC, SEVERE = Fraction(5, 100), Fraction(10, 100), Fraction(20, 100)
FEWEST_SESSIONS = 10
ENOUGH_COVERAGE = Fraction(90, 100)


class Tier(TextChoices):
    """Bands of absence."""

    SATISFACTORY = "satisfactory", _("Satisfactory")
    AT_RISK = "at_risk", _("At risk")
    CHRONIC = "chronic", _("Chronic absence")
    SEVERE = "severe", _("Severe absence")


@dataclass(frozen=True)
class Attendance:
    """Attendance over some enrolments and days.

    counts: records by status. due: sessions that should have a record. counted: how many of those have one.
    """

    counts: Mapping[Status, int]
    due: int
    counted: int

    @property
    def attended(self) -> int:
        """Present or late."""
        return self.counts.get(Status.PRESENT, 0) + self.counts.get(Status.LATE, 0)

    @property
    def possible(self) -> int:
        """All records; a session without one is in no rate."""
        return sum(self.counts.values())

    @property
    def missed(self) -> int:
        """Sessions missed, excused or not."""
        return self.possible - self.attended

    @property
    def unexcused(self) -> int:
        return self.counts.get(Status.ABSENT, 0)

    @property
    def rate(self) -> Fraction | None:
        """Share of the recorded sessions that were attended, 0 to 1; None without records."""
        return Fraction(self.attended, self.possible) if self.possible else None

    @property
    def coverage(self) -> Fraction | None:
        """Share of the sessions due that have a record, 0 to 1; None if none was due."""
        return Fraction(self.counted, self.due) if self.due else None

    @property
    def not_counted(self) -> int:
        """Sessions due without a record."""
        return self.due - self.counted

    @property
    def tier(self) -> Tier | None:
        """The band of absence, decided on the exact fraction; None below 10 recorded sessions."""
        if self.possible < FEWEST_SESSIONS:
            return None
        absence = Fraction(self.missed, self.possible)
        if absence >= SEVERE:
            return Tier.SEVERE
        if absence >= CHRONIC:
            return Tier.CHRONIC
        return Tier.AT_RISK if absence >= AT_RISK else Tier.SATISFACTORY

    @property
    def absences_to_chronic(self) -> int | None:
        """How many further days missed in a row reach 10 %: the least k with missed + k >= (possible + k) / 10.

        0 where it is reached; None below 10 recorded sessions.
        """
        if self.possible < FEWEST_SESSIONS:
            return None
        lacking = CHRONIC * self.possible - self.missed
        return max(0, ceil(lacking / (1 - CHRONIC)))

    @property
    def supports_alerts(self) -> bool:
        """Whether at least 90 % of the sessions due have a record: no alert comes from fewer."""
        return self.coverage is not None and self.coverage >= ENOUGH_COVERAGE


def student_attendance(calendar: SchoolCalendar, student: Student) -> Attendance:
    """A student's days: the registers of their primary class only, over the days of the calendar."""
    return attendance_of(calendar, Enrolment.objects.filter(student=student, is_primary=True))


def class_attendance(calendar: SchoolCalendar, school_class: SchoolClass) -> Attendance:
    """A class over all who were enrolled in it."""
    return attendance_of(calendar, Enrolment.objects.filter(school_class=school_class))


def school_attendance(calendar: SchoolCalendar) -> Attendance:
    """The whole school by primary classes, so that no pupil counts twice on a day."""
    return attendance_of(calendar, Enrolment.objects.filter(is_primary=True))


def attendance_of(calendar: SchoolCalendar, enrolments: EnrolmentQuerySet) -> Attendance:
    """Attendance over all sessions of these enrolments; see `attendance_by_class`."""
    by_class = attendance_by_class(calendar, enrolments).values()
    return Attendance(
        counts={status: sum(part.counts[status] for part in by_class) for status in Status},
        due=sum(part.due for part in by_class),
        counted=sum(part.counted for part in by_class),
    )


def attendance_by_class(calendar: SchoolCalendar, enrolments: EnrolmentQuerySet) -> dict[SchoolClass, Attendance]:
    """Attendance over the sessions of these enrolments, class by class, from the calendar's first day to its last.

    A session is due from the start of its day, so a calendar that reaches past today counts days to come: end
    it today. Three statements at any size: enrolments, their classes, records.
    """
    enrolments = enrolments.overlapping(calendar.first, calendar.last)
    spans = enrolments.order_by().values_list("school_class", "starts_on", "ends_on").annotate(number=Count("pk"))
    grouped = list(spans)
    classes = SchoolClass.objects.select_related("academic_year").in_bulk({row[0] for row in grouped})
    due: dict[int, int] = defaultdict(int)
    for pk, starts_on, ends_on, number in grouped:
        due[pk] += number * calendar.count_school_days(classes[pk], starts_on, ends_on)
    days = {pk: set(calendar.school_days(school_class)) for pk, school_class in classes.items()}
    counts = {pk: dict.fromkeys(Status, 0) for pk in classes}
    counted: dict[int, int] = defaultdict(int)
    rows = AttendanceRecord.objects.between(calendar.first, calendar.last).within(enrolments).order_by()
    for pk, day, status, number in rows.values_list("school_class", "date", "status").annotate(number=Count("pk")):
        counts[pk][Status(status)] += number
        counted[pk] += number if day in days[pk] else 0
    return {school_class: Attendance(counts[pk], due[pk], counted[pk]) for pk, school_class in classes.items()}


def attendance_of_rows(
    calendar: SchoolCalendar, enrolments: Iterable[Enrolment], records: Iterable[AttendanceRecord]
) -> Attendance:
    """The same over enrolments and records in hand; no statement.

    The enrolments have their class with its academic_year loaded; the records are those within them, in the calendar.
    """
    enrolled = list(enrolments)
    days = {row.school_class_id: set(calendar.school_days(row.school_class)) for row in enrolled}
    counts = dict.fromkeys(Status, 0)
    counted = 0
    for record in records:
        counts[Status(record.status)] += 1
        counted += record.date in days[record.school_class_id]
    due = sum(calendar.count_school_days(row.school_class, row.starts_on, row.ends_on) for row in enrolled)
    return Attendance(counts, due, counted)
