"""The first admin is made on the server, and chooses a password by a link that works once."""

from __future__ import annotations

from io import StringIO

import pytest
from django.core import mail
from django.core.management import CommandError, call_command
from django.test import Client

from accounts.models import User
from accounts.roles import Role
from accounts.tests.factories import UserFactory

PASSWORD = "seven purple umbrellas"
pytestmark = pytest.mark.django_db


def made(username="anna", email="anna@school.example"):
    output = StringIO()
    call_command("create_admin", username, email, stdout=output)
    return output.getvalue().splitlines()


def follow(link):
    """Open the link and choose a password; the browser, and the status of the form that was sent."""
    browser = Client()
    opened = browser.get(link.removeprefix("http://localhost"), follow=True)
    form = opened.redirect_chain[-1][0] if opened.redirect_chain else link.removeprefix("http://localhost")
    return browser, browser.post(form, {"password1": PASSWORD, "password2": PASSWORD})


def test_from_the_command_to_the_office():
    words, link = made()
    assert words == "anna is an admin. The link to a password works once, for 3 days:"
    anna = User.objects.get(username="anna")
    assert (anna.role, anna.email, anna.has_usable_password()) == (Role.ADMIN, "anna@school.example", False)
    _browser, sent = follow(link)
    assert sent.status_code == 302
    browser = Client()
    browser.post("/accounts/login/", {"login": "anna", "password": PASSWORD})
    assert browser.get("/admin/").status_code == 200
    assert mail.outbox == [], "whoever runs the command reads the link there"


def test_the_link_works_once():
    _words, link = made()
    follow(link)
    changed = User.objects.get(username="anna").password
    follow(link)
    assert User.objects.get(username="anna").password == changed


def test_a_lost_link_is_replaced_until_there_is_a_password():
    made()
    _words, link = made()
    assert User.objects.filter(username="anna").count() == 1
    follow(link)
    with pytest.raises(CommandError, match="There is a user of this name"):
        made()


@pytest.mark.parametrize(
    ("username", "email", "sentence"),
    [
        pytest.param("anna", "no address", "Enter a valid email address.", id="an e-mail is one"),
        pytest.param("anna", "", "Enter a valid email address.", id="there is an e-mail"),
        pytest.param("anna b", "a@school.example", "Enter a valid username.", id="a user name has no spaces"),
        pytest.param("", "a@school.example", "This field cannot be blank.", id="there is a user name"),
        pytest.param("a" * 151, "a@school.example", "at most 150 characters", id="a user name is not too long"),
        pytest.param("TAKEN", "a@school.example", "There is a user of this name", id="nobody has it in capitals"),
        pytest.param("taken", "taken@school.example", "There is a user of this name", id="a parent stays a parent"),
    ],
)
def test_what_is_refused_makes_nobody(username, email, sentence):
    UserFactory(username="taken", email="taken@school.example", role=Role.PARENT, without_password=True)
    with pytest.raises(CommandError, match=sentence):
        made(username, email)
    assert list(User.objects.values_list("username", "role")) == [("taken", Role.PARENT)]


def test_a_deactivated_admin_does_not_come_back_by_it():
    UserFactory(username="anna", email="anna@school.example", role=Role.ADMIN, is_active=False, without_password=True)
    with pytest.raises(CommandError, match="There is a user of this name"):
        made()
