"""Marks, behaviour and participation of the school of today, so that pages are looked at with something on them."""

from __future__ import annotations

from datetime import timedelta
from decimal import Decimal

from django.utils import timezone

from assessments.models import Assessment, State
from assessments.tests.factories import AssessmentFactory, ScoreFactory
from behavior.models import BehaviorType
from behavior.tests.factories import BehaviorRecordFactory
from dashboard.models import FamilyNote
from participation.tests.factories import ParticipationRecordFactory
from students.tests.factories import SubjectFactory
from tests.browser.conftest import SchoolOfToday

POINTS = (10, 11, 12, 17, 18, 19)  # rising


def write_records(school: SchoolOfToday) -> Assessment:
    """Six published quizzes of all and one that is not, notes and events of the first; gives the unpublished quiz."""
    maths = SubjectFactory(name="Mathematics")
    yesterday = timezone.now() - timedelta(days=1)
    for number, points in enumerate(POINTS, start=1):
        day = school.today - timedelta(days=len(POINTS) - number)
        quiz = {"title": f"Quiz {number}", "date_taken": day, "published_at": yesterday}
        work = AssessmentFactory(school_class=school.school_class, subject=maths, **quiz)
        for pupil in school.pupils:
            ScoreFactory(assessment=work, student=pupil, score=Decimal(points), notes="Good work")
    hidden = AssessmentFactory(title="Quiz 7", school_class=school.school_class, subject=maths)
    ScoreFactory(assessment=hidden, student=school.pupils[0], state=State.MISSING)
    child = school.pupils[0]
    for kind in BehaviorType:
        BehaviorRecordFactory(student=child, behavior_type=kind, notes="In the break", shared_with_parents=True)
    ParticipationRecordFactory(student=child)
    FamilyNote.objects.create(student=child, text="Reads aloud well.", written_by=school.teacher.user)
    return hidden
