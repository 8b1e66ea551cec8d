"""Each mail goes once: what the log holds, what happens when the mail server refuses, two senders at once."""

from concurrent.futures import ThreadPoolExecutor
from datetime import date
from smtplib import SMTPRecipientsRefused
from threading import Barrier

import pytest
from django.core.mail.backends.locmem import EmailBackend
from django.core.management import CommandError
from django.db import IntegrityError, connections, transaction

from accounts.models import User
from accounts.tests.factories import ParentFactory
from dashboard.mail_models import MOST_ATTEMPTS
from dashboard.mailing import BATCH
from dashboard.models import FamilyMail
from dashboard.tests.mails import FRIDAY, at, choose, publish, run, sent, take
from students.services import delete_student
from students.tests.factories import StudentParentLinkFactory
from tests.cast import MONDAY

MARIAM, NILS = "mariam@school.example", "nils@school.example"
# To find what is due: the school, links, absences, registers and their sizes, the week's days and marks; to write it:
# what is there, the rows, those to send.
QUERIES_TO_NOTE = 10
# A batch: the school, claim (two), what is due again (six), its states.
QUERIES_A_BATCH = 10
QUERIES_WITHOUT_MAIL = 3  # the school, links, absences


@pytest.fixture
def due(cast, frozen):
    """Friday at 15:00: both mails are due about Amina and Cleo."""
    choose(cast.mariam, cast.nils)
    frozen.move_to(at(FRIDAY, 15))
    take(cast.class_7a, FRIDAY, absent=[cast.amina])
    take(cast.class_7b, FRIDAY, absent=[cast.cleo])


def log() -> list[tuple[str, str, int]]:
    """The log as address, state and attempts."""
    return sorted(FamilyMail.objects.values_list("parent__user__email", "state", "attempts"))


# --- The log ------------------------------------------------------------------------------------------------


def test_the_log_has_a_row_a_mail_and_no_history(cast, due):
    assert run() == "4 sent, 0 refused by the mail server."
    assert sorted(FamilyMail.objects.values_list("parent", "student", "kind", "day", "state", "attempts")) == sorted(
        (parent.pk, student.pk, kind, FRIDAY, "sent", 1)
        for parent, student in ((cast.mariam, cast.amina), (cast.nils, cast.cleo))
        for kind in ("absence", "week")
    )
    assert FamilyMail.history.count() == 0


def test_the_log_goes_with_the_child(cast, due):
    run()
    delete_student(by=cast.office, student=cast.amina)
    assert [row.student for row in FamilyMail.objects.all()] == [cast.cleo] * 2
    assert FamilyMail.history.count() == 0


def test_the_office_alone_reads_it(cast, due):
    run()
    seen = [FamilyMail.objects.visible_to(user).count() for user in (cast.office, cast.ana.user, cast.mariam.user)]
    assert seen == [4, 0, 0]


@pytest.mark.parametrize(
    ("change", "constraint"),
    [
        ({"kind": "gossip"}, "family_mail_kind_known"),
        ({"state": "lost"}, "family_mail_state_known"),
        ({"attempts": MOST_ATTEMPTS + 1}, "family_mail_attempts_bounded"),
    ],
)
def test_the_database_refuses(change, constraint, cast, due):
    run()
    with pytest.raises(IntegrityError, match=constraint), transaction.atomic():
        FamilyMail.objects.update(**change)


def test_the_database_refuses_a_mail_twice(cast, due):
    run()
    row = FamilyMail.objects.first()
    with pytest.raises(IntegrityError), transaction.atomic():
        FamilyMail.objects.bulk_create([FamilyMail(parent=row.parent, student=row.student, kind=row.kind, day=row.day)])
    assert FamilyMail.objects.count() == 4


# --- The mail server refuses ----------------------------------------------------------------------------------


def refuse(*addresses):
    """A mail server that takes no mail to these addresses."""
    take_mail = EmailBackend.send_messages

    def send_messages(self, messages):
        if messages[0].to[0] in addresses:
            raise SMTPRecipientsRefused({})
        return take_mail(self, messages)

    return send_messages


