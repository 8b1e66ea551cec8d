"""From the invitation to the first sign-in, through the real pages."""

import re
from datetime import timedelta
from smtplib import SMTPRecipientsRefused

import pytest
import time_machine
from allauth.account.models import EmailAddress
from django.apps import apps
from django.core import mail
from django.core.mail.backends.locmem import EmailBackend
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from accounts.invitations import (
    DeactivatedError,
    HasAccountError,
    NoAddressError,
    invite,
)
from accounts.models import User
from accounts.roles import Role
from accounts.tests.factories import ParentFactory, TeacherFactory, UserFactory

NEW_PASSWORD = "seven purple umbrellas"
PARENTS, USERS, TEACHERS = "/admin/accounts/parent/", "/admin/accounts/user/", "/admin/accounts/teacher/"
pytestmark = pytest.mark.django_db


@pytest.fixture
def admin_user():
    return UserFactory(role=Role.ADMIN, username="office")


@pytest.fixture
def office(admin_user):
    apps.get_model("students.School").objects.update(name="O'Neill & Sons School")
    client = Client()
    client.force_login(admin_user)
    return client


@pytest.fixture
def rosa():
    """A guardian who was entered by the office and has never signed in."""
    return ParentFactory(
        full_name="Rosa Lima", user__username="rosa", user__email="Rosa@Example.org", user__without_password=True
    )


def send_invitations(office, address, *rows):
    """Run the action on a list; gives the messages shown after it."""
    chosen = {"action": "send_invitation", "_selected_action": [row.pk for row in rows]}
    answer = office.post(address, chosen, follow=True)
    return [str(message) for message in answer.context["messages"]]


def link_in(message):
    """The address of the link in a mail, without the host."""
    return re.search(r"http://localhost(/accounts/password/reset/key/\S+)", message.body)[1]


def choose_password(browser, link, password=NEW_PASSWORD):
    """Open the link and send the form behind it; gives the two answers."""
    opened = browser.get(link, follow=True)
    form = opened.redirect_chain[-1][0] if opened.redirect_chain else link
    return opened, browser.post(form, {"password1": password, "password2": password})


def test_from_invitation_to_first_sign_in(office, rosa, admin_user):
    assert send_invitations(office, PARENTS, rosa) == ["Invitation sent: Rosa Lima."]
    [message] = mail.outbox
    assert message.to == ["Rosa@Example.org"]
    assert message.subject == "Your account at O'Neill & Sons School"
    for part in (
        "Hello Rosa Lima,",
        "O'Neill & Sons School has made",
        "user name: rosa",
        "for 3 days.",
        "/accounts/login/",
    ):
        assert part in message.body
    browser = Client()
    opened, done = choose_password(browser, link_in(message))
    assert (opened.status_code, done.status_code) == (200, 302)
    assert done.url == reverse("account_reset_password_from_key_done")
    entered = browser.post(reverse("account_login"), {"login": "rosa", "password": NEW_PASSWORD})
    assert (entered.status_code, browser.session["_auth_user_id"]) == (302, str(rosa.user.pk))
    assert list(EmailAddress.objects.values_list("email", "verified", "primary")) == [("rosa@example.org", True, True)]
    invited = User.history.get(history_change_reason="invitation sent")
    assert (invited.id, invited.history_user) == (rosa.user.pk, admin_user)


def test_mail_holds_no_password(office, rosa):
    send_invitations(office, PARENTS, rosa)
    rosa.user.refresh_from_db()
    assert not rosa.user.has_usable_password()
    assert rosa.user.password not in mail.outbox[0].body


def test_link_works_once(office, rosa):
    send_invitations(office, PARENTS, rosa)
    link = link_in(mail.outbox[0])
    choose_password(Client(), link)
    opened, again = choose_password(Client(), link, "another phrase of mine")
    assert (opened.context["token_fail"], again.status_code) == (True, 200)
    rosa.user.refresh_from_db()
    assert rosa.user.check_password(NEW_PASSWORD)


@pytest.mark.parametrize(("days", "changes_password"), [(2.9, True), (3.1, False)])
def test_link_expires(office, rosa, days, changes_password):
    send_invitations(office, PARENTS, rosa)
    with time_machine.travel(timezone.now() + timedelta(days=days)):
        choose_password(Client(), link_in(mail.outbox[0]))
    rosa.user.refresh_from_db()
    assert rosa.user.has_usable_password() is changes_password


def test_link_dies_with_the_address_it_was_sent_to(office, rosa):
    send_invitations(office, PARENTS, rosa)
    change = reverse("admin:accounts_user_change", args=[rosa.user.pk])
    typed = {"username": "rosa", "email": "new@example.org", "role": "parent", "is_active": "on"}
    assert office.post(change, typed).status_code == 302
    choose_password(Client(), link_in(mail.outbox[0]))
    rosa.user.refresh_from_db()
    assert (rosa.user.email, rosa.user.has_usable_password()) == ("new@example.org", False)


def test_weak_password_is_refused(office, rosa):
    send_invitations(office, PARENTS, rosa)
    _opened, answer = choose_password(Client(), link_in(mail.outbox[0]), "password")
    rosa.user.refresh_from_db()
    assert (answer.status_code, rosa.user.has_usable_password()) == (200, False)


