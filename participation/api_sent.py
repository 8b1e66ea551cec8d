"""Participation as sent to the API: the event is judged by the form of the page, one rule for both."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from django.utils.translation import gettext as _
from rest_framework.exceptions import ValidationError

from accounts.api_fields import refuse_fields
from accounts.models import User
from participation.event_forms import MIXED, EventForm
from participation.models import ParticipationRecord, Status
from participation.record_services import SentNote
from students.models import Student
from students.own_class import own_class_of

API_NAMES = {"name": "event_name", "school_class": "class_id"}
Sent = Mapping[str, Any]


def as_note(sent: Sent, stored: ParticipationRecord | None = None) -> SentNote:
    """What was sent of the note itself, for the services; a status that was not sent stays as it is stored."""
    status = sent["status"] if stored is None else sent.get("status", stored.status)
    return SentNote(Status(status), sent.get("remarks"))


def judge_event(user: User, student: Student, sent: Sent) -> dict[str, Any]:
    """The event as the services take it: of the student's own class unless another, or none, is sent.

    Raises ValidationError under the API's names.
    """
    posted = {"name": sent["event_name"], "date": sent["date"], "school_class": MIXED}
    if "class_id" not in sent:
        own_class = own_class_of(student, user, sent["date"])
        if own_class is None:
            said = _("The student is in no class of yours on this day. Give the class, or null for a mixed group.")
            raise ValidationError({"class_id": [said]})
        posted["school_class"] = own_class.pk
    elif sent["class_id"] is not None:
        posted["school_class"] = sent["class_id"]
    form = EventForm(posted, user=user)
    refuse_fields(form.errors, API_NAMES)
    return form.cleaned_data


def refuse_moving(sent: Sent, record: ParticipationRecord) -> None:
    """Raises ValidationError for another student or event than the record's: it stays with both."""
    errors = {}
    if sent.get("student_id", record.student.student_id).upper() != record.student.student_id:
        errors["student_id"] = [_("A record stays with its student. Withdraw it, then note another.")]
    known = {"event_name": record.event_name, "date": record.date, "class_id": record.school_class_id}
    for name, value in known.items():
        if sent.get(name, value) != value:
            errors[name] = [_("A record stays with its event. Withdraw it, then note another.")]
    if errors:
        raise ValidationError(errors)
