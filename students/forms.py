"""The form of a student with the people to call, in one page."""

from __future__ import annotations

from datetime import date, timedelta
from typing import Any, ClassVar

from django import forms
from django.core.exceptions import ValidationError
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from accounts.models import User
from accounts.roles import Role
from core.fields import JOINERS, UNPRINTABLE, ClockField, LineField, refuse_odd_characters
from students.fields import DayFormField
from students.models import EmergencyContact, Guardian, SchoolClass, Student

__all__ = ["JOINERS", "UNPRINTABLE", "ClockField", "LineField", "refuse_odd_characters"]  # what its users look for here
OLDEST = date(1900, 1, 1)
FURTHEST = timedelta(days=2 * 366)
BLANK_CONTACTS = 1
MOST_CONTACTS = 12


class DayInput(forms.DateInput):
    """The browser's own calendar; always exchanges ISO dates."""

    input_type = "date"

    def __init__(self, attrs: dict[str, Any] | None = None) -> None:
        super().__init__(attrs, format="%Y-%m-%d")


class StudentForm(forms.ModelForm):  # type: ignore[type-arg]
    """A student's own details; the class only for a new student, from those handed in."""

    school_class = forms.ModelChoiceField(
        queryset=SchoolClass.objects.none(), label=gettext_lazy("Class"), empty_label=gettext_lazy("No class yet")
    )

    class Meta:
        model = Student
        fields = ("given_name", "family_name", "gender", "date_of_birth", "enrollment_date", "left_on")
        widgets = {"date_of_birth": DayInput(), "enrollment_date": DayInput(), "left_on": DayInput()}  # noqa: RUF012
        field_classes = {"date_of_birth": DayFormField, "enrollment_date": DayFormField}  # noqa: RUF012

    def __init__(self, *args: Any, user: User, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        field = self.fields["school_class"]
        if self.instance.pk:
            del self.fields["school_class"]
        else:
            del self.fields["left_on"]
            field.queryset = current_classes(user)  # type: ignore[attr-defined]
            field.required = user.role != Role.ADMIN
            if field.required:
                field.empty_label = _("Choose a class")  # type: ignore[attr-defined]

    def clean_given_name(self) -> str:
        return refuse_odd_characters(self.cleaned_data["given_name"])

    def clean_family_name(self) -> str:
        return refuse_odd_characters(self.cleaned_data["family_name"])

    def clean_date_of_birth(self) -> date | None:
        born: date | None = self.cleaned_data["date_of_birth"]
        if born and not OLDEST <= born <= timezone.localdate():
            raise ValidationError(_("Give a date of birth between 1900 and today."))
        return born

    def clean_enrollment_date(self) -> date | None:
        return plausible(self.cleaned_data["enrollment_date"])

    def clean_left_on(self) -> date | None:
        return plausible(self.cleaned_data["left_on"])

    def clean(self) -> dict[str, Any]:
        """A new student joins today unless a day is given, so that the rules about that day see it."""
        cleaned: dict[str, Any] = super().clean() or self.cleaned_data
        if not self.instance.pk and "enrollment_date" in cleaned:
            cleaned["enrollment_date"] = cleaned["enrollment_date"] or timezone.localdate()
        return cleaned

    @property
    def details(self) -> dict[str, Any]:
        """The student's fields, for the service."""
        return {name: value for name, value in self.cleaned_data.items() if name != "school_class"}


def plausible(day: date | None) -> date | None:
    """A day of school life: not before 1900 and at most two years ahead. Raises ValidationError."""
    if day and not OLDEST <= day <= timezone.localdate() + FURTHEST:
        raise ValidationError(_("Give a date between 1900 and two years from now."))
    return day


def current_classes(user: User) -> Any:
    """The classes of years that are not over, as far as this person may see them."""
    classes = SchoolClass.objects.visible_to(user).select_related("academic_year")
    return classes.filter(academic_year__ends_on__gt=timezone.localdate())


class ContactForm(forms.ModelForm):  # type: ignore[type-arg]
    def clean_name(self) -> str:
        return refuse_odd_characters(self.cleaned_data["name"])

    def clean_phone(self) -> str:
        return refuse_odd_characters(self.cleaned_data["phone"])

    def clean_relationship(self) -> str:
        return refuse_odd_characters(self.cleaned_data["relationship"])


class ContactFormSet(forms.BaseInlineFormSet):  # type: ignore[type-arg]
    """People to call, one block each, in the order of the page; an empty block is nobody."""

    default_error_messages: ClassVar = {
        "missing_management_form": gettext_lazy(
            "This page came back incomplete. Load it again and type the change anew."
        ),
        "too_many_forms": gettext_lazy("Give at most %(num)d people here. Clear the others."),
    }

    def add_fields(self, form: Any, index: int | None) -> None:
        """Offer only this student's people as the ones a block may change: Django's own field takes any row's id."""
        super().add_fields(form, index)
        person = form.fields["id"]
        person.queryset = self.get_queryset()
        person.error_messages["invalid_choice"] = person.error_messages["required"] = _(
            "This person is not noted for this student any more. Load the page again to see who is."
        )

    def clean(self) -> None:
        """Fewer blocks than people noted would be blocks that were typed and not read."""
        super().clean()
        if self.total_form_count() < max(self.initial_form_count(), 0):
            raise ValidationError(self.error_messages["missing_management_form"])  # type: ignore[attr-defined]

    @property
    def people(self) -> list[dict[str, Any]]:
        """The filled blocks, for the service, with the first block first to call, then those to remove."""
        filled = [form.cleaned_data for form in self.forms if form.has_changed() or form.instance.pk]
        kept = [person for person in filled if not person.get("DELETE")]
        removed = [person for person in filled if person.get("DELETE") and person.get("id")]
        return [{**person, "priority": number} for number, person in enumerate(kept, start=1)] + removed


def contact_formset(model: type[Guardian] | type[EmergencyContact], *, more: int = 0) -> type[ContactFormSet]:
    """The formset of guardians or emergency contacts, with one empty block and `more` further ones."""
    fields = ["name", "relationship", "phone", "email", "address"]
    formset: Any = forms.inlineformset_factory(
        Student,
        model,
        form=ContactForm,
        formset=ContactFormSet,
        fields=fields if model is Guardian else fields[:3],
        widgets={"address": forms.Textarea(attrs={"rows": 2})},
        extra=BLANK_CONTACTS + more,
        max_num=MOST_CONTACTS,
        absolute_max=MOST_CONTACTS + 5,
        validate_max=True,
    )
    return formset  # type: ignore[no-any-return]
