"""To whom a mail about a child never goes. Each test shows first or last that it could have gone."""

from datetime import timedelta

import pytest
from django.core import mail

from accounts.models import Parent, User
from accounts.tests.factories import ParentFactory
from attendance.models import AttendanceRecord
from dashboard.models import FamilyMail
from dashboard.tests.mails import FRIDAY, at, choose, publish, run, sent, take
from students.models import Student, StudentParentLink
from students.tests.factories import StudentParentLinkFactory
from tests.cast import MONDAY, YEAR_START

ONE_DAY = timedelta(days=1)
MARIAM, NILS, FAY = "mariam@school.example", "nils@school.example", "former@school.example"


@pytest.fixture(autouse=True)
def due(cast, frozen):
    """Friday at 15:00: Mariam and Nils chose both mails, both children are absent and have a new mark."""
    choose(cast.mariam, cast.nils, cast.former)
    frozen.move_to(at(FRIDAY, 15))
    take(cast.class_7a, FRIDAY, absent=[cast.amina])
    take(cast.class_7b, FRIDAY, absent=[cast.cleo])
    publish(cast.amina, cast.class_7a, at(MONDAY, 10))
    publish(cast.cleo, cast.class_7b, at(MONDAY, 10))


def test_each_parent_gets_both_mails_about_the_own_child(cast):
    run()
    assert sent() == [MARIAM, MARIAM, NILS, NILS]


def test_every_mail_is_off_until_it_is_chosen(cast):
    rosa = ParentFactory(user__username="rosa")
    StudentParentLinkFactory(student=cast.amina, parent=rosa)
    run()
    assert "rosa@school.example" not in sent()
    choose(rosa)
    run()
    assert sent().count("rosa@school.example") == 2


@pytest.mark.parametrize(
    ("chosen", "subject"),
    [("weekly_digest", "The week of Amina at SPTrack"), ("absence_note", "About Amina today, from SPTrack")],
)
def test_only_the_chosen_mail_is_sent(chosen, subject, cast):
    choose(cast.mariam, weekly_digest=False, absence_note=False)
    choose(cast.mariam, **{chosen: True})
    run()
    assert [message.subject for message in mail.outbox if message.to == [MARIAM]] == [subject]


# A condition under which nothing goes to Mariam, as the rows that make it and those that undo it.
CONDITIONS = {
    "the link ended today": (StudentParentLink, {"ends_on": FRIDAY}, {"ends_on": None}),
    "the link begins tomorrow": (StudentParentLink, {"starts_on": FRIDAY + ONE_DAY}, {"starts_on": YEAR_START}),
    "the link ended on the day it began": (
        StudentParentLink,
        {"starts_on": FRIDAY, "ends_on": FRIDAY},
        {"ends_on": FRIDAY + ONE_DAY},
    ),
    "the account is deactivated": (User, {"is_active": False}, {"is_active": True}),
    "there is no e-mail": (User, {"email": ""}, {"email": MARIAM}),
    "the child left yesterday": (Student, {"left_on": FRIDAY}, {"left_on": FRIDAY + ONE_DAY}),
}


@pytest.mark.parametrize(("model", "wrong", "right"), CONDITIONS.values(), ids=CONDITIONS)
def test_nothing_goes_where(model, wrong, right, cast):
    rows = {
        StudentParentLink: StudentParentLink.objects.filter(parent=cast.mariam),
        User: User.objects.filter(pk=cast.mariam.user.pk),
        Student: Student.objects.filter(pk=cast.amina.pk),
    }[model]
    rows.update(**wrong)
    run()
    assert sent() == [NILS, NILS]
    assert not FamilyMail.objects.filter(parent=cast.mariam).exists()
    rows.update(**right)
    run()
    assert sent() == [MARIAM, MARIAM, NILS, NILS]


def test_an_ended_link_gets_nothing_and_an_open_one_would(cast):
    run()
    assert FAY not in sent()
    StudentParentLink.objects.filter(parent=cast.former).update(ends_on=None)
    run()
    assert sent().count(FAY) == 2


