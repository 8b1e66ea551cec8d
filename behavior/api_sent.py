"""A record of behaviour as sent to the API, judged by the form of the page: one rule for both."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date
from typing import Any

from django.utils.translation import gettext as _
from rest_framework.exceptions import ValidationError

from accounts.api_fields import refuse_fields
from accounts.models import User
from behavior.forms import NotingForm, categories_for, initial_of
from behavior.models import BehaviorCategory, BehaviorRecord
from behavior.services import Noting
from students.api_sent import own_student
from students.models import SchoolClass, Student
from students.own_class import own_class_of

Sent = Mapping[str, Any]


def judge(user: User, sent: Sent, stands: Mapping[str, Any], record: BehaviorRecord | None = None) -> Noting:
    """What is to be noted: what was sent, over what `stands` for the rest. Raises ValidationError by field."""
    categories = categories_for(user, record)
    posted = dict(stands) | {name: sent[name] for name in NotingForm.base_fields if name in sent}
    if "category" in sent:
        posted["category"] = str(find_category(categories, sent["category"]).pk)
    form = NotingForm(posted, categories=categories)
    refuse_fields(form.errors, {})
    return form.noting


def judge_new(user: User, sent: Sent, today: date) -> Noting:
    return judge(user, sent, {"date": today})


def judge_change(user: User, sent: Sent, record: BehaviorRecord) -> Noting:
    """The record as it is to be; it stays with its student and class."""
    if sent.get("student_id", record.student.student_id).upper() != record.student.student_id:
        raise ValidationError({"student_id": [_("A record stays with its student. Withdraw it, then note another.")]})
    if sent.get("class_id", record.school_class_id) != record.school_class_id:
        raise ValidationError({"class_id": [_("A record stays with its class. Withdraw it, then note another.")]})
    return judge(user, sent, initial_of(record), record)


def find_category(categories: list[BehaviorCategory], name: str) -> BehaviorCategory:
    """The category of this name, as the list of records has it."""
    for category in categories:
        if category.name == name:
            return category
    names = ", ".join(category.name for category in categories)
    raise ValidationError({"category": [_("Choose one of these: %(names)s.") % {"names": names}]})


def find_place(user: User, sent: Sent, today: date) -> tuple[Student, SchoolClass | None]:
    """The student, and the class it is noted in: as sent, else the one that the page would choose."""
    student = own_student(user, sent["student_id"])
    if sent.get("class_id") is None:
        return student, own_class_of(student, user, today)
    school_class = SchoolClass.objects.visible_to(user).filter(pk=sent["class_id"]).first()
    if school_class is None:
        raise ValidationError({"class_id": [_("There is no such class that is yours.")]})
    if not Student.objects.visible_to(user).enrolled_on(school_class, today).filter(pk=student.pk).exists():
        raise ValidationError({"class_id": [_("The student is not in this class today.")]})
    return student, school_class
