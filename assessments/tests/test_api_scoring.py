"""POST /api/assessments/: a program scores a student; the piece of work is matched, or else set."""

from __future__ import annotations

from datetime import date, timedelta
from decimal import Decimal

import pytest

from assessments.models import Assessment, AssessmentCategory, Score, SubjectTotal
from assessments.recounting import recount
from assessments.tests.entries import stored
from assessments.tests.factories import AssessmentFactory, ScoreFactory
from attendance.tests.test_parallel import post_together
from students.models import Subject, TeachingAssignment
from students.tests.factories import EnrolmentFactory, SchoolClassFactory, SubjectFactory, TermFactory
from tests.cast import MONDAY, YEAR_START, pupil

LIST = "/api/assessments/"
QUERIES_NEW, QUERIES_CHANGED, QUERIES_REMOVED = 25, 20, 17


@pytest.fixture
def office(cast, program):
    return program(cast.office)


@pytest.fixture
def ana(cast, program):
    return program(cast.ana.user)


@pytest.fixture
def maths(cast):
    return SubjectFactory(name="Mathematics", code="MA")


@pytest.fixture
def sent(cast, maths):
    """What a program sends: Amina's 17.5 of 20 in a quiz of today; `changes` are other fields, ... leaves one out."""

    def score(**changes):
        fields = {
            "student_id": cast.amina.student_id,
            "subject_name": "Mathematics",
            "assessment_type": "quiz",
            "score": 17.5,
            "max_score": 20,
            "date_taken": "2026-03-16",
            **changes,
        }
        return {name: value for name, value in fields.items() if value is not ...}

    return score


def fields_of(answer):
    return list(answer.json()["fields"])


def test_a_score_sets_its_work_in_the_usual_class_with_who_did_it(cast, ana, maths, sent):
    answer = ana.post(LIST, sent())
    score = Score.objects.get()
    assert (answer.status_code, answer.json()) == (201, {"message": "The score is saved.", "assessment_id": score.pk})
    assert (score.student, score.state, score.score, score.notes) == (cast.amina, "graded", Decimal("17.5"), "")
    work = score.assessment
    assert (work.school_class, work.subject, work.assessment_type) == (cast.class_7a, maths, "quiz")
    assert (work.title, work.max_score, work.date_taken, work.published_at) == ("Quiz", Decimal(20), MONDAY, None)
    assert (work.category.default_for, work.scored_by, score.marked_by) == ("quiz", cast.ana.user, cast.ana.user)
    kept = [*Assessment.history.all(), *Score.history.all()]
    assert [(row.history_type, row.history_user) for row in kept] == [("+", cast.ana.user)] * 2
    assert SubjectTotal.objects.get(student=cast.amina).graded == 1
    assert answer.headers["ETag"] == ana.get(f"{LIST}{score.pk}/").headers["ETag"]


def test_the_scores_of_a_class_stand_in_one_work(cast, ana, sent):
    for student, title in ((cast.amina, "Fractions"), (cast.bo, " Fractions "), (cast.bo, "Angles")):
        assert ana.post(LIST, sent(student_id=student.student_id.lower(), title=title)).status_code == 201
    works = Assessment.objects.order_by("pk")
    assert [(work.title, work.scores.count()) for work in works] == [("Fractions", 2), ("Angles", 1)]


@pytest.mark.parametrize(
    "changes",
    [
        {"title": "Angles"},
        {"assessment_type": "test"},
        {"date_taken": "2026-03-13"},
        {"max_score": 20.5},
        {"subject_name": "Art"},
    ],
)
def test_another_work_is_set_where_one_thing_differs(cast, ana, sent, changes):
    SubjectFactory(name="Art")
    ana.post(LIST, sent(title="Fractions"))
    assert ana.post(LIST, sent(**{"title": "Fractions", **changes})).status_code == 201
    assert Assessment.objects.count() == 2


def test_a_work_that_a_teacher_has_set_is_matched_with_its_extra_credit(cast, ana, maths, sent):
    work = AssessmentFactory(title="Fractions", school_class=cast.class_7a, subject=maths, allows_extra=True)
    assert ana.post(LIST, sent(title="Fractions", score=21)).status_code == 201
    assert work.scores.get().score == Decimal(21)
    refused = ana.post(LIST, sent(title="Angles", score=21))
    assert refused.json()["fields"] == {"score": ["Above the maximum of 20."]}
    assert Assessment.objects.get() == work


def test_class_term_and_year_may_be_named(cast, office, sent):
    TermFactory(name="Spring", academic_year=cast.year, starts_on=date(2026, 1, 5), ends_on=date(2026, 4, 1))
    choir = SchoolClassFactory(name="Choir", academic_year=cast.year)
    EnrolmentFactory(student=cast.amina, school_class=choir, starts_on=YEAR_START, is_primary=False)
    more = {"class_id": choir.pk, "term": "Spring", "academic_year": "2025/26", "notes": "Neat"}
    answer = office.post(LIST, sent(**more))
    assert answer.status_code == 201, answer.json()
    score = Score.objects.get()
    assert (score.assessment.school_class, score.notes) == (choir, "Neat")


