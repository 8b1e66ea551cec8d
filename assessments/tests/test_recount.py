"""What is kept of scores stays what the scores add up to, whatever changes them."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta
from decimal import Decimal
from importlib import import_module

import pytest
from django.apps import apps
from django.core.exceptions import ValidationError
from django.db import transaction
from django.utils import timezone
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from assessments.models import Assessment, AssessmentCategory, ScoreHistogram, State, SubjectTotal
from assessments.recounting import Sheet, Total, Wrong, recount_totals
from assessments.scoresheet import Entry
from assessments.services import (
    delete_assessment,
    record_scores,
    save_assessment,
    save_category,
    undo_scores,
)
from assessments.tests.factories import AssessmentFactory, CategoryFactory, ScoreFactory
from assessments.tests.recounts import assert_kept, kept_histograms, kept_totals
from assessments.work_services import change_work, work_fingerprint
from students.services import delete_student
from students.tests.factories import SubjectFactory
from tests.cast import MONDAY

COLUMNS = ("graded", "missing", "exempt", "weight", "earned", "base")
STORED = ("subject", *COLUMNS)
FILL = import_module("assessments.migrations.0004_fill_kept_totals")
FILL_SHEETS = import_module("assessments.migrations.0008_fill_kept_sheets")
MISSING, EXEMPT = Entry(State.MISSING, None, ""), Entry(State.EXEMPT, None, "")


def graded(points) -> Entry:
    return Entry(State.GRADED, Decimal(points), "")


def enter(cast, work, **entries):
    """Ana enters scores, by the given name of the student in lower case."""
    by_key = {getattr(cast, name).student_id: entry for name, entry in entries.items()}
    return record_scores(by=cast.ana.user, assessment=work, entries=by_key)


@pytest.fixture
def quiz(cast):
    """A quiz of 7A, 20 points: Amina has 15, Bo is missing."""
    work = AssessmentFactory(school_class=cast.class_7a)
    enter(cast, work, amina=graded("15"), bo=MISSING)
    return work


def kept_of(student) -> list[tuple[int, ...]]:
    return list(SubjectTotal.objects.filter(student=student).order_by("pk").values_list(*COLUMNS))


class TestEveryChange:
    """Each shows what is kept before, changes one thing, and compares with the recount."""

    def test_a_save_counts_the_class_and_subject_of_the_work(self, cast, quiz):
        assert kept_of(cast.amina) == [(1, 0, 0, 100, 150_000, 2000)]  # weight 1, 15 of 20, in hundredths
        assert kept_of(cast.bo) == [(0, 1, 0, 100, 0, 1)]
        assert kept_histograms() == {quiz.pair: {75: 1}}
        assert_kept()

    def test_a_second_piece_of_work_is_added_and_another_subject_stands_apart(self, cast, quiz):
        second = AssessmentFactory(school_class=cast.class_7a, subject=quiz.subject, max_score=Decimal(30))
        enter(cast, second, amina=graded("10"), bo=EXEMPT)
        enter(cast, AssessmentFactory(school_class=cast.class_7a), amina=graded("20"))
        assert kept_of(cast.amina) == [(2, 0, 0, 200, 650_000, 6000), (1, 0, 0, 100, 200_000, 2000)]
        assert_kept()

    def test_a_save_that_takes_the_last_score_away_leaves_no_row(self, cast, quiz):
        enter(cast, quiz, amina=None)
        assert set(kept_totals()) == {(cast.bo.pk, *quiz.pair)}
        enter(cast, quiz, bo=None)
        assert (kept_totals(), kept_histograms()) == ({}, {})

    def test_an_undo_brings_back_what_was(self, cast, quiz, frozen):
        before = kept_totals(), kept_histograms()
        frozen.shift(60)
        enter(cast, quiz, amina=graded("2"), bo=None)
        assert (kept_totals(), kept_histograms()) != before
        undo_scores(by=cast.ana.user, assessment=quiz, saved_at=timezone.now())
        assert (kept_totals(), kept_histograms()) == before

    def test_an_undo_of_the_first_save_leaves_nothing(self, cast, quiz):
        undo_scores(by=cast.ana.user, assessment=quiz, saved_at=timezone.now())
        assert (kept_totals(), kept_histograms()) == ({}, {})

    @pytest.mark.parametrize("change", ["max_score", "category", "subject"])
    def test_an_edit_of_the_work_is_counted_where_it_stood_and_where_it_stands(self, cast, quiz, change):
        before = list(SubjectTotal.objects.order_by("pk").values_list(*STORED))
        values = {
            "max_score": lambda: Decimal(30),
            "category": lambda: CategoryFactory(weight=Decimal("0.07")),
            "subject": SubjectFactory,
        }
        names = (
            "title",
            "school_class",
            "subject",
            "assessment_type",
            "category",
            "date_taken",
            "max_score",
            "allows_extra",
        )
        fields = {name: getattr(quiz, name) for name in names} | {change: values[change]()}
        change_work(by=cast.office, assessment=quiz, base=work_fingerprint(quiz), fields=fields)
        assert_kept()
        assert list(SubjectTotal.objects.order_by("pk").values_list(*STORED)) != before

    def test_a_save_in_the_office_is_counted_and_a_refused_one_changes_nothing(self, cast, quiz):
        quiz.max_score = Decimal(14)
        before = kept_totals()
        with pytest.raises(ValidationError):
            save_assessment(by=cast.office, assessment=quiz)
        assert kept_totals() == before
        quiz.max_score = Decimal(16)
        save_assessment(by=cast.office, assessment=quiz)
        assert kept_of(cast.amina) == [(1, 0, 0, 100, 150_000, 1600)]
        assert_kept()

    def test_a_deleted_piece_of_work_is_counted_no_more(self, cast, quiz):
        second = AssessmentFactory(school_class=cast.class_7a, subject=quiz.subject)
        enter(cast, second, amina=graded("10"))
        assert kept_of(cast.amina)[0][0] == 2
        delete_assessment(by=cast.office, assessment=second)
        assert kept_of(cast.amina)[0][0] == 1
        assert_kept()
        delete_assessment(by=cast.office, assessment=quiz)
        assert (kept_totals(), kept_histograms()) == ({}, {})

    def test_a_new_weight_counts_in_all_work_of_the_category(self, cast, quiz):
        other = AssessmentFactory(school_class=cast.class_7b)
        record_scores(by=cast.ben.user, assessment=other, entries={cast.cleo.student_id: graded("10")})
        quiz.category.weight = Decimal("2.5")
        save_category(by=cast.office, category=quiz.category)
        assert [kept_of(student)[0][3] for student in (cast.amina, cast.bo, cast.cleo)] == [250] * 3
        assert_kept()

    def test_an_erased_student_is_counted_no_more_and_the_others_are(self, cast, quiz):
        delete_student(by=cast.office, student=cast.amina)
        assert set(kept_totals()) == {(cast.bo.pk, *quiz.pair)}
        assert kept_histograms() == {quiz.pair: {}}
        assert_kept()


def test_the_office_changes_a_weight_in_the_admin(cast, quiz, sign_in):
    category = quiz.category
    page = f"/admin/assessments/assessmentcategory/{category.pk}/change/"
    sent = {"name": category.name, "weight": "3", "default_for": category.default_for}
    assert sign_in(cast.office).post(page, sent).status_code == 302
    assert kept_of(cast.bo) == [(0, 1, 0, 300, 0, 1)]
    assert_kept()
    latest = category.history.latest()
    assert (latest.weight, latest.history_user) == (3, cast.office)


def test_the_migration_counts_what_is_there(cast, quiz):
    kept = kept_totals(), kept_histograms()
    FILL.forget_counts(apps, None)
    assert (SubjectTotal.objects.count(), ScoreHistogram.objects.count()) == (0, 0)
    FILL.count_scores(apps, None)
    assert (kept_totals(), kept_histograms()) == kept
    FILL_SHEETS.lay_out_sheets(apps, None)
    assert_kept()


class TestRepair:
    def test_finds_nothing_wrong_after_saves(self, cast, quiz):
        assert recount_totals(repair=False) == []

    def test_names_each_wrong_row_and_mends_it(self, cast, quiz):
        SubjectTotal.objects.filter(student=cast.amina).update(earned=7)
        SubjectTotal.objects.filter(student=cast.bo).delete()
        SubjectTotal.objects.create(
            student=cast.cleo, school_class=cast.class_7b, subject=quiz.subject, **Total(1, 0, 0, 1, 1, 1)._asdict()
        )
        ScoreHistogram.objects.update(counts=[1] * 101)
        ScoreHistogram.objects.create(school_class=cast.class_7b, subject=quiz.subject)
        school_class, subject = quiz.pair
        expected = [
            Wrong(
                school_class, subject, cast.amina.pk, Total(1, 0, 0, 100, 7, 2000), Total(1, 0, 0, 100, 150_000, 2000)
            ),
            Wrong(school_class, subject, cast.bo.pk, None, Total(0, 1, 0, 100, 0, 1)),
            Wrong(school_class, subject, None, [1] * 101, [0] * 75 + [1] + [0] * 25),
            Wrong(cast.class_7b.pk, subject, cast.cleo.pk, Total(1, 0, 0, 1, 1, 1), None),
            Wrong(cast.class_7b.pk, subject, None, [0] * 101, None),
        ]
        assert recount_totals(repair=False) == expected
        with pytest.raises(AssertionError):
            assert_kept()
        assert recount_totals(repair=True) == expected
        assert_kept()
        assert recount_totals(repair=False) == []

    def test_names_a_sheet_that_is_wrong_alone_and_mends_them(self, cast, quiz):
        school_class, subject = quiz.pair
        right = Sheet(*ScoreHistogram.objects.values_list(*Sheet._fields).get())
        day = quiz.date_taken.isoformat()
        assert right == Sheet(
            f"{cast.amina.pk} {cast.bo.pk}",
            "[2000,[150000,0],[100,100],[1,0],[0,1],[0,0]]",
            f"{day} [[100,2000,[1500,0],[]]]",
        )
        for stored in (
            right._replace(by_day=f"{day} [[100,2000,[1500,1],[]]]"),
            right._replace(totals="[2000,[150001,0],[100,100],[1,0],[0,1],[0,0]]"),
            right._replace(students=f"{cast.bo.pk} {cast.amina.pk}"),
            Sheet("", "", ""),
        ):
            ScoreHistogram.objects.update(**stored._asdict())
            with pytest.raises((AssertionError, ValueError)):
                assert_kept()
            assert recount_totals(repair=True) == [Wrong(school_class, subject, None, stored, right)]
            assert_kept()

    def test_counts_rows_that_were_loaded_past_the_services(self, cast, quiz):
        for _number in range(3):
            ScoreFactory(assessment=quiz, score=Decimal("19.99"))
        assert len(recount_totals(repair=True)) == 4
        assert_kept()
        assert kept_histograms() == {quiz.pair: {75: 1, 99: 3}}

    def test_keeps_numbers_that_no_integer_column_holds(self, cast, quiz):
        for most in ("99999.99", "99999.97", "99999.89", "99999.71", "99999.67"):
            work = AssessmentFactory(school_class=cast.class_7a, subject=quiz.subject, max_score=Decimal(most))
            enter(cast, work, amina=graded("0.01"))
        assert kept_of(cast.amina)[0][5] > 2**64
        assert_kept()


# --- Anything, in any order -----------------------------------------------------------------------------------------

STUDENTS = ("amina", "bo")
POINTS = st.integers(0, 2000).map(lambda hundredths: graded(Decimal(hundredths) / 100))
ENTRIES = st.one_of(st.sampled_from([None, MISSING, EXEMPT]), POINTS)
STEPS = st.one_of(
    st.tuples(
        st.just("enter"), st.integers(0, 3), st.dictionaries(st.sampled_from(STUDENTS), ENTRIES, min_size=1, max_size=2)
    ),
    st.tuples(st.just("undo"), st.integers(0, 3)),
    st.tuples(
        st.just("edit"),
        st.integers(0, 3),
        st.sampled_from(["20", "30", "20.07", "99999.99"]),
        st.integers(0, 1),
        st.integers(0, 2),
    ),
    st.tuples(st.just("delete"), st.integers(0, 3)),
    st.tuples(st.just("weigh"), st.sampled_from(["0", "0.05", "1", "40"])),
    st.tuples(st.just("erase"), st.sampled_from(STUDENTS)),
)


@dataclass
class Term:
    """A school on which steps are played: four pieces of work of 7A in two subjects, `works` None once deleted."""

    cast: object
    works: list[Assessment | None]
    subjects: list[object]
    category: AssessmentCategory
    clock: object

    def play(self, step) -> None:
        self.clock.shift(1)
        name, *rest = step
        getattr(self, name)(*rest)

    def enter(self, number, entries):
        work = self.works[number]
        known = {name: entry for name, entry in entries.items() if getattr(self.cast, name).pk}
        if work and known:
            enter(self.cast, work, **known)

    def undo(self, number):
        work = self.works[number] and Assessment.objects.get(pk=self.works[number].pk)
        if work and work.scored_at:
            with transaction.atomic():
                try:
                    undo_scores(by=self.cast.ana.user, assessment=work, saved_at=work.scored_at)
                except ValidationError:
                    transaction.set_rollback(True)

    def edit(self, number, most, subject, days):
        if self.works[number]:
            work = Assessment.objects.get(pk=self.works[number].pk)
            work.max_score, work.subject = Decimal(most), self.subjects[subject]
            work.date_taken = MONDAY - timedelta(days=days)
            with transaction.atomic():
                try:
                    save_assessment(by=self.cast.office, assessment=work)
                except ValidationError:
                    transaction.set_rollback(True)

    def delete(self, number):
        if self.works[number]:
            delete_assessment(by=self.cast.office, assessment=self.works[number])
            self.works[number] = None

    def weigh(self, weight):
        self.category.weight = Decimal(weight)
        save_category(by=self.cast.office, category=self.category)

    def erase(self, name):
        student = getattr(self.cast, name)
        if student.pk:
            delete_student(by=self.cast.office, student=student)
            student.pk = None


@settings(
    max_examples=30, deadline=None, database=None,
    suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow],
)  # fmt: skip
@given(steps=st.lists(STEPS, min_size=1, max_size=14))
def test_after_any_steps_the_kept_rows_are_what_the_scores_add_up_to(cast, frozen, steps):
    keys = {name: getattr(cast, name).pk for name in STUDENTS}
    with transaction.atomic():
        subjects = SubjectFactory.create_batch(2)
        category = CategoryFactory(weight=Decimal("7.77"))
        works = [
            AssessmentFactory(
                school_class=cast.class_7a, subject=subjects[number % 2],
                **({"category": category} if number < 2 else {"date_taken": MONDAY - timedelta(1)}),
            )
            for number in range(4)
        ]  # fmt: skip
        term = Term(cast, works, subjects, category, frozen)
        for step in steps:
            term.play(step)
            assert_kept()
        assert recount_totals(repair=True) == []
        transaction.set_rollback(True)
    for name, key in keys.items():
        getattr(cast, name).pk = key
