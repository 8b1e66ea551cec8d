"""Marks for the school of the measurements: every class has work in every subject, loaded in bulk without history."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from decimal import Decimal
from random import Random

from django.utils import timezone
from tqdm import tqdm

from assessments.models import Assessment, AssessmentCategory, AssessmentType, Score, State
from assessments.recounting import recount_totals
from exchange.bench.work import SCORE_COLUMNS
from exchange.bulk_loading import load_rows, settle_statistics
from students.models import SchoolClass, Student, Subject, Term
from tests.serving.school import DAY, BigSchool

SUBJECTS = ("Art", "Biology", "English", "French", "Geography", "History", "Mathematics", "Physics")
PIECES = 20  # of work in a subject of a class
MAXIMA = {AssessmentType.QUIZ: 20, AssessmentType.TEST: 50, AssessmentType.EXAM: 100, AssessmentType.ASSIGNMENT: 25}
MISSING, EXEMPT = 3, 2  # of 100 scores


def give_marks(school: BigSchool) -> None:
    """Two terms of this year up to yesterday, and in them the scores of every student, always the same ones."""
    year = school.classes[0].academic_year
    middle = year.starts_on + (school.today - year.starts_on) / 2
    for name, first, end in (("Term 1", year.starts_on, middle), ("Term 2", middle, year.ends_on)):
        Term.objects.create(academic_year=year, name=name, starts_on=first, ends_on=end)
    subjects = Subject.objects.bulk_create(Subject(code=name[:3].upper(), name=name) for name in SUBJECTS)
    random = Random(20260316)
    pairs = list(zip(school.classes, school.rosters, strict=True))
    for school_class, roster in tqdm(pairs, disable=None, desc="Marks", unit="class"):
        work = Assessment.objects.bulk_create(set_work(school, school_class, subjects))
        load_rows(Score, SCORE_COLUMNS, score_all(work, roster, random))
    recount_totals(repair=True)
    settle_statistics()


def set_work(school: BigSchool, school_class: SchoolClass, subjects: Sequence[Subject]) -> Iterator[Assessment]:
    """The pieces of work of a class, the types in turn, spread over the year to date; half of them published."""
    categories = {each.default_for: each for each in AssessmentCategory.objects.exclude(default_for="")}
    begun = school_class.academic_year.starts_on
    days = (school.today - begun).days
    for subject in subjects:
        for number in range(PIECES):
            kind = list(MAXIMA)[number % len(MAXIMA)]
            day = begun + days * number // PIECES * DAY
            yield Assessment(
                title=f"{subject} {number + 1}",
                school_class=school_class,
                subject=subject,
                assessment_type=kind,
                category=categories[kind],
                date_taken=day,
                max_score=Decimal(MAXIMA[kind]),
                published_at=None if number % 2 else school.office.created_at,
            )


def score_all(work: Sequence[Assessment], roster: Sequence[Student], random: Random) -> Iterator[Sequence[object]]:
    """A score of each student in each piece: mostly between half of the points and nine tenths of them."""
    now = timezone.now()
    for assessment in work:
        for student in roster:
            chance = random.randrange(100)
            state = State.MISSING if chance < MISSING else State.EXEMPT if chance < MISSING + EXEMPT else State.GRADED
            halves = random.randint(int(assessment.max_score), int(assessment.max_score) * 9 // 5)
            points = Decimal(halves) / 2 if state == State.GRADED else None
            yield student.pk, assessment.pk, state.value, points, assessment.max_score, False, "", "", None, now, now
