"""What can never be stored of assessments, what a form would say about it, and points that add exactly."""

from datetime import date, timedelta
from decimal import Decimal
from fractions import Fraction

import pytest
from django.apps import apps
from django.core.exceptions import ValidationError
from django.db import IntegrityError, connection, models, transaction
from django.db.models import F, Sum

from assessments.models import (
    Assessment,
    AssessmentCategory,
    GradeBand,
    GradeScale,
    Score,
    ScoreHistogram,
    State,
    SubjectTotal,
)
from assessments.tests.factories import AssessmentFactory, CategoryFactory, ScoreFactory, SubjectTotalFactory
from students.tests.factories import AcademicYearFactory, SchoolClassFactory, SubjectFactory, TermFactory

pytestmark = pytest.mark.django_db
MARCH = date(2026, 3, 2)


# --- Constraints: what breaks each ------------------------------------------------------------------


def twice(factory, **fields):
    factory(**fields)
    factory(**fields)


def same_work(**second):
    """A piece of work, and the same again with `second`."""
    first = AssessmentFactory(title="Fractions")
    same = {"title": "Fractions", "school_class": first.school_class, "subject": first.subject}
    AssessmentFactory(**{**same, **second})


def two_scores(**second):
    first = ScoreFactory()
    ScoreFactory(**{"student": first.student, "assessment": first.assessment, **second})


def two_bands(**second):
    first = GradeBand.objects.create(scale=scale(), label="A", lower_bound=90)
    GradeBand.objects.create(**{"scale": first.scale, "label": "B", "lower_bound": 80, **second})


def two_totals(**second):
    first = SubjectTotalFactory()
    same = {"student": first.student, "school_class": first.school_class, "subject": first.subject}
    SubjectTotalFactory(**{**same, **second})


def two_histograms(**second):
    first = {"school_class": SchoolClassFactory(), "subject": SubjectFactory()}
    ScoreHistogram.objects.create(**first)
    ScoreHistogram.objects.create(**{**first, **second})


def scale(**fields):
    return GradeScale.objects.create(**{"name": f"Scale {GradeScale.objects.count()}", **fields})


def band(**fields):
    return GradeBand.objects.create(**{"scale": scale(), "label": "A", "lower_bound": 90, **fields})


