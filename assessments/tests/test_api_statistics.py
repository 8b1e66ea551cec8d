"""GET /api/assessments/statistics/: the figures of the page of statistics as data."""

from __future__ import annotations

from datetime import date
from decimal import Decimal
from fractions import Fraction

import pytest

from accounts.models import AccessLog
from assessments.models import GradeScale, State
from assessments.tests.factories import AssessmentFactory, ScoreFactory
from core.numbers import print_percent
from students.models import TeachingAssignment
from students.tests.factories import AcademicYearFactory, SubjectFactory, TermFactory
from tests.cast import YEAR_START, pupil

PLACE = "/api/assessments/statistics/"
QUERIES = 12  # token, school, calls so far, what is offered (4), averages, marks, terms, grades, log
OCTOBER, MARCH = date(2025, 10, 1), date(2026, 3, 2)


@pytest.fixture
def office(cast, program):
    return program(cast.office)


@pytest.fixture
def ana(cast, program):
    return program(cast.ana.user)


@pytest.fixture
def marks(cast):
    """Seven scores in two terms: 7A in Mathematics and Art, 7B in Mathematics."""
    for name, first, end in (
        ("Autumn", YEAR_START, date(2025, 12, 20)),
        ("Spring", date(2026, 1, 5), date(2026, 7, 18)),
    ):
        TermFactory(name=name, academic_year=cast.year, starts_on=first, ends_on=end)
    maths, art = SubjectFactory(name="Mathematics", code="MA"), SubjectFactory(name="Art", code="AR")
    for school_class, subject, day, most, scores in (
        (cast.class_7a, maths, OCTOBER, 20, {cast.amina: 18, cast.bo: 10}),
        (cast.class_7a, maths, MARCH, 10, {cast.amina: 9, cast.bo: State.MISSING}),
        (cast.class_7a, art, MARCH, 20, {cast.amina: State.EXEMPT, cast.bo: 16}),
        (cast.class_7b, maths, OCTOBER, 50, {cast.cleo: 45}),
    ):
        work = AssessmentFactory(school_class=school_class, subject=subject, date_taken=day, max_score=Decimal(most))
        for student, reached in scores.items():
            state = reached if isinstance(reached, State) else State.GRADED
            points = None if isinstance(reached, State) else Decimal(reached)
            ScoreFactory(assessment=work, student=student, state=state, score=points)
    return {"Mathematics": maths, "Art": art}


MATHS = {"average": 68.3, "median": 90.0, "lowest": 50.0, "highest": 90.0, "count": 4, "missing": 1}
ART = {"average": 80.0, "median": 80.0, "lowest": 80.0, "highest": 80.0, "count": 1, "missing": 0}
NOTHING = {"A": 0, "B": 0, "C": 0, "D": 0, "F": 0}


def test_the_statistics_in_the_words_of_the_contract(office, marks):
    assert office.get(PLACE).json() == {
        "total_assessments": 7,
        "average_score": 74.4,  # of Amina 90, of Bo 130/3, of Cleo 90: truncated
        "subject_performance": {"Art": ART, "Mathematics": MATHS},
        "grade_distribution": {"A": 3, "B": 1, "C": 0, "D": 0, "F": 1},
    }


def test_a_teacher_reads_those_of_own_classes_and_subjects(cast, ana, marks):
    found = ana.get(PLACE).json()
    assert (found["total_assessments"], found["average_score"]) == (6, 66.6)
    assert list(found["subject_performance"]) == ["Art", "Mathematics"]
    TeachingAssignment.objects.filter(teacher=cast.ana).update(subject=marks["Art"])
    found = ana.get(PLACE).json()
    assert (found["total_assessments"], found["subject_performance"]) == (2, {"Art": ART})


def test_they_are_for_staff_alone(cast, program, marks):
    assert program(cast.mariam.user).get(PLACE).status_code == 403


@pytest.mark.parametrize(
    ("query", "number"),
    [
        ({"subject": "Art"}, 2),
        ({"term": "Autumn"}, 3),
        ({"term": "Spring", "subject": "Mathematics"}, 2),
        ({"academic_year": "2025/26"}, 7),
        ({"academic_year": "2024/25"}, 0),
    ],
)
def test_they_are_narrowed_by_the_names_that_the_items_carry(office, marks, query, number):
    AcademicYearFactory(name="2024/25", starts_on=date(2024, 9, 2), ends_on=date(2025, 7, 19))
    assert office.get(PLACE, query).json()["total_assessments"] == number


