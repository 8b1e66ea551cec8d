"""Records of behaviour as rows, for tests. What a teacher does goes through services.note_behavior instead."""

from __future__ import annotations

import factory
from django.utils import timezone

from accounts.models import Teacher
from accounts.tests.factories import TeacherFactory
from behavior.models import BehaviorCategory, BehaviorRecord, BehaviorType
from students.tests.factories import StudentFactory


class BehaviorRecordFactory(factory.django.DjangoModelFactory):
    """Praise of today for kindness, without a note, for staff only. `noted_by` follows the teacher."""

    class Meta:
        model = BehaviorRecord

    student = factory.SubFactory(StudentFactory)
    behavior_type = BehaviorType.POSITIVE
    category = factory.LazyFunction(lambda: BehaviorCategory.objects.get(name="Kindness"))
    date = factory.LazyFunction(timezone.localdate)
    teacher = factory.SubFactory(TeacherFactory)
    noted_by = factory.LazyAttribute(lambda record: record.teacher.user)


def category(name: str) -> BehaviorCategory:
    return BehaviorCategory.objects.get(name=name)


def by(teacher: Teacher) -> dict[str, object]:
    """Who noted a record, for the factory."""
    return {"teacher": teacher, "noted_by": teacher.user}
