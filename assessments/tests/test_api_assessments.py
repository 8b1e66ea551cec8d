"""/api/assessments/: scores as programs read and write them, each with the piece of work that it belongs to."""

from __future__ import annotations

from datetime import date, timedelta
from decimal import Decimal

import pytest

from accounts.models import AccessLog
from assessments.models import Assessment, Score, State, SubjectTotal
from assessments.tests.entries import stored
from assessments.tests.factories import AssessmentFactory, ScoreFactory
from students.models import StudentParentLink
from students.tests.factories import AcademicYearFactory, SchoolClassFactory, SubjectFactory, TermFactory
from tests.cast import NOW, YEAR_START

LIST = "/api/assessments/"
DAY = timedelta(days=1)


@pytest.fixture
def office(cast, program):
    return program(cast.office)


@pytest.fixture
def ana(cast, program):
    return program(cast.ana.user)


@pytest.fixture
def mariam(cast, program):
    return program(cast.mariam.user)


@pytest.fixture
def terms(cast):
    """Autumn from September, Spring from January; two weeks between them are in no term."""
    days = {"Autumn": (YEAR_START, date(2025, 12, 20)), "Spring": (date(2026, 1, 5), date(2026, 4, 1))}
    return {
        name: TermFactory(name=name, academic_year=cast.year, starts_on=first, ends_on=end)
        for name, (first, end) in days.items()
    }


@pytest.fixture
def maths(cast):
    return SubjectFactory(name="Mathematics", code="MA")


@pytest.fixture
def quiz(cast, maths, terms):
    """A quiz of 7A of Thursday 12 March out of 20, published yesterday."""
    return AssessmentFactory(
        title="Fractions",
        school_class=cast.class_7a,
        subject=maths,
        date_taken=date(2026, 3, 12),
        published_at=NOW - DAY,
    )


@pytest.fixture
def of_amina(cast, quiz):
    return ScoreFactory(assessment=quiz, student=cast.amina, score=Decimal("17.5"), notes="Neat")


def of(score):
    return f"{LIST}{score.pk}/"


def keys(caller, **query):
    answer = caller.get(LIST, query)
    assert answer.status_code == 200, answer.json()
    return [item["assessment_id"] for item in answer.json()]


# --- Reading ----------------------------------------------------------------------------------------


def test_a_score_is_one_item_in_the_words_of_the_contract(cast, ana, maths, of_amina):
    item = {
        "assessment_id": of_amina.pk,
        "student_id": cast.amina.student_id,
        "subject_id": maths.pk,
        "subject_name": "Mathematics",
        "assessment_type": "quiz",
        "title": "Fractions",
        "state": "graded",
        "score": 17.5,
        "max_score": 20.0,
        "percentage": 87.5,
        "date_taken": "2026-03-12",
        "term": "Spring",
        "academic_year": "2025/26",
        "notes": "Neat",
    }
    assert ana.get(LIST).json() == [item]
    assert ana.get(of(of_amina)).json() == item


def test_what_is_not_graded_has_no_points_and_what_is_in_no_term_none(cast, ana, quiz):
    quiz.date_taken = date(2025, 12, 24)
    quiz.save()
    ScoreFactory(assessment=quiz, student=cast.bo, state=State.MISSING)
    item = ana.get(LIST).json()[0]
    assert [item[name] for name in ("state", "score", "percentage", "term")] == ["missing", None, None, None]


def test_a_percentage_is_truncated(cast, ana, quiz):
    score = ScoreFactory(assessment=quiz, student=cast.bo, score=Decimal("13.99"))
    assert ana.get(of(score)).json()["percentage"] == 69.9  # 69.95


def test_each_person_lists_the_scores_that_they_may_read(cast, office, ana, mariam, program, quiz, of_amina):
    of_bo = ScoreFactory(assessment=quiz, student=cast.bo)
    unpublished = AssessmentFactory(school_class=cast.class_7a, subject=quiz.subject)
    held_back = ScoreFactory(assessment=unpublished, student=cast.amina)
    of_cleo = ScoreFactory(assessment__school_class=cast.class_7b, student=cast.cleo)
    assert sorted(keys(office)) == [of_amina.pk, of_bo.pk, held_back.pk, of_cleo.pk]
    assert keys(ana) == [held_back.pk, of_amina.pk, of_bo.pk]
    assert keys(mariam) == [of_amina.pk]
    assert keys(program(cast.former.user)) == keys(program(cast.nils.user)) == []
    StudentParentLink.objects.filter(student=cast.amina).update(may_see_assessments=False)
    assert keys(mariam) == []


