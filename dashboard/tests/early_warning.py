"""Students who come, are marked and are blamed, as raw rows with what is kept of them, for the tests of alerts."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import date, timedelta
from decimal import Decimal

from accounts.models import Teacher
from assessments.models import Assessment
from assessments.recounting import recount_totals
from assessments.tests.factories import AssessmentFactory, ScoreFactory
from attendance.models import AttendanceRecord, Status
from attendance.recounting import recount_registers
from behavior.models import BehaviorType
from behavior.tests.factories import BehaviorRecordFactory, by
from students.models import Enrolment, SchoolClass, Student, Subject
from tests.cast import MONDAY

SESSIONS = 25
ONE_DAY = timedelta(days=1)


def weekdays_up_to(last: date, number: int) -> list[date]:
    """The last so many weekdays, in order; the cast's school has neither terms nor closures."""
    days: list[date] = []
    while len(days) < number:
        if last.isoweekday() <= 5:
            days.insert(0, last)
        last -= ONE_DAY
    return days


def attends(student: Student, school_class: SchoolClass, *, missed: int, sessions: int = SESSIONS) -> None:
    """The student joined the class so many sessions ago and missed the first of them."""
    days = weekdays_up_to(MONDAY, sessions)
    Enrolment.objects.filter(student=student, school_class=school_class).update(starts_on=days[0])
    AttendanceRecord.objects.bulk_create(
        AttendanceRecord(
            student=student,
            school_class=school_class,
            date=day,
            status=Status.ABSENT if number < missed else Status.PRESENT,
        )
        for number, day in enumerate(days)
    )


def scores(student: Student, school_class: SchoolClass, subject: Subject, points: Iterable[object]) -> None:
    """Scores out of 100, each in a piece of work that everybody with as many scores in the subject shares."""
    for number, each in enumerate(points):
        known = {"title": f"{subject.name} {number}", "school_class": school_class, "subject": subject}
        work = Assessment.objects.filter(**known).first() or AssessmentFactory(**known, max_score=Decimal(100))
        ScoreFactory(student=student, assessment=work, score=Decimal(str(each)))


def blamed(student: Student, teacher: Teacher, *days_ago: int) -> None:
    """A negative note on each of these days."""
    for number in days_ago:
        day = MONDAY - number * ONE_DAY
        BehaviorRecordFactory(student=student, behavior_type=BehaviorType.NEGATIVE, date=day, **by(teacher))


def keep() -> None:
    """Count what is kept of marks and scores."""
    recount_registers(by=None, repair=True)
    recount_totals(repair=True)
