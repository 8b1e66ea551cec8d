"""A piece of work is set (on its own page or in the mark book), changed and deleted: new/, edit/ and delete/."""

from __future__ import annotations

import re
from datetime import date
from decimal import Decimal

import pytest
from pytest_django.asserts import assertContains, assertNotContains

from assessments.models import Assessment, AssessmentCategory, Score, State
from assessments.tests.entries import stored
from assessments.tests.factories import AssessmentFactory, CategoryFactory, ScoreFactory
from assessments.tests.works import NEW, delete, edit, fields, seen_on
from attendance.tests.test_parallel import post_together
from students.models import TeachingAssignment
from students.tests.factories import (
    AcademicYearFactory,
    SchoolClassFactory,
    SubjectFactory,
    TeachingAssignmentFactory,
    TermFactory,
)
from tests.cast import MONDAY, NOW

BOOK = "/assessments/"
TOGETHER = 8


@pytest.fixture
def maths(cast):
    return SubjectFactory(name="Mathematics")


@pytest.fixture
def ana(cast, sign_in):
    return sign_in(cast.ana.user)


@pytest.fixture
def ben(cast, sign_in):
    return sign_in(cast.ben.user)


@pytest.fixture
def office(cast, sign_in):
    return sign_in(cast.office)


@pytest.fixture
def quiz(cast, maths):
    """A published quiz of 7A of today out of 20, in which Amina has 18 and Bo is missing."""
    work = AssessmentFactory(title="Fractions", school_class=cast.class_7a, subject=maths, published_at=NOW)
    ScoreFactory(assessment=work, student=cast.amina, score=Decimal(18))
    ScoreFactory(assessment=work, student=cast.bo, state=State.MISSING)
    return work


