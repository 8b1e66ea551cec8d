"""Pieces of work and scores as rows, for tests. What a teacher does goes through services.record_scores instead."""

from __future__ import annotations

from decimal import Decimal

import factory
from django.utils import timezone

from assessments.models import Assessment, AssessmentCategory, AssessmentType, Score, State, SubjectTotal
from students.tests.factories import SchoolClassFactory, StudentFactory, SubjectFactory


class CategoryFactory(factory.django.DjangoModelFactory):
    """A category of weight 1 that is nobody's default."""

    class Meta:
        model = AssessmentCategory

    name = factory.Sequence(lambda number: f"Category {number}")
    weight = Decimal(1)


class AssessmentFactory(factory.django.DjangoModelFactory):
    """A quiz of today out of 20 in the default category of quizzes, not published."""

    class Meta:
        model = Assessment

    title = factory.Sequence(lambda number: f"Quiz {number}")
    school_class = factory.SubFactory(SchoolClassFactory)
    subject = factory.SubFactory(SubjectFactory)
    assessment_type = AssessmentType.QUIZ
    category = factory.LazyAttribute(lambda work: AssessmentCategory.objects.get(default_for=work.assessment_type))
    date_taken = factory.LazyFunction(timezone.localdate)
    max_score = Decimal(20)


class ScoreFactory(factory.django.DjangoModelFactory):
    """A student's 15 points; the copied maximum follows the assessment. It does not enrol the student."""

    class Meta:
        model = Score

    student = factory.SubFactory(StudentFactory)
    assessment = factory.SubFactory(AssessmentFactory)
    state = State.GRADED
    score = factory.LazyAttribute(lambda row: Decimal(15) if row.state == State.GRADED else None)
    max_score = factory.LazyAttribute(lambda row: row.assessment.max_score)
    allows_extra = factory.LazyAttribute(lambda row: row.assessment.allows_extra)


class SubjectTotalFactory(factory.django.DjangoModelFactory):
    """The total of one exempt score, with a history that the product never writes."""

    class Meta:
        model = SubjectTotal

    student = factory.SubFactory(StudentFactory)
    school_class = factory.SubFactory(SchoolClassFactory)
    subject = factory.SubFactory(SubjectFactory)
    graded = missing = weight = earned = 0
    exempt = base = 1
