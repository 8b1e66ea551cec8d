"""The staff page of a student: who they are, whom to call, and how they attend."""

from __future__ import annotations

from dataclasses import dataclass

from django.db.models import Q

from accounts.models import User
from attendance.metrics import Attendance, other_classes_attendance, student_attendance
from attendance.models import AttendanceRecord, Status
from students.calendar import SchoolCalendar, year_to_date
from students.models import EmergencyContact, Enrolment, Guardian, School, SchoolClass, Student, StudentParentLink

LATEST_ABSENCES = 10


@dataclass(frozen=True)
class StaffPage:
    """Everything that is recorded about a student so far."""

    student: Student
    guardians: list[Guardian]
    emergency_contacts: list[EmergencyContact]
    parent_links: list[StudentParentLink]
    enrolments: list[Enrolment]
    year: str
    attendance: Attendance | None
    other_classes: dict[SchoolClass, Attendance]
    exceptions: list[AttendanceRecord]


def staff_page(school: School, student: Student, user: User) -> StaffPage:
    """Read the page. Attendance is that of the school year of the latest main class, up to today."""
    enrolments = list(student.enrolments.select_related("school_class__academic_year").order_by("-starts_on", "pk"))
    started = [enrolment for enrolment in enrolments if enrolment.starts_on <= school.today()]
    main = next((enrolment.school_class for enrolment in started if enrolment.is_primary), None)
    calendar = year_to_date(school, main) if main else None
    return StaffPage(
        student=student,
        guardians=list(student.guardians.all()),
        emergency_contacts=list(student.emergency_contacts.all()),
        parent_links=list(student.parent_links.on(school.today()).select_related("parent__user")),
        enrolments=enrolments,
        year=main.academic_year.name if main else "",
        attendance=student_attendance(calendar, student) if calendar else None,
        other_classes=other_classes_attendance(calendar, student) if calendar else {},
        exceptions=latest_exceptions(calendar, student, user) if calendar else [],
    )


def latest_exceptions(calendar: SchoolCalendar, student: Student, user: User) -> list[AttendanceRecord]:
    """The latest marks that are not plainly present; `may_open` says whether this user may open their register."""
    marks = AttendanceRecord.objects.filter(student=student).between(calendar.first, calendar.last)
    own_classes = SchoolClass.objects.visible_to(user).values("pk")
    return list(
        marks.annotate(may_open=Q(school_class__in=own_classes))
        .exclude(status=Status.PRESENT, note="", left_early=False)
        .select_related("school_class")
        .order_by("-date", "pk")[:LATEST_ABSENCES]
    )
