"""What can never be stored of behaviour, and whose records somebody reads or changes."""

from __future__ import annotations

import uuid
from datetime import date, timedelta

import pytest
from django.contrib.auth.models import Group
from django.db import IntegrityError, transaction
from django.db.models import ProtectedError

from accounts.roles import Role
from accounts.tests.factories import ParentFactory
from behavior.models import BehaviorCategory, BehaviorRecord
from behavior.tests.factories import BehaviorRecordFactory, by, category
from students.models import Enrolment, StudentParentLink
from students.records import REGISTERED
from students.services import delete_student
from students.tests.factories import EnrolmentFactory, StudentParentLinkFactory
from tests.cast import MONDAY, YEAR_START

DAY = timedelta(days=1)
KEY = uuid.UUID("11111111-2222-4333-8444-555555555555")


class TestConstraints:
    def refused(self, rule, make):
        with pytest.raises(IntegrityError) as refusal, transaction.atomic():
            make()
        # SQLite names the constraint of a check, but for a unique one only its columns.
        assert rule in str(refusal.value) or "UNIQUE constraint failed" in str(refusal.value)

    def test_a_type_that_is_neither_praise_nor_blame(self, cast):
        self.refused("behavior_type_known", lambda: BehaviorRecordFactory(student=cast.amina, behavior_type="neutral"))
        assert BehaviorRecord.objects.count() == 0

    def test_the_same_save_twice_for_one_student(self, cast):
        BehaviorRecordFactory(student=cast.amina, entry_key=KEY)
        self.refused(
            "behavior_once_per_save_and_student", lambda: BehaviorRecordFactory(student=cast.amina, entry_key=KEY)
        )
        BehaviorRecordFactory(student=cast.bo, entry_key=KEY)
        assert BehaviorRecord.objects.count() == 2

    def test_records_of_no_form_are_as_many_as_happened(self, cast):
        for _time in range(2):
            BehaviorRecordFactory(student=cast.amina, entry_key=None)
        assert BehaviorRecord.objects.count() == 2

    def test_a_category_without_a_name_or_with_one_that_is_taken(self, cast):
        before = BehaviorCategory.objects.count()
        self.refused("behavior_category_has_name", lambda: BehaviorCategory.objects.create(name=""))
        self.refused("behavior_category_name_once", lambda: BehaviorCategory.objects.create(name="Kindness"))
        assert BehaviorCategory.objects.count() == before

    def test_a_category_with_records_cannot_be_deleted(self, cast):
        BehaviorRecordFactory(student=cast.amina)
        with pytest.raises(ProtectedError):
            category("Kindness").delete()


class TestANewSchool:
    def test_starts_with_six_categories(self, db):
        assert list(BehaviorCategory.objects.values_list("name", "is_active")) == [
            ("Discipline", True),
            ("Homework", True),
            ("Kindness", True),
            ("Leadership", True),
            ("Participation", True),
            ("Safety", True),
        ]

    def test_gives_each_role_its_permissions(self, db):
        granted = {
            role: sorted(
                Group.objects.get(name=role)
                .permissions.filter(content_type__app_label="behavior")
                .values_list("codename", flat=True)
            )
            for role in Role.values
        }
        every = ["add", "change", "delete", "view"]
        of_records = [f"{action}_behaviorrecord" for action in every]
        assert granted == {
            "admin": [f"{action}_behavior{model}" for action in every for model in ("category", "record")],
            "teacher": sorted([*of_records, "view_behaviorcategory"]),
            "parent": ["view_behaviorrecord"],
        }


@pytest.fixture
def noted(cast):
    """Of each child one record that parents may read and one that they may not, all noted by Ana."""
    return {
        f"{student.given_name} {'shared' if shared else 'staff'}": BehaviorRecordFactory(
            student=student, shared_with_parents=shared, **by(cast.ana)
        )
        for student in (cast.amina, cast.bo, cast.cleo)
        for shared in (True, False)
    }


def seen_by(user, noted):
    rows = set(BehaviorRecord.objects.visible_to(user).values_list("pk", flat=True))
    return {name for name, record in noted.items() if record.pk in rows}


