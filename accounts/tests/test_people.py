"""Making a teacher or a parent: the user, the profile, and the user name that nobody typed."""

import pytest
from django.core.exceptions import ValidationError

from accounts.models import Parent, Teacher, User
from accounts.people import create_parent, create_teacher, suggest_username
from accounts.roles import Role
from accounts.tests.factories import TeacherFactory, UserFactory

pytestmark = pytest.mark.django_db


@pytest.fixture
def office():
    return UserFactory(role=Role.ADMIN, username="office")


def test_a_teacher_gets_a_user_without_a_password_and_both_say_who_made_them(office):
    ana = create_teacher(by=office, teacher=Teacher(full_name="Ana Silva"), email="Ana.Silva@school.example")
    user = User.objects.get(teacher=ana)
    assert (user.username, user.email, user.role, user.is_active, user.has_usable_password()) == (
        "ana.silva", "Ana.Silva@school.example", "teacher", True, False,
    )  # fmt: skip
    assert [row.history.get().history_user for row in (user, ana)] == [office, office]
    assert user.has_perm("students.view_student"), "rights come from the group that the role names"
    assert not user.has_perm("students.delete_student")


def test_a_parent_is_a_parent_and_a_head_who_teaches_may_be_an_admin(office):
    rosa = create_parent(by=office, parent=Parent(full_name="Rosa Lima"))
    head = create_teacher(by=office, teacher=Teacher(full_name="Hugo Head"), role=Role.ADMIN, username="head")
    assert [(person.user.username, person.user.role) for person in (rosa, head)] == [
        ("rosa.lima", "parent"),
        ("head", "admin"),
    ]


def test_a_teacher_who_is_a_parent_too_keeps_the_user(office):
    ana = TeacherFactory(full_name="Ana Silva")
    parent = create_parent(by=office, parent=Parent(user=ana.user, full_name="Ana Silva"))
    assert (parent.user, parent.user.role, User.objects.count()) == (ana.user, "teacher", 2)


@pytest.mark.parametrize("taken", ["Rosa", "rosa", "ROSA"])
def test_a_user_name_that_is_taken_makes_nobody(office, taken):
    UserFactory(username=taken)
    with pytest.raises(ValidationError, match="There is a user of this name"):
        create_parent(by=office, parent=Parent(full_name="Rosa Lima"), username="rosa")
    assert (Parent.objects.count(), User.objects.count()) == (0, 2)


@pytest.mark.parametrize(
    ("email", "full_name", "suggested"),
    [
        ("Rosa.Lima@example.org", "Somebody Else", "rosa.lima"),
        ("", "Rosa Lima", "rosa.lima"),
        ("", "  Élise  O’Neill-Brun ", "elise.oneill-brun"),
        ("", "Иван Петров", "parent"),
        ("محمد@example.org", "محمد", "parent"),
        ("", "…", "parent"),
        ("", "x" * 200, "x" * 100),
        ("taken@example.org", "", "taken3"),
    ],
)
def test_a_name_is_suggested(email, full_name, suggested):
    UserFactory(username="Taken")
    UserFactory(username="taken2")
    assert suggest_username(email=email, full_name=full_name, otherwise="parent") == suggested
