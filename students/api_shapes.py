"""Students as the API reads and writes them: form alone, no rule and no row."""

from __future__ import annotations

from typing import Any

from rest_framework import serializers

from accounts.api_fields import Day, Key, Shape, Text
from students.models import Gender, Student


class ContactItem(serializers.Serializer):  # type: ignore[misc]
    """Somebody to call when no guardian answers."""

    name = serializers.CharField()
    relationship = serializers.CharField()
    phone = serializers.CharField()


class GuardianItem(ContactItem):
    """A parent or carer."""

    email = serializers.CharField()


class StudentItem(serializers.Serializer):  # type: ignore[misc]
    """A student with the people to call. Needs the rows of `with_class` and `with_contacts_for`."""

    student_id = serializers.CharField()
    full_name = serializers.CharField()
    given_name = serializers.CharField()
    family_name = serializers.CharField()
    gender = serializers.SerializerMethodField()
    date_of_birth = serializers.DateField(allow_null=True)
    enrollment_date = serializers.DateField(allow_null=True)
    class_id = serializers.IntegerField(allow_null=True)
    class_name = serializers.CharField(allow_null=True)
    guardian_contact = serializers.SerializerMethodField()
    guardians = GuardianItem(source="guardians.all", many=True)
    emergency_contacts = ContactItem(source="emergency_contacts.all", many=True)

    def get_gender(self, student: Student) -> str:
        """The word of the contract, in no language of the school."""
        return str(student.gender).capitalize()

    def get_guardian_contact(self, student: Student) -> str:
        """The phone of the first guardian."""
        first: Any = next(iter(student.guardians.all()), None)
        return first.phone if first else ""


class GenderField(serializers.ChoiceField):  # type: ignore[misc]
    """Female, Male, Other, or an empty text where it is not recorded; in small letters too."""

    def __init__(self, **kwargs: Any) -> None:
        words = [str(value).capitalize() for value in Gender.values if value]
        super().__init__(choices=[(word, word) for word in words], allow_blank=True, **kwargs)

    def to_internal_value(self, data: Any) -> str:
        chosen: str = super().to_internal_value(data.capitalize() if isinstance(data, str) else data)
        return chosen.lower()


class SentContact(Shape):
    name = Text(max_length=200)
    relationship = Text(required=False, allow_blank=True, max_length=50)
    phone = Text(required=False, allow_blank=True, max_length=40)


class SentGuardian(SentContact):
    email = Text(required=False, allow_blank=True, max_length=254)


class SentStudent(Shape):
    """`name`, of which the last word is the family name; or given_name and family_name."""

    name = Text(required=False, max_length=201)
    given_name = Text(required=False, max_length=100)
    family_name = Text(required=False, allow_blank=True, max_length=100)
    gender = GenderField(required=False)
    dateOfBirth = Day(required=False, allow_null=True)  # noqa: N815  (the contract's name)
    classId = Key(required=False, allow_null=True)  # noqa: N815
    guardians = SentGuardian(many=True, required=False)
    emergencyContacts = SentContact(many=True, required=False)  # noqa: N815


class Added(serializers.Serializer):  # type: ignore[misc]
    message = serializers.CharField()
    student_id = serializers.CharField()