class TestSetting:
    @pytest.mark.parametrize("person", ["ana", "office"])
    def test_the_teacher_and_the_office_set_work_that_is_not_published(self, person, cast, maths, request):
        answer = request.getfixturevalue(person).post(NEW, fields(cast, maths, allows_extra="on"))
        work = Assessment.objects.get()
        assert answer.status_code == 302
        assert (work.title, work.school_class, work.subject) == ("Fractions", cast.class_7a, maths)
        assert (work.assessment_type, work.category.name, work.date_taken) == ("quiz", "Quizzes", MONDAY)
        assert (work.max_score, work.allows_extra, work.published_at) == (Decimal(20), True, None)
        user = {"ana": cast.ana.user, "office": cast.office}[person]
        assert [(kept.history_type, kept.history_user) for kept in work.history.all()] == [("+", user)]

    def test_it_leads_back_to_the_mark_book_where_its_scores_can_be_entered(self, cast, maths, ana):
        page = ana.post(NEW, fields(cast, maths), follow=True)
        work = Assessment.objects.get()
        query = f"?class_id={cast.class_7a.pk}&subject={maths.pk}&term=year&made={work.pk}"
        assert page.redirect_chain == [(f"{BOOK}{query}", 302)]
        assertContains(page, "“Fractions” is added.")
        link = f'<a class="btn btn-primary" href="/assessments/{work.pk}/scores/">Enter scores</a>'
        assertContains(page, link, html=True)
        assert [column.work for column in page.context["book"].columns] == [work]

    def test_it_leads_to_the_term_of_the_work(self, cast, maths, ana):
        autumn = TermFactory(academic_year=cast.year, ends_on=date(2025, 12, 20))
        TermFactory(academic_year=cast.year, starts_on=date(2026, 1, 5))
        page = ana.post(NEW, fields(cast, maths, date_taken="2025-10-01"), follow=True)
        assert page.context["chosen"].span == autumn
        assert [column.work.title for column in page.context["book"].columns] == ["Fractions"]

    def test_in_the_book_only_work_that_stands_there_is_called_added(self, cast, quiz, ana):
        other = AssessmentFactory(school_class=cast.class_7b)
        for made in (other.pk, "999999", "x"):
            assertNotContains(ana.get(BOOK, {"made": made}), "is added.")
        assertContains(ana.get(BOOK, {"made": quiz.pk}), "“Fractions” is added.")

    def test_the_form_in_the_mark_book_sends_the_same_with_todays_date(self, cast, maths, ana):
        page = ana.get(BOOK).content.decode()
        form = page[page.index(f'action="{NEW}"') :]
        form = form[: form.index("</form>")]
        filled = dict(re.findall(r'<input[^>]*name="(school_class|subject|date_taken)"[^>]*value="([^"]*)"', form))
        assert filled == {"school_class": str(cast.class_7a.pk), "subject": str(maths.pk), "date_taken": "2026-03-16"}
        assert re.findall(r'<option value="([^"]+)"', form) == ["quiz", "test", "exam", "assignment"]
        names = set(re.findall(r'name="([^"]+)"', form)) - {"csrfmiddlewaretoken"}
        assert names == {*filled, "title", "assessment_type", "max_score", "allows_extra"}
        sent = filled | {"title": "In place", "assessment_type": "exam", "max_score": "100"}
        assert ana.post(NEW, sent).status_code == 302
        assert Assessment.objects.get().category.name == "Exams"

    @pytest.mark.parametrize(
        ("typed", "stored_as"),
        [
            ("17,5", "17.5"),
            ("17.25", "17.25"),
            (" 20 ", "20"),
            ("0.01", "0.01"),
            ("99999.99", "99999.99"),
            ("020", "20"),
        ],
    )
    def test_a_maximum_may_have_a_point_or_a_comma(self, typed, stored_as, cast, maths, ana):
        assert ana.post(NEW, fields(cast, maths, max_score=typed)).status_code == 302
        assert Assessment.objects.get().max_score == Decimal(stored_as)

    def test_a_category_may_be_chosen(self, cast, maths, ana):
        assert ana.post(NEW, fields(cast, maths, category=CategoryFactory(name="Oral").pk)).status_code == 302
        assert Assessment.objects.get().category.name == "Oral"

    def test_the_address_may_name_the_class_and_subject(self, cast, maths, ana):
        page = ana.get(NEW, {"class_id": cast.class_7a.pk, "subject": maths.pk})
        assertContains(page, f'<option value="{cast.class_7a.pk}" selected>7A</option>', html=True)
        assertContains(page, f'<option value="{maths.pk}" selected>Mathematics</option>', html=True)
        assertContains(page, 'value="2026-03-16"')

    def test_a_teacher_is_offered_the_own_classes_and_subjects(self, cast, maths, ana, office):
        def offered(client):
            form = client.get(NEW).context["form"]
            return [[label for key, label in form.fields[name].choices if key] for name in ("school_class", "subject")]

        SubjectFactory(name="Art")
        assert offered(ana) == [["7A"], ["Art", "Mathematics"]]
        TeachingAssignment.objects.filter(teacher=cast.ana).update(subject=maths)
        assert offered(ana) == [["7A"], ["Mathematics"]]
        assert offered(office) == [["7A", "7B"], ["Art", "Mathematics"]]


