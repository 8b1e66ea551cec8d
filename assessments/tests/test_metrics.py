"""What the numbers of assessments mean, on examples counted by hand and against an independent recount."""

from __future__ import annotations

import decimal
from collections import Counter, defaultdict
from datetime import date, timedelta
from decimal import Decimal
from fractions import Fraction

import pytest
from django.db import transaction
from django.utils import timezone
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from accounts.roles import Role
from accounts.tests.factories import UserFactory
from assessments.metrics import (
    Average,
    Grades,
    Shares,
    average_of,
    averages_by,
    load_grades,
    mean,
    median,
    regroup,
    shares_by,
    spread_of,
)
from assessments.models import GradeBand, GradeScale, Score, State
from assessments.services import use_scale
from assessments.statistics import statistics_of
from assessments.statistics_form import Asked, Offered
from assessments.tests.factories import AssessmentFactory, CategoryFactory, ScoreFactory
from core.numbers import percent, print_percent
from students.models import Student
from students.tests.factories import (
    AcademicYearFactory,
    SchoolClassFactory,
    StudentFactory,
    SubjectFactory,
    TermFactory,
)
from tests.cast import MONDAY

DAY = timedelta(days=1)


def score(student, points, most=20, *, weight=1, **work):
    """A score of a student in a piece of work of its own; "M" missing, "EX" exempt."""
    state = {"M": State.MISSING, "EX": State.EXEMPT}.get(points, State.GRADED)
    assessment = AssessmentFactory(
        category=CategoryFactory(weight=Decimal(str(weight))), max_score=Decimal(str(most)), **work
    )
    graded = Decimal(str(points)) if state == State.GRADED else None
    return ScoreFactory(student=student, assessment=assessment, state=state, score=graded)


def average(student, *, published_only=False) -> Average:
    return average_of(Score.objects.filter(student=student), published_only=published_only)


def numbers(found: Average) -> tuple[int, int, int]:
    return found.graded, found.missing, found.exempt


@pytest.mark.django_db
class TestTheAverageOfAStudent:
    def test_weighs_each_score_by_its_category_and_counts_a_missing_one_as_nothing(self):
        amina = StudentFactory()
        score(amina, 18, 20, weight=40)
        score(amina, 35, 50, weight=20)
        score(amina, 60, 100, weight=40)
        assert average(amina).share == Fraction(74, 100)
        score(amina, "M", 10, weight=40)
        score(amina, "EX", 10, weight=40)
        found = average(amina)
        assert found.share == Fraction(74, 140)
        assert (numbers(found), found.number, print_percent(found.share)) == ((3, 1, 1), 5, "52.8\u00a0%")

    def test_is_exact_where_floats_are_not(self):
        bo = StudentFactory()
        score(bo, "0.1", "0.3")
        score(bo, "0.2", "0.3")
        assert average(bo).share == Fraction(1, 2)

    def test_of_equal_weights_is_the_plain_mean_whatever_the_weight(self):
        bo = StudentFactory()
        for points in (10, 13, 17):
            score(bo, points, weight="0.25")
        assert average(bo).share == Fraction(40, 60)

    def test_without_any_score_or_with_exempt_ones_only_is_no_data(self):
        bo = StudentFactory()
        assert (average(bo).share, numbers(average(bo))) == (None, (0, 0, 0))
        score(bo, "EX")
        score(bo, "EX")
        assert (average(bo).share, numbers(average(bo)), print_percent(average(bo).share)) == (None, (0, 0, 2), "–")

    def test_of_missing_scores_only_is_zero(self):
        bo = StudentFactory()
        score(bo, "M")
        assert (average(bo).share, numbers(average(bo))) == (0, (0, 1, 0))

    def test_leaves_out_a_category_of_weight_0(self):
        bo = StudentFactory()
        score(bo, 2, weight=0)
        assert (average(bo).share, numbers(average(bo))) == (None, (1, 0, 0))
        score(bo, 15)
        assert (average(bo).share, numbers(average(bo))) == (Fraction(3, 4), (2, 0, 0))

    def test_goes_above_the_whole_with_extra_credit(self):
        bo = StudentFactory()
        score(bo, 22, allows_extra=True)
        assert (average(bo).share, print_percent(average(bo).share)) == (Fraction(11, 10), "110.0\u00a0%")
        score(bo, 18)
        assert average(bo).share == 1

    @pytest.mark.parametrize(
        ("points", "printed", "reaches"),
        [("85", "85.0\u00a0%", True), ("84.96", "84.9\u00a0%", False), ("84.99", "84.9\u00a0%", False)],
    )
    def test_is_decided_on_exactly_and_printed_truncated(self, points, printed, reaches):
        bo = StudentFactory()
        score(bo, points, 100)
        share = average(bo).share
        assert (print_percent(share), share >= Fraction(85, 100)) == (printed, reaches)


