"""The page on which a student is typed: three forms that are valid together or not at all."""

from __future__ import annotations

from typing import Any

from django.forms.utils import ErrorDict
from django.utils.datastructures import MultiValueDict
from django.utils.translation import gettext as _

from students.forms import MOST_CONTACTS, ContactFormSet, StudentForm, contact_formset
from students.middleware import SchoolRequest
from students.models import EmergencyContact, Guardian, SchoolClass, Student

ADD_GUARDIAN, ADD_CONTACT = "add-guardian", "add-contact"


class StudentPage:
    """The student's form with those of guardians and emergency contacts.

    The buttons "another guardian" and "another contact" post the page to be shown again with one more empty
    block; nothing is saved then, and it works without scripts.
    """

    def __init__(self, request: SchoolRequest, student: Student) -> None:
        self.student = student
        self.name = student.full_name  # as stored: the form writes what is typed into the student
        self.guardians_title, self.add_guardian_label = _("Guardians"), _("Add another guardian")
        self.contacts_title, self.add_contact_label = _("Emergency contacts"), _("Add another contact")
        self.wants_block = bool({ADD_GUARDIAN, ADD_CONTACT} & request.POST.keys())
        self.posted = request.POST if request.method == "POST" else None
        self.details = StudentForm(self.posted, user=request.user, instance=student)
        self.guardians = self.contacts(Guardian, "guardians", ADD_GUARDIAN)
        self.emergency_contacts = self.contacts(EmergencyContact, "emergency", ADD_CONTACT)
        if self.wants_block:
            self.judge_nothing_yet()

    def contacts(self, model: type[Guardian] | type[EmergencyContact], prefix: str, add: str) -> ContactFormSet:
        """The formset, one block longer than posted where that was asked for."""
        posted: MultiValueDict[str, str] | None = self.posted
        if posted is not None and add in posted:
            posted = posted.copy()
            total = posted.get(f"{prefix}-TOTAL_FORMS", "")
            if total in map(str, range(MOST_CONTACTS)):  # anything else is for the formset to refuse
                posted[f"{prefix}-TOTAL_FORMS"] = str(int(total) + 1)
        return contact_formset(model)(posted, instance=self.student, prefix=prefix)

    def judge_nothing_yet(self) -> None:
        """Show what was typed without errors: it was not sent to be saved."""
        for form in self.all_forms:
            form._errors = ErrorDict()

    def is_valid(self) -> bool:
        """True for a complete form that was sent to be saved."""
        if self.posted is None or self.wants_block:
            return False
        forms = (self.details, self.guardians, self.emergency_contacts)
        return all([form.is_valid() for form in forms])  # noqa: C419  (each form must say what is wrong)

    @property
    def status(self) -> int:
        """422 where something typed must be changed."""
        return 422 if self.posted is not None and not self.wants_block else 200

    @property
    def formsets(self) -> list[ContactFormSet]:
        return [self.guardians, self.emergency_contacts]

    @property
    def all_forms(self) -> list[Any]:
        return [self.details, *(form for formset in self.formsets for form in formset.forms)]

    @property
    def school_class(self) -> SchoolClass | None:
        return self.details.cleaned_data.get("school_class")

    @property
    def values(self) -> dict[str, Any]:
        """What the services take."""
        return {
            "details": self.details.details,
            "guardians": self.guardians.people,
            "emergency_contacts": self.emergency_contacts.people,
        }
