"""A new teacher or parent in one form of the office: user, profile, links and invitation, or nothing at all."""

from datetime import date
from smtplib import SMTPServerDisconnected

import pytest
from django.core import mail
from django.core.mail.backends.locmem import EmailBackend
from django.test import Client
from django.urls import reverse

from accounts.models import Parent, Teacher, User
from accounts.tests.factories import ParentFactory, UserFactory
from accounts.tests.office_sweep import add_line, count_queries, errors_of, fill_in
from students.models import StudentParentLink, TeachingAssignment
from students.tests.factories import SubjectFactory
from students.tests.posted import everything_stored
from tests.cast import MONDAY

PARENT, TEACHER = "/admin/accounts/parent/add/", "/admin/accounts/teacher/add/"


@pytest.fixture
def clerk(cast, sign_in):
    return sign_in(cast.office)


def typed(clerk, page, **changes):
    """The page as a browser would post it, with some fields typed over."""
    return fill_in(clerk.get(page), **changes)


def told(answer):
    return [str(message) for message in answer.context["messages"]]


def new_parent(clerk, cast, **changes):
    changes = {"full_name": "Rosa Lima", "email": "rosa@example.org", "child_links-0-student": cast.bo.pk, **changes}
    return typed(clerk, PARENT, **changes)


class TestParent:
    def test_user_profile_child_and_invitation_in_one_form(self, cast, clerk):
        posted = new_parent(clerk, cast, phone="555-1", address="1 Elm Row", **{"child_links-0-relationship": "Mother"})
        answer = clerk.post(PARENT, posted, follow=True)
        rosa = Parent.objects.get(full_name="Rosa Lima")
        link = rosa.child_links.get()
        assert (rosa.user.username, rosa.user.role, rosa.user.email) == ("rosa", "parent", "rosa@example.org")
        assert (rosa.phone, rosa.address, rosa.user.has_usable_password()) == ("555-1", "1 Elm Row", False)
        assert (link.student, link.relationship, link.starts_on, link.ends_on) == (cast.bo, "Mother", MONDAY, None)
        assert (link.may_see_attendance, link.may_see_behavior) == (True, True)
        rows = [rosa.user, rosa, link]
        assert [row.history.earliest().history_user for row in rows] == [cast.office] * 3
        assert [(message.to, "rosa" in message.body) for message in mail.outbox] == [(["rosa@example.org"], True)]
        assert "Invitation sent: Rosa Lima." in told(answer)

    def test_without_the_tick_no_mail_goes_out(self, cast, clerk):
        answer = clerk.post(PARENT, new_parent(clerk, cast, send_invitation=False), follow=True)
        assert (Parent.objects.filter(full_name="Rosa Lima").count(), mail.outbox) == (1, [])
        assert not any("nvit" in message for message in told(answer))

    def test_without_an_email_it_says_why_nobody_was_invited(self, cast, clerk):
        answer = clerk.post(PARENT, new_parent(clerk, cast, email=""), follow=True)
        assert Parent.objects.get(full_name="Rosa Lima").user.username == "rosa.lima"
        assert "Rosa Lima: cannot be invited: no e-mail." in told(answer)
        assert mail.outbox == []

    def test_a_mail_server_in_trouble_undoes_nothing(self, cast, clerk, monkeypatch):
        def refuse(_self, _messages):
            raise SMTPServerDisconnected

        monkeypatch.setattr(EmailBackend, "send_messages", refuse)
        answer = clerk.post(PARENT, new_parent(clerk, cast), follow=True)
        rosa = Parent.objects.get(full_name="Rosa Lima")
        assert (rosa.user.username, rosa.child_links.count()) == ("rosa", 1)
        assert "Rosa Lima: not invited: the mail could not be sent. Check the address and try again later." in told(
            answer
        )
        assert not User.history.filter(history_change_reason="invitation sent").exists()

    def test_a_teacher_becomes_a_parent_too(self, cast, clerk):
        users = User.objects.count()
        clerk.post(PARENT, new_parent(clerk, cast, full_name="Ana Silva", email="", user=cast.ana.user.pk))
        cast.ana.user.refresh_from_db()
        assert cast.ana.user.parent.child_links.get().student == cast.bo
        assert (cast.ana.user.role, User.objects.count()) == ("teacher", users)

    def test_the_child_can_wait(self, cast, clerk):
        assert clerk.post(PARENT, new_parent(clerk, cast, **{"child_links-0-student": ""})).status_code == 302
        assert Parent.objects.get(full_name="Rosa Lima").child_links.count() == 0

    def test_nobody_is_invited_before_everything_is_saved(self, cast, clerk):
        posted = new_parent(clerk, cast)
        add_line(posted, "child_links", student=cast.bo.pk, starts_on="2026-03-16")
        errors = errors_of(clerk.post(PARENT, posted))
        assert errors == ["These days overlap with another line for the same. Change the dates."]
        assert (Parent.objects.filter(full_name="Rosa Lima").count(), mail.outbox) == (0, [])


