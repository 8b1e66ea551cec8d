"""The school office: categories, grade scales, pieces of work; scores to read."""

from __future__ import annotations

from datetime import UTC, datetime
from decimal import Decimal

import factory
import pytest
from django.db import connection
from django.urls import reverse

from accounts.models import AccessLog
from accounts.roles import Role
from accounts.tests.factories import UserFactory
from accounts.tests.office_sweep import (
    Office,
    add_line,
    check_all_swept,
    check_pages,
    check_queries,
    check_search,
    errors_of,
    fill_in,
)
from assessments.metrics import load_grades
from assessments.models import Assessment, AssessmentCategory, GradeBand, GradeScale, Score
from assessments.tests.factories import AssessmentFactory, CategoryFactory, ScoreFactory
from students.tests.factories import SchoolClassFactory, SubjectFactory


class ScaleFactory(factory.django.DjangoModelFactory):
    """A scale of one grade from 0 %, not in use."""

    class Meta:
        model = GradeScale
        skip_postgeneration_save = True

    name = factory.Sequence(lambda number: f"Scale {number}")

    @factory.post_generation
    def bands(self, _create, _extracted, **_kwargs):
        GradeBand.objects.create(scale=self, label="Pass", lower_bound=0)


OFFICE = {
    "assessmentcategory": Office(CategoryFactory, queries=6),
    "gradescale": Office(ScaleFactory, queries=6),
    "assessment": Office(AssessmentFactory, queries=12),
    "score": Office(ScoreFactory, queries=12, can_add=False, can_delete=False),
}
CATEGORIES, SCALES, WORK, SCORES = (f"/admin/assessments/{name}/" for name in OFFICE)
pytestmark = pytest.mark.django_db
each_model = pytest.mark.parametrize("office", OFFICE.values(), ids=OFFICE)


@pytest.fixture
def admin_user():
    return UserFactory(role=Role.ADMIN, username="office")


@pytest.fixture
def clerk(client, admin_user):
    client.force_login(admin_user)
    return client


def url(page, row):
    return reverse(f"admin:{row._meta.app_label}_{row._meta.model_name}_{page}", args=[row.pk])


def told(answer):
    return [str(message) for message in answer.context["messages"]]


@each_model
def test_pages(office):
    check_pages(office)


@each_model
def test_queries(office):
    check_queries(office)


@each_model
def test_search(office):
    check_search(office)


def test_each_model_is_swept():
    check_all_swept(OFFICE, "assessments")


class TestCategories:
    def test_show_how_much_work_is_in_them(self, clerk):
        quizzes = AssessmentCategory.objects.get(default_for="quiz")
        AssessmentFactory.create_batch(2, category=quizzes)
        rows = {row.name: row.number for row in clerk.get(CATEGORIES).context["cl"].result_list}
        assert rows == {"Assignments": 0, "Exams": 0, "Quizzes": 2, "Tests": 0}

    def test_are_added_with_a_weight(self, clerk, admin_user):
        assert clerk.post(f"{CATEGORIES}add/", {"name": "Projects", "weight": "0.5"}).status_code == 302
        projects = AssessmentCategory.objects.get(name="Projects")
        assert (projects.weight, projects.default_for, projects.history.get().history_user) == (
            Decimal("0.5"), "", admin_user,
        )  # fmt: skip

    @pytest.mark.parametrize(
        ("typed", "said"),
        [
            ({"weight": "-1"}, "Ensure this value is greater than or equal to 0."),
            ({"weight": "0.001"}, "Ensure that there are no more than 2 decimal places."),
            ({"weight": "NaN"}, "Enter a number."),
            ({"weight": ""}, "This field is required."),
            ({"name": " "}, "This field is required."),
            ({"name": "Quizzes"}, "There is a category of this name."),
            ({"default_for": "quiz"}, "Another category is the default for this type of work."),
            ({"default_for": "poem"}, "Select a valid choice. poem is not one of the available choices."),
        ],
    )
    def test_refused(self, clerk, typed, said):
        answer = clerk.post(f"{CATEGORIES}add/", {"name": "Projects", "weight": "2", **typed})
        assert (errors_of(answer), AssessmentCategory.objects.count()) == ([said], 4)

    def test_with_work_in_it_is_not_deleted(self, clerk):
        work = AssessmentFactory()
        assert "protected" in clerk.get(url("delete", work.category)).content.decode()
        clerk.post(url("delete", work.category), {"post": "yes"})
        assert AssessmentCategory.objects.count() == 4