class TestWhoReadsWhat:
    def test_the_office_all_and_teachers_those_of_their_students_whoever_noted_them(self, cast, noted):
        assert seen_by(cast.office, noted) == set(noted)
        assert seen_by(cast.ana.user, noted) == {"Amina shared", "Amina staff", "Bo shared", "Bo staff"}
        assert seen_by(cast.ben.user, noted) == {"Cleo shared", "Cleo staff"}

    def test_a_parent_what_is_shared_of_their_own_child(self, cast, noted):
        assert seen_by(cast.mariam.user, noted) == {"Amina shared"}
        assert seen_by(cast.nils.user, noted) == {"Cleo shared"}

    def test_nothing_after_the_link_has_ended(self, cast, noted):
        StudentParentLink.objects.filter(parent=cast.former).update(ends_on=MONDAY + DAY)
        assert seen_by(cast.former.user, noted) == {"Amina shared"}
        StudentParentLink.objects.filter(parent=cast.former).update(ends_on=MONDAY)
        assert seen_by(cast.former.user, noted) == set()

    def test_nothing_where_the_link_leaves_behaviour_out_even_beside_another_child(self, cast, noted):
        StudentParentLinkFactory(student=cast.bo, parent=cast.mariam, starts_on=YEAR_START)
        assert seen_by(cast.mariam.user, noted) == {"Amina shared", "Bo shared"}
        StudentParentLink.objects.filter(parent=cast.mariam, student=cast.amina).update(may_see_behavior=False)
        assert seen_by(cast.mariam.user, noted) == {"Bo shared"}

    def test_a_teacher_who_is_a_parent_too_reads_as_a_teacher(self, cast, noted):
        ParentFactory(user=cast.ben.user)
        StudentParentLinkFactory(student=cast.amina, parent=cast.ben.user.parent, starts_on=YEAR_START)
        assert seen_by(cast.ben.user, noted) == {"Cleo shared", "Cleo staff"}

    def test_a_student_who_moved_takes_the_records_along(self, cast, noted):
        Enrolment.objects.filter(student=cast.amina).update(ends_on=MONDAY)
        EnrolmentFactory(student=cast.amina, school_class=cast.class_7b, starts_on=MONDAY, is_primary=True)
        assert seen_by(cast.ana.user, noted) == {"Bo shared", "Bo staff"}
        assert seen_by(cast.ben.user, noted) == {"Cleo shared", "Cleo staff", "Amina shared", "Amina staff"}


class TestWhoChangesWhat:
    @pytest.fixture
    def records(self, cast):
        """Of Amina, noted by Ana, by Ben and by the office."""
        return [
            BehaviorRecordFactory(student=cast.amina, **by(cast.ana)),
            BehaviorRecordFactory(student=cast.amina, **by(cast.ben)),
            BehaviorRecordFactory(student=cast.amina, teacher=None, noted_by=cast.office),
        ]

    @pytest.mark.parametrize(
        ("person", "may"),
        [("office", [True, True, True]), ("ana", [True, False, False]), ("mariam", [False] * 3)],
    )
    def test_the_office_all_a_teacher_the_own_and_a_parent_none(self, person, may, cast, records):
        BehaviorRecord.objects.update(shared_with_parents=True)  # so that a parent sees the rows
        user = {"office": cast.office, "ana": cast.ana.user, "mariam": cast.mariam.user}[person]
        rows = BehaviorRecord.objects.visible_to(user).with_may_change(user).order_by("pk")
        assert [row.may_change for row in rows] == may
        changeable = set(BehaviorRecord.objects.changeable_by(user))
        assert [record in changeable for record in records] == may

    def test_who_does_not_teach_the_child_any_more_changes_nothing_of_it(self, cast, records):
        assert not BehaviorRecord.objects.changeable_by(cast.ben.user).exists()


class TestWords:
    def test_who_noted_it_is_a_teacher_by_name_and_never_a_username(self, cast):
        assert BehaviorRecordFactory(student=cast.amina, **by(cast.ana)).noted_by_name == "Ana Silva"
        record = BehaviorRecordFactory(student=cast.amina, teacher=None, noted_by=cast.office)
        assert record.noted_by_name == "School office"

    def test_signs(self, cast):
        assert BehaviorRecordFactory(student=cast.amina).sign == "▲"
        assert BehaviorRecordFactory(student=cast.amina, behavior_type="negative").sign == "▼"


class TestRows:
    def test_between_includes_both_days_and_during_the_whole_year(self, cast):
        for day in (MONDAY - DAY, MONDAY, MONDAY + DAY):
            BehaviorRecordFactory(student=cast.amina, date=day)
        found = BehaviorRecord.objects.between(MONDAY - DAY, MONDAY)
        assert set(found.values_list("date", flat=True)) == {MONDAY - DAY, MONDAY}
        BehaviorRecordFactory(student=cast.amina, date=date(2026, 7, 18))  # the first day after the year
        assert BehaviorRecord.objects.during(cast.year).count() == 3

    def test_of_a_class_are_the_days_on_which_the_student_was_in_it(self, cast):
        Enrolment.objects.filter(student=cast.amina).update(ends_on=MONDAY)
        EnrolmentFactory(student=cast.amina, school_class=cast.class_7b, starts_on=MONDAY, is_primary=True)
        before = BehaviorRecordFactory(student=cast.amina, date=MONDAY - DAY)
        after = BehaviorRecordFactory(student=cast.amina, date=MONDAY)
        assert list(BehaviorRecord.objects.of_class(cast.class_7a.pk)) == [before]
        assert list(BehaviorRecord.objects.of_class(cast.class_7b.pk)) == [after]

    def test_erasing_a_student_takes_the_records_and_their_history(self, cast):
        BehaviorRecordFactory(student=cast.amina, notes="About Amina")
        kept = BehaviorRecordFactory(student=cast.bo, notes="About Bo")
        assert BehaviorRecord in REGISTERED
        delete_student(by=cast.office, student=cast.amina)
        assert list(BehaviorRecord.objects.all()) == [kept]
        assert list(BehaviorRecord.history.values_list("notes", flat=True)) == ["About Bo"]