BROKEN = {
    "category_has_name": lambda: CategoryFactory(name=""),
    "category_weight_not_negative": lambda: CategoryFactory(weight=Decimal("-0.01")),
    "category_name_once": lambda: twice(CategoryFactory, name="Projects"),
    "category_one_default_per_type": lambda: CategoryFactory(default_for="quiz"),
    "category_external_id_once": lambda: twice(CategoryFactory, external_id="c-1"),
    "assessment_has_title": lambda: AssessmentFactory(title=""),
    "assessment_maximum_positive": lambda: AssessmentFactory(max_score=0),
    "assessment_type_known": lambda: AssessmentFactory(assessment_type="poem", category=CategoryFactory()),
    "assessment_once": same_work,
    "assessment_external_id_once": lambda: twice(AssessmentFactory, external_id="a-1"),
    "score_once_per_student_and_assessment": two_scores,
    "score_state_known": lambda: ScoreFactory(state="late", score=None),
    "score_exactly_when_graded": lambda: ScoreFactory(state=State.EXEMPT, score=Decimal(0)),
    "score_not_negative": lambda: ScoreFactory(score=Decimal("-0.01")),
    "score_within_maximum": lambda: ScoreFactory(score=Decimal("20.01")),
    "score_maximum_positive": lambda: ScoreFactory(score=0, max_score=0),
    "score_external_id_once": lambda: twice(ScoreFactory, external_id="s-1"),
    "scale_has_name": lambda: scale(name=""),
    "scale_name_once": lambda: twice(scale, name="Stars"),
    "scale_one_in_use": lambda: scale(in_use=True),
    "band_has_label": lambda: band(label=""),
    "band_within_percent": lambda: band(lower_bound=Decimal("100.01")),
    "band_bound_once_per_scale": lambda: two_bands(lower_bound=90),
    "band_label_once_per_scale": lambda: two_bands(label="A"),
    "subject_total_once": two_totals,
    "subject_total_of_some_score": lambda: SubjectTotalFactory(exempt=0),
    "score_histogram_once": two_histograms,
}
# Rows that stand next to a rule without breaking it.
ALLOWED = {
    "a category that counts in no average": lambda: CategoryFactory(weight=0),
    "a category's name again beside one from a roster": lambda: (
        CategoryFactory(name="Projects"),
        CategoryFactory(name="Projects", external_id="c-1"),
    ),
    "categories that are nobody's default": lambda: twice(CategoryFactory, default_for=""),
    "a maximum of a hundredth": lambda: AssessmentFactory(max_score=Decimal("0.01")),
    "the same title in another class": lambda: same_work(school_class=SchoolClassFactory()),
    "the same title in another subject": lambda: same_work(subject=SubjectFactory()),
    "the same title on another day": lambda: same_work(date_taken=MARCH),
    "the same title as another type": lambda: same_work(assessment_type="test"),
    "the same title out of another maximum": lambda: same_work(max_score=21),
    "work from a roster beside the same by hand": lambda: same_work(external_id="a-1"),
    "nothing scored": lambda: ScoreFactory(score=0),
    "a full score": lambda: ScoreFactory(score=20),
    "more than the maximum with extra credit": lambda: ScoreFactory(score=22, assessment__allows_extra=True),
    "missing without points": lambda: ScoreFactory(state=State.MISSING),
    "a student in two pieces of work": lambda: two_scores(assessment=AssessmentFactory()),
    "scales that are not in use": lambda: (scale(), scale()),
    "bands from 0 and from 100": lambda: (band(lower_bound=0), band(lower_bound=100)),
    "a grade again in another scale": lambda: two_bands(scale=scale(), label="A", lower_bound=90),
    "a student's total in another class": lambda: two_totals(school_class=SchoolClassFactory()),
    "a student's total in another subject": lambda: two_totals(subject=SubjectFactory()),
    "a histogram of another subject": lambda: two_histograms(subject=SubjectFactory()),
}


def names_of_constraints() -> set[str]:
    return {
        constraint.name
        for model in apps.get_app_config("assessments").get_models()
        for constraint in model._meta.constraints
    }


def test_each_constraint_of_assessments_has_a_row_that_breaks_it():
    assert set(BROKEN) == names_of_constraints()


@pytest.mark.parametrize("name", BROKEN)
def test_the_database_refuses_what_breaks(name):
    with pytest.raises(IntegrityError) as refused, transaction.atomic():
        BROKEN[name]()
    if connection.vendor == "postgresql":  # SQLite names the columns of a unique constraint instead
        assert refused.value.__cause__.diag.constraint_name == name


@pytest.mark.parametrize("rows", ALLOWED.values(), ids=ALLOWED)
def test_the_database_takes(rows):
    rows()


def test_a_graded_score_without_points_is_refused():
    with pytest.raises(IntegrityError), transaction.atomic():
        ScoreFactory(state=State.GRADED, score=None)


# --- What a form tells ------------------------------------------------------------------------------


def refusal(row: models.Model) -> dict[str, list[str]]:
    """What full_clean says by field; empty if nothing."""
    try:
        row.full_clean()
    except ValidationError as error:
        return error.message_dict
    return {}


def changed(row, **fields):
    for name, value in fields.items():
        setattr(row, name, value)
    return row


@pytest.fixture
def quiz():
    """A quiz of March in a class of 2025/26."""
    year = AcademicYearFactory(name="2025/26", starts_on=date(2025, 9, 1), ends_on=date(2026, 7, 18))
    return AssessmentFactory(school_class__academic_year=year, date_taken=MARCH)


