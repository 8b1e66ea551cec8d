"""People who sign in, for tests."""

from __future__ import annotations

from datetime import timedelta
from functools import cache

import factory
from django.contrib.auth.hashers import make_password
from django.utils import timezone

from accounts.models import AccessLog, ApiToken, Parent, Teacher, User
from accounts.roles import Role

PASSWORD = "correct horse battery staple"


@cache
def hashed_password() -> str:
    """The hash of PASSWORD, made once: hashing it for each user would be most of a test's time."""
    return make_password(PASSWORD)


class UserFactory(factory.django.DjangoModelFactory):
    """A user with PASSWORD and no profile. `UserFactory(without_password=True)` has never set one."""

    class Meta:
        model = User

    class Params:
        without_password = factory.Trait(password=factory.LazyFunction(lambda: make_password(None)))

    role = Role.TEACHER
    username = factory.Sequence(lambda number: f"person{number}")
    email = factory.LazyAttribute(lambda user: f"{user.username}@school.example")
    password = factory.LazyFunction(hashed_password)


class TeacherFactory(factory.django.DjangoModelFactory):
    """A teacher with a user of that role."""

    class Meta:
        model = Teacher

    user = factory.SubFactory(UserFactory, role=Role.TEACHER)
    full_name = factory.Sequence(lambda number: f"Teacher {number}")


class ParentFactory(factory.django.DjangoModelFactory):
    """A parent with a user of that role; for a teacher's second profile hand in the teacher's user."""

    class Meta:
        model = Parent

    user = factory.SubFactory(UserFactory, role=Role.PARENT)
    full_name = factory.Sequence(lambda number: f"Parent {number}")


class AccessLogFactory(factory.django.DjangoModelFactory):
    """A list that somebody opened; give student_id for the page of a child."""

    class Meta:
        model = AccessLog

    reader = factory.SubFactory(UserFactory)
    page = "students:list"
    path = "/students/"
    ip_address = "192.0.2.1"


class ApiTokenFactory(factory.django.DjangoModelFactory):
    """A token of an admin, of which nobody has the secret; for one that opens something call tokens.create_token."""

    class Meta:
        model = ApiToken

    user = factory.SubFactory(UserFactory, role=Role.ADMIN)
    role = factory.SelfAttribute("user.role")
    name = "timetable"
    prefix = "spt_abcd"
    digest = factory.Sequence(lambda number: f"{number:064d}")
    expires_at = factory.LazyFunction(lambda: timezone.now() + timedelta(days=30))