def test_one_refused_address_keeps_back_no_other_mail_and_is_tried_again(cast, due, monkeypatch):
    with monkeypatch.context() as server:
        server.setattr(EmailBackend, "send_messages", refuse(MARIAM))
        assert run() == "2 sent, 2 refused by the mail server."
    assert sent() == [NILS, NILS]
    assert log() == [(MARIAM, "failed", 1)] * 2 + [(NILS, "sent", 1)] * 2
    assert run() == "2 sent, 0 refused by the mail server."
    assert sent() == [MARIAM, MARIAM, NILS, NILS]
    assert log() == [(MARIAM, "sent", 2)] * 2 + [(NILS, "sent", 1)] * 2


def test_it_is_not_tried_for_ever(cast, due, monkeypatch):
    monkeypatch.setattr(EmailBackend, "send_messages", refuse(MARIAM))
    printed = [run() for _time in range(MOST_ATTEMPTS + 2)]
    assert printed[MOST_ATTEMPTS - 1] == "0 sent, 2 refused by the mail server."
    assert printed[MOST_ATTEMPTS:] == ["0 sent, 0 refused by the mail server."] * 2
    assert log()[:2] == [(MARIAM, "failed", MOST_ATTEMPTS)] * 2


def test_an_address_that_no_header_can_hold_is_refused_and_the_others_go(cast, due):
    User.objects.filter(pk=cast.mariam.user.pk).update(email="two\nlines@school.example")
    assert run() == "2 sent, 2 refused by the mail server."
    assert sent() == [NILS, NILS]


def test_what_breaks_in_an_unforeseen_way_is_told_and_never_sent_twice(cast, due, monkeypatch):
    """The mail in hand may have left, so it stays as being sent; those after it go with the next run."""

    def break_down(_self, _messages):
        raise RuntimeError("out of memory")

    with monkeypatch.context() as server:
        server.setattr(EmailBackend, "send_messages", break_down)
        with pytest.raises(CommandError, match="out of memory"):
            run()
    assert sorted(FamilyMail.objects.values_list("state", "attempts")) == [("sending", 1), *[("waiting", 0)] * 3]
    assert run() == "3 sent, 0 refused by the mail server."
    assert len(sent()) == 3


# --- Two senders at once ----------------------------------------------------------------------------------------


@pytest.mark.parallel
@pytest.mark.django_db(transaction=True)
def test_eight_runs_at_once_send_each_mail_once(cast, frozen):
    parents = many_parents(cast, 30)
    frozen.move_to(at(FRIDAY, 15))
    take(cast.class_7a, FRIDAY, absent=[cast.amina])
    start = Barrier(8)

    def run_together():
        try:
            start.wait(timeout=60)
            return run()
        finally:
            connections.close_all()

    with ThreadPoolExecutor(8) as threads:
        printed = [answer.result() for answer in [threads.submit(run_together) for _number in range(8)]]
    assert sum(int(line.split()[0]) for line in printed) == 60
    assert sent() == sorted([parent.user.email for parent in parents] * 2)
    assert set(FamilyMail.objects.values_list("state", "attempts")) == {("sent", 1)}
    assert FamilyMail.objects.count() == 60


# --- What it costs ------------------------------------------------------------------------------------------------


def many_parents(cast, number):
    """So many parents of Amina who chose both mails."""
    parents = [ParentFactory(full_name=f"Parent {each}") for each in range(number)]
    for parent in parents:
        StudentParentLinkFactory(student=cast.amina, parent=parent, relationship="guardian")
    choose(*parents)
    return parents


@pytest.mark.parametrize(("parents", "batches"), [(1, 1), (3, 1), (60, 120 // BATCH)])
def test_it_costs_the_same_for_any_number_of_parents_a_batch(parents, batches, cast, frozen, count_queries):
    many_parents(cast, parents)
    frozen.move_to(at(FRIDAY, 15))
    take(cast.class_7a, FRIDAY, absent=[cast.amina])
    publish(cast.amina, cast.class_7a, at(MONDAY, 10))
    assert count_queries(run) == QUERIES_TO_NOTE + batches * QUERIES_A_BATCH
    assert len(sent()) == 2 * parents


def test_a_run_with_nothing_to_send_costs_little(cast, frozen, count_queries):
    many_parents(cast, 3)
    frozen.move_to(at(date(2026, 3, 18), 10))
    assert count_queries(run) == QUERIES_WITHOUT_MAIL