class TestScope:
    def test_a_class_of_another_teacher_is_as_one_that_does_not_exist(self, cast, maths, ana):
        before = stored()
        answers = [ana.post(NEW, fields(cast, maths, school_class=key)) for key in (cast.class_7b.pk, 999_999)]
        for answer in answers:
            assertContains(answer, "Choose one of your classes.", status_code=422)
        assert stored() == before

    def test_a_subject_that_is_not_assigned_is_as_one_that_does_not_exist(self, cast, maths, ana):
        art = SubjectFactory(name="Art")
        TeachingAssignment.objects.filter(teacher=cast.ana).update(subject=maths)
        before = stored()
        for key in (art.pk, 999_999):
            answer = ana.post(NEW, fields(cast, maths, subject=key))
            assertContains(answer, "Choose one of your subjects.", status_code=422)
        assert stored() == before
        assert ana.post(NEW, fields(cast, maths)).status_code == 302

    def test_a_subject_of_another_of_the_own_classes_is_not_of_this_one(self, cast, maths, ana):
        art = SubjectFactory(name="Art")
        TeachingAssignment.objects.filter(teacher=cast.ana).update(subject=maths)
        TeachingAssignmentFactory(teacher=cast.ana, school_class=cast.class_7b, subject=art)
        before = stored()
        answer = ana.post(NEW, fields(cast, art))
        said = "You do not teach Art in 7A. Choose another subject or class."
        assertContains(answer, said, status_code=422)
        assert stored() == before
        assert ana.post(NEW, fields(cast, art, school_class=cast.class_7b.pk)).status_code == 302

    def test_an_assignment_that_ended_lets_nothing_be_set(self, cast, maths, ana):
        TeachingAssignment.objects.filter(teacher=cast.ana).update(ends_on=MONDAY)
        before = stored()
        assertContains(ana.post(NEW, fields(cast, maths)), "Choose one of your classes.", status_code=422)
        assert stored() == before

    @pytest.mark.parametrize("what", [edit, delete])
    def test_nobody_changes_or_deletes_work_that_they_do_not_see(self, what, cast, maths, quiz, ana, ben, sign_in):
        seen = seen_on(ana.get(what(quiz)))
        before = stored()
        sent = fields(cast, maths, title="Mine", seen=seen)
        for person, status in ((ben, 404), (sign_in(cast.mariam.user), 403)):
            assert person.get(what(quiz)).status_code == status
            assert person.post(what(quiz), sent).status_code == status
        assert stored() == before
        assert ana.post(what(quiz), sent).status_code == 302
        assert stored() != before

    def test_the_teacher_of_another_subject_of_the_class_does_not_see_it_either(self, cast, maths, quiz, ben):
        assignment = TeachingAssignmentFactory(teacher=cast.ben, school_class=cast.class_7a, subject=SubjectFactory())
        assert ben.get(edit(quiz)).status_code == 404
        TeachingAssignment.objects.filter(pk=assignment.pk).update(subject=maths)
        assert ben.get(edit(quiz)).status_code == 200


class TestCategories:
    def test_a_type_without_a_category_of_its_own_asks_for_one(self, cast, maths, ana):
        AssessmentCategory.objects.filter(default_for="quiz").update(default_for="")
        before = stored()
        answer = ana.post(NEW, fields(cast, maths))
        assertContains(answer, "This type of work has no category of its own. Choose one.", status_code=422)
        assert stored() == before
        chosen = AssessmentCategory.objects.get(name="Quizzes")
        assert ana.post(NEW, fields(cast, maths, category=chosen.pk)).status_code == 302


@pytest.mark.parallel
@pytest.mark.django_db(transaction=True)
def test_of_many_who_set_the_same_work_at_one_moment_one_does_and_the_others_are_told(cast, maths, sign_in):
    post = (sign_in(cast.ana.user), NEW, {name: str(value) for name, value in fields(cast, maths).items()})
    assert sorted(post_together([post] * TOGETHER)) == [302] + [422] * (TOGETHER - 1)
    assert (Assessment.objects.count(), Assessment.history.count()) == (1, 1)


