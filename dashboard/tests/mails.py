"""Runs `manage.py send_digests` and sets the stage for it."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta
from io import StringIO

from django.core import mail
from django.core.management import call_command

from accounts.models import Parent
from assessments.tests.factories import AssessmentFactory, ScoreFactory
from attendance.models import AttendanceRecord, Status
from attendance.tests.factories import AttendanceRecordFactory, RegisterFactory
from students.models import Enrolment
from tests.cast import MONDAY

FRIDAY = date(2026, 3, 20)


def at(day: date, hour: int, minute: int = 0) -> datetime:
    """A moment by the school's clock, which is UTC in these tests unless one says otherwise."""
    return datetime(day.year, day.month, day.day, hour, minute, tzinfo=UTC)


def run() -> str:
    """Run the command; what it printed. The mails are in mail.outbox."""
    printed = StringIO()
    call_command("send_digests", stdout=printed, stderr=printed)
    return printed.getvalue().strip()


def sent() -> list[str]:
    """To whom mails went so far, in order of the addresses."""
    return sorted(message.to[0] for message in mail.outbox)


def choose(*parents: Parent, **choices: object) -> None:
    """Store choices of parents; both mails if none is named."""
    wanted = choices or {"weekly_digest": True, "absence_note": True}
    Parent.objects.filter(pk__in=[parent.pk for parent in parents]).update(**wanted)


def take(school_class, day: date = MONDAY, absent=(), **details: object) -> None:
    """A taken register: everybody enrolled is present but those absent."""
    RegisterFactory(school_class=school_class, date=day)
    for enrolment in Enrolment.objects.on(day).filter(school_class=school_class).select_related("student"):
        status = Status.ABSENT if enrolment.student in absent else Status.PRESENT
        AttendanceRecordFactory(
            student=enrolment.student, school_class=school_class, date=day, status=status, **details
        )


def correct(student, status: Status, day: date = MONDAY) -> None:
    """Change a mark."""
    AttendanceRecord.objects.filter(student=student, date=day).update(status=status)


def publish(student, school_class, when: datetime, **details: object):
    """A score of a student in a piece of work that is published at that moment."""
    work = AssessmentFactory(school_class=school_class, published_at=when, date_taken=when.date() - timedelta(days=3))
    return ScoreFactory(assessment=work, student=student, **details)