def test_a_score_that_is_not_yours_is_not_there(cast, ana, mariam, program, of_amina):
    ben, nils = program(cast.ben.user), program(cast.nils.user)
    assert [caller.get(of(of_amina)).status_code for caller in (ana, mariam, ben, nils)] == [200, 200, 404, 404]
    Assessment.objects.update(published_at=NOW + DAY)
    assert mariam.get(of(of_amina)).status_code == 404
    assert ana.get(f"{LIST}{10**30}/").status_code == 404


@pytest.fixture
def two_years(cast, terms, quiz, of_amina):
    """Amina's quiz of this spring, and an exam in art of the autumn before, in a class of that year."""
    former = AcademicYearFactory(name="2024/25", starts_on=date(2024, 9, 2), ends_on=date(2025, 7, 19))
    TermFactory(name="Autumn", academic_year=former, starts_on=date(2024, 9, 2), ends_on=date(2024, 12, 21))
    class_6a = SchoolClassFactory(name="6A", academic_year=former)
    exam = AssessmentFactory(
        title="Clay",
        school_class=class_6a,
        subject=SubjectFactory(name="Art"),
        assessment_type="exam",
        date_taken=date(2024, 10, 1),
        published_at=NOW - DAY,
    )
    return {"quiz": of_amina.pk, "exam": ScoreFactory(assessment=exam, student=cast.amina).pk}


@pytest.mark.parametrize(
    ("query", "found"),
    [
        ({"subject": "Mathematics"}, ["quiz"]),
        ({"subject": "Art"}, ["exam"]),
        ({"assessment_type": "exam"}, ["exam"]),
        ({"state": "missing"}, []),
        ({"term": "Spring"}, ["quiz"]),
        ({"term": "Autumn"}, ["exam"]),
        ({"term": "Autumn", "academic_year": "2025/26"}, []),
        ({"academic_year": "2024/25"}, ["exam"]),
        ({"student_id": "STU99999"}, []),
    ],
)
@pytest.mark.parametrize("person", ["office", "mariam"])
def test_the_filters_are_those_of_the_page_and_take_names_too(request, two_years, person, query, found):
    assert keys(request.getfixturevalue(person), **query) == [two_years[name] for name in found]


def test_the_filters_take_keys(cast, office, ana, terms, maths, two_years):
    only_quiz = {"subject": maths.pk, "term": terms["Spring"].pk, "class_id": cast.class_7a.pk}
    assert keys(office, **only_quiz, academic_year=cast.year.pk) == [two_years["quiz"]]
    assert keys(ana, student_id=cast.amina.student_id.lower()) == [two_years["quiz"]]


@pytest.mark.parametrize(
    ("query", "field"),
    [
        ({"class_id": "999999"}, "class_id"),
        ({"subject": "Alchemy"}, "subject"),
        ({"subject": "\x00"}, "subject"),
        ({"term": "Summer"}, "term"),
        ({"academic_year": "1999"}, "academic_year"),
        ({"assessment_type": "oral"}, "assessment_type"),
        ({"student_id": "S" * 21}, "student_id"),
        ({"title": "Fractions"}, "title"),
        ({"page_size": "501"}, "page_size"),
    ],
)
def test_a_filter_that_cannot_be_read_is_refused_by_name(ana, of_amina, query, field):
    answer = ana.get(LIST, query)
    assert (answer.status_code, list(answer.json()["fields"])) == (400, [field])


def test_nobody_is_offered_what_is_not_theirs(cast, ana, mariam, of_amina):
    ScoreFactory(assessment__school_class=cast.class_7b, assessment__subject__name="Latin", student=cast.cleo)
    for caller, query in (
        (ana, {"class_id": cast.class_7b.pk}),
        (mariam, {"class_id": cast.class_7b.pk}),
        (mariam, {"subject": "Latin"}),
    ):
        assert caller.get(LIST, query).status_code == 400
    assert len(keys(mariam, class_id=cast.class_7a.pk, subject="Mathematics")) == 1


