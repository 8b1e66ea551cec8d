"""Averages of many students from kept totals: exactly those of metrics.py, and of a recount from raw rows."""

from __future__ import annotations

from collections import Counter
from datetime import timedelta
from decimal import Decimal
from fractions import Fraction

import pytest

from assessments.kept import (
    averages_over_time,
    grade_counts,
    live_grade_counts,
)
from assessments.kept_days import averages_by_day
from assessments.kept_marks import GroupAverage, kept_marks, live_marks
from assessments.metrics import Average, averages_by, load_grades, mean
from assessments.models import GradeBand, GradeScale, Score, ScoreHistogram, State, SubjectTotal
from assessments.recounting import recount_totals
from assessments.tests.factories import AssessmentFactory, CategoryFactory, ScoreFactory
from assessments.tests.recounts import all_scores, grouped, recounted_average, recounted_mean
from students.tests.factories import SchoolClassFactory, StudentFactory, SubjectFactory, TeachingAssignmentFactory
from tests.cast import MONDAY, YEAR_START

DAY = timedelta(days=1)


def give(student, work, points):
    """A score; "M" missing, "EX" exempt."""
    state = {"M": State.MISSING, "EX": State.EXEMPT}.get(points, State.GRADED)
    return ScoreFactory(
        student=student, assessment=work, state=state, score=Decimal(points) if state == State.GRADED else None
    )


@pytest.fixture
def subjects():
    return SubjectFactory(name="Mathematics"), SubjectFactory(name="Art")


@pytest.fixture
def marked(cast, subjects):
    """Four students with every kind of score, in two classes and two subjects; what is kept of them is counted."""
    maths, art = subjects
    half, nothing = CategoryFactory(weight=Decimal("0.5")), CategoryFactory(weight=Decimal(0))
    quiz = AssessmentFactory(school_class=cast.class_7a, subject=maths)
    exam = AssessmentFactory(school_class=cast.class_7a, subject=maths, max_score=Decimal("0.03"), category=half)
    other = AssessmentFactory(school_class=cast.class_7b, subject=maths, max_score=Decimal(30), allows_extra=True)
    practice = AssessmentFactory(school_class=cast.class_7a, subject=art, category=nothing)
    sketch = AssessmentFactory(school_class=cast.class_7a, subject=art, max_score=Decimal(7))
    for work, points in ((quiz, "15"), (exam, "0.01"), (other, "36"), (practice, "20")):  # Amina is in both classes
        give(cast.amina, work, points)
    give(cast.bo, quiz, "EX")
    give(cast.bo, practice, "2")
    give(cast.cleo, quiz, "M")
    give(cast.cleo, sketch, "5")
    give(StudentFactory(), sketch, "EX")
    recount_totals(repair=True)


def said(found: Average) -> tuple[object, ...]:
    return found.share, found.graded, found.missing, found.exempt


def both():
    return {"kept": kept_marks(ScoreHistogram.objects.all()), "live": live_marks(Score.objects.all())}


def group_of(scores) -> GroupAverage:
    """What the recount says of a group."""
    average, students = recounted_mean(scores)
    states = Counter(score.state for score in scores)
    return GroupAverage(average, students, states["graded"], states["missing"], states["exempt"])


