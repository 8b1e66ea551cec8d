"""The school office: people who sign in."""

import pytest
from allauth.account.models import EmailAddress
from django.contrib import admin
from django.contrib.auth.models import Group
from django.core import mail
from django.urls import reverse
from django.utils import timezone
from pytest_django.asserts import assertContains

from accounts.models import AccessLog, User
from accounts.roles import Role
from accounts.tests.factories import (
    PASSWORD,
    AccessLogFactory,
    ApiTokenFactory,
    ParentFactory,
    TeacherFactory,
    UserFactory,
)
from accounts.tests.office_sweep import (
    Office,
    check_all_swept,
    check_pages,
    check_queries,
    check_search,
    errors_of,
    fill_in,
)

OFFICE = {
    "user": Office(UserFactory, queries=6),
    "apitoken": Office(ApiTokenFactory, queries=6, can_delete=False),
    "accesslog": Office(AccessLogFactory, queries=9, can_add=False, can_delete=False, without_row=302),
}
USERS = "/admin/accounts/user/"
pytestmark = pytest.mark.django_db
each_model = pytest.mark.parametrize("office", OFFICE.values(), ids=OFFICE)


@pytest.fixture
def admin_user():
    return UserFactory(role=Role.ADMIN, username="office")


@pytest.fixture
def clerk(client, admin_user):
    client.force_login(admin_user)
    return client


def change_page(user):
    return reverse("admin:accounts_user_change", args=[user.pk])


@each_model
def test_pages(office):
    check_pages(office)


@each_model
def test_queries(office):
    check_queries(office)


@each_model
def test_search(office):
    check_search(office)


def test_each_model_is_swept():
    check_all_swept(OFFICE, "accounts")


def test_groups_and_addresses_are_not_for_editing():
    assert not admin.site.is_registered(Group)
    assert not admin.site.is_registered(EmailAddress)


class TestNewUser:
    def test_has_no_password_and_gets_no_mail(self, clerk, admin_user):
        answer = clerk.post(f"{USERS}add/", {"username": "ana", "email": "ana@example.org", "role": "teacher"})
        user = User.objects.get(username="ana")
        assert (answer.status_code, user.role, user.has_usable_password()) == (302, "teacher", False)
        assert [(row.history_type, row.history_user) for row in user.history.all()] == [("+", admin_user)]
        assert mail.outbox == []

    def test_gets_no_right_beyond_the_role(self, clerk):
        posted = {"username": "ana", "role": "admin", "is_superuser": "on", "groups": "1", "password": "x" * 20}
        clerk.post(f"{USERS}add/", posted)
        user = User.objects.get(username="ana")
        assert (user.is_superuser, user.groups.count(), user.has_usable_password()) == (False, 0, False)

    def test_name_that_differs_only_in_case_is_refused(self, clerk):
        UserFactory(username="Ana")
        answer = clerk.post(f"{USERS}add/", {"username": "ana", "role": "teacher"})
        assert errors_of(answer) == ["There is a user of this name. Choose another one."]