class TestChanging:
    def test_every_field_with_history_and_the_scores_follow_the_maximum(self, cast, maths, quiz, ana):
        oral, art = CategoryFactory(name="Oral"), SubjectFactory(name="Art")
        page = ana.get(edit(quiz))
        sent = fields(
            cast, art, title="Fractions II", assessment_type="test", category=oral.pk, date_taken="2026-03-13",
            max_score="25,5", allows_extra="on", seen=seen_on(page),
        )  # fmt: skip
        assertContains(ana.post(edit(quiz), sent, follow=True), "The changes to “Fractions II” are saved.")
        quiz.refresh_from_db()
        assert (quiz.title, quiz.assessment_type, quiz.category, quiz.subject) == ("Fractions II", "test", oral, art)
        assert (quiz.date_taken, quiz.max_score, quiz.allows_extra) == (date(2026, 3, 13), Decimal("25.5"), True)
        assert quiz.published_at == NOW
        assert (quiz.history.first().history_type, quiz.history.first().history_user) == ("~", cast.ana.user)
        assert set(Score.objects.values_list("max_score", "allows_extra")) == {(Decimal("25.5"), True)}
        assert list(Score.objects.order_by("student").values_list("score", flat=True)) == [Decimal(18), None]

    def test_the_form_shows_what_is_stored(self, cast, quiz, ana):
        Assessment.objects.update(max_score=Decimal("17.50"))
        form = ana.get(edit(quiz)).context["form"]
        assert {name: form[name].value() for name in form.fields} == {
            "school_class": cast.class_7a.pk, "subject": quiz.subject_id, "title": "Fractions",
            "assessment_type": "quiz", "category": quiz.category_id, "date_taken": MONDAY, "max_score": "17.5",
            "allows_extra": False,
        }  # fmt: skip

    def test_saving_what_stands_notes_nothing(self, cast, maths, quiz, ana):
        before = stored()
        sent = fields(cast, maths, category=quiz.category_id, max_score="20,00", seen=seen_on(ana.get(edit(quiz))))
        assert ana.post(edit(quiz), sent).status_code == 302
        assert stored() == before

    @pytest.mark.parametrize("most", ["17.99", "0.01"])
    def test_a_maximum_below_a_score_is_refused_naming_whom(self, most, cast, maths, quiz, ana):
        before = stored()
        sent = fields(cast, maths, max_score=most, seen=seen_on(ana.get(edit(quiz))))
        answer = ana.post(edit(quiz), sent)
        said = "Amina Diallo has 18 points. Correct that score first, or allow extra credit."
        assertContains(answer, said, status_code=422)
        assertContains(answer, f'value="{most}"', status_code=422)
        assert stored() == before

    def test_a_maximum_of_just_the_highest_score_or_below_it_with_extra_credit_is_not(self, cast, maths, quiz, ana):
        for changes in ({"max_score": "18"}, {"max_score": "10", "allows_extra": "on"}):
            sent = fields(cast, maths, seen=seen_on(ana.get(edit(quiz))), **changes)
            assert ana.post(edit(quiz), sent).status_code == 302
        assert list(Score.objects.order_by("student").values_list("score", "max_score", "allows_extra")) == [
            (Decimal(18), Decimal(10), True), (None, Decimal(10), True),
        ]  # fmt: skip

    def test_a_class_is_not_changed_once_there_are_scores(self, cast, maths, quiz, office):
        before = stored()
        sent = fields(cast, maths, school_class=cast.class_7b.pk, seen=seen_on(office.get(edit(quiz))))
        answer = office.post(edit(quiz), sent)
        assertContains(answer, "There are scores of 7A in it, so it stays there.", status_code=422)
        assert stored() == before
        Score.objects.all().delete()
        assert office.post(edit(quiz), sent).status_code == 302
        quiz.refresh_from_db()
        assert quiz.school_class == cast.class_7b

    def test_a_day_of_another_year_is_refused_with_the_class_of_that_year(self, cast, maths, quiz, office):
        Score.objects.all().delete()
        before = AcademicYearFactory(name="2024/25", starts_on=date(2024, 9, 1), ends_on=date(2025, 7, 18))
        old = SchoolClassFactory(name="6A", academic_year=before)
        sent = fields(cast, maths, school_class=old.pk, seen=seen_on(office.get(edit(quiz))))
        said = "This day is not in the school year of the class, 2024/25."
        assertContains(office.post(edit(quiz), sent), said, status_code=422)
        assert office.post(edit(quiz), sent | {"date_taken": "2025-07-17"}).status_code == 302

    def test_to_become_what_another_piece_is_already_is_refused(self, cast, maths, quiz, ana):
        AssessmentFactory(title="Known", school_class=cast.class_7a, subject=maths)
        before = stored()
        sent = fields(cast, maths, title="Known", seen=seen_on(ana.get(edit(quiz))))
        assertContains(ana.post(edit(quiz), sent), "There is a piece of work of this title", status_code=422)
        assert stored() == before

    def test_what_somebody_changed_meanwhile_is_told_and_not_overwritten(self, cast, maths, quiz, ana, office):
        opened = seen_on(ana.get(edit(quiz)))
        theirs = fields(cast, maths, title="Decimals", seen=seen_on(office.get(edit(quiz))))
        assert office.post(edit(quiz), theirs).status_code == 302
        before = stored()
        mine = fields(cast, maths, max_score="30", seen=opened)
        answer = ana.post(edit(quiz), mine)
        assertContains(answer, "Somebody changed this meanwhile: it is now “Decimals”.", status_code=422)
        assert stored() == before
        assert ana.post(edit(quiz), mine | {"seen": seen_on(answer)}).status_code == 302

    def test_it_is_told_too_where_the_form_had_to_be_mended_first(self, cast, maths, quiz, ana, office):
        opened = seen_on(ana.get(edit(quiz)))
        assert office.post(edit(quiz), fields(cast, maths, title="Decimals", seen=opened)).status_code == 302
        unreadable = ana.post(edit(quiz), fields(cast, maths, max_score="x", seen=opened))
        mended = ana.post(edit(quiz), fields(cast, maths, max_score="30", seen=seen_on(unreadable)))
        assertContains(mended, "Somebody changed this meanwhile", status_code=422)

    def test_publishing_meanwhile_is_no_clash_and_stays(self, cast, maths, quiz, ana):
        opened = seen_on(ana.get(edit(quiz)))
        Assessment.objects.update(published_at=None)
        assert ana.post(edit(quiz), fields(cast, maths, title="New", seen=opened)).status_code == 302
        quiz.refresh_from_db()
        assert (quiz.title, quiz.published_at) == ("New", None)