@pytest.mark.parametrize("how", ["kept", "live"])
class TestMarks:
    def test_of_the_students_are_those_of_the_metrics_and_of_a_recount(self, marked, how):
        found = both()[how].of_students()
        assert {key: said(average) for key, average in found.items()} == {
            key: recounted_average(scores) for key, scores in grouped(all_scores(), lambda row: row.student_id).items()
        }
        metrics = averages_by(Score.objects.all(), "student", published_only=False)
        assert {key: said(average) for key, average in found.items()} == {
            student: said(average) for (student,), average in metrics.items()
        }
        assert both()[how].average == mean(average.share for average in metrics.values())

    def test_of_subjects_and_classes_are_the_means_of_their_students(self, marked, how):
        marks = both()[how]
        for found, key in (
            (marks.by_subject(), lambda row: row.assessment.subject_id),
            (marks.by_class(), lambda row: row.assessment.school_class_id),
        ):
            assert found == {group: group_of(scores) for group, scores in grouped(all_scores(), key).items()}

    def test_of_a_student_in_two_classes_of_one_subject_count_together(self, marked, how, cast, subjects):
        maths, _art = subjects
        found = both()[how].in_subjects([cast.amina.pk])
        # 15 of 20 and 36 of 30 with weight 1, 0.01 of 0.03 with weight 0.5
        assert said(found[cast.amina.pk][maths.pk]) == (
            Fraction(3, 4) * 2 / 5 + Fraction(6, 5) * 2 / 5 + Fraction(1, 15),
            3,
            0,
            0,
        )
        assert set(found) == {cast.amina.pk}

    def test_in_subjects_are_those_of_the_metrics(self, marked, how):
        metrics = averages_by(Score.objects.all(), "student", "assessment__subject", published_only=False)
        found = both()[how].in_subjects()
        assert {
            (student, subject): said(average) for student, own in found.items() for subject, average in own.items()
        } == {key: said(average) for key, average in metrics.items()}

    def test_exempt_scores_and_weight_0_give_no_average_and_missing_ones_zero(self, marked, how, cast, subjects):
        maths, art = subjects
        found = both()[how]
        assert said(found.of_students()[cast.bo.pk]) == (None, 1, 0, 1)
        assert said(found.in_subjects()[cast.cleo.pk][maths.pk]) == (0, 0, 1, 0)
        assert found.by_subject()[art.pk] == GroupAverage(Fraction(5, 7), 1, 3, 0, 1)
        assert found.among([cast.bo.pk]).average is None
        assert found.among([cast.bo.pk]).by_subject()[art.pk] == GroupAverage(None, 0, 1, 0, 0)

    def test_among_students_are_theirs_alone(self, marked, how, cast):
        own = [cast.amina.pk, cast.cleo.pk]
        found = both()[how].among(own)
        assert found.average == recounted_mean(row for row in all_scores() if row.student_id in own)[0]
        assert set(found.of_students()) == set(own)

    def test_in_classes_are_of_their_work_alone(self, marked, how, cast):
        found = both()[how].in_classes([cast.class_7b.pk])
        assert {key: said(average) for key, average in found.of_students().items()} == {
            cast.amina.pk: (Fraction(6, 5), 1, 0, 0)
        }

    def test_below_a_bound_is_who_the_metrics_say_with_three_graded_scores_at_least(self, marked, how, cast, subjects):
        maths, art = subjects
        for subject, points in ((maths, "11"), (maths, "9"), (maths, "10"), (art, "18")):
            give(cast.bo, AssessmentFactory(school_class=cast.class_7a, subject=subject), points)
        recount_totals(repair=True)
        marks = both()[how]  # Bo: 30 of 60 in mathematics, 48 of 80 altogether; the practice has weight 0
        for bound in (Fraction(1, 2), Fraction(51, 100), Fraction(3, 5), Fraction(61, 100), Fraction(2)):
            assert marks.below(bound) == {key for key, one in marks.of_students().items() if one.is_below(bound)}
            weak = {
                key: {subject: said(one) for subject, one in own.items() if one.is_below(bound)}
                for key, own in marks.in_subjects().items()
            }
            assert {
                key: {subject: said(one) for subject, one in own.items()}
                for key, own in marks.below_in_subjects(bound).items()
            } == {key: own for key, own in weak.items() if own}
        assert [cast.bo.pk in marks.below(Fraction(number, 100)) for number in (60, 61)] == [False, True]
        assert [cast.bo.pk in marks.below_in_subjects(Fraction(number, 100)) for number in (50, 51)] == [False, True]

    def test_of_nobody_are_no_data(self, db, how):
        found = both()[how]
        assert (found.average, found.of_students(), found.by_subject(), found.by_class()) == (None, {}, {}, {})
        assert found.in_subjects() == {}


