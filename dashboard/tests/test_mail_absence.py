"""The note of the same day: once per parent, child and day, when the register has a child absent without a reason."""

from datetime import time, timedelta

import pytest
from django.core import mail

from attendance.models import Status
from attendance.tests.factories import AttendanceRecordFactory, RegisterFactory
from dashboard.models import FamilyMail
from dashboard.tests.mails import at, choose, correct, run, sent, take
from students.models import Enrolment, School, StudentParentLink
from students.tests.factories import EnrolmentFactory, SchoolClassFactory, StudentParentLinkFactory
from tests.cast import MONDAY, pupil

ONE_DAY = timedelta(days=1)
MARIAM = "mariam@school.example"


@pytest.fixture(autouse=True)
def wanted(cast, settings):
    """Mariam chose the note of absence and nothing else; the portal is at an address of its own."""
    settings.PORTAL_URL = "https://portal.school.example/"
    School.objects.update(name="O’Neill & Sons School")
    StudentParentLink.objects.filter(parent=cast.mariam).update(relationship="mother")
    choose(cast.mariam, absence_note=True)


def test_the_note_names_the_child_and_the_relation_and_leads_to_the_report(cast):
    take(cast.class_7a, absent=[cast.amina])
    assert run() == "1 sent, 0 refused by the mail server."
    [message] = mail.outbox
    assert (message.to, message.subject) == ([MARIAM], "About Amina today, from O’Neill & Sons School")
    assert message.body == (
        "Hello Mariam Diallo,\n"
        "\n"
        "You get this mail about Amina Diallo, to whom O’Neill & Sons School has you noted as: mother.\n"
        "\n"
        "Today, Mon 16 Mar, the register of 7A has Amina Diallo as absent, and no reason is noted. Please tell the "
        "school office the reason, or that you did not expect this.\n"
        "\n"
        f"The report: https://portal.school.example/report/{cast.amina.student_id}/\n"
        "\n"
        "You chose this mail in your profile. To get no more of them, or to set quiet hours: "
        "https://portal.school.example/profile/\n"
        "\n"
        "O’Neill & Sons School\n"
    )
    assert message.extra_headers == {"Auto-Submitted": "auto-generated"}


def test_without_a_noted_relation_the_mail_says_why_it_comes(cast):
    StudentParentLink.objects.update(relationship="")
    take(cast.class_7a, absent=[cast.amina])
    run()
    assert "about Amina Diallo, whose report O’Neill & Sons School lets you read." in mail.outbox[0].body


@pytest.mark.parametrize("status", [Status.PRESENT, Status.LATE, Status.EXCUSED])
def test_any_other_mark_sends_nothing(status, cast):
    take(cast.class_7a, absent=[cast.amina])
    correct(cast.amina, status)
    run()
    assert sent() == []
    correct(cast.amina, Status.ABSENT)
    run()
    assert sent() == [MARIAM]


def test_it_waits_until_the_whole_register_is_taken(cast):
    AttendanceRecordFactory(student=cast.amina, school_class=cast.class_7a, status=Status.ABSENT)
    RegisterFactory(school_class=cast.class_7a)
    run()
    assert sent() == []
    AttendanceRecordFactory(student=cast.bo, school_class=cast.class_7a)
    run()
    assert sent() == [MARIAM]


def test_a_second_run_sends_nothing_again_even_after_the_mark_went_to_and_fro(cast):
    take(cast.class_7a, absent=[cast.amina])
    run()
    correct(cast.amina, Status.PRESENT)
    run()
    correct(cast.amina, Status.ABSENT)
    assert run() == "0 sent, 0 refused by the mail server."
    assert sent() == [MARIAM]


