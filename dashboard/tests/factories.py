"""Rows of the dashboard for tests: what was done about an alert, and sets of thresholds."""

from __future__ import annotations

from datetime import timedelta

import factory

from accounts.roles import Role
from accounts.tests.factories import UserFactory
from dashboard.models import FollowUp, ThresholdSet
from students.tests.factories import StudentFactory
from tests.cast import MONDAY


class FollowUpFactory(factory.django.DjangoModelFactory):
    """A talk with the family on the cast's Monday, noted by somebody of the office."""

    class Meta:
        model = FollowUp

    student = factory.SubFactory(StudentFactory)
    kind = FollowUp.Kind.SPOKE
    note = "They will call the doctor."
    done_on = MONDAY
    look_again_on = MONDAY + timedelta(days=14)
    noted_by = factory.SubFactory(UserFactory, role=Role.ADMIN)


class ThresholdSetFactory(factory.django.DjangoModelFactory):
    """A version with the values that the portal starts with."""

    class Meta:
        model = ThresholdSet

    version = factory.Sequence(lambda number: number + 1)
    set_by = factory.SubFactory(UserFactory, role=Role.ADMIN)