class TestScales:
    def chosen(self, *names):
        scales = [GradeScale.objects.get(name=name).pk for name in names]
        return {"action": "put_in_use", "index": "0", "_selected_action": scales}

    def in_use(self):
        return list(GradeScale.objects.filter(in_use=True).values_list("name", flat=True))

    def test_the_list_shows_the_one_in_use_first_with_its_grades(self, clerk):
        rows = clerk.get(SCALES).context["cl"].result_list
        assert [(row.name, row.in_use, row.number, row.lowest_bound) for row in rows][:2] == [
            ("Letters A to F", True, 5, Decimal(0)),
            ("Letters with + and −", False, 13, Decimal(0)),
        ]

    def test_one_click_swaps_the_scale_in_use(self, clerk, admin_user):
        answer = clerk.post(SCALES, self.chosen("WASSCE A1 to F9"), follow=True)
        assert told(answer) == ["Grades are now those of “WASSCE A1 to F9”."]
        assert (self.in_use(), load_grades().labels[-1]) == (["WASSCE A1 to F9"], "A1")
        former = GradeScale.objects.get(name="Letters A to F")
        assert [former.history.first().history_user, former.bands.count()] == [admin_user, 5]

    def test_the_one_in_use_stays_so_without_a_new_version(self, clerk):
        scale = GradeScale.objects.get(in_use=True)
        before = scale.history.count()
        clerk.post(SCALES, self.chosen("Letters A to F"))
        assert (self.in_use(), scale.history.count()) == (["Letters A to F"], before)

    def test_several_at_once_are_refused(self, clerk):
        answer = clerk.post(SCALES, self.chosen("Letters A to F", "WASSCE A1 to F9"), follow=True)
        assert told(answer) == ["Choose one scale: only one can be in use. Nothing was changed."]
        assert self.in_use() == ["Letters A to F"]

    def test_a_scale_without_a_grade_from_0_is_refused(self, clerk):
        scale = ScaleFactory(name="Stars")
        scale.bands.update(lower_bound=Decimal("0.01"))
        answer = clerk.post(SCALES, self.chosen("Stars"), follow=True)
        assert told(answer) == ["“Stars” has no grade from 0 %. Add one, so that every score has a grade."]
        assert self.in_use() == ["Letters A to F"]

    def test_the_scale_in_use_keeps_a_grade_from_0(self, clerk):
        scale = GradeScale.objects.get(in_use=True)
        page = clerk.get(url("change", scale))
        lowest = next(
            form.prefix for form in page.context["inline_admin_formsets"][0].formset.initial_forms
            if form.instance.lower_bound == 0
        )  # fmt: skip
        for change in ({f"{lowest}-lower_bound": "1"}, {f"{lowest}-DELETE": "on"}):
            answer = clerk.post(url("change", scale), fill_in(page) | change)
            assert errors_of(answer) == [
                "“Letters A to F” has no grade from 0 %. Add one, so that every score has a grade."
            ]
        assert scale.bands.filter(lower_bound=0).exists()

    def test_a_bound_is_moved_and_a_grade_added(self, clerk, admin_user):
        scale = GradeScale.objects.get(in_use=True)
        page = clerk.get(url("change", scale))
        posted = fill_in(page)
        top = next(name for name, value in posted.items() if name.endswith("lower_bound") and value == 90)
        posted[top] = "92.5"
        add_line(posted, "bands", label="E", lower_bound="50")
        assert clerk.post(url("change", scale), posted).status_code == 302
        assert load_grades().bounds == (0, 50, 60, 70, 80, Decimal("92.5"))
        assert scale.bands.get(label="E").history.get().history_user == admin_user

    @pytest.mark.parametrize(
        ("line", "said"),
        [
            ({"label": "E", "lower_bound": "60"}, "Another grade of this scale starts at this percentage."),
            ({"label": "D", "lower_bound": "50"}, "This scale has this grade already."),
            ({"label": "E", "lower_bound": "100.01"}, "Ensure this value is less than or equal to 100."),
            ({"label": "E", "lower_bound": "-1"}, "Ensure this value is greater than or equal to 0."),
            ({"label": "E", "lower_bound": "50.555"}, "Ensure that there are no more than 2 decimal places."),
            ({"label": "E", "lower_bound": "1e309"}, "Ensure that there are no more than 7 digits in total."),
            ({"label": "", "lower_bound": "50"}, "This field is required."),
        ],
    )
    def test_a_grade_is_refused(self, clerk, line, said):
        scale = GradeScale.objects.get(in_use=True)
        posted = fill_in(clerk.get(url("change", scale)))
        add_line(posted, "bands", **line)
        assert said in errors_of(clerk.post(url("change", scale), posted))
        assert scale.bands.count() == 5

    def test_two_new_grades_of_one_bound_are_refused(self, clerk):
        posted = fill_in(clerk.get(f"{SCALES}add/"), name="Stars")
        add_line(posted, "bands", label="One", lower_bound="0")
        add_line(posted, "bands", label="Two", lower_bound="0")
        assert errors_of(clerk.post(f"{SCALES}add/", posted)) != []
        assert not GradeScale.objects.filter(name="Stars").exists()

    def test_a_new_scale_is_not_in_use(self, clerk):
        posted = fill_in(clerk.get(f"{SCALES}add/"), name="Stars") | {"in_use": "on"}
        add_line(posted, "bands", label="Star", lower_bound="0")
        assert clerk.post(f"{SCALES}add/", posted).status_code == 302
        assert (GradeScale.objects.get(name="Stars").in_use, self.in_use()) == (False, ["Letters A to F"])

    def test_the_scale_in_use_is_not_deleted_and_another_is(self, clerk):
        used, other = GradeScale.objects.get(in_use=True), GradeScale.objects.get(name="WASSCE A1 to F9")
        assert clerk.post(url("delete", used), {"post": "yes"}).status_code == 403
        both = {"action": "delete_selected", "_selected_action": [used.pk, other.pk], "post": "yes"}
        clerk.post(SCALES, both)
        assert GradeScale.objects.filter(pk__in=[used.pk, other.pk]).count() == 2
        clerk.post(url("delete", other), {"post": "yes"})
        assert not GradeScale.objects.filter(pk=other.pk).exists()
        assert not GradeBand.objects.filter(scale=other.pk).exists()