@pytest.mark.django_db
class TestPublishedOnly:
    def test_counts_what_parents_may_read_now(self, frozen):
        bo, now = StudentFactory(), timezone.now()
        score(bo, 20, published_at=now)
        score(bo, 10, published_at=now + timedelta(seconds=1))
        score(bo, 0)
        assert average(bo).share == Fraction(30, 60)
        assert average(bo, published_only=True).share == 1
        frozen.shift(1)
        assert average(bo, published_only=True).share == Fraction(30, 40)

    def test_holds_for_groups_and_shares_too(self, frozen):
        bo = StudentFactory()
        score(bo, 20, published_at=timezone.now())
        score(bo, "M")
        scores = Score.objects.all()
        assert averages_by(scores, "student", published_only=True)[bo.pk,].share == 1
        assert averages_by(scores, "student", published_only=False)[bo.pk,].share == Fraction(1, 2)
        assert shares_by(scores, published_only=True)[()] == Shares(Counter({(20, 20): 1}), 0)
        assert shares_by(scores, published_only=False)[()] == Shares(Counter({(20, 20): 1}), 1)


@pytest.mark.django_db
class TestGroups:
    def test_the_average_of_a_group_is_the_mean_of_its_students_averages(self):
        amina, bo, cleo = StudentFactory.create_batch(3)
        score(amina, 20)
        for _number in range(3):
            score(bo, 10)
        score(cleo, "EX")
        found = averages_by(Score.objects.all(), "student", published_only=False)
        shares = [found[student.pk,].share for student in (amina, bo, cleo)]
        assert shares == [1, Fraction(1, 2), None]
        assert mean(shares) == Fraction(3, 4)  # and not 50 of 80 points, 62.5 %
        assert mean([None, None]) is None
        assert mean([]) is None

    def test_of_several_keys_add_up_to_larger_ones(self):
        amina, bo = StudentFactory.create_batch(2)
        maths, art = SubjectFactory(), SubjectFactory()
        score(amina, 20, subject=maths)
        score(amina, 5, subject=art, weight=3)
        score(bo, "M", subject=art)
        scores = Score.objects.all()
        fine = averages_by(scores, "assessment__subject", "student", published_only=False)
        assert {key: found.share for key, found in fine.items()} == {
            (maths.pk, amina.pk): 1, (art.pk, amina.pk): Fraction(1, 4), (art.pk, bo.pk): 0,
        }  # fmt: skip
        assert regroup(fine, 1) == averages_by(scores, "student", published_only=False)
        assert regroup(fine, 0) == averages_by(scores, "assessment__subject", published_only=False)
        assert regroup(fine) == averages_by(scores, published_only=False)
        assert regroup(fine, 1)[amina.pk,].share == Fraction(7, 16)
        shares = shares_by(scores, "assessment__subject", published_only=False)
        assert regroup(shares) == shares_by(scores, published_only=False)

    @pytest.mark.parametrize("number", [1, 3, 60])
    def test_cost_one_statement_at_any_size(self, number, count_queries):
        work = AssessmentFactory()
        for _number in range(number):
            ScoreFactory(assessment=work)
        found = []
        assert (
            count_queries(lambda: found.append(averages_by(Score.objects.all(), "student", published_only=True))) == 1
        )
        assert count_queries(lambda: found.append(shares_by(Score.objects.all(), published_only=False))) == 1
        assert count_queries(lambda: found.append(average_of(Score.objects.all(), published_only=False))) == 1
        assert (len(found[0]), found[2].graded) == (0, number)