def test_each_day_has_its_own_note_and_a_day_that_is_over_has_none(cast, frozen):
    take(cast.class_7a, absent=[cast.amina])
    frozen.move_to(at(MONDAY + ONE_DAY, 0))
    run()
    assert sent() == []
    take(cast.class_7a, MONDAY + ONE_DAY, absent=[cast.amina])
    run()
    assert sent() == [MARIAM]
    assert [row.day for row in FamilyMail.objects.all()] == [MONDAY + ONE_DAY]


def test_today_is_that_of_the_schools_clock(cast, frozen):
    School.objects.update(time_zone="Pacific/Auckland")
    take(cast.class_7a, MONDAY, absent=[cast.amina])
    frozen.move_to(at(MONDAY, 12))  # Tuesday 01:00 in Auckland
    run()
    assert sent() == []
    take(cast.class_7a, MONDAY + ONE_DAY, absent=[cast.amina])
    run()
    assert "Today, Tue 17 Mar," in mail.outbox[0].body


def test_only_a_main_class_counts(cast):
    choir = SchoolClassFactory(name="Choir", academic_year=cast.year)
    EnrolmentFactory(student=cast.amina, school_class=choir, is_primary=False)
    take(choir, absent=[cast.amina])
    run()
    assert sent() == []
    Enrolment.objects.filter(student=cast.amina, school_class=cast.class_7a).update(is_primary=False)
    Enrolment.objects.filter(student=cast.amina, school_class=choir).update(is_primary=True)
    run()
    assert "the register of Choir has Amina Diallo as absent" in mail.outbox[0].body


def test_a_mark_of_a_class_that_the_child_was_taken_off_counts_no_more(cast):
    take(cast.class_7a, absent=[cast.amina])
    Enrolment.objects.filter(student=cast.amina).update(ends_on=MONDAY)
    run()
    assert sent() == []
    Enrolment.objects.filter(student=cast.amina).update(ends_on=None)
    run()
    assert sent() == [MARIAM]


def test_two_children_are_two_mails_and_two_parents_too(cast):
    sister = pupil("Binta", "Diallo", cast.class_7a)
    StudentParentLinkFactory(student=sister, parent=cast.mariam)
    StudentParentLinkFactory(student=cast.amina, parent=cast.nils, relationship="uncle")
    choose(cast.nils, absence_note=True)
    take(cast.class_7a, absent=[cast.amina, sister])
    run()
    assert sorted((message.to[0], message.subject.split()[1]) for message in mail.outbox) == [
        (MARIAM, "Amina"),
        (MARIAM, "Binta"),
        ("nils@school.example", "Amina"),
    ]
    for message in mail.outbox:
        assert ("Amina Diallo" in message.body) != ("Binta Diallo" in message.body)


def test_quiet_hours_hold_it_back_until_they_end(cast, frozen):
    choose(cast.mariam, absence_note=True, quiet_from=time(8), quiet_until=time(12, 30))
    take(cast.class_7a, absent=[cast.amina])
    for hour, minute in ((9, 0), (12, 29)):
        frozen.move_to(at(MONDAY, hour, minute))
        run()
        assert (sent(), FamilyMail.objects.count()) == ([], 0)
    frozen.move_to(at(MONDAY, 12, 30))
    run()
    assert sent() == [MARIAM]


def test_quiet_hours_to_the_end_of_the_day_drop_it(cast, frozen):
    choose(cast.mariam, absence_note=True, quiet_from=time(8), quiet_until=time(6))
    take(cast.class_7a, absent=[cast.amina])
    for moment in (at(MONDAY, 9), at(MONDAY, 23, 59), at(MONDAY + ONE_DAY, 7)):
        frozen.move_to(moment)
        run()
    assert sent() == []
    choose(cast.mariam, quiet_from=None, quiet_until=None)
    frozen.move_to(at(MONDAY, 23, 59))
    run()
    assert sent() == [MARIAM]


def test_no_mail_of_a_day_without_registers(cast):
    assert run() == "0 sent, 0 refused by the mail server."
    assert (sent(), FamilyMail.objects.count()) == ([], 0)