@pytest.mark.parametrize(
    ("day", "said"),
    [
        (date(2025, 9, 1), {}),
        (date(2026, 7, 17), {}),
        (date(2025, 8, 31), {"date_taken": ["This day is not in the school year of the class, 2025/26."]}),
        (date(2026, 7, 18), {"date_taken": ["This day is not in the school year of the class, 2025/26."]}),
    ],
)
def test_a_piece_of_work_lies_in_the_school_year_of_its_class(quiz, day, said):
    assert refusal(changed(quiz, date_taken=day)) == said


@pytest.mark.parametrize(
    ("fields", "said"),
    [
        ({"max_score": Decimal("17.5")}, {}),
        (
            {"max_score": Decimal("17.49")},
            {"max_score": ["Bo Lind has 17.5 points. Correct that score first, or allow extra credit."]},
        ),
        ({"max_score": Decimal("17.49"), "allows_extra": True}, {}),
        ({"max_score": 0}, {"max_score": ["Ensure this value is greater than or equal to 0.01."]}),
        ({"max_score": Decimal("20.001")}, {"max_score": ["Ensure that there are no more than 2 decimal places."]}),
        (
            {"max_score": 100_000},
            {
                "max_score": [
                    "Ensure this value is less than or equal to 99999.99.",
                    "Ensure that there are no more than 5 digits before the decimal point.",
                ]
            },
        ),
        ({"max_score": "NaN"}, {"max_score": ["Give a number of points such as 17 or 17.5."]}),
        ({"max_score": "seventeen"}, {"max_score": ["Give a number of points such as 17 or 17.5."]}),
    ],
)
def test_a_maximum_is_not_below_a_score(quiz, fields, said):
    ScoreFactory(assessment=quiz, student__given_name="Bo", student__family_name="Lind", score=Decimal("17.5"))
    assert {name: sorted(errors) for name, errors in refusal(changed(quiz, **fields)).items()} == {
        name: sorted(errors) for name, errors in said.items()
    }


def test_term_follows_from_the_date(quiz):
    year = quiz.school_class.academic_year
    TermFactory(academic_year=year, name="Autumn", starts_on=year.starts_on, ends_on=MARCH)
    winter = TermFactory(academic_year=year, name="Winter", starts_on=MARCH, ends_on=MARCH + timedelta(days=30))
    assert quiz.term == winter
    quiz.date_taken = MARCH + timedelta(days=30)
    assert quiz.term is None


# --- Points -----------------------------------------------------------------------------------------


def stored_as(points: Decimal | str | float | int) -> object:
    """What stands in the column, past the field."""
    row = ScoreFactory(score=points)
    with connection.cursor() as cursor:
        cursor.execute("SELECT score FROM assessments_score WHERE id = %s", [row.pk])
        return cursor.fetchone()[0]