def test_a_link_without_attendance_brings_no_note_of_absence(cast):
    StudentParentLink.objects.filter(parent=cast.mariam).update(may_see_attendance=False)
    run()
    [message] = [message for message in mail.outbox if message.to == [MARIAM]]
    assert message.subject.startswith("The week of")
    assert "missed" not in message.body
    assert "absent" not in message.body


def test_what_a_link_lost_after_the_row_was_written_is_not_sent(cast):
    """The command notes what is due, a worker sends it later: it looks again."""
    from dashboard.mailing import clock_and_language_of, note_due_mails, send_mails
    from students.models import School

    school = School.current()
    with clock_and_language_of(school):
        [keys] = note_due_mails(school)
    assert len(keys) == 4
    StudentParentLink.objects.filter(parent=cast.mariam).update(ends_on=FRIDAY)
    AttendanceRecord.objects.filter(student=cast.cleo).update(status="excused")
    assert send_mails(keys) == {"sent": 1, "waiting": 3}
    [message] = mail.outbox
    assert (message.to, message.subject) == ([NILS], "The week of Cleo at SPTrack")
    assert sorted(FamilyMail.objects.values_list("state", "attempts")) == [("sent", 1), *[("waiting", 0)] * 3]


def test_two_open_links_of_one_parent_are_one_mail_with_what_either_allows(cast):
    StudentParentLink.objects.filter(parent=cast.mariam).update(
        may_see_attendance=False, ends_on=FRIDAY + 30 * ONE_DAY, relationship="mother"
    )
    StudentParentLinkFactory(student=cast.amina, parent=cast.mariam, may_see_assessments=False)
    run()
    assert sent() == [MARIAM, MARIAM, NILS, NILS]
    [week] = [each for each in mail.outbox if each.to == [MARIAM] and each.subject.startswith("The week")]
    assert "noted as: mother" in week.body
    assert "1 day missed" in week.body
    assert "1 new mark " in week.body


def test_a_teacher_who_is_a_parent_gets_the_mails_of_the_own_child(cast):
    parent = ParentFactory(user=cast.ben.user, full_name="Ben Okafor")
    StudentParentLinkFactory(student=cast.amina, parent=parent)
    choose(parent)
    run()
    assert sent().count("ben@school.example") == 2


def test_no_mail_holds_anything_of_another_family(cast):
    """Every text of Cleo's family carries a marker; Mariam's mails hold none, those of Nils hold his own."""
    cast.cleo.given_name, cast.cleo.family_name = "canary-given", "canary-family"
    cast.cleo.save()
    Parent.objects.filter(pk=cast.nils.pk).update(
        full_name="canary-parent", phone="canary-phone", address="canary-street"
    )
    StudentParentLink.objects.filter(parent=cast.nils).update(relationship="canary-relation")
    AttendanceRecord.objects.filter(student=cast.cleo).update(note="canary-note")
    cast.class_7b.name = "canary-class"
    cast.class_7b.save()
    run()
    mails = {MARIAM: "", NILS: ""}
    for message in mail.outbox:
        mails[message.to[0]] += f"{message.subject}\n{message.body}\n{message.recipients()}\n"
    assert "canary" not in mails[MARIAM]
    for marker in ("canary-given canary-family", "canary-parent", "canary-relation", "canary-class"):
        assert marker in mails[NILS]
    for never in ("canary-note", "canary-phone", "canary-street", "Amina", "Mariam"):
        assert never not in mails[NILS]
    assert cast.cleo.student_id in mails[NILS]
    assert cast.cleo.student_id not in mails[MARIAM]


def test_a_line_break_in_a_name_breaks_no_header(cast):
    Student.objects.filter(pk=cast.amina.pk).update(given_name="Amina\nBcc: everybody@example.org")
    run()
    for message in [message for message in mail.outbox if message.to == [MARIAM]]:
        assert "\n" not in message.subject
        assert message.recipients() == [MARIAM]
