"""The report of a child as the API gives it: the figures of dashboard.report, put into words of the contract."""

from __future__ import annotations

from datetime import date
from typing import Any

from rest_framework import serializers

from assessments.child_marks import ChildMarks, SubjectMarks
from assessments.metrics import Average, Direction
from assessments.models import AssessmentType, Score, State
from attendance.api_shapes import as_rate
from attendance.metrics import Tier
from attendance.models import AttendanceRecord, Status
from behavior.models import BehaviorType
from core.numbers import percent_number
from dashboard.period import Kind
from dashboard.report import AttendanceSection, ChildReport
from participation.models import Status as Part


class ChildItem(serializers.Serializer):  # type: ignore[misc]
    """A child of the caller's. Needs the rows of `with_class`."""

    student_id = serializers.CharField()
    full_name = serializers.CharField()
    class_id = serializers.IntegerField(allow_null=True)
    class_name = serializers.CharField(allow_null=True)


class ReportPeriod(serializers.Serializer):  # type: ignore[misc]
    """What the figures are of, both days inclusive."""

    period = serializers.ChoiceField(source="kind", choices=Kind.choices)
    name = serializers.CharField()
    first = serializers.DateField()
    last = serializers.DateField()


class ReportDay(serializers.Serializer):  # type: ignore[misc]
    """A day with a mark; or, with status null, a register that was due and is not taken."""

    date = serializers.DateField()
    status = serializers.ChoiceField(choices=Status.choices, allow_null=True)
    minutes_late = serializers.IntegerField(allow_null=True)
    note = serializers.CharField()


class ReportAttendance(serializers.Serializer):  # type: ignore[misc]
    """Attendance of the period, and the days of one month of it; percentages to one decimal, null without data."""

    attendance_rate = serializers.FloatField(allow_null=True)
    attended = serializers.IntegerField()
    possible = serializers.IntegerField()
    coverage = serializers.FloatField(allow_null=True)
    unexcused = serializers.IntegerField()
    missed = serializers.IntegerField()
    tier = serializers.ChoiceField(choices=Tier.choices, allow_null=True)
    month = serializers.CharField()
    days = ReportDay(many=True)
    latest_notes = ReportDay(many=True)


class ReportScore(serializers.Serializer):  # type: ignore[misc]
    title = serializers.CharField()
    assessment_type = serializers.ChoiceField(choices=AssessmentType.choices)
    date_taken = serializers.DateField()
    state = serializers.ChoiceField(choices=State.choices)
    score = serializers.FloatField(allow_null=True)
    max_score = serializers.FloatField()
    percentage = serializers.FloatField(allow_null=True)
    notes = serializers.CharField()


class ReportAverage(serializers.Serializer):  # type: ignore[misc]
    """An average with its grade, and what it is of."""

    average = serializers.FloatField(allow_null=True)
    grade = serializers.CharField(allow_null=True)
    graded = serializers.IntegerField()
    missing = serializers.IntegerField()
    exempt = serializers.IntegerField()


class ReportSubject(ReportAverage):
    """One subject with its scores, the oldest first."""

    subject_id = serializers.IntegerField()
    subject_name = serializers.CharField()
    trend = serializers.ChoiceField(choices=Direction.choices, allow_null=True)
    scores = ReportScore(many=True)


class ReportMarks(ReportAverage):
    """Published marks of the period, subject by subject."""

    subjects = ReportSubject(many=True)


class ReportBehaviorNote(serializers.Serializer):  # type: ignore[misc]
    date = serializers.DateField()
    behavior_type = serializers.ChoiceField(choices=BehaviorType.choices)
    category = serializers.CharField(source="category.name")
    notes = serializers.CharField()
    noted_by = serializers.CharField(source="noted_by_name")


class ReportBehavior(serializers.Serializer):  # type: ignore[misc]
    """What was shared about behaviour in the period, the latest first."""

    positive = serializers.IntegerField()
    negative = serializers.IntegerField()
    records = ReportBehaviorNote(many=True)


