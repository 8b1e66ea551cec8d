"""Records of behaviour as the API reads and writes them: form alone, no rule and no row."""

from __future__ import annotations

from rest_framework import serializers

from accounts.api_fields import Day, Flag, Key, Shape, Text
from behavior.models import BehaviorCategory, BehaviorRecord, BehaviorType
from students.record_filters import LENGTH_OF_ID


class BehaviorItem(serializers.Serializer):  # type: ignore[misc]
    """What somebody noted of a student; teacher_id is the user_id of the teacher, null where the school office did."""

    behavior_id = serializers.IntegerField(source="pk")
    student_id = serializers.CharField(source="student.student_id")
    behavior_type = serializers.ChoiceField(choices=BehaviorType.choices)
    category = serializers.CharField(source="category.name")
    notes = serializers.CharField()
    date = serializers.DateField()
    teacher_id = serializers.IntegerField(source="teacher.user_id", allow_null=True)
    shared_with_parents = serializers.BooleanField()


class SentBehavior(Shape):
    """What is to be noted; the day is today, and the class the student's, where they are left out."""

    student_id = Text(max_length=LENGTH_OF_ID)
    behavior_type = serializers.ChoiceField(choices=BehaviorType.choices)
    category = Text(max_length=BehaviorCategory._meta.get_field("name").max_length)
    notes = Text(required=False, allow_blank=True, max_length=BehaviorRecord._meta.get_field("notes").max_length)
    date = Day(required=False)
    shared_with_parents = Flag(required=False)
    class_id = Key(required=False, allow_null=True)


class BehaviorSaved(serializers.Serializer):  # type: ignore[misc]
    message = serializers.CharField()
    behavior_id = serializers.IntegerField()
