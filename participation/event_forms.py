"""The form of an event: its name, its day, and whose it is."""

from __future__ import annotations

import datetime as dt
from typing import Any

from django import forms
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from accounts.models import User
from participation.models import Event
from students.fields import DayFormField
from students.filters import class_choices
from students.forms import DayInput, LineField, plausible
from students.models import SchoolClass

MIXED = "mixed"


class EventForm(forms.Form):
    """An event; the class comes from those that this person may see, or it is a mixed group."""

    name = LineField(
        label=gettext_lazy("Name"),
        max_length=Event._meta.get_field("name").max_length,
        error_messages={"required": gettext_lazy("Give it a name, such as “Sports day”.")},
    )
    date = DayFormField(
        label=gettext_lazy("Day"),
        widget=DayInput(),
        error_messages={"required": gettext_lazy("Give the day of the event.")},
    )
    school_class = forms.ChoiceField(
        label=gettext_lazy("Who"),
        help_text=gettext_lazy("To a mixed group you add students by name on the next page."),
        error_messages={
            "required": gettext_lazy("Choose a class or a mixed group."),
            "invalid_choice": gettext_lazy("Choose one of your classes or a mixed group."),
        },
    )

    def __init__(self, *args: Any, user: User, known: Event | None = None, **kwargs: Any) -> None:
        if known:
            school_class = known.school_class_id or MIXED
            kwargs["initial"] = {"name": known.name, "date": known.date, "school_class": school_class}
        super().__init__(*args, **kwargs)
        self.use_required_attribute = False
        classes = SchoolClass.objects.visible_to(user).select_related("academic_year")
        self.classes = {str(each.pk): each for each in classes}
        offered = [("", _("Choose a class")), (MIXED, _("Mixed group")), *class_choices(list(self.classes.values()))]
        self.fields["school_class"].choices = offered  # type: ignore[attr-defined]

    def clean_date(self) -> dt.date | None:
        return plausible(self.cleaned_data["date"])

    def clean_school_class(self) -> SchoolClass | None:
        return self.classes.get(self.cleaned_data["school_class"])