class TestTeacher:
    def test_user_profile_classes_and_invitation_in_one_form(self, cast, clerk):
        maths = SubjectFactory(name="Mathematics")
        posted = typed(
            clerk,
            TEACHER,
            full_name="Tom Reed",
            email="tom@example.org",
            username="t.reed",
            **{"assignments-0-school_class": cast.class_7a.pk, "assignments-0-starts_on": "2026-03-02"},
        )
        add_line(posted, "assignments", school_class=cast.class_7b.pk, subject=maths.pk, starts_on="2026-03-16")
        assert clerk.post(TEACHER, posted).status_code == 302
        tom = Teacher.objects.get(full_name="Tom Reed")
        assert (tom.user.username, tom.user.role) == ("t.reed", "teacher")
        assert list(tom.assignments.order_by("pk").values_list("school_class", "subject", "starts_on")) == [
            (cast.class_7a.pk, None, date(2026, 3, 2)),
            (cast.class_7b.pk, maths.pk, MONDAY),
        ]
        assert [message.to for message in mail.outbox] == [["tom@example.org"]]

    def test_a_head_who_teaches_is_an_admin_who_may_open_the_office(self, cast, clerk, sign_in):
        clerk.post(TEACHER, typed(clerk, TEACHER, full_name="Hugo Head", role="admin"))
        assert sign_in(User.objects.get(username="hugo.head")).get(TEACHER).status_code == 200

    def test_nobody_becomes_a_superuser_or_gets_a_password_by_the_form(self, cast, clerk):
        posted = typed(clerk, TEACHER, full_name="Tom Reed")
        clerk.post(TEACHER, {**posted, "is_superuser": "on", "password": "x" * 20, "is_active": "", "role": "teacher"})
        tom = User.objects.get(username="tom.reed")
        assert (tom.is_superuser, tom.has_usable_password(), tom.is_active) == (False, False, True)


TAKEN = "There is a user of this name. Choose another one."
WORDS = "This holds characters that cannot be printed. Type it again on one line."
THEIRS = "Leave this empty beside a user who exists: theirs is changed on their own page."
KNOWN = "Select a valid choice. That choice is not one of the available choices."
NAME = "Enter a valid username. This value may contain only letters, numbers, and @/./+/-/_ characters."


@pytest.mark.parametrize(
    ("typed_over", "error"),
    [
        ({"full_name": ""}, "This field is required."),
        ({"full_name": "   "}, "This field is required."),
        ({"full_name": "Ro\x00sa"}, "Null characters are not allowed."),
        ({"full_name": "Ro\u202esa"}, WORDS),
        ({"full_name": "x" * 10_000}, "Ensure this value has at most 200 characters (it has 10000)."),
        ({"phone": "555\u200b1"}, WORDS),
        ({"username": "ANA"}, TAKEN),
        ({"username": "rosa lima"}, NAME),
        ({"username": "x" * 151}, "Ensure this value has at most 150 characters (it has 151)."),
        ({"email": "rosa@"}, "Enter a valid email address."),
        ({"email": "rosa@example.org\nBcc: all@example.org"}, "Enter a valid email address."),
        ({"user": "ana", "email": ""}, THEIRS),
        ({"user": "ana"}, THEIRS),
        ({"user": "mariam", "email": "", "username": ""}, "This user is a parent already."),
        ({"user": "999999", "username": "", "email": ""}, KNOWN),
        ({"user": "'", "username": "", "email": ""}, KNOWN),
        ({"child_links-0-student": "999999"}, KNOWN),
        ({"child_links-0-student": "9" * 40}, KNOWN),
        ({"child_links-0-student": "", "child_links-0-relationship": "Mother"}, "This field is required."),
        ({"child_links-0-starts_on": "31.31.2026"}, "Enter a valid date."),
        ({"child_links-0-ends_on": "9999-12-31"}, "Give a date before the year 9999."),
        ({"child_links-0-ends_on": "2026-03-01"}, "The last day is before the first."),
    ],
)
def test_what_is_wrong_is_said_kept_and_changes_nothing(cast, clerk, typed_over, error):
    people = {"ana": cast.ana.user.pk, "mariam": cast.mariam.user.pk}
    changes = {name: people.get(value, value) if name == "user" else value for name, value in typed_over.items()}
    posted = {**new_parent(clerk, cast, username="rosa.l", address="1 Elm Row"), **changes}
    before = everything_stored()
    answer = clerk.post(PARENT, posted)
    assert any(found.startswith(error) for found in errors_of(answer))
    assert answer.context["adminform"].form["address"].value() == "1 Elm Row"
    assert everything_stored() == before
    assert mail.outbox == []


@pytest.mark.parametrize("page", [PARENT, TEACHER])
@pytest.mark.parametrize("person", ["ana", "mariam", None])
def test_only_the_office_makes_people(cast, clerk, sign_in, page, person):
    posted = typed(clerk, page, full_name="Eve Other")
    browser = sign_in(getattr(cast, person).user) if person else Client()
    assert browser.post(page, posted).status_code == (403 if person else 302)
    assert not User.objects.filter(username="eve.other").exists()
    assert clerk.post(page, posted).status_code == 302
    assert User.objects.filter(username="eve.other").exists()


def test_the_page_costs_the_same_for_any_number_of_people(clerk):
    counts = []
    for number in (1, 3):
        ParentFactory.create_batch(number)
        UserFactory.create_batch(number)
        counts.append(count_queries(clerk, PARENT))
    assert counts == [4, 4]


def test_links_of_the_page_are_saved_with_the_profile_or_not_at_all(cast, clerk):
    links, assignments = StudentParentLink.objects.count(), TeachingAssignment.objects.count()
    posted = typed(clerk, TEACHER, full_name="Tom Reed", **{"assignments-0-school_class": cast.class_7a.pk})
    add_line(posted, "assignments", school_class=cast.class_7a.pk, starts_on="2026-03-16")
    assert errors_of(clerk.post(TEACHER, posted)) == [
        "These days overlap with another line for the same. Change the dates."
    ]
    assert not Teacher.objects.filter(full_name="Tom Reed").exists()
    assert (StudentParentLink.objects.count(), TeachingAssignment.objects.count()) == (links, assignments)
    assert reverse("admin:accounts_teacher_add") == TEACHER