class TestPoints:
    @pytest.mark.parametrize(
        ("points", "hundredths"),
        [(Decimal("17.5"), 1750), ("0.07", 7), (20, 2000), (0.29, 29), (Decimal("1E+1"), 1000)],
    )
    def test_are_stored_as_whole_hundredths(self, points, hundredths):
        assert stored_as(points) == hundredths

    def test_come_back_as_the_decimal_that_was_stored(self):
        ScoreFactory(score=Decimal("17.50"))
        ScoreFactory(state=State.EXEMPT)
        assert list(Score.objects.order_by("pk").values_list("score", flat=True)) == [Decimal("17.5"), None]
        assert Score.objects.first().share == Fraction(7, 8)

    def test_add_up_exactly(self):
        for points in ("0.1", "0.2"):
            ScoreFactory(score=Decimal(points))
        assert Score.objects.aggregate(Sum("score")) == {"score__sum": Decimal("0.3")}

    @pytest.mark.parametrize("finer", [Decimal("17.555"), "0.001", 0.1 + 0.2])
    def test_are_never_rounded_on_their_way_to_the_database(self, finer):
        with pytest.raises(ValueError, match="has more than two decimals"), transaction.atomic():
            ScoreFactory(score=finer)
        assert Score.objects.count() == 0

    def test_are_looked_up_and_sorted_as_numbers(self):
        work = AssessmentFactory()
        for points in ("9.5", "17", "17.5"):
            ScoreFactory(assessment=work, score=Decimal(points))

        def found(**lookup):
            return [
                str(points)
                for points in Score.objects.filter(**lookup).order_by("score").values_list("score", flat=True)
            ]

        assert found() == ["9.5", "17", "17.5"]
        assert found(score=Decimal("17.50")) == ["17.5"]
        assert found(score__gt=17) == ["17.5"]
        assert found(score__lte=Decimal("17.00")) == ["9.5", "17"]
        assert found(score__in=[Decimal("9.5"), 17]) == ["9.5", "17"]
        assert found(score__range=(Decimal("9.51"), Decimal("17.49"))) == ["17"]

    def test_are_compared_with_another_column(self):
        full = ScoreFactory(score=20)
        ScoreFactory(score=Decimal("19.99"))
        assert list(Score.objects.filter(score__gte=F("max_score"))) == [full]
        with pytest.raises(IntegrityError), transaction.atomic():
            Score.objects.update(max_score=Decimal("19.99"))
        Score.objects.filter(pk=full.pk).update(max_score=F("score"))
        full.refresh_from_db()
        assert full.max_score == Decimal(20)

    def test_of_a_form_have_at_most_two_decimals(self):
        field = Assessment._meta.get_field("max_score").formfield()
        assert field.clean("17.55") == Decimal("17.55")
        for typed in ("17.555", "NaN", "1e309", "100000", "-1e-9"):
            with pytest.raises(ValidationError):
                field.clean(typed)

    def test_weights_and_bounds_are_points_too(self):
        category = CategoryFactory(weight=Decimal("0.5"))
        assert AssessmentCategory.objects.get(pk=category.pk).weight == Decimal("0.5")
        assert GradeBand.objects.get(pk=band(lower_bound=Decimal("92.75")).pk).lower_bound == Decimal("92.75")


def test_a_new_school_has_a_category_a_type_and_four_scales_of_which_one_is_in_use():
    categories = AssessmentCategory.objects.values_list("default_for", "weight")
    assert dict(categories) == dict.fromkeys(["quiz", "test", "exam", "assignment"], Decimal(1))
    scales = {
        row.name: list(row.bands.order_by("lower_bound").values_list("lower_bound", flat=True))
        for row in GradeScale.objects.all()
    }
    assert {name: (bounds[0], len(bounds)) for name, bounds in scales.items()} == {
        "Letters A to F": (0, 5),
        "Letters with + and −": (0, 13),
        "WASSCE A1 to F9": (0, 9),
        "Words, from a scale of 20": (0, 5),
    }
    assert GradeScale.objects.get(in_use=True).name == "Letters A to F"


# --- Whole numbers of any size ------------------------------------------------------------------------


@pytest.mark.parametrize("number", [0, 7, -3, 2**63, 10**200])
def test_a_whole_number_of_any_size_comes_back(number):
    total = SubjectTotalFactory(earned=number)
    assert SubjectTotal.objects.get(pk=total.pk).earned == number
    assert SubjectTotal.objects.filter(earned=number).count() == 1


@pytest.mark.parametrize("number", ["0.5", "x", Decimal("0.5")])
def test_what_is_no_whole_number_is_refused(number):
    with pytest.raises(ValueError, match=r"0\.5|x"):
        SubjectTotalFactory(earned=number)


def test_a_total_typed_as_digits_is_a_number():
    field = SubjectTotal._meta.get_field("earned")
    assert (field.to_python("70"), field.to_python(70), field.to_python(None)) == (70, 70, None)
    with pytest.raises(ValidationError, match="Give a whole number"):
        field.to_python("seventy")
