"""Scores as the API reads and writes them: form alone, no rule and no row."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

from rest_framework import serializers

from accounts.api_fields import Day, Key, Shape, Text
from assessments.fields import MOST_POINTS
from assessments.forms import NOTES_LENGTH
from assessments.models import LEAST_POINTS, Assessment, AssessmentType, Score, State
from assessments.statistics import Figures, Statistics
from core.numbers import percent_number
from students.models import Subject
from students.record_filters import LENGTH_OF_ID

LONGEST_TITLE = Assessment._meta.get_field("title").max_length
LONGEST_SUBJECT = Subject._meta.get_field("name").max_length


class ScoreItem(serializers.Serializer):  # type: ignore[misc]
    """What one student reached in one piece of work. Needs the rows of `with_work` and `with_term_name`."""

    assessment_id = serializers.IntegerField(source="pk")
    student_id = serializers.CharField(source="student.student_id")
    subject_id = serializers.IntegerField(source="assessment.subject_id")
    subject_name = serializers.CharField(source="assessment.subject.name")
    assessment_type = serializers.ChoiceField(source="assessment.assessment_type", choices=AssessmentType.choices)
    title = serializers.CharField(source="assessment.title")
    state = serializers.ChoiceField(choices=State.choices)
    score = serializers.FloatField(allow_null=True)
    max_score = serializers.FloatField()
    percentage = serializers.SerializerMethodField()
    date_taken = serializers.DateField(source="assessment.date_taken")
    term = serializers.CharField(source="term_name", allow_null=True)
    academic_year = serializers.CharField(source="assessment.school_class.academic_year.name")
    notes = serializers.CharField()

    def get_percentage(self, score: Score) -> float | None:
        """The score of its maximum, with one decimal; null unless graded."""
        return percent_number(score.share)


class Points(serializers.FloatField):  # type: ignore[misc]
    """A number of points, exactly as it was written; a text of digits is none."""

    def to_internal_value(self, data: Any) -> Decimal:
        if not isinstance(data, int | float) or isinstance(data, bool):
            self.fail("invalid")
        return Decimal(str(data))


class SentScoreShape(Shape):
    """A score and the piece of work that it belongs to. `score` is null where `state` is missing or exempt."""

    student_id = Text(max_length=LENGTH_OF_ID)
    subject_name = Text(max_length=LONGEST_SUBJECT)
    assessment_type = serializers.ChoiceField(choices=AssessmentType.choices)
    score = Points(allow_null=True, min_value=0, max_value=float(MOST_POINTS))
    max_score = Points(min_value=float(LEAST_POINTS), max_value=float(MOST_POINTS))
    date_taken = Day()
    state = serializers.ChoiceField(choices=State.choices, required=False)
    title = Text(required=False, max_length=LONGEST_TITLE)
    class_id = Key(required=False)
    term = Text(required=False, max_length=100)
    academic_year = Text(required=False, max_length=100)
    notes = Text(required=False, allow_blank=True, max_length=NOTES_LENGTH)


class ScoreSaved(serializers.Serializer):  # type: ignore[misc]
    message = serializers.CharField()
    assessment_id = serializers.IntegerField()


class SubjectScores(serializers.Serializer):  # type: ignore[misc]
    """The scores of a subject; percentages to one decimal, null without data."""

    average = serializers.FloatField(allow_null=True)
    median = serializers.FloatField(allow_null=True)
    lowest = serializers.FloatField(allow_null=True)
    highest = serializers.FloatField(allow_null=True)
    count = serializers.IntegerField(help_text="Graded scores.")
    missing = serializers.IntegerField()


class StatisticsItem(serializers.Serializer):  # type: ignore[misc]
    """The scores of a school year, or of a part of it."""

    total_assessments = serializers.IntegerField(help_text="Scores, graded or missing or exempt.")
    average_score = serializers.FloatField(allow_null=True, help_text="The mean of the students' averages.")
    subject_performance = serializers.DictField(child=SubjectScores(), help_text="By the name of the subject.")
    grade_distribution = serializers.DictField(
        child=serializers.IntegerField(), help_text="Graded scores by grade, the best grade first."
    )


def as_statistics(found: Statistics) -> dict[str, Any]:
    """The figures of `statistics.statistics_of` as the API gives them."""
    return {
        "total_assessments": found.all.number,
        "average_score": percent_number(found.all.average),
        "subject_performance": {subject.name: as_subject(subject) for subject in found.subjects},
        "grade_distribution": {grade.label: grade.number for grade in found.grades},
    }


def as_subject(subject: Figures) -> dict[str, Any]:
    spread = subject.spread
    return {
        "average": percent_number(subject.average),
        "median": percent_number(spread.median),
        "lowest": percent_number(spread.lowest),
        "highest": percent_number(spread.highest),
        "count": spread.count,
        "missing": spread.missing,
    }
