"""Parents, assignments and classes as the API reads and writes them: form alone, no rule and no row.

A teacher_id is the user_id of the teacher, the one key by which the API knows people.
"""

from __future__ import annotations

from rest_framework import serializers

from accounts.api_fields import Day, Key, Shape, Text
from accounts.api_people_shapes import SentPerson

MOST_CHILDREN = 20
LENGTH_OF_ID = 20


class SentParent(SentPerson):
    """A new parent with the student ids of the children whose reports they may read from today on."""

    address = Text(required=False, allow_blank=True, max_length=1000)
    children = serializers.ListField(
        child=Text(max_length=LENGTH_OF_ID), required=False, max_length=MOST_CHILDREN, allow_empty=True
    )


class AssignmentItem(serializers.Serializer):  # type: ignore[misc]
    """A teacher with a class, both days inclusive; ends_on is null while it is open, the subject for the homeroom."""

    assignment_id = serializers.IntegerField(source="pk")
    teacher_id = serializers.IntegerField(source="teacher.user_id")
    teacher_name = serializers.CharField(source="teacher.full_name")
    class_id = serializers.IntegerField(source="school_class_id")
    class_name = serializers.CharField(source="school_class.name")
    subject_id = serializers.IntegerField(allow_null=True)
    subject_name = serializers.CharField(source="subject.name", allow_null=True)
    starts_on = serializers.DateField()
    ends_on = serializers.DateField(source="last_day", allow_null=True)


class SentAssignment(Shape):
    teacher_id = Key()
    class_id = Key()
    subject_id = Key(required=False, allow_null=True)
    starts_on = Day(required=False)
    ends_on = Day(required=False, allow_null=True)


class AssignmentAdded(serializers.Serializer):  # type: ignore[misc]
    message = serializers.CharField()
    assignment_id = serializers.IntegerField()


class ClassItem(serializers.Serializer):  # type: ignore[misc]
    """A class with its homeroom teacher and the number of its students today. Needs the rows of `with_size`."""

    class_id = serializers.IntegerField(source="pk")
    class_name = serializers.CharField(source="name")
    grade_level = serializers.CharField()
    academic_year = serializers.CharField(source="academic_year.name")
    teacher_id = serializers.IntegerField(source="homeroom_teacher.user_id", allow_null=True)
    teacher_name = serializers.CharField(source="homeroom_teacher.full_name", allow_null=True)
    size = serializers.IntegerField()


class OwnAssignmentItem(serializers.Serializer):  # type: ignore[misc]
    """What somebody teaches in a class; the subject is null for the homeroom and for cover."""

    assignment_id = serializers.IntegerField(source="pk")
    subject_id = serializers.IntegerField(allow_null=True)
    subject_name = serializers.CharField(source="subject.name", allow_null=True)
    starts_on = serializers.DateField()
    ends_on = serializers.DateField(source="last_day", allow_null=True)


class OwnClassItem(ClassItem):
    """A class that is the caller's today, with what they teach in it. Needs the rows of `taught_by`."""

    assignments = OwnAssignmentItem(source="own_assignments", many=True)