@pytest.mark.parametrize("state", ["missing", "exempt"])
def test_what_is_not_graded_is_sent_without_points(ana, sent, state):
    assert ana.post(LIST, sent(score=None, state=state)).status_code == 201
    assert Score.objects.values_list("state", "score").get() == (state, None)


def test_the_same_score_again_writes_nothing(ana, sent):
    first = ana.post(LIST, sent(notes="Neat"))
    before = stored()
    for again in (sent(notes="Neat"), sent(), sent(score=17.50, max_score=20.0)):
        answer = ana.post(LIST, again)
        assert (answer.status_code, answer.json()) == (200, first.json())
    assert stored() == before


def test_another_score_is_refused_with_what_is_stored_until_if_match_names_it(cast, ana, office, sent):
    first = ana.post(LIST, sent(notes="Neat"))
    before = stored()
    refused = office.post(LIST, sent(score=3))
    assert refused.status_code == 409
    assert refused.json()["current"] == ana.get(LIST).json()[0]
    assert stored() == before
    tag = refused.headers["ETag"]
    assert tag == first.headers["ETag"]
    saved = office.post(LIST, sent(score=3), HTTP_IF_MATCH=tag)
    assert (saved.status_code, saved.json()["assessment_id"]) == (200, first.json()["assessment_id"])
    score = Score.objects.get()
    assert (score.score, score.notes, score.marked_by) == (Decimal(3), "Neat", cast.office)
    outdated = ana.post(LIST, sent(score=4), HTTP_IF_MATCH=tag)
    assert (outdated.status_code, outdated.json()["current"]["score"]) == (412, 3.0)
    assert ana.post(LIST, sent(score=4), HTTP_IF_MATCH="*").status_code == 200


def test_if_match_of_a_score_that_is_not_there_fails_and_sets_no_work(ana, sent):
    answer = ana.post(LIST, sent(), HTTP_IF_MATCH='"0123"')
    assert (answer.status_code, list(answer.json())) == (412, ["error"])
    assert Assessment.objects.count() == 0


BAD = {
    "student-required": ({"student_id": ...}, "student_id"),
    "student-known": ({"student_id": "STU99999"}, "student_id"),
    "student-length": ({"student_id": "S" * 21}, "student_id"),
    "student-in-the-class": ({"class_id": "7B"}, "student_id"),
    "student-in-a-class-on-that-day": ({"date_taken": "2025-08-31"}, "student_id"),
    "subject-required": ({"subject_name": ...}, "subject_name"),
    "subject-known": ({"subject_name": "Alchemy"}, "subject_name"),
    "subject-by-its-name": ({"subject_name": "mathematics"}, "subject_name"),
    "type-known": ({"assessment_type": "oral"}, "assessment_type"),
    "score-required": ({"score": ...}, "score"),
    "score-or-state": ({"score": None}, "score"),
    "score-is-a-number": ({"score": "17"}, "score"),
    "score-is-no-truth": ({"score": True}, "score"),
    "score-not-negative": ({"score": -0.5}, "score"),
    "score-within-maximum": ({"score": 20.01}, "score"),
    "score-in-hundredths": ({"score": 17.125}, "score"),
    "score-in-range": ({"score": 10**30}, "score"),
    "state-known": ({"state": "late"}, "state"),
    "missing-has-no-points": ({"state": "missing"}, "score"),
    "maximum-required": ({"max_score": ...}, "max_score"),
    "maximum-positive": ({"max_score": 0, "score": 0}, "max_score"),
    "maximum-in-range": ({"max_score": 100_000}, "max_score"),
    "maximum-in-hundredths": ({"max_score": 20.125}, "max_score"),
    "maximum-is-a-number": ({"max_score": "20"}, "max_score"),
    "day-required": ({"date_taken": ...}, "date_taken"),
    "day-is-a-day": ({"date_taken": "2026-02-30"}, "date_taken"),
    "day-in-the-year": ({"date_taken": "2026-08-31"}, "date_taken"),
    "term-of-the-day": ({"term": "Autumn"}, "term"),
    "term-of-a-day-between": ({"date_taken": "2025-12-24", "term": "Autumn"}, "term"),
    "year-of-the-class": ({"academic_year": "2024/25"}, "academic_year"),
    "class-known": ({"class_id": 999_999}, "class_id"),
    "class-in-range": ({"class_id": 2**63}, "class_id"),
    "title-not-empty": ({"title": " "}, "title"),
    "title-length": ({"title": "x" * 201}, "title"),
    "title-printable": ({"title": "a\u202eb"}, "title"),
    "notes-length": ({"notes": "x" * 301}, "notes"),
    "notes-printable": ({"notes": "a\u0007b"}, "notes"),
    "unknown-field": ({"percentage": 87.5}, "percentage"),
}