def spread(*shares: str, missing: int = 0):
    return spread_of(Counter(Fraction(share) for share in shares), missing)


class TestSpread:
    def test_mean_median_deviation_lowest_and_highest(self):
        found = spread("0.5", "0.7", "0.9", "0.9", missing=2)
        assert (found.count, found.missing, found.mean, found.median) == (4, 2, Fraction(3, 4), Fraction(4, 5))
        assert (found.lowest, found.highest) == (Fraction(1, 2), Fraction(9, 10))
        assert found.deviation == Fraction(165831, 1_000_000)  # √0.0275, rounded down to a millionth
        assert print_percent(found.deviation) == "16.5\u00a0%"

    def test_the_deviation_is_that_of_the_whole_group_and_not_of_a_sample(self):
        assert spread("0.2", "0.4", "0.4", "0.4", "0.5", "0.5", "0.7", "0.9").deviation == Fraction(2, 10)

    def test_of_marks_that_occur_more_than_once(self):
        found = spread("0.9", "0.9", "0.5", "0.8", "0.9")
        assert (found.mean, found.median, print_percent(found.deviation)) == (
            Fraction(4, 5),
            Fraction(9, 10),
            "15.4\u00a0%",
        )

    def test_of_one_score_and_of_none(self):
        alone = spread("0.65")
        assert (alone.mean, alone.median, alone.deviation, alone.lowest) == (Fraction(13, 20),) * 2 + (
            0,
            Fraction(13, 20),
        )
        empty = spread(missing=3)
        assert (empty.count, empty.missing) == (0, 3)
        assert {empty.mean, empty.median, empty.deviation, empty.lowest, empty.highest} == {None}

    @pytest.mark.parametrize(
        ("shares", "middle"),
        [
            ([], None),
            (["0.3"], "0.3"),
            (["0.9", "0.1"], "0.5"),
            (["0.9", "0.1", "0.2"], "0.2"),
            (["1", "0", "1", "1"], "1"),
        ],
    )
    def test_the_median_lies_in_the_middle_or_between_the_two(self, shares, middle):
        assert median([Fraction(share) for share in shares]) == (None if middle is None else Fraction(middle))


WASSCE = Grades((Decimal(0), Decimal(60), Decimal(65), Decimal(75)), ("F9", "C4", "B3", "A1"))


class TestGrades:
    @pytest.mark.parametrize(
        ("share", "grade"),
        [
            (Fraction(13, 20), "B3"),  # exactly 65 %
            (Fraction(6499, 10_000), "C4"),
            (Fraction(649_999_999, 1_000_000_000), "C4"),  # prints 64.9
            (Fraction(3, 4), "A1"),
            (Fraction(11, 10), "A1"),
            (Fraction(0), "F9"),
            (None, None),
        ],
    )
    def test_a_mark_on_the_edge_has_the_grade_that_starts_there(self, share, grade):
        assert WASSCE.of(share) == grade

    def test_below_the_lowest_bound_there_is_no_grade(self):
        assert Grades((Decimal("50.5"),), ("Pass",)).of(Fraction(505, 1000)) == "Pass"
        assert Grades((Decimal("50.5"),), ("Pass",)).of(Fraction(5049, 10_000)) is None
        assert Grades((), ()).of(Fraction(1)) is None

    def test_the_distribution_names_all_grades_the_best_first(self):
        shares = Counter({Fraction(13, 20): 2, Fraction(1): 1, Fraction(1, 10): 4})
        assert list(WASSCE.distribution(shares).items()) == [("A1", 1), ("B3", 2), ("C4", 0), ("F9", 4)]
        assert Grades((), ()).distribution(shares) == {}

    @pytest.mark.django_db
    def test_those_of_the_scale_in_use_are_loaded(self, count_queries):
        found = []
        assert count_queries(lambda: found.append(load_grades())) == 1
        assert found == [Grades((0, 60, 70, 80, 90), ("F", "D", "C", "B", "A"))]
        use_scale(by=UserFactory(role=Role.ADMIN), scale=GradeScale.objects.get(name="WASSCE A1 to F9"))
        assert load_grades().labels == ("F9", "E8", "D7", "C6", "C5", "C4", "B3", "B2", "A1")
        GradeScale.objects.update(in_use=False)
        assert load_grades() == Grades((), ())


