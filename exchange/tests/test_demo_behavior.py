"""The behaviour of the demo school: believable, noted by those who teach, and read by whom it should be read.

Expected numbers are counted from raw rows, not by the code of the portal.
"""

from __future__ import annotations

from collections import Counter

import time_machine
from django.test import TestCase

from accounts.models import User
from behavior.models import BehaviorCategory, BehaviorRecord
from exchange.demo.school import build_demo_school
from exchange.tests.demo_facts import BEFORE_SCHOOL, DAY, SOME_WEDNESDAY, school_days
from students.models import AcademicYear, Enrolment, Student, TeachingAssignment

UNRULY = {"Bilal", "Kacper", "Luka", "Daan", "Aitana"}


@time_machine.travel(BEFORE_SCHOOL, tick=False)
class DemoBehaviorTests(TestCase):
    """The school made on a Wednesday in December, at a quarter past seven in the morning."""

    today = SOME_WEDNESDAY

    @classmethod
    def setUpTestData(cls) -> None:
        build_demo_school()

    def test_there_is_more_praise_than_blame(self) -> None:
        types = Counter(BehaviorRecord.objects.values_list("behavior_type", flat=True))
        assert types["positive"] > 2 * types["negative"]
        assert types["negative"] > 50

    def test_most_children_have_a_few_records_and_hardly_any_none(self) -> None:
        numbers = Counter(BehaviorRecord.objects.values_list("student", flat=True))
        few = [number for number in numbers.values() if number <= 5]
        assert len(numbers) > 0.85 * Student.objects.count()
        assert len(few) > 0.75 * len(numbers)
        assert max(numbers.values()) < 20

    def test_a_few_children_are_blamed_often_in_the_latest_30_days(self) -> None:
        lately = BehaviorRecord.objects.filter(behavior_type="negative", date__gt=self.today - 30 * DAY)
        names = Counter(lately.values_list("student__given_name", "student"))
        often = {name for (name, _student), number in names.items() if number >= 3}
        assert often >= UNRULY
        assert len(often) <= 8

    def test_parents_read_most_praise_and_some_of_the_blame(self) -> None:
        kinds = Counter(BehaviorRecord.objects.values_list("behavior_type", "shared_with_parents"))
        praise = kinds["positive", True] / (kinds["positive", True] + kinds["positive", False])
        blame = kinds["negative", True] / (kinds["negative", True] + kinds["negative", False])
        assert 0.8 < praise < 0.92
        assert 0.3 < blame < 0.75

    def test_every_category_is_used_and_most_records_have_a_note(self) -> None:
        used = set(BehaviorRecord.objects.values_list("category__name", flat=True))
        assert used == set(BehaviorCategory.objects.values_list("name", flat=True))
        silent = BehaviorRecord.objects.filter(notes="").count() / BehaviorRecord.objects.count()
        assert 0.12 < silent < 0.28

    def test_records_are_of_school_days_before_the_latest_on_which_the_child_was_in_the_class(self) -> None:
        days = set(school_days(AcademicYear.objects.get().starts_on, self.today)[:-1])
        enrolments = list(Enrolment.objects.values_list("student", "school_class", "starts_on", "ends_on"))
        for student, school_class, day in BehaviorRecord.objects.values_list("student", "school_class", "date"):
            assert day in days
            assert any(
                (student, school_class) == (who, where) and start <= day and (end is None or day < end)
                for who, where, start, end in enrolments
            )

    def test_who_noted_it_teaches_the_class_and_the_history_says_when(self) -> None:
        teaches = set(TeachingAssignment.objects.values_list("school_class", "teacher", "teacher__user"))
        noted = set(BehaviorRecord.objects.values_list("school_class", "teacher", "noted_by"))
        assert noted <= teaches
        kept = {version.id: version for version in BehaviorRecord.history.all()}
        assert len(kept) == BehaviorRecord.history.count() == BehaviorRecord.objects.count()
        for record in BehaviorRecord.objects.all():
            assert (kept[record.pk].history_type, kept[record.pk].history_user_id) == ("+", record.noted_by_id)
            assert kept[record.pk].history_date == record.created_at == record.updated_at <= BEFORE_SCHOOL
            assert record.created_at.date() == record.date

    def test_the_parent_of_the_demo_has_something_to_read_and_something_not_to(self) -> None:
        parent = User.objects.get(username="parent")
        of_children = BehaviorRecord.objects.filter(student__parent_links__parent__user=parent)
        seen = BehaviorRecord.objects.visible_to(parent)
        assert set(seen.values_list("student__given_name", flat=True)) == {"Emil", "Lena"}
        assert 0 < seen.count() < of_children.count()
        assert not seen.filter(shared_with_parents=False).exists()

    def test_the_teacher_reads_both_classes_and_may_change_the_own_records(self) -> None:
        teacher = User.objects.get(username="teacher")
        seen = BehaviorRecord.objects.visible_to(teacher)
        assert set(seen.values_list("school_class__name", flat=True)) >= {"7A", "8B"}
        assert 0 < BehaviorRecord.objects.changeable_by(teacher).count() < seen.count()