class TestDeleting:
    def test_it_says_how_many_scores_go_then_deletes_with_history(self, cast, quiz, ana):
        page = ana.get(delete(quiz))
        assertContains(page, "Delete “Fractions”?")
        assertContains(page, "2 scores go with it.")
        assertContains(page, "Parents will not find the scores any more.")
        assert (Assessment.objects.count(), Score.objects.count()) == (1, 2)
        answer = ana.post(delete(quiz), {"seen": seen_on(page)}, follow=True)
        assertContains(answer, "Deleted: “Fractions” with 2 scores.")
        assert answer.redirect_chain[0][0].startswith(f"{BOOK}?class_id={cast.class_7a.pk}&subject=")
        assert (Assessment.objects.count(), Score.objects.count()) == (0, 0)
        last = Assessment.history.first()
        assert (last.history_type, last.history_user, last.title) == ("-", cast.ana.user, "Fractions")
        gone = Score.history.filter(history_type="-").order_by("student")
        assert [(kept.history_user, kept.score) for kept in gone] == [
            (cast.ana.user, Decimal(18)),
            (cast.ana.user, None),
        ]

    def test_work_without_scores_says_so(self, quiz, ana):
        Score.objects.all().delete()
        Assessment.objects.update(published_at=None)
        page = ana.get(delete(quiz))
        assertContains(page, "There are no scores in it.")
        assertNotContains(page, "Parents will not find")
        assertContains(ana.post(delete(quiz), {"seen": "0"}, follow=True), "Deleted: “Fractions” with 0 scores.")

    @pytest.mark.parametrize("seen", ["1", "", "two", "２"])
    def test_scores_that_came_meanwhile_are_told_first(self, seen, quiz, ana):
        before = stored()
        answer = ana.post(delete(quiz), {"seen": seen})
        assertContains(answer, "There are 2 scores in it now. Look again, then decide.", status_code=422)
        assert stored() == before
        assert ana.post(delete(quiz), {"seen": seen_on(answer)}).status_code == 302

    def test_twice_is_not_there(self, quiz, ana):
        assert ana.post(delete(quiz), {"seen": "2"}).status_code == 302
        for what in (edit, delete):
            assert ana.post(what(quiz), {"seen": "2"}).status_code == 404


@pytest.mark.parametrize("size", [1, 3, 60])
def test_the_forms_cost_the_same_at_any_size(size, cast, maths, ana, count_queries):
    for number in range(size):
        school_class = SchoolClassFactory(name=f"8-{number}", academic_year=cast.year)
        TeachingAssignmentFactory(teacher=cast.ana, school_class=school_class, subject=SubjectFactory())
        CategoryFactory()
    work = AssessmentFactory(school_class=cast.class_7a, subject=maths)
    # Who you are, the school, classes, subjects, categories; the work itself; with its term and the number of scores.
    assert count_queries(lambda: ana.get(NEW)) == 5
    assert count_queries(lambda: ana.get(edit(work))) == 6
    assert count_queries(lambda: ana.get(delete(work))) == 5
