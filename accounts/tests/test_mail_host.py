"""Links in mails lead to PORTAL_URL, whatever host the request names: a forged one must not get somebody's key."""

from __future__ import annotations

import re

import pytest
from django.core import mail
from django.test import Client
from django.urls import reverse

from accounts.tests.factories import ParentFactory
from students.models import School

HOME = "https://portal.school.example"
FORGED = "evil.example"
ADDRESS = re.compile(r"https?://\S+")


@pytest.fixture
def anybody_s_host(settings):
    """A portal that answers under every name, as behind a careless proxy."""
    settings.ALLOWED_HOSTS = ["*"]
    settings.PORTAL_URL = f"{HOME}/"


def whole(letter):
    return "\n".join([letter.subject, letter.from_email, *letter.to, str(letter.extra_headers), letter.body])


def test_a_forgotten_password(cast, anybody_s_host):
    School.objects.update(name="Hilltop School")
    browser = Client(headers={"host": FORGED, "x-forwarded-host": FORGED})
    page = browser.get("/accounts/password/reset/")
    assert (page.status_code, page.wsgi_request.get_host()) == (200, FORGED)
    assert browser.post("/accounts/password/reset/", {"email": "ana@school.example"}).status_code == 302
    [letter] = mail.outbox
    [link] = ADDRESS.findall(letter.body)
    assert link.startswith(f"{HOME}/accounts/password/reset/key/")
    assert letter.subject.startswith("[Hilltop School] ")
    assert FORGED not in whole(letter)
    assert Client().get(link.removeprefix(HOME), follow=True).status_code == 200


def test_a_school_without_a_name_is_called_by_its_host(cast, anybody_s_host):
    School.objects.update(name="")
    Client(headers={"host": FORGED}).post("/accounts/password/reset/", {"email": "ana@school.example"})
    assert mail.outbox[0].subject.startswith("[portal.school.example] ")


def test_an_invitation(cast, sign_in, anybody_s_host):
    rosa = ParentFactory(user__username="rosa", user__email="rosa@example.org", user__without_password=True)
    office = sign_in(cast.office)
    chosen = {"action": "send_invitation", "_selected_action": [rosa.pk]}
    answer = office.post(reverse("admin:accounts_parent_changelist"), chosen, headers={"host": FORGED})
    assert answer.status_code == 302
    [letter] = mail.outbox
    [link, sign_in_page] = ADDRESS.findall(letter.body)
    assert link.startswith(f"{HOME}/accounts/password/reset/key/")
    assert sign_in_page == f"{HOME}/accounts/login/"
    assert FORGED not in whole(letter)


def test_an_invitation_by_the_api(cast, program, anybody_s_host):
    sent = {"username": "eva", "full_name": "Eva Brun", "email": "eva@school.example"}
    answer = program(cast.office).post("/api/admin/users/teachers/", sent, HTTP_HOST=FORGED)
    assert answer.status_code == 201, answer.content
    [letter] = mail.outbox
    assert ADDRESS.findall(letter.body)[0].startswith(f"{HOME}/accounts/password/reset/key/")
    assert FORGED not in whole(letter)
