"""The figures of the dashboard as the API gives them: form alone, no rule and no row."""

from __future__ import annotations

from typing import Any

from rest_framework import serializers

from core.numbers import percent_number
from dashboard.alert_words import Explained, ExplainedAlert
from dashboard.figures import SubjectFigures, Summary
from dashboard.performance import Performance
from dashboard.risk import Rule
from dashboard.trends import TrendPoint
from students.models import Student

Item = dict[str, Any]


class SummaryItem(serializers.Serializer):  # type: ignore[misc]
    """The figures of the classes; an average or a rate of fewer than five students is withheld: null."""

    total_students = serializers.IntegerField()
    average_score = serializers.FloatField(allow_null=True)
    attendance_rate = serializers.FloatField(allow_null=True)
    coverage = serializers.FloatField(allow_null=True)
    high_performers = serializers.IntegerField()


class SubjectAverage(serializers.Serializer):  # type: ignore[misc]
    """An average with the number of graded scores."""

    average = serializers.FloatField(allow_null=True)
    count = serializers.IntegerField()


class PerformanceItem(serializers.Serializer):  # type: ignore[misc]
    """A student's school year to date; is_high_performer is null below three graded scores."""

    student_id = serializers.CharField()
    average_score = serializers.FloatField(allow_null=True)
    attendance_rate = serializers.FloatField(allow_null=True)
    is_high_performer = serializers.BooleanField(allow_null=True)
    subject_breakdown = serializers.DictField(child=SubjectAverage())
    at_risk_reasons = serializers.ListField(child=serializers.CharField())


class SubjectItem(serializers.Serializer):  # type: ignore[misc]
    """The mean of its students' averages, withheld for fewer than five; count: its graded scores."""

    subject = serializers.CharField()
    average = serializers.FloatField(allow_null=True)
    count = serializers.IntegerField()
    students = serializers.IntegerField()


class PointItem(serializers.Serializer):  # type: ignore[misc]
    """A day of the last 30, or a week, named by its Monday."""

    date = serializers.DateField()
    attendance_rate = serializers.FloatField(allow_null=True)
    average_score = serializers.FloatField(allow_null=True)


class AlertItem(serializers.Serializer):  # type: ignore[misc]
    """A reason for an alert: a value in percent, of behaviour a number of notes."""

    student_id = serializers.CharField()
    full_name = serializers.CharField()
    class_name = serializers.CharField()
    value = serializers.FloatField()
    threshold = serializers.FloatField()
    reason = serializers.CharField()
    since = serializers.DateField()


class AlertsItem(serializers.Serializer):  # type: ignore[misc]
    """The reasons by rule; a student stands there once for each."""

    low_attendance = AlertItem(many=True)
    low_performance = AlertItem(many=True)
    behavioral_concerns = AlertItem(many=True)


def as_summary(found: Summary | None) -> Item:
    """The summary of a scope; zeros and nulls where there is no class."""
    return {
        "total_students": found.students if found else 0,
        "average_score": percent_number(found.average.shown) if found else None,
        "attendance_rate": percent_number(found.attendance.shown) if found else None,
        "coverage": percent_number(found.coverage) if found else None,
        "high_performers": found.high_performers if found else 0,
    }


def as_performance(student: Student, found: Performance | None) -> Item:
    """A student's performance; nothing known before the first main class."""
    subjects = found.subject_breakdown if found else {}
    return {
        "student_id": student.student_id,
        "average_score": percent_number(found.marks.average.share) if found else None,
        "attendance_rate": percent_number(found.attendance.rate) if found else None,
        "is_high_performer": found.is_high_performer if found else None,
        "subject_breakdown": {
            name: {"average": percent_number(each.share), "count": each.graded} for name, each in subjects.items()
        },
        "at_risk_reasons": found.sentences if found else [],
    }


def as_subject(found: SubjectFigures) -> Item:
    average = found.average
    return {
        "subject": found.name,
        "average": percent_number(average.shown),
        "count": found.graded,
        "students": average.students,
    }


def as_point(found: TrendPoint) -> Item:
    return {
        "date": found.day,
        "attendance_rate": percent_number(found.attendance),
        "average_score": percent_number(found.average),
    }


def as_alerts(found: list[ExplainedAlert]) -> Item:
    """The reasons of all alerts, in their order, by rule."""
    by_rule: Item = {rule.value: [] for rule in Rule}
    for explained in found:
        for each in explained.reasons:
            by_rule[each.reason.rule.value].append(as_alert(explained.alert.student, each))
    return by_rule


def as_alert(student: Any, found: Explained) -> Item:
    """One reason; `student` has its class_name."""
    reason = found.reason
    is_number = reason.rule == Rule.BEHAVIORAL_CONCERN
    return {
        "student_id": student.student_id,
        "full_name": student.full_name,
        "class_name": student.class_name,
        "value": int(reason.value) if is_number else percent_number(reason.value),
        "threshold": int(reason.threshold) if is_number else percent_number(reason.threshold),
        "reason": found.sentence,
        "since": found.since,
    }