@pytest.mark.parametrize("number", [1, 3, 60])
def test_each_costs_one_statement_at_any_size(number, cast, count_queries):
    work = AssessmentFactory(school_class=cast.class_7a)
    ScoreFactory.create_batch(number, assessment=work)
    recount_totals(repair=True)
    found = []
    assert count_queries(lambda: found.append(kept_marks(ScoreHistogram.objects.all()))) == 1
    assert count_queries(lambda: found.append(live_marks(Score.objects.all()))) == 1
    assert [len(marks.of_students()) for marks in found] == [number] * 2
    assert count_queries(counts_of_grades) == 2
    assert count_queries(lambda: averages_over_time(Score.objects.all(), [(MONDAY, MONDAY)] * number)) == 1


class TestWhoSeesThem:
    def rows(self, user):
        return SubjectTotal.objects.visible_to(user).count(), ScoreHistogram.objects.visible_to(user).count()

    def test_the_office_sees_all_and_a_teacher_those_of_the_classes_and_subjects_assigned_today(
        self, marked, cast, subjects
    ):
        maths, _art = subjects
        assert self.rows(cast.office) == (8, 3)
        assert self.rows(cast.ana.user) == (7, 2)  # 7A, in every subject
        assert self.rows(cast.ben.user) == (1, 1)
        TeachingAssignmentFactory(teacher=cast.ben, school_class=cast.class_7a, subject=maths, starts_on=YEAR_START)
        assert self.rows(cast.ben.user) == (4, 2)
        seen = kept_marks(ScoreHistogram.objects.visible_to(cast.ben.user))
        live = live_marks(Score.objects.visible_to(cast.ben.user))
        assert {key: said(one) for key, one in seen.of_students().items()} == {
            key: said(one) for key, one in live.of_students().items()
        }

    def test_parents_see_none_for_they_hold_work_that_is_not_published(self, marked, cast):
        assert SubjectTotal.objects.filter(student=cast.amina).count() == 3
        assert self.rows(cast.mariam.user) == (0, 0)

    def test_those_of_a_year_are_those_of_its_classes(self, marked, cast):
        before = SchoolClassFactory()
        give(cast.amina, AssessmentFactory(school_class=before), "3")
        recount_totals(repair=True)
        assert SubjectTotal.objects.count() == 9
        assert (SubjectTotal.objects.of_year(cast.year).count(), ScoreHistogram.objects.of_year(cast.year).count()) == (
            8,
            3,
        )


def counts_of_grades():
    """From what is kept: two statements, the scale and the histograms."""
    kept = ScoreHistogram.objects.values_list("counts", flat=True)
    return grade_counts(load_grades(), kept, Score.objects.all())


class TestGradeCounts:
    def counts(self):
        return counts_of_grades()

    def test_are_those_of_the_scores(self, marked):
        # 75, 33, 120, 100, 10 and 71.4 percent
        assert list(self.counts().items()) == [("A", 2), ("B", 0), ("C", 2), ("D", 0), ("F", 2)]
        assert live_grade_counts(load_grades(), Score.objects.all()) == self.counts()

    @pytest.mark.parametrize(
        ("points", "grade"), [("89.99", "B"), ("90", "A"), ("100", "A"), ("0", "F"), ("59.99", "F"), ("60", "D")]
    )
    def test_a_mark_on_the_edge_has_the_grade_that_starts_there(self, db, points, grade):
        give(StudentFactory(), AssessmentFactory(max_score=Decimal(100)), points)
        recount_totals(repair=True)
        assert [label for label, number in self.counts().items() if number] == [grade]

    def test_of_a_scale_between_whole_percents_are_counted_from_the_scores(self, marked, count_queries):
        GradeBand.objects.filter(scale__in_use=True, label="C").update(lower_bound=Decimal("71.5"))
        assert list(self.counts().items()) == [("A", 2), ("B", 0), ("C", 1), ("D", 1), ("F", 2)]
        assert count_queries(self.counts) == 2  # the scale and the scores

    def test_without_a_scale_there_are_none_and_without_scores_zeros(self, db):
        assert self.counts() == dict.fromkeys("ABCDF", 0)
        GradeScale.objects.update(in_use=False)
        assert self.counts() == live_grade_counts(load_grades(), Score.objects.all()) == {}


