"""Every route of the URLconf, walked, and the arguments that the cast gives to each."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime
from typing import Any

from django.urls import URLPattern, URLResolver, get_resolver, reverse
from django.utils import timezone

from accounts.models import User
from accounts.roles import Role
from assessments.models import Score
from assessments.tests.factories import AssessmentFactory, ScoreFactory
from attendance.models import PlannedAbsence
from attendance.tests.factories import PlannedAbsenceFactory
from behavior.models import BehaviorRecord
from behavior.tests.factories import BehaviorRecordFactory, by
from dashboard.models import FamilyNote, FollowUp
from dashboard.tests.factories import FollowUpFactory
from participation.models import ParticipationRecord
from participation.tests.factories import EventFactory, ParticipationRecordFactory
from students.models import SchoolClass, Student, TeachingAssignment
from tests.cast import MONDAY

OF_ONE_WORK = {f"assessments:{page}" for page in ("scores", "undo", "edit", "delete", "publish")}
OF_ONE_EVENT = {f"participation:{page}" for page in ("event", "undo", "edit", "delete")}


def walk(patterns: list[Any] | None = None, namespace: str = "") -> Iterator[str]:
    """The full name of every route; for one without a name its pattern in brackets."""
    for pattern in get_resolver().url_patterns if patterns is None else patterns:
        if isinstance(pattern, URLResolver):
            inner = f"{namespace}{pattern.namespace}:" if pattern.namespace else namespace
            yield from walk(pattern.url_patterns, inner)
        elif isinstance(pattern, URLPattern):
            yield f"{namespace}{pattern.name}" if pattern.name else f"{namespace}[{pattern.pattern}]"


def arguments(route: str, school_class: SchoolClass, student: Student) -> dict[str, Any]:
    """The arguments that lead a route to a class and a student, or to a row of theirs, which is made if need be."""
    if key := key_beside_records(route, school_class, student):
        return {"pk": key}
    if route == "api:assessment" or route in OF_ONE_WORK:
        score = score_in(school_class, student, published_at=timezone.now() if route == "api:assessment" else None)
        return {"pk": score.pk if route == "api:assessment" else score.assessment.pk}
    if route in {"behavior:edit", "behavior:withdraw", "api:behavior_record"}:
        return {"pk": noted_of(student, school_class, is_shared=route == "api:behavior_record")}
    if route == "api:participation_record" or route in OF_ONE_EVENT:
        record = part_in(school_class, student)
        return {"pk": record.pk if route == "api:participation_record" else record.event.pk}
    if route in {"dashboard:withdraw_note", "dashboard:withdraw_follow_up"}:
        return {"student_id": student.student_id, "pk": written_about(route, student)}
    return {
        "api:student": {"student_id": student.student_id},
        "api:dashboard_performance": {"student_id": student.student_id},
        "api:child_report": {"student_id": student.student_id},
        "api:class": {"pk": school_class.pk},
        "api:class_attendance": {"pk": school_class.pk},
        "students:edit": {"student_id": student.student_id},
        "students:class": {"class_id": school_class.pk},
        "students:class_print": {"class_id": school_class.pk},
        "attendance:register": {"class_id": school_class.pk, "day": MONDAY},
        "attendance:undo": {"class_id": school_class.pk, "day": MONDAY},
        "attendance:print": {"class_id": school_class.pk, "day": MONDAY},
        "attendance:cover": {"class_id": school_class.pk, "day": MONDAY},
        "dashboard:student": {"student_id": student.student_id},
        "dashboard:student_performance": {"student_id": student.student_id},
        "dashboard:write_note": {"student_id": student.student_id},
        "dashboard:note_follow_up": {"student_id": student.student_id},
        "dashboard:report": {"student_id": student.student_id},
        "dashboard:changes": {"student_id": student.student_id},
        "dashboard:opened": {"student_id": student.student_id},
        "dashboard:card": {"student_id": student.student_id},
        "dashboard:class_cards": {"class_id": school_class.pk},
        "dashboard:class_cards_pdf": {"class_id": school_class.pk},
        "account_reset_password_from_key": {"uidb36": "1", "key": "not-a-key"},
    }.get(route, {})


def score_in(school_class: SchoolClass, student: Student, published_at: datetime | None) -> Score:
    """A score of the student in the class, which parents read since that moment; with None whether they do or not."""
    scores = Score.objects.filter(student=student, assessment__school_class=school_class)
    known = (scores.filter(assessment__published_at__lte=published_at) if published_at else scores).first()
    work = AssessmentFactory(school_class=school_class, published_at=published_at) if known is None else None
    return known or ScoreFactory(student=student, assessment=work)


def part_in(school_class: SchoolClass, student: Student) -> ParticipationRecord:
    """How the student took part in an event of the class."""
    known = ParticipationRecord.objects.filter(student=student, school_class=school_class).first()
    event = EventFactory(school_class=school_class) if known is None else None
    return known or ParticipationRecordFactory(student=student, event=event)


def key_beside_records(route: str, school_class: SchoolClass, student: Student) -> int | None:
    """The key of a planned absence, of the user of a parent, or of an assignment; None for another route."""
    match route:
        case "attendance:edit_planned" | "attendance:withdraw_planned":
            known = PlannedAbsence.objects.filter(student=student).first()
            return (known or PlannedAbsenceFactory(student=student)).pk
        case "api:user":
            return User.objects.filter(parent__child_links__student=student).order_by("pk")[0].pk
        case "api:assignment":
            return TeachingAssignment.objects.filter(school_class=school_class).order_by("pk")[0].pk
    return None


def noted_of(student: Student, school_class: SchoolClass, *, is_shared: bool) -> int:
    """The key of what the class's first teacher noted of the student; `is_shared` asks for what parents read."""
    teacher = TeachingAssignment.objects.filter(school_class=school_class).order_by("pk")[0].teacher
    records = BehaviorRecord.objects.filter(student=student, teacher=teacher)
    known = (records.shared() if is_shared else records).first()
    return (known or BehaviorRecordFactory(student=student, shared_with_parents=is_shared, **by(teacher))).pk


def written_about(route: str, student: Student) -> int:
    """The key of a note for the family, or of a follow-up, that the office wrote about the student."""
    if route == "dashboard:withdraw_follow_up":
        return (FollowUp.objects.filter(student=student).first() or FollowUpFactory(student=student)).pk
    author = User.objects.filter(role=Role.ADMIN).first()
    note = FamilyNote.objects.filter(student=student).first()
    return (note or FamilyNote.objects.create(student=student, text="Well done.", written_by=author)).pk


def address(route: str, school_class: SchoolClass, student: Student) -> str:
    return reverse(route, kwargs=arguments(route, school_class, student))