class TestWork:
    def typed(self, **changes):
        category = AssessmentCategory.objects.get(default_for="test")
        school_class = SchoolClassFactory()
        return {
            "title": "Fractions",
            "school_class": school_class.pk,
            "subject": SubjectFactory().pk,
            "assessment_type": "test",
            "category": category.pk,
            "date_taken": school_class.academic_year.starts_on.isoformat(),
            "max_score": "17.5",
            **changes,
        }

    def test_is_made_by_who_saves_it(self, clerk, admin_user):
        assert clerk.post(f"{WORK}add/", self.typed(published_at="2026-01-01")).status_code == 302
        work = Assessment.objects.get()
        assert (work.title, work.max_score, work.published_at) == ("Fractions", Decimal("17.5"), None)
        assert work.history.get().history_user == admin_user

    @pytest.mark.parametrize(
        ("changes", "said"),
        [
            ({"title": " "}, "This field is required."),
            ({"title": "A\u2028B"}, "This holds characters that cannot be printed. Type it again on one line."),
            ({"max_score": "0"}, "Ensure this value is greater than or equal to 0.01."),
            ({"max_score": "17.555"}, "Ensure that there are no more than 2 decimal places."),
            ({"max_score": "inf"}, "Enter a number."),
            ({"assessment_type": "poem"}, "Select a valid choice. poem is not one of the available choices."),
            ({"date_taken": "1999-01-01"}, "This day is not in the school year of the class, School year"),
            ({"category": ""}, "This field is required."),
        ],
    )
    def test_refused(self, clerk, changes, said):
        errors = errors_of(clerk.post(f"{WORK}add/", self.typed(**changes)))
        assert [error[: len(said)] for error in errors] == [said]
        assert not Assessment.objects.exists()

    def test_a_new_maximum_goes_to_its_scores(self, clerk, admin_user):
        score = ScoreFactory(score=15)
        page = clerk.get(url("change", score.assessment))
        clerk.post(url("change", score.assessment), fill_in(page, max_score="30"))
        score.refresh_from_db()
        assert (score.max_score, score.score, score.history.first().history_user) == (30, 15, admin_user)

    def test_a_maximum_below_a_score_is_refused_with_whose_it_is(self, clerk):
        score = ScoreFactory(score=15, student__given_name="Bo", student__family_name="Lind")
        page = clerk.get(url("change", score.assessment))
        answer = clerk.post(url("change", score.assessment), fill_in(page, max_score="14.99"))
        assert errors_of(answer) == ["Bo Lind has 15 points. Correct that score first, or allow extra credit."]
        score.refresh_from_db()
        assert (score.max_score, score.assessment.max_score) == (20, 20)

    def test_keeps_its_class_and_leads_to_scores_and_parents(self, clerk):
        work = AssessmentFactory(published_at=datetime(2026, 3, 1, 9, tzinfo=UTC))
        page = clerk.get(url("change", work))
        assert f'<a href="/assessments/{work.pk}/scores/">Enter scores</a>' in page.content.decode()
        assert f'<a href="/assessments/{work.pk}/publish/">Publish or withdraw</a>' in page.content.decode()
        other = SchoolClassFactory()
        clerk.post(url("change", work), fill_in(page) | {"school_class": other.pk, "published_at": "", "title": "New"})
        again = Assessment.objects.get()
        assert (again.title, again.school_class, again.published_at) == ("New", work.school_class, work.published_at)

    def test_that_somebody_deletes_meanwhile_is_told(self, clerk):
        work = AssessmentFactory()
        posted = fill_in(clerk.get(url("change", work)))
        deleted = []

        def delete_first(execute, sql, params, many, context):
            """While the form looks its category up, the row goes."""
            if "assessments_assessmentcategory" in sql and sql.startswith("SELECT") and not deleted:
                deleted.append(work.pk)
                Assessment.objects.filter(pk=work.pk).delete()
            return execute(sql, params, many, context)

        with connection.execute_wrapper(delete_first):
            answer = clerk.post(url("change", work), posted)
        assert (answer.status_code, answer.url, deleted) == (302, url("change", work), [work.pk])
        assert "Somebody deleted this piece of work meanwhile." in told(clerk.get(answer.url, follow=True))

    @pytest.mark.parametrize("from_list", [False, True])
    def test_is_deleted_with_its_scores_which_stay_in_the_history(self, clerk, admin_user, from_list):
        score, other = ScoreFactory(), ScoreFactory()
        asked = clerk.get(url("delete", score.assessment))
        assert {str(name): number for name, number in asked.context["model_count"]} == {"assessments": 1, "scores": 1}
        if from_list:
            rows = {"action": "delete_selected", "_selected_action": [score.assessment.pk], "post": "yes"}
            clerk.post(WORK, rows)
        else:
            clerk.post(url("delete", score.assessment), {"post": "yes"})
        assert list(Score.objects.all()) == [other]
        gone = Score.history.get(id=score.pk, history_type="-")
        assert (gone.score, gone.history_user) == (15, admin_user)
        assert Assessment.history.get(history_type="-").history_user == admin_user

    def test_the_list_counts_scores(self, clerk):
        work = AssessmentFactory()
        ScoreFactory.create_batch(3, assessment=work)
        assert [row.number for row in clerk.get(WORK).context["cl"].result_list] == [3]


