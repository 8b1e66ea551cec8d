"""Marks as the API reads and writes them: form alone, no rule and no row."""

from __future__ import annotations

from typing import Any

from rest_framework import serializers

from accounts.api_fields import Day, Key, Shape, Text, Whole
from attendance.forms import NOTE_LENGTH
from attendance.mark_services import SentMark
from attendance.metrics import Attendance
from attendance.models import MOST_MINUTES_LATE, Status
from core.numbers import percent_number
from students.record_filters import LENGTH_OF_ID

MOST_MARKS = 500  # of one batch


class MarkItem(serializers.Serializer):  # type: ignore[misc]
    """A student's mark in one class on one day."""

    attendance_id = serializers.IntegerField(source="pk")
    student_id = serializers.CharField(source="student.student_id")
    class_id = serializers.IntegerField(source="school_class_id")
    date = serializers.DateField()
    status = serializers.ChoiceField(choices=Status.choices)
    minutes_late = serializers.IntegerField(allow_null=True)
    note = serializers.CharField()


class SentMarkShape(Shape):
    """A mark; a note or minutes that are not sent stay as they are stored."""

    student_id = Text(max_length=LENGTH_OF_ID)
    class_id = Key()
    date = Day()
    status = serializers.ChoiceField(choices=Status.choices)
    minutes_late = Whole(required=False, allow_null=True, min_value=1, max_value=MOST_MINUTES_LATE)
    note = Text(required=False, allow_blank=True, max_length=NOTE_LENGTH)


class SentMarks(Shape):
    """Marks of any classes and days, all saved or none."""

    records = SentMarkShape(many=True, allow_empty=False, max_length=MOST_MARKS)


class MarkSaved(serializers.Serializer):  # type: ignore[misc]
    message = serializers.CharField()
    attendance_id = serializers.IntegerField()


class MarksSaved(serializers.Serializer):  # type: ignore[misc]
    message = serializers.CharField()
    count = serializers.IntegerField()


class RateItem(serializers.Serializer):  # type: ignore[misc]
    """A student's attendance over a range of days; percentages to one decimal, null without data."""

    student_id = serializers.CharField()
    attendance_rate = serializers.FloatField(allow_null=True)
    attended = serializers.IntegerField()
    possible = serializers.IntegerField()
    coverage = serializers.FloatField(allow_null=True)
    unexcused = serializers.IntegerField()


def as_mark(sent: dict[str, Any]) -> SentMark:
    """What was sent, for the service."""
    return SentMark(**{**sent, "student_id": sent["student_id"].upper(), "status": Status(sent["status"])})


def as_rate(student_id: str, attendance: Attendance) -> dict[str, Any]:
    """The figures of `metrics.student_attendance` as the API gives them."""
    return {
        "student_id": student_id,
        "attendance_rate": percent_number(attendance.rate),
        "attended": attendance.attended,
        "possible": attendance.possible,
        "coverage": percent_number(attendance.coverage),
        "unexcused": attendance.unexcused,
    }