@pytest.mark.parametrize("case", BAD)
def test_what_the_pages_would_refuse_is_refused_by_name_and_nothing_is_stored(cast, office, sent, case):
    for name, first, end in (
        ("Autumn", YEAR_START, date(2025, 12, 20)),
        ("Spring", date(2026, 1, 5), date(2026, 4, 1)),
    ):
        TermFactory(name=name, academic_year=cast.year, starts_on=first, ends_on=end)
    changes, field = BAD[case]
    changes = {name: cast.class_7b.pk if value == "7B" else value for name, value in changes.items()}
    before = stored()
    answer = office.post(LIST, sent(**changes))
    assert (answer.status_code, fields_of(answer)) == (400, [field])
    assert stored() == before


def test_why_is_said_in_words(cast, office, sent):
    TermFactory(name="Spring", academic_year=cast.year, starts_on=date(2026, 1, 5), ends_on=date(2026, 4, 1))
    wrong = sent(term="Autumn", academic_year="2024/25")
    assert office.post(LIST, wrong).json() == {
        "error": "Something here cannot be taken. Nothing was changed.",
        "fields": {
            "academic_year": ["The class belongs to 2025/26. Correct this, or leave it out."],
            "term": ["This day is in Spring. Correct the one or the other, or leave this out."],
        },
    }
    between = sent(date_taken="2026-04-02", term="Spring")
    said = ["This day is in no term of 2025/26. Correct the day, or leave this out."]
    assert office.post(LIST, between).json()["fields"] == {"term": said}


def test_a_name_that_several_subjects_have_is_refused(office, sent):
    SubjectFactory(name="Mathematics", code="MB")
    said = "Several subjects are called this. Ask the school office to tell them apart."
    assert office.post(LIST, sent()).json()["fields"] == {"subject_name": [said]}


def test_a_type_without_a_category_is_refused(office, sent):
    AssessmentCategory.objects.filter(default_for="quiz").update(default_for="")
    assert fields_of(office.post(LIST, sent())) == ["assessment_type"]


def test_a_teacher_scores_own_classes_and_subjects_alone(cast, ana, maths, sent):
    of_cleo = sent(student_id=cast.cleo.student_id)
    assert fields_of(ana.post(LIST, of_cleo)) == ["student_id"]
    assert fields_of(ana.post(LIST, of_cleo | {"class_id": cast.class_7b.pk})) == ["class_id"]
    assert fields_of(ana.post(LIST, of_cleo | {"class_id": cast.class_7a.pk})) == ["student_id"]
    TeachingAssignment.objects.filter(teacher=cast.ana).update(subject=SubjectFactory(name="Art"))
    assert fields_of(ana.post(LIST, sent())) == ["subject_name"]
    assert ana.post(LIST, sent(subject_name="Art")).status_code == 201
    assert Subject.objects.get(pk=Score.objects.get().assessment.subject_id).name == "Art"


def test_who_has_moved_is_scored_in_the_class_of_that_day(cast, ana, office, sent):
    cast.amina.enrolments.update(ends_on=MONDAY - timedelta(days=7))
    EnrolmentFactory(student=cast.amina, school_class=cast.class_7b, starts_on=MONDAY, is_primary=True)
    assert ana.post(LIST, sent(date_taken="2026-03-02")).status_code == 201
    assert fields_of(ana.post(LIST, sent())) == ["student_id"]
    assert office.post(LIST, sent()).status_code == 201
    classes = Assessment.objects.order_by("date_taken").values_list("school_class__name", flat=True)
    assert list(classes) == ["7A", "7B"]


@pytest.mark.parametrize("number", [1, 3, 60])
def test_a_score_costs_the_same_in_a_work_of_any_size(cast, ana, sent, count_queries, number):
    """A new one, another one and its end, in a work of so many others who have scores in it."""
    ana.post(LIST, sent())
    work = Assessment.objects.get()
    for place in range(number):
        ScoreFactory(assessment=work, student=pupil("Kid", f"No {place:02}", cast.class_7a))
    recount([work.pair])
    answers = []
    new = count_queries(lambda: answers.append(ana.post(LIST, sent(student_id=cast.bo.student_id))))
    place = f"{LIST}{answers[0].json()['assessment_id']}/"
    changed = count_queries(lambda: answers.append(ana.patch(place, {"score": 3})))
    removed = count_queries(lambda: answers.append(ana.delete(place)))
    assert [answer.status_code for answer in answers] == [201, 200, 200]
    assert (new, changed, removed) == (QUERIES_NEW, QUERIES_CHANGED, QUERIES_REMOVED)


@pytest.mark.parallel
@pytest.mark.django_db(transaction=True)
def test_programs_that_set_one_work_in_the_same_moment_set_it_once(cast, program, sent):
    kids = [pupil("Kid", f"No {number}", cast.class_7a) for number in range(8)]
    posts = [(program(cast.ana.user), LIST, sent(student_id=kid.student_id)) for kid in kids]
    assert post_together(posts) == [201] * 8
    assert Assessment.objects.get().scores.count() == 8


def test_parents_score_nobody(cast, program, sent):
    before = stored()
    assert program(cast.mariam.user).post(LIST, sent()).status_code == 403
    assert stored() == before
