"""Sends the mails to parents, each once; see FamilyMail for how far one is."""

from __future__ import annotations

import logging
import zoneinfo
from collections import Counter
from collections.abc import Collection, Iterator
from contextlib import contextmanager
from smtplib import SMTPException
from typing import Any

from django.core.mail import EmailMessage, get_connection
from django.db import transaction
from django.db.models import F
from django.template.loader import render_to_string
from django.urls import reverse
from django.utils import timezone, translation

from accounts.models import User
from accounts.portal_address import portal_address
from dashboard.due_mails import DueMail, due_mails
from dashboard.mail_models import FamilyMail, MailState
from students.models import School, Student

BATCH = 20  # mails a task; a process that is killed leaves at most so many in doubt
logger = logging.getLogger(__name__)


@contextmanager
def clock_and_language_of(school: School) -> Iterator[None]:
    """What a request gets from SchoolMiddleware: today, times and words are the school's."""
    with timezone.override(zoneinfo.ZoneInfo(school.time_zone)), translation.override(school.language):
        yield


def note_due_mails(school: School) -> list[list[int]]:
    """Write a row for each mail that is due and has none; the rows to send now, in batches.

    Call it on the school's clock. Four statements beside those of `due_mails`; more only where the database splits
    a long insert.
    """
    due = {mail.key for mail in due_mails(school)}
    days = {day for _parent, _student, _kind, day in due}
    rows = FamilyMail.objects.filter(day__in=days).order_by("pk")
    missing = due - {row.key for row in rows.only("parent", "student", "kind", "day")}
    # Two runs at once write the same rows in the same order: the second waits for the first and adds nothing.
    FamilyMail.objects.bulk_create(
        [FamilyMail(parent_id=key[0], student_id=key[1], kind=key[2], day=key[3]) for key in sorted(missing)],
        ignore_conflicts=True,
    )
    keys = [row.pk for row in rows.to_try() if row.key in due]
    return [keys[start : start + BATCH] for start in range(0, len(keys), BATCH)]


def send_mails(keys: Collection[int]) -> dict[str, int]:
    """Send those of these mails that are still due and that nobody else is sending; how many ended in which state.

    Looks again at what is due: an absence may have been excused, a link ended, a choice changed since the row was
    written. Such a mail goes back to waiting.
    """
    school = School.current()
    with clock_and_language_of(school):
        claimed = claim(keys)
        states = dict.fromkeys((row.pk for row in claimed), MailState.WAITING)
        try:
            due = {mail.key: mail for mail in due_mails(school, {row.parent_id for row in claimed})} if claimed else {}
            connection = get_connection()
            for row in claimed:
                if mail := due.get(row.key):
                    states[row.pk] = MailState.SENDING  # what breaks here in an unforeseen way may have left
                    states[row.pk] = MailState.SENT if delivered(mail, school, connection) else MailState.FAILED
            connection.close()
        finally:  # what has left is noted even where something else breaks
            note_states(states)
    return dict(Counter(str(state.value) for state in states.values()))


@transaction.atomic
def claim(keys: Collection[int]) -> list[FamilyMail]:
    """Take those of these mails that are to be sent: no other process gets them any more."""
    rows = FamilyMail.objects.to_try().filter(pk__in=keys).order_by("pk")
    claimed = list(rows.select_for_update(skip_locked=True))
    FamilyMail.objects.filter(pk__in=[row.pk for row in claimed]).update(
        state=MailState.SENDING, attempts=F("attempts") + 1, updated_at=timezone.now()
    )
    return claimed


def note_states(states: dict[int, MailState]) -> None:
    """Write how the claimed mails ended, one statement a state. One that was not tried has its attempt back."""
    for state in set(states.values()):
        rows = FamilyMail.objects.filter(pk__in=[key for key, each in states.items() if each == state])
        given_back = 1 if state == MailState.WAITING else 0
        rows.update(state=state, attempts=F("attempts") - given_back, updated_at=timezone.now())


def delivered(mail: DueMail, school: School, connection: Any) -> bool:
    """Hand one mail to the mail server; False where it refuses, with the reason in the log, which names nobody."""
    try:
        connection.open()  # and kept open: else each mail of a batch would greet the server anew
        compose(mail, school, connection).send()
    except (OSError, SMTPException, ValueError) as error:  # ValueError: an address that no header can hold
        logger.warning("A mail to parent %s was not sent: %s", mail.recipient.parent.pk, type(error).__name__)
        connection.close()  # the next one speaks to the server anew
        return False
    return True


def compose(mail: DueMail, school: School, connection: Any) -> EmailMessage:
    """The mail in words. Its subject says only whom it is about; no mark of any kind is in it."""
    words = {
        "mail": mail,
        "parent": mail.recipient.parent,
        "student": mail.recipient.student,
        "relationship": mail.recipient.relationship,
        "school_name": school.name,
        "report": portal_link("dashboard:report", student_id=mail.recipient.student.student_id),
        "profile": portal_link("accounts:profile"),
    }
    template = f"dashboard/email/{mail.kind.value}"
    subject = " ".join(render_to_string(f"{template}_subject.txt", words).split())
    body = render_to_string(f"{template}.txt", words).strip() + "\n"
    return EmailMessage(
        subject,
        body,
        to=[mail.recipient.parent.user.email],
        connection=connection,
        headers={"Auto-Submitted": "auto-generated"},  # so that no absence note of a mailbox answers
    )


def portal_link(route: str, **arguments: str) -> str:
    """The whole address of a page: a mail has no request to take the host from."""
    return portal_address(reverse(route, kwargs=arguments))


def erase_family_mails(student: Student, _by: User) -> None:
    """Delete the log of the mails about a student."""
    FamilyMail.objects.filter(student=student).delete()
