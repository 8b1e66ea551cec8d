"""Report cards as somebody reads them: what a PDF file says, and a child about whom there is something to say."""

from __future__ import annotations

import re
from datetime import date, timedelta
from decimal import Decimal
from io import BytesIO
from typing import Any

from django.http import HttpResponse
from django.utils import timezone
from pypdf import PdfReader

from assessments.models import State
from assessments.tests.factories import AssessmentFactory, ScoreFactory
from attendance.models import Status
from attendance.tests.factories import AttendanceRecordFactory
from behavior.models import BehaviorType
from behavior.tests.factories import BehaviorRecordFactory, by, category
from dashboard.models import FamilyNote
from participation.models import Status as Part
from participation.tests.factories import EventFactory, ParticipationRecordFactory
from students.models import School, Student, Subject
from students.tests.factories import SubjectFactory
from tests.cast import MONDAY, Cast

SECTIONS = ("attendance", "assessments", "behavior", "participation")
ALL_DOMAINS = {f"may_see_{section}": True for section in SECTIONS}
# One text of each section, that stands nowhere else.
MARKERS = {
    "attendance": "Bus was late",
    "assessments": "Read the question twice",
    "behavior": "Shared lunch with Bo",
    "participation": "Carried the chairs",
}


def address(student: Student) -> str:
    return f"/report/{student.student_id}/card.pdf"


def open_pdf(file: HttpResponse | bytes) -> PdfReader:
    return PdfReader(BytesIO(file if isinstance(file, bytes) else file.content))


def pdf_words(file: HttpResponse | bytes) -> str:
    """All pages in one line; a word that was broken at its hyphen is whole again."""
    text = "\n".join(page.extract_text() for page in open_pdf(file).pages)
    return " ".join(re.sub(r"(?<=\w)-\s+", "-", text).replace("\N{NO-BREAK SPACE}", " ").split())


def subject(name: str) -> Subject:
    return Subject.objects.filter(name=name).first() or SubjectFactory(name=name)


def score(student: Student, school_class: Any, name: str, points: str | None, day: date, **more: Any) -> None:
    """A score out of 20, published yesterday unless `published_at` says otherwise."""
    published = more.pop("published_at", timezone.now() - timedelta(days=1))
    notes, title = more.pop("notes", ""), more.pop("title", f"Quiz of the {day.day}.")
    work = AssessmentFactory(
        title=title, school_class=school_class, subject=subject(name), date_taken=day, published_at=published
    )
    state = State.GRADED if points else more.pop("state", State.MISSING)
    ScoreFactory(assessment=work, student=student, score=points and Decimal(points), state=state, notes=notes)


def busy_weeks(cast: Cast) -> None:
    """Amina joined on 2 March: ten registers, marks in two subjects, two notes of behaviour, an event, a note."""
    School.objects.update(name="Hillside School")
    amina, school_class = cast.amina, cast.class_7a
    amina.enrolments.update(starts_on=date(2026, 2, 26))
    days = [date(2026, 2, 26), date(2026, 2, 27), *(MONDAY - timedelta(days=14 - number) for number in range(15))]
    for place, day in enumerate(day for day in days if day.isoweekday() <= 5):
        status = {3: Status.LATE, 4: Status.ABSENT, 5: Status.EXCUSED}.get(place, Status.PRESENT)
        note = MARKERS["attendance"] if status == Status.LATE else ""
        AttendanceRecordFactory(student=amina, school_class=school_class, date=day, status=status, note=note)
    for place, points in enumerate(("10", "10.5", "11", "16", "17", "18.5")):
        score(amina, school_class, "Mathematics", points, MONDAY - timedelta(days=12 - place))
    score(amina, school_class, "English", "15", date(2026, 3, 3), notes=MARKERS["assessments"], title="Dictation")
    score(amina, school_class, "English", None, date(2026, 3, 10), title="Essay")
    score(amina, school_class, "English", "1", date(2026, 3, 11), title="Hidden quiz", published_at=None)
    ana = by(cast.ana)
    noted = {"student": amina, "shared_with_parents": True, **ana}
    BehaviorRecordFactory(date=date(2026, 3, 12), notes=MARKERS["behavior"], **noted)
    negative = {"behavior_type": BehaviorType.NEGATIVE, "category": category("Homework")}
    BehaviorRecordFactory(date=date(2026, 3, 5), notes="Forgot the book", **negative, **noted)
    BehaviorRecordFactory(student=amina, date=date(2026, 3, 6), notes="For staff alone", **ana)
    concert = EventFactory(name="Spring concert", date=date(2026, 3, 13), school_class=school_class)
    ParticipationRecordFactory(student=amina, event=concert, status=Part.HELPED, remarks=MARKERS["participation"])
    FamilyNote.objects.create(student=amina, text="A good start, well done.", written_by=cast.ana.user)
