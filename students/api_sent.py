"""A student as sent to the API, judged by the forms of the page: one rule for both."""

from __future__ import annotations

from collections.abc import Mapping
from copy import copy
from typing import Any

from django.utils.translation import gettext as _
from rest_framework.exceptions import ValidationError

from accounts.api_fields import refuse_fields
from accounts.models import User
from accounts.roles import Role
from students.forms import MOST_CONTACTS, StudentForm, contact_formset, current_classes
from students.models import EmergencyContact, Guardian, SchoolClass, Student

API_NAMES = {"date_of_birth": "dateOfBirth", "school_class": "classId"}
People = list[dict[str, Any]]


def own_student(user: User, student_id: str) -> Student:
    """The student whom a record is about, of those who are theirs. Raises ValidationError under student_id."""
    student = Student.objects.visible_to(user).filter(student_id=student_id.upper()).first()
    if student is None:
        raise ValidationError({"student_id": [_("There is no such student who is yours.")]})
    return student


def names_in(sent: Mapping[str, Any], *, required: bool) -> dict[str, str]:
    """given_name and family_name as far as they are sent; one `name` is split at its last space."""
    given = {name: sent[name] for name in ("given_name", "family_name") if name in sent}
    if "name" not in sent:
        if required and "given_name" not in given:
            raise ValidationError({"name": [_("Give the name, or given_name and family_name.")]})
        return given
    if given:
        raise ValidationError({"name": [_("Give either the name, or given_name and family_name.")]})
    first, _space, last = sent["name"].strip().rpartition(" ")
    return {"given_name": first.strip() or last, "family_name": last if first else ""}


def judge(user: User, student: Student, sent: Mapping[str, Any], *, required: bool) -> dict[str, Any]:
    """What the services take for this student, new or stored: details, guardians, emergency contacts, school_class.

    What is not sent stays as it is. `required` asks for a name. Raises ValidationError under the API's names.
    The student handed in comes back changed by the form: read what you need of it before.
    """
    names = names_in(sent, required=required)
    form = StudentForm(user=user, instance=student)
    posted = {name: form[name].value() for name in form.fields} | names
    posted |= {name: sent[key] for name, key in (("gender", "gender"), ("date_of_birth", "dateOfBirth")) if key in sent}
    if not student.pk:
        posted["school_class"] = sent.get("classId")
    judged = StudentForm(posted, user=user, instance=student)
    of_name = {"given_name": "name", "family_name": "name"} if "name" in sent else {}
    refuse_fields(judged.errors, API_NAMES | of_name)
    return {
        "details": judged.details,
        "school_class": judged.cleaned_data.get("school_class"),
        "guardians": judge_people(Guardian, user, student, sent.get("guardians"), "guardians"),
        "emergency_contacts": judge_people(
            EmergencyContact, user, student, sent.get("emergencyContacts"), "emergencyContacts"
        ),
    }


def judge_people(
    model: type[Guardian] | type[EmergencyContact], user: User, student: Student, sent: People | None, key: str
) -> People:
    """The list of people as it shall be, for `save_contacts`: those of a known name change, the others are new or go.

    Matched by name, so that a guardian's portal account and address stay. Nothing where no list is sent.
    """
    if sent is None:
        return []
    if len(sent) > MOST_CONTACTS:
        raise ValidationError({key: [_("Give at most %(most)d people here.") % {"most": MOST_CONTACTS}]})
    form_class: Any = contact_formset(model).form
    known = list(model.objects.visible_to(user).filter(student=student)) if student.pk else []
    people: People = []
    errors: dict[str, Any] = {}
    for index, person in enumerate(sent):
        match = next((each for each in known if each.name == person["name"]), None)
        if match:
            known.remove(match)
        form = form_class(with_address(person, match), instance=copy(match) if match else model(student=student))
        if form.errors:
            errors[str(index)] = {name: list(said) for name, said in form.errors.items()}
            continue
        people.append({**form.cleaned_data, "id": match, "priority": index + 1})
    if errors:
        raise ValidationError({key: errors})
    return people + [{"id": each, "DELETE": True} for each in known]


def with_address(person: Mapping[str, Any], match: Any) -> dict[str, Any]:
    """The person as the page would post them; the address, which the API does not carry, stays."""
    return {**person, "address": match.address if match else ""}


def new_class_of(user: User, current: int | None, sent: Mapping[str, Any]) -> SchoolClass | None:
    """The class that a stored student is to be moved into, by the office alone as in the admin; None where it stays.

    current: the key of the class they are in today.
    """
    wanted = sent.get("classId", current)
    if wanted == current:
        return None
    if user.role != Role.ADMIN:
        raise ValidationError({"classId": [_("Only the school office moves a student into another class.")]})
    school_class: SchoolClass | None = current_classes(user).filter(pk=wanted).first() if wanted else None
    if school_class is None:
        raise ValidationError({"classId": [_("Choose a class of a school year that is not over.")]})
    return school_class
