"""A student's school year to date as staff read it: every domain once, for the staff page and for the performance."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass
from functools import cached_property

from accounts.models import User
from assessments.child_marks import ChildMarks, load_scores, marks_of
from assessments.metrics import load_grades
from assessments.models import Score
from attendance.metrics import Attendance, attendance_of_rows
from attendance.models import AttendanceRecord, Status
from behavior.child_behavior import ChildBehavior, behavior_of_year
from behavior.models import BehaviorRecord
from dashboard.month import marks_within
from students.calendar import SchoolCalendar, year_to_date
from students.models import Enrolment, School, SchoolClass, Student


@dataclass(frozen=True)
class StudentYear:
    """The year of the latest main class that has begun, up to today.

    enrolments: all of the student, the latest first. records: all marks of the year, the latest first, each with
    `may_open`. marks, behavior: what this person sees, published and shared or not.
    """

    main: SchoolClass
    calendar: SchoolCalendar
    enrolments: list[Enrolment]
    records: list[AttendanceRecord]
    marks: ChildMarks
    behavior: ChildBehavior

    @cached_property
    def main_records(self) -> list[AttendanceRecord]:
        """The marks in the main classes, while enrolled in them."""
        return self.within([enrolment for enrolment in self.enrolments if enrolment.is_primary])

    @cached_property
    def attendance(self) -> Attendance:
        """Over the main classes, as metrics.student_attendance."""
        primary = [enrolment for enrolment in self.enrolments if enrolment.is_primary]
        return attendance_of_rows(self.calendar, primary, self.main_records)

    @property
    def other_classes(self) -> dict[SchoolClass, Attendance]:
        """The sessions in the other classes of the year, each with its own rate, by name."""
        by_class: dict[SchoolClass, list[Enrolment]] = {}
        for enrolment in self.enrolments:
            if not enrolment.is_primary and self.reaches(enrolment):
                by_class.setdefault(enrolment.school_class, []).append(enrolment)
        return {
            school_class: attendance_of_rows(self.calendar, enrolments, self.within(enrolments))
            for school_class, enrolments in sorted(by_class.items(), key=lambda pair: pair[0].name)
        }

    @property
    def exceptions(self) -> list[AttendanceRecord]:
        """The marks that are not plainly present, the latest first."""
        return [row for row in self.records if row.status != Status.PRESENT or row.note or row.left_early]

    def reaches(self, enrolment: Enrolment) -> bool:
        """Whether an enrolment is in force on a day of the year to date."""
        ends_on = enrolment.ends_on
        return enrolment.starts_on <= self.calendar.last and (ends_on is None or ends_on > self.calendar.first)

    def within(self, enrolments: Collection[Enrolment]) -> list[AttendanceRecord]:
        """The marks of days on which one of these enrolments put the student into the class of the mark."""
        return marks_within(enrolments, self.records)


def read_student_year(school: School, student: Student, user: User, enrolments: list[Enrolment]) -> StudentYear | None:
    """Read it; None without a main class that has begun. Five statements: calendar, marks of attendance, scores, grade
    scale, behaviour. `enrolments` have their class with its academic_year loaded, the latest first.
    """
    started = [enrolment for enrolment in enrolments if enrolment.starts_on <= school.today()]
    main = next((enrolment.school_class for enrolment in started if enrolment.is_primary), None)
    if main is None:
        return None
    calendar = year_to_date(school, main)
    return StudentYear(
        main=main,
        calendar=calendar,
        enrolments=enrolments,
        records=records_for_staff(calendar, student, user),
        marks=marks_for_staff(calendar, student, user),
        behavior=behavior_for_staff(calendar, student, user),
    )


def load_enrolments(student: Student) -> list[Enrolment]:
    """All classes of a student, the latest first; one statement."""
    return list(student.enrolments.select_related("school_class__academic_year").order_by("-starts_on", "pk"))


def records_for_staff(calendar: SchoolCalendar, student: Student, user: User) -> list[AttendanceRecord]:
    """The year's marks, the latest first; `may_open` says whether this user may open their register."""
    marks = AttendanceRecord.objects.filter(student=student).between(calendar.first, calendar.last)
    return list(marks.with_may_open(user).select_related("school_class").order_by("-date", "pk"))


def marks_for_staff(calendar: SchoolCalendar, student: Student, user: User) -> ChildMarks:
    """The year's marks in the subjects that this person sees, published or not."""
    scores = Score.objects.visible_to(user).filter(student=student)
    return marks_of(load_scores(scores, calendar.first, calendar.last, published_only=False), load_grades())


def behavior_for_staff(calendar: SchoolCalendar, student: Student, user: User) -> ChildBehavior:
    """The year's behaviour, shared with parents or not; `may_change` says whether this user may edit a record."""
    records = BehaviorRecord.objects.visible_to(user).with_may_change(user).filter(student=student)
    return behavior_of_year(records, calendar.first, calendar.last, shared_only=False)