# --- An independent recount, row by row ----------------------------------------------------------------------------

FIRST, SECOND = MONDAY - 40 * DAY, MONDAY - 10 * DAY
POINTS = st.integers(0, 2500).map(lambda hundredths: Decimal(hundredths) / 100)


@st.composite
def schools(draw):
    """Work of two classes and subjects on any day of three terms' time, with scores of four students."""
    weights = [draw(st.sampled_from(["0", "0.05", "1", "7.77", "40"])) for _number in range(2)]
    work = draw(
        st.lists(
            st.fixed_dictionaries(
                {
                    "school_class": st.integers(0, 1),
                    "subject": st.integers(0, 1),
                    "category": st.integers(0, 1),
                    "day": st.integers(-60, 0),
                    "most": st.sampled_from(["0.03", "7", "20", "25.5", "30", "99999.99"]),
                    "published": st.sampled_from([None, -1, 1]),
                    "scores": st.dictionaries(
                        st.integers(0, 3), st.one_of(st.sampled_from(["missing", "exempt"]), POINTS), max_size=4
                    ),
                }
            ),
            max_size=6,
        )
    )
    return weights, work


def write(drawn, year):
    weights, work = drawn
    categories = [CategoryFactory(weight=Decimal(weight)) for weight in weights]
    classes = [SchoolClassFactory(academic_year=year, name=f"Class {place}") for place in range(2)]
    subjects = [SubjectFactory(name=f"Subject {place}") for place in range(2)]
    students = [StudentFactory() for _number in range(4)]
    for drawn_work in work:
        published = drawn_work["published"]
        assessment = AssessmentFactory(
            school_class=classes[drawn_work["school_class"]],
            subject=subjects[drawn_work["subject"]],
            category=categories[drawn_work["category"]],
            date_taken=MONDAY + drawn_work["day"] * DAY,
            max_score=Decimal(drawn_work["most"]),
            allows_extra=True,
            published_at=None if published is None else timezone.now() + published * DAY,
        )
        for student, reached in drawn_work["scores"].items():
            state = State.GRADED if isinstance(reached, Decimal) else reached
            points = reached if state == State.GRADED else None
            ScoreFactory(student=students[student], assessment=assessment, state=state, score=points)


def rows_of(**lookup):
    """Raw rows as dictionaries, past every formula of the app."""
    names = {
        "student": "student", "state": "state", "points": "score", "most": "max_score",
        "weight": "assessment__category__weight", "subject": "assessment__subject__name",
        "class": "assessment__school_class__name", "day": "assessment__date_taken",
        "published": "assessment__published_at",
    }  # fmt: skip
    rows = Score.objects.filter(**lookup).values_list(*names.values())
    return [dict(zip(names, row, strict=True)) for row in rows]


def recounted_average(rows) -> tuple[Fraction | None, tuple[int, int, int]]:
    """Σ weight x points/maximum over Σ weight, one row after the other; and how many of each state."""
    earned = possible = Fraction(0)
    counts = Counter(row["state"] for row in rows)
    for row in rows:
        if row["state"] != "exempt":
            possible += Fraction(row["weight"])
        if row["state"] == "graded":
            earned += Fraction(row["weight"]) * Fraction(row["points"]) / Fraction(row["most"])
    share = earned / possible if possible else None
    return share, (counts["graded"], counts["missing"], counts["exempt"])