class ReportEvent(serializers.Serializer):  # type: ignore[misc]
    date = serializers.DateField()
    event_name = serializers.CharField()
    status = serializers.ChoiceField(choices=Part.choices)
    remarks = serializers.CharField()


class ReportNote(serializers.Serializer):  # type: ignore[misc]
    """A note of the school for the family."""

    text = serializers.CharField()
    written_by = serializers.CharField()
    written_at = serializers.DateTimeField(source="created_at")


class ReportFinding(serializers.Serializer):  # type: ignore[misc]
    sentence = serializers.CharField()
    section = serializers.CharField()


class ReportInsights(serializers.Serializer):  # type: ignore[misc]
    """Of the school year to date, whatever the period."""

    changes = ReportFinding(many=True)
    praise = ReportFinding(many=True)
    watch = ReportFinding(many=True)


class ReportItem(serializers.Serializer):  # type: ignore[misc]
    """The report of a child. A section is null where it may not be read, and all are where there was no class yet."""

    student_id = serializers.CharField(source="student.student_id")
    full_name = serializers.CharField(source="student.full_name")
    class_id = serializers.IntegerField(source="school_class.pk", allow_null=True)
    class_name = serializers.CharField(source="school_class.name", allow_null=True)
    period = ReportPeriod(allow_null=True)
    attendance = ReportAttendance(allow_null=True)
    marks = ReportMarks(allow_null=True)
    behavior = ReportBehavior(allow_null=True)
    participation = ReportEvent(many=True, allow_null=True)
    notes = ReportNote(many=True)
    insights = ReportInsights(allow_null=True)


def as_report(report: ChildReport) -> dict[str, Any]:
    """The report as ReportItem takes it: shares as percentages, points as numbers."""
    sections = {
        "attendance": report.attendance and as_attendance(report.student.student_id, report.attendance),
        "marks": report.marks and as_marks(report.marks),
        "behavior": report.behavior,
        "participation": report.participation,
    }
    about = {name: getattr(report, name) for name in ("student", "school_class", "period", "notes", "insights")}
    return about | sections


def as_attendance(student_id: str, section: AttendanceSection) -> dict[str, Any]:
    figures = section.figures
    return {
        **as_rate(student_id, figures),
        "missed": figures.missed,
        "tier": figures.tier,
        "month": f"{section.month.first:%Y-%m}",
        "days": [as_day(record) if record else not_taken(day) for day, record in section.month.lines],
        "latest_notes": [as_day(record) for record in section.notes],
    }


def as_day(record: AttendanceRecord) -> dict[str, Any]:
    return {name: getattr(record, name) for name in ("date", "status", "minutes_late", "note")}


def not_taken(day: date) -> dict[str, Any]:
    return {"date": day, "status": None, "minutes_late": None, "note": ""}


def as_marks(marks: ChildMarks) -> dict[str, Any]:
    subjects = [as_subject(each) for each in marks.subjects]
    return {**as_average(marks.average, marks.grade), "subjects": subjects}


def as_subject(marks: SubjectMarks) -> dict[str, Any]:
    trend = marks.trend
    return {
        **as_average(marks.average, marks.grade),
        "subject_id": marks.subject.pk,
        "subject_name": marks.subject.name,
        "trend": trend.direction if trend else None,
        "scores": [as_score(score) for score in marks.scores],
    }


def as_average(average: Average, grade: str | None) -> dict[str, Any]:
    counts = {name: getattr(average, name) for name in ("graded", "missing", "exempt")}
    return {"average": percent_number(average.share), "grade": grade, **counts}


def as_score(score: Score) -> dict[str, Any]:
    work = score.assessment
    return {
        "title": work.title,
        "assessment_type": work.assessment_type,
        "date_taken": work.date_taken,
        "state": score.state,
        "score": score.score,
        "max_score": score.max_score,
        "percentage": percent_number(score.share),
        "notes": score.notes,
    }
