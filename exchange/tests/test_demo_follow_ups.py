"""What the demo school did about children at risk: some fresh, some to be looked at again, by those who teach them.

Expected numbers are counted from raw rows, not by the code of the portal.
"""

from __future__ import annotations

import time_machine
from django.test import TestCase

from dashboard.models import FollowUp
from exchange.demo.school import build_demo_school
from exchange.tests.demo_facts import BEFORE_SCHOOL, SOME_WEDNESDAY, school_days
from students.models import AcademicYear, Enrolment, SchoolClass


@time_machine.travel(BEFORE_SCHOOL, tick=False)
class DemoFollowUpTests(TestCase):
    """The school made on a Wednesday in December, at a quarter past seven in the morning."""

    today = SOME_WEDNESDAY

    @classmethod
    def setUpTestData(cls) -> None:
        build_demo_school()

    def test_there_are_some_of_each_kind_some_fresh_and_some_due_again(self) -> None:
        assert set(FollowUp.objects.values_list("kind", flat=True)) == {"spoke", "meeting", "referral", "other"}
        assert 8 <= FollowUp.objects.count() <= 25
        due = FollowUp.objects.filter(look_again_on__lte=self.today).count()
        assert 0 < due < FollowUp.objects.count()

    def test_they_were_done_on_school_days_before_the_latest_by_the_homeroom_teacher_of_the_child(self) -> None:
        days = set(school_days(AcademicYear.objects.get().starts_on, self.today)[:-1])
        homeroom = dict(SchoolClass.objects.values_list("pk", "homeroom_teacher__user"))
        enrolled = {
            student: homeroom[school_class]
            for student, school_class in Enrolment.objects.filter(ends_on=None).values_list("student", "school_class")
        }
        for action in FollowUp.objects.all():
            assert action.done_on in days
            assert action.noted_by_id == enrolled[action.student_id]

    def test_each_has_one_version_as_old_as_itself_by_who_noted_it(self) -> None:
        kept = {version.id: version for version in FollowUp.history.all()}
        assert len(kept) == FollowUp.history.count() == FollowUp.objects.count()
        for action in FollowUp.objects.all():
            assert (kept[action.pk].history_type, kept[action.pk].history_user_id) == ("+", action.noted_by_id)
            assert kept[action.pk].history_date == action.created_at == action.updated_at <= BEFORE_SCHOOL