class TestChangedUser:
    def test_keeps_what_is_not_for_editing(self, clerk):
        user = UserFactory(role=Role.TEACHER)
        posted = fill_in(clerk.get(change_page(user)), email="new@example.org")
        clerk.post(change_page(user), {**posted, "is_superuser": "on", "password": "x", "groups": "1"})
        changed = User.objects.get(pk=user.pk)
        assert (changed.email, changed.is_superuser, changed.password) == ("new@example.org", False, user.password)

    def test_history_says_who_changed_what(self, clerk, admin_user):
        TeacherFactory(user=admin_user, full_name="Olga Office")
        user = UserFactory(role=Role.TEACHER, email="old@example.org")
        clerk.post(change_page(user), fill_in(clerk.get(change_page(user)), email="new@example.org", role="parent"))
        assert user.history.first().history_user == admin_user
        page = " ".join(clerk.get(reverse("admin:accounts_user_history", args=[user.pk])).content.decode().split())
        assert f'<a href="{change_page(admin_user)}">Olga Office</a>' in page
        assert "<bdi>old@example.org</bdi> → <bdi>new@example.org</bdi>" in page
        assert "<bdi>Teacher</bdi> → <bdi>Parent</bdi>" in page

    def test_changed_email_closes_the_old_one(self, clerk):
        user = UserFactory(email="old@example.org")
        EmailAddress.objects.create(user=user, email="old@example.org", verified=True, primary=True)
        clerk.post(change_page(user), fill_in(clerk.get(change_page(user)), username="renamed"))
        assert EmailAddress.objects.filter(user=user).count() == 1
        clerk.post(change_page(user), fill_in(clerk.get(change_page(user)), email="new@example.org"))
        assert EmailAddress.objects.filter(user=user).count() == 0

    def test_nobody_demotes_or_deactivates_themselves(self, clerk, admin_user):
        posted = fill_in(clerk.get(change_page(admin_user)))
        answer = clerk.post(change_page(admin_user), {**posted, "role": "parent", "is_active": ""})
        admin_user.refresh_from_db()
        assert (answer.status_code, admin_user.role, admin_user.is_active) == (302, "admin", True)

    def test_demotion_takes_superuser_rights_too(self, clerk):
        operator = UserFactory(role=Role.ADMIN, is_superuser=True)
        posted = fill_in(clerk.get(change_page(operator)), role="teacher")
        assert clerk.post(change_page(operator), posted).status_code == 302
        operator.refresh_from_db()
        assert (operator.role, operator.is_superuser) == ("teacher", False)

    def test_password_set_in_the_office_is_noted(self, clerk, admin_user):
        user = UserFactory()
        typed = {"password1": "another good long phrase", "password2": "another good long phrase"}
        answer = clerk.post(f"{USERS}{user.pk}/password/", {**typed, "usable_password": "true"})
        user.refresh_from_db()
        assert (answer.status_code, user.check_password(typed["password1"])) == (302, True)
        noted = user.history.first()
        assert (noted.history_change_reason, noted.history_user) == ("password changed in the office", admin_user)

    def test_weak_password_is_refused(self, clerk):
        user = UserFactory()
        typed = {"password1": "short", "password2": "short", "usable_password": "true"}
        assert clerk.post(f"{USERS}{user.pk}/password/", typed).status_code == 200
        user.refresh_from_db()
        assert user.check_password(PASSWORD)

    def test_old_version_cannot_be_written_back(self, clerk):
        user = UserFactory(username="before")
        User.objects.get(pk=user.pk)
        user.username = "after"
        user.save()
        first = user.history.earliest()
        answer = clerk.post(f"{USERS}{user.pk}/history/{first.history_id}/", {"username": "before"})
        user.refresh_from_db()
        assert (answer.status_code, user.username) == (302, "after")
        assert answer.url == f"{USERS}{user.pk}/history/{first.history_id}/change/"  # the admin's catch-all
        assert clerk.post(answer.url, {"username": "before"}).status_code == 302
        user.refresh_from_db()
        assert user.username == "after"


class TestDeletedUser:
    def test_one_who_never_signed_in_can_go(self, clerk):
        user = UserFactory()
        clerk.post(reverse("admin:accounts_user_delete", args=[user.pk]), {"post": "yes"})
        assert not User.objects.filter(pk=user.pk).exists()

    def test_one_who_signed_in_stays(self, clerk):
        user = UserFactory(last_login=timezone.now())
        address = reverse("admin:accounts_user_delete", args=[user.pk])
        assert clerk.get(address).status_code == 403
        assert clerk.post(address, {"post": "yes"}).status_code == 403
        bulk = {"action": "delete_selected", "_selected_action": [user.pk], "post": "yes"}
        assert clerk.post(USERS, bulk).status_code == 403
        assert User.objects.filter(pk=user.pk).exists()


