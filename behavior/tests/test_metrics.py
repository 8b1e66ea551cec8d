"""What the numbers of behaviour mean, each recounted by hand."""

from __future__ import annotations

from datetime import date, timedelta

import pytest

from behavior.child_behavior import behavior_of_year
from behavior.metrics import Counts, count_behavior, count_by_category, count_by_week
from behavior.models import BehaviorRecord
from behavior.tests.factories import BehaviorRecordFactory, by, category
from tests.cast import MONDAY

DAY = timedelta(days=1)
WEEK = timedelta(weeks=1)


@pytest.fixture
def amina(cast):
    """Five records of Amina over four weeks, of which parents read three; and one of Bo."""
    rows = [
        (MONDAY, "positive", "Kindness", True),
        (MONDAY - DAY, "positive", "Homework", True),  # the Sunday before: another week
        (MONDAY - WEEK, "negative", "Homework", False),
        (MONDAY - WEEK + 6 * DAY - DAY, "negative", "Safety", True),
        (MONDAY - 3 * WEEK, "positive", "Homework", False),
    ]
    for day, kind, name, shared in rows:
        BehaviorRecordFactory(
            student=cast.amina,
            date=day,
            behavior_type=kind,
            category=category(name),
            shared_with_parents=shared,
            **by(cast.ana),
        )
    BehaviorRecordFactory(student=cast.bo, **by(cast.ana))
    return BehaviorRecord.objects.filter(student=cast.amina)


def in_words(counts):
    return {str(name): (each.positive, each.negative) for name, each in counts.items()}


class TestCounts:
    def test_positive_and_negative_for_staff_and_for_parents(self, amina):
        assert count_behavior(amina, shared_only=False) == Counts(3, 2)
        assert count_behavior(amina, shared_only=True) == Counts(2, 1)

    def test_nothing_noted_counts_nothing(self, cast):
        nothing = BehaviorRecord.objects.filter(student=cast.cleo)
        assert count_behavior(nothing, shared_only=False) == Counts(0, 0)
        assert count_by_category(nothing, shared_only=False) == {}
        assert count_by_week(nothing, shared_only=False) == {}

    def test_by_category_in_the_order_of_their_names_without_empty_ones(self, amina):
        staff = count_by_category(amina, shared_only=False)
        assert list(in_words(staff).items()) == [("Homework", (2, 1)), ("Kindness", (1, 0)), ("Safety", (0, 1))]
        assert in_words(count_by_category(amina, shared_only=True)) == {
            "Homework": (1, 0),
            "Kindness": (1, 0),
            "Safety": (0, 1),
        }

    def test_by_week_from_monday_to_sunday_with_the_empty_ones_between(self, amina):
        assert count_by_week(amina, shared_only=False) == {
            MONDAY - 3 * WEEK: Counts(1, 0),
            MONDAY - 2 * WEEK: Counts(0, 0),
            MONDAY - WEEK: Counts(1, 2),
            MONDAY: Counts(1, 0),
        }
        assert count_by_week(amina, shared_only=True) == {MONDAY - WEEK: Counts(1, 1), MONDAY: Counts(1, 0)}

    def test_a_week_over_new_year_is_one(self, cast):
        for day in (date(2025, 12, 31), date(2026, 1, 2)):
            BehaviorRecordFactory(student=cast.amina, date=day)
        found = BehaviorRecord.objects.filter(student=cast.amina)
        assert count_by_week(found, shared_only=False) == {date(2025, 12, 29): Counts(2, 0)}

    @pytest.mark.parametrize("count", [count_behavior, count_by_category, count_by_week])
    def test_one_statement_each(self, count, amina, count_queries):
        assert count_queries(lambda: count(amina, shared_only=False)) == 1


class TestOfAChild:
    def test_records_of_the_days_newest_first_with_their_counts(self, cast, amina):
        found = behavior_of_year(amina, MONDAY - WEEK, MONDAY, shared_only=False)
        assert [record.date for record in found.records] == [
            MONDAY, MONDAY - DAY, MONDAY - 2 * DAY, MONDAY - WEEK,
        ]  # fmt: skip
        assert (found.positive, found.negative) == (2, 2)
        assert list(in_words(found.by_category).items()) == [
            ("Homework", (1, 1)), ("Kindness", (1, 0)), ("Safety", (0, 1)),
        ]  # fmt: skip

    def test_for_parents_what_is_shared_and_its_counts_alone(self, cast, amina):
        found = behavior_of_year(amina, MONDAY - WEEK, MONDAY, shared_only=True)
        assert all(record.shared_with_parents for record in found.records)
        assert (len(found.records), found.positive, found.negative) == (3, 2, 1)

    @pytest.mark.parametrize("number", [1, 3, 60])
    def test_one_statement_with_category_and_author(self, number, cast, count_queries):
        for _time in range(number):
            BehaviorRecordFactory(student=cast.amina)
        rows = BehaviorRecord.objects.filter(student=cast.amina)

        def read():
            found = behavior_of_year(rows, MONDAY, MONDAY, shared_only=False)
            return [(str(record.category), record.noted_by_name) for record in found.records]

        assert count_queries(read) == 1