def test_they_are_narrowed_by_keys(cast, office, marks):
    query = {"class_id": cast.class_7b.pk, "subject": marks["Mathematics"].pk, "academic_year": cast.year.pk}
    assert office.get(PLACE, query).json()["total_assessments"] == 1


@pytest.mark.parametrize(
    ("query", "field"),
    [
        ({"class_id": "999999"}, "class_id"),
        ({"subject": "Alchemy"}, "subject"),
        ({"term": "Summer"}, "term"),
        ({"academic_year": "1999"}, "academic_year"),
        ({"student_id": "STU00001"}, "student_id"),
        ({"page": "1"}, "page"),
    ],
)
def test_what_cannot_be_read_is_refused_by_name(office, marks, query, field):
    answer = office.get(PLACE, query)
    assert (answer.status_code, list(answer.json()["fields"])) == (400, [field])


def test_another_teachers_class_is_no_choice(cast, ana, marks):
    assert ana.get(PLACE, {"class_id": cast.class_7b.pk}).status_code == 400


def test_without_scores_there_are_no_figures(office):
    nothing = {"total_assessments": 0, "average_score": None, "subject_performance": {}, "grade_distribution": NOTHING}
    assert office.get(PLACE).json() == nothing


def test_before_the_first_school_year_there_are_none_either(cast, office):
    for rows in (TeachingAssignment.objects, cast.amina.enrolments, cast.bo.enrolments, cast.cleo.enrolments):
        rows.all().delete()
    for row in (cast.class_7a, cast.class_7b, cast.year):
        row.delete()
    nothing = {"total_assessments": 0, "average_score": None, "subject_performance": {}, "grade_distribution": NOTHING}
    assert office.get(PLACE).json() == nothing


def test_what_is_missing_alone_has_an_average_and_no_spread(cast, office):
    work = AssessmentFactory(school_class=cast.class_7a, subject=SubjectFactory(name="Art"))
    ScoreFactory(assessment=work, student=cast.bo, state=State.MISSING)
    nothing = {"median": None, "lowest": None, "highest": None, "count": 0}
    assert office.get(PLACE).json()["subject_performance"] == {"Art": {"average": 0.0, **nothing, "missing": 1}}


def test_subjects_of_one_name_are_told_apart_by_their_codes(cast, office, marks):
    other = SubjectFactory(name="Art", code="AR2")
    ScoreFactory(assessment__school_class=cast.class_7a, assessment__subject=other, student=cast.amina)
    assert list(office.get(PLACE).json()["subject_performance"]) == ["Art (AR)", "Art (AR2)", "Mathematics"]


def test_the_grades_are_those_of_the_scale_in_use(office, marks):
    scale = GradeScale.objects.get(name="WASSCE A1 to F9")
    GradeScale.objects.update(in_use=False)
    GradeScale.objects.filter(pk=scale.pk).update(in_use=True)
    found = office.get(PLACE).json()["grade_distribution"]
    assert list(found) == ["A1", "B2", "B3", "C4", "C5", "C6", "D7", "E8", "F9"]
    assert {grade: number for grade, number in found.items() if number} == {"A1": 4, "C6": 1}


def test_page_file_and_api_say_the_same(cast, office, marks, sign_in):
    browser = sign_in(cast.office)
    file = b"".join(browser.get("/assessments/statistics/", {"format": "csv"}).streaming_content).decode()
    page = browser.get("/assessments/statistics/").content.decode()
    found = office.get(PLACE).json()
    for name, subject in found["subject_performance"].items():
        figures = [subject["average"], subject["median"], subject["lowest"], subject["highest"]]
        line = next(row for row in file.splitlines() if row.startswith(f"subject,{name},")).split(",")
        assert [line[3], line[5], line[7], line[8]] == [f"{figure:.1f}" for figure in figures]
        assert [line[9], line[10]] == [str(subject["count"]), str(subject["missing"])]
    assert print_percent(Fraction(str(found["average_score"])) / 100) in page


@pytest.mark.parametrize("number", [1, 3, 60])
def test_they_cost_the_same_for_any_number_of_scores(cast, office, count_queries, number):
    work = AssessmentFactory(school_class=cast.class_7a)
    for place in range(number):
        ScoreFactory(assessment=work, student=pupil("Kid", f"No {place:02}", cast.class_7a))
    office.get(PLACE)
    assert count_queries(lambda: office.get(PLACE)) == QUERIES
    assert office.get(PLACE).json()["total_assessments"] == number


def test_reading_is_noted_without_a_child(office, marks):
    office.get(PLACE)
    assert AccessLog.objects.values_list("page", "student_id").get() == ("api:assessment_statistics", "")