class TestScores:
    """Scores are read here and written through mark entry."""

    def test_cannot_be_written(self, clerk):
        score = ScoreFactory()
        typed = {"score": "3", "state": "missing", "notes": "typed"}
        assert clerk.post(url("change", score), typed).status_code == 403
        assert clerk.post(url("delete", score), {"post": "yes"}).status_code == 403
        assert clerk.post(f"{SCORES}add/", typed).status_code == 403
        clerk.post(SCORES, {"action": "delete_selected", "_selected_action": [score.pk], "post": "yes"})
        score.refresh_from_db()
        assert (score.score, score.state, score.notes) == (15, "graded", "")

    def test_lead_to_mark_entry(self, clerk):
        score = ScoreFactory()
        link = f'<a href="/assessments/{score.assessment.pk}/scores/">Enter scores</a>'
        assert link in clerk.get(SCORES).content.decode()
        assert link in clerk.get(url("change", score)).content.decode()

    def test_are_found_by_student_and_work(self, clerk):
        score = ScoreFactory(student__given_name="Ana", student__family_name="Silva", assessment__title="Fractions")
        ScoreFactory()
        for text in ("silva ana", "fractions"):
            assert list(clerk.get(SCORES, {"q": text}).context["cl"].result_list) == [score]

    def test_history_shows_points_as_they_were_typed(self, clerk):
        score = ScoreFactory(score=Decimal("17.5"))
        score.score = Decimal("18.25")
        score.save()
        page = " ".join(clerk.get(url("history", score)).content.decode().split())
        assert "<strong>Score:</strong> <bdi>17.5</bdi> → <bdi>18.25</bdi>" in page

    @pytest.mark.parametrize("page", ["change", "history"])
    def test_reading_is_noted_with_the_child(self, clerk, page):
        score = ScoreFactory()
        clerk.get(url(page, score))
        assert AccessLog.objects.get().student_id == score.student.student_id
