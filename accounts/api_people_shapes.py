"""People who sign in as the API reads and writes them: form alone, no rule and no row."""

from __future__ import annotations

from rest_framework import serializers

from accounts.api_fields import Flag, Shape, Text
from accounts.models import User
from accounts.roles import Role


class UserItem(serializers.Serializer):  # type: ignore[misc]
    """Somebody who may sign in; full_name is empty for who has no profile. Needs teacher and parent loaded."""

    user_id = serializers.IntegerField(source="pk")
    username = serializers.CharField()
    email = serializers.CharField()
    role = serializers.ChoiceField(choices=Role.choices)
    full_name = serializers.SerializerMethodField()
    is_active = serializers.BooleanField()
    last_login = serializers.DateTimeField(allow_null=True)

    def get_full_name(self, user: User) -> str:
        return str(user) if user.profiles else ""


class SentPerson(Shape):
    """A new person; without a user name one is made from the e-mail. The invitation goes to the e-mail."""

    username = Text(required=False, allow_blank=True, max_length=150)
    email = Text(max_length=254)
    full_name = Text(max_length=200)
    phone = Text(required=False, allow_blank=True, max_length=40)


class SentUser(Shape):
    """What is changed of a user and of their profiles: phone of both, address of a parent."""

    username = Text(max_length=150)
    email = Text(allow_blank=True, max_length=254)
    role = serializers.ChoiceField(choices=Role.choices, required=False)
    is_active = Flag(required=False)
    full_name = Text(required=False, max_length=200)
    phone = Text(required=False, allow_blank=True, max_length=40)
    address = Text(required=False, allow_blank=True, max_length=1000)


class PersonAdded(serializers.Serializer):  # type: ignore[misc]
    message = serializers.CharField()
    user_id = serializers.IntegerField()