def recounted_mean(rows) -> Fraction | None:
    """The mean of the students' averages."""
    by_student = defaultdict(list)
    for row in rows:
        by_student[row["student"]].append(row)
    shares = [share for own in by_student.values() if (share := recounted_average(own)[0]) is not None]
    return sum(shares, Fraction(0)) / len(shares) if shares else None


def tenths(share: Fraction | None) -> Decimal | None:
    """As printed: percent with one decimal, the rest cut off."""
    return None if share is None else Decimal(share.numerator * 1000 // share.denominator) / 10


def recounted_line(rows) -> tuple[object, ...]:
    """Average of the students, mean, median, deviation, lowest, highest, graded, missing; as printed."""
    marks = sorted(Fraction(row["points"]) / Fraction(row["most"]) for row in rows if row["state"] == "graded")
    missing = sum(row["state"] == "missing" for row in rows)
    if not marks:
        return tenths(recounted_mean(rows)), None, None, None, None, None, 0, missing
    half = len(marks) // 2
    middle = (marks[half] + marks[-1 - half]) / 2
    centre = sum(marks, Fraction(0)) / len(marks)
    variance = sum((mark - centre) ** 2 for mark in marks) / len(marks)
    with decimal.localcontext(prec=80):
        root = (Decimal(variance.numerator) / Decimal(variance.denominator)).sqrt()
    said = (recounted_mean(rows), centre, middle, Fraction(root), marks[0], marks[-1])
    return (*map(tenths, said), len(marks), missing)


def line(row) -> tuple[object, ...]:
    spread = row.spread
    shares = (row.average, spread.mean, spread.median, spread.deviation, spread.lowest, spread.highest)
    return (*map(percent, shares), spread.count, spread.missing)


def recounted_grade(row) -> str:
    mark = Fraction(row["points"]) / Fraction(row["most"]) * 100
    return max(
        (band for band in GradeBand.objects.filter(scale__in_use=True) if band.lower_bound <= mark),
        key=lambda band: band.lower_bound,
    ).label


@pytest.mark.django_db
@settings(
    max_examples=30, deadline=None, database=None,
    suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow],
)  # fmt: skip
@given(drawn=schools())
def test_every_number_equals_the_recount_to_the_last_printed_digit(frozen, drawn):
    with transaction.atomic():
        year = AcademicYearFactory(starts_on=date(2025, 9, 1), ends_on=date(2026, 7, 18))
        terms = [
            TermFactory(academic_year=year, starts_on=FIRST, ends_on=SECOND),
            TermFactory(academic_year=year, starts_on=SECOND),
        ]
        write(drawn, year)
        for student in Student.objects.all():
            own = rows_of(student=student)
            public = [row for row in own if row["published"] and row["published"] <= timezone.now()]
            for rows, published_only in ((own, False), (public, True)):
                found = average(student, published_only=published_only)
                share, counts = recounted_average(rows)
                assert (found.share, percent(found.share), numbers(found)) == (share, tenths(share), counts)
        office = UserFactory(role=Role.ADMIN)
        for asked_term in (None, *terms):
            asked = Asked(year, terms, asked_term, None, None)
            found = statistics_of(Score.objects.visible_to(office), asked, Offered.to(office))
            span = asked.span
            everything = rows_of()
            rows = [row for row in everything if span.starts_on <= row["day"] < span.ends_on]
            assert (line(found.all), found.all.number) == (recounted_line(rows), len(rows))
            for kind, lines in (("subject", found.subjects), ("class", found.classes)):
                names = {row[kind] for row in rows}
                expected = {name: recounted_line([row for row in rows if row[kind] == name]) for name in names}
                assert {row.name: line(row) for row in lines} == expected
            graded = Counter(recounted_grade(row) for row in rows if row["state"] == "graded")
            assert {grade.label: grade.number for grade in found.grades} == {label: graded[label] for label in "ABCDF"}
            trend = [[row for row in everything if term.starts_on <= row["day"] < term.ends_on] for term in terms]
            assert [percent(point.average) for point in found.trend] == [tenths(recounted_mean(rows)) for rows in trend]
            assert found.outside == len(everything) - sum(map(len, trend))
        transaction.set_rollback(True)