def both_over_time(scores, points):
    """The averages of some days from the scores, which must be those from the sheets that are kept of them."""
    recount_totals(repair=True)
    kept = ScoreHistogram.objects.filter(school_class__in=scores.values("assessment__school_class"))
    kept = kept.filter(subject__in=scores.values("assessment__subject"))
    found = averages_over_time(scores, points)
    assert averages_by_day(kept.values_list("students", "by_day"), points) == found
    return found


class TestOverTime:
    def recounted(self, points):
        return [
            recounted_mean(row for row in all_scores() if first <= row.assessment.date_taken <= last)[0]
            for first, last in points
        ]

    def test_each_point_is_the_mean_of_the_averages_of_its_days(self, marked, cast, subjects):
        maths, art = subjects
        heavy = CategoryFactory(weight=Decimal("7.77"))
        for number, subject in enumerate((maths, art, maths, art)):
            work = AssessmentFactory(
                school_class=cast.class_7a, subject=subject, date_taken=MONDAY - 3 * number * DAY,
                max_score=Decimal("25.5"), category=heavy,
            )  # fmt: skip
            give(cast.amina, work, "10.01")
            give(cast.cleo, work, "M")
            if number % 2:
                give(cast.bo, work, "25")
        days = [(MONDAY - number * DAY, MONDAY - number * DAY) for number in range(11)]
        weeks = [(MONDAY - 10 * DAY, MONDAY - 4 * DAY), (MONDAY - 3 * DAY, MONDAY), (MONDAY - 5 * DAY, MONDAY)]
        for points in (days, weeks):
            assert both_over_time(Score.objects.all(), points) == self.recounted(points)
        assert [value is None for value in self.recounted(days)] == [number % 3 != 0 for number in range(11)]

    def test_what_has_no_weight_or_is_exempt_is_no_data(self, marked, cast, subjects):
        scores = Score.objects.filter(student=cast.bo)
        assert scores.count() == 2
        assert averages_over_time(scores, [(MONDAY, MONDAY), (MONDAY - DAY, MONDAY - DAY)]) == [None, None]
        assert averages_over_time(scores, []) == []

    def test_of_somebody_who_sees_no_score_is_no_data(self, marked, cast):
        assert averages_over_time(Score.objects.visible_to(cast.office), [(MONDAY, MONDAY)]) != [None]
        assert averages_over_time(Score.objects.none(), [(MONDAY, MONDAY)]) == [None]

    def test_counts_what_a_teacher_sees(self, marked, cast):
        seen = Score.objects.visible_to(cast.ben.user)
        assert seen.count() == 1
        assert averages_over_time(seen, [(MONDAY, MONDAY)]) == [Fraction(6, 5)]

    def test_of_odd_maxima_is_exact(self, cast):
        most = ["99999.99", "99999.97", "99999.89", "0.07"]
        works = [AssessmentFactory(max_score=Decimal(each), subject=SubjectFactory()) for each in most]
        for work in works:
            give(cast.amina, work, "0.05")
        points = [(MONDAY, MONDAY)]
        assert both_over_time(Score.objects.all(), points) == self.recounted(points)

    def test_of_works_that_share_no_student_is_their_plain_mean(self, cast, subjects):
        for student, points in ((cast.amina, "15"), (cast.bo, "5")):
            give(student, AssessmentFactory(school_class=cast.class_7a, subject=subjects[0]), points)
        points = [(MONDAY, MONDAY)]
        assert both_over_time(Score.objects.all(), points) == self.recounted(points) == [Fraction(1, 2)]

    def test_of_no_days_and_of_sheets_without_any_is_no_data(self):
        assert averages_by_day([("", "")], []) == []
        assert averages_by_day([("", ""), ("1", "")], [(MONDAY, MONDAY)]) == [None]
