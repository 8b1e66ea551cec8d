"""The staff page of a student: who they are, whom to call, and how they attend."""

from __future__ import annotations

from dataclasses import dataclass

from accounts.models import User
from assessments.child_marks import ChildMarks
from attendance.metrics import Attendance
from attendance.models import AttendanceRecord
from behavior.child_behavior import ChildBehavior
from dashboard.models import FamilyNote, FollowUp
from dashboard.performance import Performance, performance_of
from dashboard.student_year import load_enrolments, read_student_year
from dashboard.thresholds import thresholds_in_force
from participation.child_participation import ChildParticipation, participation_of
from participation.models import ParticipationRecord
from students.calendar import SchoolCalendar
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
    performance: Performance | None
    attendance: Attendance | None
    other_classes: dict[SchoolClass, Attendance]
    exceptions: list[AttendanceRecord]
    marks: ChildMarks | None
    behavior: ChildBehavior | None
    participation: ChildParticipation | None
    notes: list[tuple[FamilyNote, bool]]
    follow_ups: list[tuple[FollowUp, bool]]


def staff_page(school: School, student: Student, user: User) -> StaffPage:
    """Read the page. Attendance is that of the school year of the latest main class, up to today."""
    enrolments = load_enrolments(student)
    year = read_student_year(school, student, user, enrolments)
    return StaffPage(
        student=student,
        guardians=list(student.guardians.all()),
        emergency_contacts=list(student.emergency_contacts.all()),
        parent_links=list(student.parent_links.on(school.today()).select_related("parent__user")),
        enrolments=enrolments,
        year=year.main.academic_year.name if year else "",
        performance=performance_of(year, thresholds_in_force()) if year else None,
        attendance=year.attendance if year else None,
        other_classes=year.other_classes if year else {},
        exceptions=year.exceptions[:LATEST_ABSENCES] if year else [],
        marks=year.marks if year else None,
        behavior=year.behavior if year else None,
        participation=participation_for_staff(year.calendar, student, user) if year else None,
        notes=[(note, note.may_be_withdrawn_by(user)) for note in FamilyNote.objects.of_report(student)],
        follow_ups=[(action, action.may_be_withdrawn_by(user)) for action in FollowUp.objects.of_student(student)],
    )


def participation_for_staff(calendar: SchoolCalendar, student: Student, user: User) -> ChildParticipation:
    """The year's events; `may_open` says whether this user may open one."""
    records = ParticipationRecord.objects.visible_to(user).with_may_open(user).filter(student=student)
    return participation_of(records, calendar.first, calendar.last)