class TestUserList:
    def test_tells_how_far_each_is(self, clerk):
        UserFactory(username="a", without_password=True)
        UserFactory(username="b", without_password=True, email="")
        UserFactory(username="c")
        UserFactory(username="d", last_login=timezone.now())
        UserFactory(username="e", is_active=False)
        rows = clerk.get(USERS).context["cl"].queryset.filter(username__in="abcde").order_by("username")
        assert [row.standing for row in rows] == [
            "not_invited",
            "no_address",
            "has_password",
            "signed_in",
            "deactivated",
        ]

    @pytest.mark.parametrize(("standing", "names"), [("no_address", ["b"]), ("not_invited", ["a"]), ("\u0000", None)])
    def test_is_narrowed_by_it(self, clerk, standing, names):
        UserFactory(username="a", without_password=True)
        UserFactory(username="b", without_password=True, email="")
        answer = clerk.get(USERS, {"standing": standing})
        assert names is None or [row.username for row in answer.context["cl"].result_list] == names

    def test_finds_by_the_name_of_a_profile(self, clerk):
        ParentFactory(full_name="Rosa Lima", user__username="rl")
        UserFactory(username="other")
        answer = clerk.get(USERS, {"q": "rosa lima"})
        assert [row.username for row in answer.context["cl"].result_list] == ["rl"]


class TestAccessLog:
    def test_is_read_only(self, clerk):
        row = AccessLogFactory(student_id="STU00001")
        change = reverse("admin:accounts_accesslog_change", args=[row.pk])
        assert clerk.post(change, {"student_id": "STU00002"}).status_code == 403
        assert clerk.post(reverse("admin:accounts_accesslog_add"), {"page": "x"}).status_code == 403
        bulk = {"action": "delete_selected", "_selected_action": [row.pk], "post": "yes"}
        clerk.post("/admin/accounts/accesslog/", bulk)
        assert list(AccessLog.objects.values_list("student_id", flat=True)) == ["STU00001"]

    def test_finds_who_opened_a_record(self, clerk):
        AccessLogFactory(student_id="STU00001", reader__username="ana")
        AccessLogFactory(student_id="STU00002")
        answer = clerk.get("/admin/accounts/accesslog/", {"q": "STU00001"})
        assert [row.reader.username for row in answer.context["cl"].result_list] == ["ana"]

    @pytest.mark.parametrize(
        ("query", "found"),
        [
            ("", {"/a/", "/b/", "/c/"}),
            ("?student_id=STU00001", {"/a/", "/b/"}),
            ("?student_id=STU00001&page__exact=x", {"/b/"}),
            ("?student_id=STU9", set()),
            ("?reader={ana}", {"/a/", "/c/"}),
            ("?reader={ana}&student_id=STU00001", {"/a/"}),
            ("?reader=999999", set()),
            ("?reader=x", set()),
        ],
    )
    def test_is_narrowed_by_child_and_by_reader(self, clerk, query, found):
        ana = UserFactory(username="ana")
        AccessLogFactory(student_id="STU00001", reader=ana, path="/a/")
        AccessLogFactory(student_id="STU00001", page="x", path="/b/")
        AccessLogFactory(student_id="STU00002", reader=ana, path="/c/")
        answer = clerk.get("/admin/accounts/accesslog/" + query.format(ana=ana.pk))
        assert {row.path for row in answer.context["cl"].result_list} == found

    def test_leads_to_one_child_and_to_one_reader_and_says_from_where(self, clerk):
        ana = TeacherFactory(full_name="Ana Silva").user
        AccessLogFactory(student_id="STU00001", reader=ana)
        page = clerk.get("/admin/accounts/accesslog/")
        assertContains(page, '<a href="?student_id=STU00001">STU00001</a>', html=True)
        assertContains(page, f'<a href="?reader={ana.pk}">Ana Silva</a>', html=True)
        assertContains(page, "192.0.2.1")


def test_autocomplete_takes_any_text(clerk):
    TeacherFactory(full_name="Ana Silva", user__username="ana")
    question = {"app_label": "accounts", "model_name": "teacher", "field_name": "user"}
    for text, found in {"ana": 1, "\x00": 0, "a" * 10_000: 0, "a " * 5_000: 0}.items():
        answer = clerk.get("/admin/autocomplete/", {**question, "term": text})
        assert (answer.status_code, len(answer.json()["results"])) == (200, found)