def test_the_pages_of_the_list_say_how_many_there_are(cast, office, quiz, of_amina):
    ScoreFactory(assessment=quiz, student=cast.bo)
    answer = office.get(LIST, {"page_size": 1})
    assert [item["assessment_id"] for item in answer.json()] == [of_amina.pk]
    assert answer.headers["X-Total-Count"] == "2"
    assert '?page_size=1&page=2>; rel="next"' in answer.headers["Link"]


def test_reading_is_noted_a_row_for_a_list_and_a_row_for_a_child(cast, mariam, of_amina):
    mariam.get(LIST)
    mariam.get(of(of_amina))
    assert list(AccessLog.objects.order_by("pk").values_list("reader__username", "page", "student_id")) == [
        ("mariam", "api:assessments", ""),
        ("mariam", "api:assessment", cast.amina.student_id),
    ]


# --- Changing ---------------------------------------------------------------------------------------


def test_what_is_not_sent_stays(cast, ana, of_amina):
    before = ana.get(of(of_amina)).json()
    answer = ana.patch(of(of_amina), {"score": 18})
    assert (answer.status_code, answer.json()) == (200, {"message": "The score of Amina Diallo is saved."})
    assert ana.get(of(of_amina)).json() == {**before, "score": 18.0, "percentage": 90.0}
    assert ana.patch(of(of_amina), {"notes": ""}).status_code == 200
    assert ana.get(of(of_amina)).json() == {**before, "score": 18.0, "percentage": 90.0, "notes": ""}
    kept = of_amina.history.latest()
    assert (kept.history_type, kept.history_user, kept.score) == ("~", cast.ana.user, Decimal(18))


def test_put_takes_a_whole_score_and_asks_for_it(cast, ana, of_amina):
    read = ana.get(of(of_amina)).json()
    sent = {name: read[name] for name in read if name not in {"assessment_id", "subject_id", "percentage"}}
    before = stored()
    assert ana.put(of(of_amina), sent).status_code == 200
    assert stored() == before
    assert ana.put(of(of_amina), {**sent, "score": 0}).status_code == 200
    assert ana.get(of(of_amina)).json() == {**read, "score": 0.0, "percentage": 0.0}
    asked = ana.put(of(of_amina), {"score": 18}).json()["fields"]
    assert list(asked) == ["student_id", "subject_name", "assessment_type", "max_score", "date_taken"]


def test_a_score_becomes_missing_or_exempt_and_graded_again(ana, of_amina):
    for sent, state, points in (
        ({"state": "missing"}, "missing", None),
        ({"score": None}, "missing", None),
        ({"state": "exempt", "score": None}, "exempt", None),
        ({"score": 3.25}, "graded", 3.25),
    ):
        assert ana.patch(of(of_amina), sent).status_code == 200
        item = ana.get(of(of_amina)).json()
        assert (item["state"], item["score"], item["notes"]) == (state, points, "Neat")


def test_totals_follow_a_changed_score(cast, ana, of_amina):
    ana.patch(of(of_amina), {"score": 10})
    total = SubjectTotal.objects.get(student=cast.amina)
    assert (total.graded, total.missing) == (1, 0)
    ana.patch(of(of_amina), {"state": "missing"})
    total.refresh_from_db()
    assert (total.graded, total.missing) == (0, 1)


def test_a_work_of_one_student_changes_with_the_score(cast, ana, of_amina, quiz, terms):
    SubjectFactory(name="Art")
    sent = {"subject_name": "Art", "assessment_type": "exam", "title": "Clay", "max_score": 50, "score": 40.5}
    answer = ana.patch(of(of_amina), {**sent, "date_taken": "2025-10-01", "term": "Autumn"})
    assert answer.status_code == 200, answer.json()
    item = ana.get(of(of_amina)).json()
    assert {name: item[name] for name in sent} == sent
    assert (item["percentage"], item["date_taken"], item["term"]) == (81.0, "2025-10-01", "Autumn")
    quiz.refresh_from_db()
    assert (quiz.category.default_for, quiz.published_at, Assessment.objects.count()) == ("exam", NOW - DAY, 1)
    assert ana.patch(of(of_amina), {"max_score": 10, "score": 9}).status_code == 200
    assert ana.get(of(of_amina)).json()["percentage"] == 90.0