def test_invited_again_until_a_password_is_set(office, rosa):
    assert send_invitations(office, PARENTS, rosa) == ["Invitation sent: Rosa Lima."]
    assert send_invitations(office, PARENTS, rosa) == ["Invitation sent: Rosa Lima."]
    choose_password(Client(), link_in(mail.outbox[1]))
    [refusal] = send_invitations(office, PARENTS, rosa)
    assert refusal == (
        "Rosa Lima: has an account already; for a forgotten password, use “Forgotten password” on the sign-in page."
    )
    assert len([message for message in mail.outbox if message.subject.startswith("Your account")]) == 2


def test_two_guardians_may_share_an_address(office, rosa):
    rui = ParentFactory(full_name="Rui Lima", user__email=rosa.user.email, user__without_password=True)
    send_invitations(office, PARENTS, rosa, rui)
    answers = [choose_password(Client(), link_in(message))[1] for message in mail.outbox[:2]]
    assert [answer.status_code for answer in answers] == [302, 302]
    for parent in (rosa, rui):
        parent.user.refresh_from_db()
        assert parent.user.check_password(NEW_PASSWORD)


def test_action_tells_about_each(office, rosa):
    ParentFactory(full_name="Not Chosen", user__without_password=True)
    people = [
        rosa,
        ParentFactory(full_name="Abel", user__email="", user__without_password=True),
        ParentFactory(full_name="Bea", user__email="", user__without_password=True),
        ParentFactory(full_name="Carl", user__is_active=False, user__without_password=True),
        ParentFactory(full_name="Dora"),
    ]
    assert send_invitations(office, PARENTS, *people) == [
        "Invitation sent: Rosa Lima.",
        "Abel, Bea: cannot be invited: no e-mail.",
        "Carl: cannot be invited: deactivated.",
        "Dora: has an account already; for a forgotten password, use “Forgotten password” on the sign-in page.",
    ]
    assert [message.to for message in mail.outbox] == [["Rosa@Example.org"]]


def test_teachers_and_users_are_invited_from_their_lists(office):
    teacher = TeacherFactory(full_name="Ana Silva", user__without_password=True)
    user = UserFactory(username="second-admin", role=Role.ADMIN, without_password=True)
    assert send_invitations(office, TEACHERS, teacher) == ["Invitation sent: Ana Silva."]
    assert send_invitations(office, USERS, user) == ["Invitation sent: second-admin."]
    assert [message.to for message in mail.outbox] == [[teacher.user.email], [user.email]]


def test_lists_show_and_filter_the_invited(office, rosa):
    ParentFactory(full_name="Waiting", user__without_password=True)
    send_invitations(office, PARENTS, rosa)
    rows = office.get(PARENTS).context["cl"].result_list
    assert [(row.full_name, row.standing) for row in rows] == [("Rosa Lima", "invited"), ("Waiting", "not_invited")]
    narrowed = office.get(PARENTS, {"standing": "invited"}).context["cl"].result_list
    assert [row.full_name for row in narrowed] == ["Rosa Lima"]
    on_users = office.get(USERS, {"standing": "invited"}).context["cl"].result_list
    assert [row.username for row in on_users] == ["rosa"]


def test_refused_mail_is_told_and_not_noted(office, rosa, monkeypatch):
    def refuse(_self, _messages):
        raise SMTPRecipientsRefused({})

    monkeypatch.setattr(EmailBackend, "send_messages", refuse)
    [told] = send_invitations(office, PARENTS, rosa)
    assert told == "Rosa Lima: not invited: the mail could not be sent. Check the address and try again later."
    assert not User.history.filter(history_change_reason="invitation sent").exists()


@pytest.mark.parametrize("role", [Role.TEACHER, Role.PARENT])
def test_only_the_office_invites(client, rosa, role):
    client.force_login(UserFactory(role=role))
    chosen = {"action": "send_invitation", "_selected_action": [rosa.pk]}
    assert client.post(PARENTS, chosen).status_code == 403
    assert mail.outbox == []


@pytest.mark.parametrize(
    ("person", "error", "text"),
    [
        ({"email": "", "without_password": True}, NoAddressError, "cannot be invited: no e-mail"),
        ({"is_active": False, "without_password": True}, DeactivatedError, "cannot be invited: deactivated"),
        ({}, HasAccountError, "has an account already"),
    ],
)
def test_reasons(rf, admin_user, person, error, text):
    with pytest.raises(error, match=text):
        invite(by=admin_user, user=UserFactory(**person), school_name="School")
    assert mail.outbox == []


def test_line_break_in_the_school_name_breaks_no_header(office, rosa):
    apps.get_model("students.School").objects.update(name="School\nBcc: everybody@example.org")
    send_invitations(office, PARENTS, rosa)
    assert mail.outbox[0].subject == "Your account at School Bcc: everybody@example.org"
    assert mail.outbox[0].recipients() == ["Rosa@Example.org"]


def test_deactivated_after_the_invitation_cannot_sign_in(office, rosa):
    send_invitations(office, PARENTS, rosa)
    User.objects.filter(pk=rosa.user.pk).update(is_active=False)
    browser = Client()
    choose_password(browser, link_in(mail.outbox[0]))
    browser.post(reverse("account_login"), {"login": "rosa", "password": NEW_PASSWORD})
    assert "_auth_user_id" not in browser.session
