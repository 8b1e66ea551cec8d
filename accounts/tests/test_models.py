"""Users, their roles and profiles: what can never be stored, and which permissions a role gives."""

from datetime import time, timedelta

import pytest
from django.apps import apps
from django.contrib.auth.models import Group, Permission
from django.db import IntegrityError, models, transaction
from django.utils import timezone

from accounts.backends import RoleBackend
from accounts.models import AccessLog, AuditEntry, User
from accounts.roles import Role
from accounts.tests.factories import (
    PASSWORD,
    AccessLogFactory,
    ApiTokenFactory,
    ParentFactory,
    TeacherFactory,
    UserFactory,
)

pytestmark = pytest.mark.django_db
BROKEN = {
    "user_role_known": lambda: UserFactory(role="headmaster"),
    "superuser_is_admin": lambda: UserFactory(role=Role.TEACHER, is_superuser=True),
    "teacher_external_id_once": lambda: [TeacherFactory(external_id="t-1") for _count in range(2)],
    "parent_external_id_once": lambda: [ParentFactory(external_id="p-1") for _count in range(2)],
    "parent_quiet_hours_have_both_ends": lambda: ParentFactory(quiet_from=time(21)),
    "parent_quiet_hours_end": lambda: ParentFactory(quiet_from=time(21), quiet_until=time(21)),
    "api_token_role_known": lambda: ApiTokenFactory(role="headmaster"),
    "api_token_has_name": lambda: ApiTokenFactory(name=""),
    "audit_entry_once": lambda: AuditEntry.objects.bulk_create(
        AuditEntry(number=number, source="accounts.AccessLog", row=1, digest="x") for number in (1, 2)
    ),
    "api_token_expires_after_start": lambda: ApiTokenFactory(expires_at=timezone.now() - timedelta(days=1)),
}


def test_each_constraint_of_accounts_has_a_row_that_breaks_it():
    names = {
        constraint.name
        for model in apps.get_app_config("accounts").get_models()
        for constraint in model._meta.constraints
    }
    assert set(BROKEN) == names


@pytest.mark.parametrize("name", BROKEN)
def test_the_database_refuses_what_breaks(name):
    with pytest.raises(IntegrityError), transaction.atomic():
        BROKEN[name]()


def test_an_admin_may_be_superuser_and_people_without_a_roster_id_are_many():
    UserFactory(role=Role.ADMIN, is_superuser=True)
    for factory in (TeacherFactory, TeacherFactory, ParentFactory, ParentFactory):
        factory(external_id="")
    assert User.objects.count() == 5


def test_a_superuser_of_the_command_line_is_an_admin():
    user = User.objects.create_superuser("root", "root@SCHOOL.example", PASSWORD, is_staff=True)
    assert (user.role, user.is_superuser, user.is_staff, user.email) == ("admin", True, True, "root@school.example")
    assert user.check_password(PASSWORD)


def test_a_user_needs_a_role():
    with pytest.raises(TypeError, match="role"):
        User.objects.create_user("nobody")
    assert User.objects.create_user("somebody", role=Role.PARENT).has_usable_password() is False


@pytest.mark.parametrize(("role", "is_staff"), [(Role.ADMIN, True), (Role.TEACHER, False), (Role.PARENT, False)])
def test_the_office_opens_by_role(role, is_staff):
    assert UserFactory(role=role).is_staff is is_staff


def test_a_person_is_called_by_their_profile_and_else_by_the_user_name():
    user = UserFactory(username="asilva")
    assert str(user) == "asilva"
    ParentFactory(user=user, full_name="Ana Silva")
    assert [str(User.objects.get(pk=user.pk)), user.get_full_name(), user.get_short_name()] == ["Ana Silva"] * 3


def test_a_user_with_a_profile_or_a_log_cannot_be_deleted():
    for user in (TeacherFactory().user, ParentFactory().user, AccessLogFactory().reader):
        with pytest.raises(models.ProtectedError):
            user.delete()
    assert AccessLog.objects.count() == 1


def test_the_history_of_a_user_never_holds_the_password():
    fields = {field.name for field in User.history.model._meta.get_fields()}
    assert {"username", "email", "role", "is_active"} <= fields
    assert {"password", "last_login"} & fields == set()


# --- Permissions by role ------------------------------------------------------------------------------


def permissions(user: User) -> set[str]:
    return RoleBackend().get_all_permissions(User.objects.get(pk=user.pk))


def test_each_role_is_a_group():
    assert set(Group.objects.values_list("name", flat=True)) == {"admin", "teacher", "parent"}


@pytest.mark.parametrize(
    ("role", "permission", "has"),
    [
        (Role.ADMIN, "accounts.add_user", True),
        (Role.ADMIN, "students.delete_student", True),
        (Role.ADMIN, "accounts.view_accesslog", True),
        (Role.ADMIN, "accounts.delete_accesslog", False),
        (Role.ADMIN, "students.delete_school", False),
        (Role.TEACHER, "students.change_student", True),
        (Role.TEACHER, "students.delete_student", False),
        (Role.TEACHER, "accounts.view_user", False),
        (Role.TEACHER, "students.view_studentparentlink", False),
        (Role.PARENT, "students.view_student", True),
        (Role.PARENT, "students.change_student", False),
        (Role.PARENT, "students.view_guardian", False),
    ],
)
def test_a_role_gives_its_permissions_and_no_other(role, permission, has):
    assert (permission in permissions(UserFactory(role=role))) is has


def test_permissions_follow_a_change_of_role_at_once():
    user = UserFactory(role=Role.ADMIN)
    assert "accounts.add_user" in permissions(user)
    User.objects.filter(pk=user.pk).update(role=Role.PARENT)
    assert permissions(user) == permissions(UserFactory(role=Role.PARENT))


def test_membership_of_a_group_gives_nothing():
    user = UserFactory(role=Role.PARENT)
    before = permissions(user)
    user.groups.add(Group.objects.get(name="admin"))
    assert permissions(user) == before


def test_somebody_deactivated_has_no_permission():
    user = UserFactory(role=Role.ADMIN)
    assert permissions(user) != set()
    User.objects.filter(pk=user.pk).update(is_active=False)
    assert permissions(user) == set()


def test_a_superuser_has_every_permission():
    user = UserFactory(role=Role.ADMIN, is_superuser=True)
    assert len(permissions(user)) == Permission.objects.count()
