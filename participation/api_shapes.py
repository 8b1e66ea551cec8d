"""Participation as the API reads and writes it: form alone, no rule and no row."""

from __future__ import annotations

from rest_framework import serializers

from accounts.api_fields import Day, Key, Shape, Text
from participation.filters import LENGTH_OF_NAME
from participation.forms import REMARKS_LENGTH
from participation.models import Status
from students.record_filters import LENGTH_OF_ID


class ParticipationItem(serializers.Serializer):  # type: ignore[misc]
    """How one student took part in one event; class_id is null where the event is of a mixed group."""

    participation_id = serializers.IntegerField(source="pk")
    student_id = serializers.CharField(source="student.student_id")
    class_id = serializers.IntegerField(source="school_class_id", allow_null=True)
    event_name = serializers.CharField()
    date = serializers.DateField()
    status = serializers.ChoiceField(choices=Status.choices)
    remarks = serializers.CharField()


class SentParticipation(Shape):
    """How somebody took part. The class is the student's where it is left out; null is a mixed group."""

    student_id = Text(max_length=LENGTH_OF_ID)
    event_name = Text(max_length=LENGTH_OF_NAME)
    date = Day()
    status = serializers.ChoiceField(choices=Status.choices)
    remarks = Text(required=False, allow_blank=True, max_length=REMARKS_LENGTH)
    class_id = Key(required=False, allow_null=True)


class ParticipationSaved(serializers.Serializer):  # type: ignore[misc]
    message = serializers.CharField()
    participation_id = serializers.IntegerField()