def test_the_work_of_others_stays_as_it_is(cast, ana, quiz, of_amina):
    ScoreFactory(assessment=quiz, student=cast.bo)
    before = stored()
    answer = ana.patch(of(of_amina), {"max_score": 25, "date_taken": "2026-03-13", "score": 18})
    assert (answer.status_code, list(answer.json()["fields"])) == (400, ["date_taken", "max_score"])
    assert answer.json()["fields"]["max_score"] == [
        "Others have scores in this work. Change it on its page, or remove this score and send a new one."
    ]
    assert stored() == before
    assert ana.patch(of(of_amina), {"max_score": 20.0, "date_taken": "2026-03-12", "score": 18}).status_code == 200


BAD_CHANGES = {
    "student-stays": ({"student_id": "STU99999"}, "student_id"),
    "class-stays": ({"class_id": "other"}, "class_id"),
    "class-known": ({"class_id": 999_999}, "class_id"),
    "score-within-maximum": ({"score": 20.01}, "score"),
    "score-not-above-a-lowered-maximum": ({"max_score": 17}, "max_score"),
    "score-or-state": ({"score": None}, "score"),
    "missing-has-no-points": ({"state": "missing", "score": 3}, "score"),
    "day-in-the-year": ({"date_taken": "2027-03-12"}, "date_taken"),
    "term-of-the-day": ({"term": "Autumn"}, "term"),
    "term-of-the-new-day": ({"term": "Spring", "date_taken": "2025-10-01"}, "term"),
    "year-of-the-class": ({"academic_year": "2024/25"}, "academic_year"),
    "unknown-field": ({"percentage": 100}, "percentage"),
}


@pytest.mark.parametrize("case", BAD_CHANGES)
def test_a_change_that_breaks_a_rule_is_refused_by_name_and_nothing_is_stored(cast, office, of_amina, case):
    sent, field = BAD_CHANGES[case]
    sent = {name: cast.class_7b.pk if value == "other" else value for name, value in sent.items()}
    before = stored()
    answer = office.patch(of(of_amina), sent)
    assert (answer.status_code, list(answer.json()["fields"])) == (400, [field])
    assert stored() == before


def test_a_work_cannot_become_one_that_there_is(cast, ana, quiz, of_amina):
    AssessmentFactory(title="Again", school_class=quiz.school_class, subject=quiz.subject, date_taken=quiz.date_taken)
    answer = ana.patch(of(of_amina), {"title": "Again"})
    assert answer.status_code == 400
    assert answer.json()["error"] == "There is a piece of work of this title, type, date and maximum already."


def test_if_match_lets_through_who_read_what_is_stored_and_shows_others_what_is(ana, office, of_amina):
    read = ana.get(of(of_amina))
    tag = read.headers["ETag"]
    assert ana.get(of(of_amina), HTTP_IF_NONE_MATCH=tag).status_code == 304
    changed = office.patch(of(of_amina), {"score": 18}, HTTP_IF_MATCH=tag)
    assert changed.status_code == 200
    refused = ana.patch(of(of_amina), {"score": 3}, HTTP_IF_MATCH=tag)
    assert refused.status_code == 412
    assert refused.json()["current"] == {**read.json(), "score": 18.0, "percentage": 90.0}
    assert refused.headers["ETag"] == changed.headers["ETag"] == ana.get(of(of_amina)).headers["ETag"]
    assert ana.delete(of(of_amina), HTTP_IF_MATCH=tag).status_code == 412
    assert ana.delete(of(of_amina), HTTP_IF_MATCH="*").status_code == 200


# --- Removing ---------------------------------------------------------------------------------------


def test_a_removed_score_leaves_the_work_and_the_history(cast, ana, quiz, of_amina):
    answer = ana.delete(of(of_amina))
    assert (answer.status_code, answer.json()) == (
        200,
        {"message": "The score of Amina Diallo in “Fractions” is removed."},
    )
    assert ana.get(of(of_amina)).status_code == ana.delete(of(of_amina)).status_code == 404
    assert list(Assessment.objects.all()) == [quiz]
    kept = Score.history.latest()
    assert (kept.history_type, kept.history_user, kept.student) == ("-", cast.ana.user, cast.amina)
    assert SubjectTotal.objects.count() == 0


def test_others_change_and_remove_nothing(cast, mariam, program, of_amina):
    before = stored()
    for caller, status in ((mariam, 403), (program(cast.ben.user), 404)):
        answers = [caller.put(of(of_amina), {}), caller.patch(of(of_amina), {"score": 1}), caller.delete(of(of_amina))]
        assert [answer.status_code for answer in answers] == [status] * 3
    assert stored() == before
