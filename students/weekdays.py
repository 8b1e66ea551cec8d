"""Days of the week as stored: ISO numbers in order, "12345" for Monday to Friday."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from django import forms
from django.core.validators import RegexValidator
from django.db import models
from django.utils.dates import WEEKDAYS, WEEKDAYS_ABBR
from django.utils.translation import gettext_lazy as _

if TYPE_CHECKING:
    TextColumn = models.CharField[Any, Any]
else:
    TextColumn = models.CharField

CHOICES = [(str(number + 1), name) for number, name in WEEKDAYS.items()]
SHORT_NAMES = {number + 1: name for number, name in WEEKDAYS_ABBR.items()}
in_order = RegexValidator(
    r"^(?=.)1?2?3?4?5?6?7?$", _("Give the days as numbers in order, 1 for Monday to 7 for Sunday, such as 12345.")
)


class WeekdaysFormField(forms.MultipleChoiceField):
    """One tick box a day."""

    widget = forms.CheckboxSelectMultiple

    def prepare_value(self, value: Any) -> Any:
        return list(value) if isinstance(value, str) else value

    def clean(self, value: Any) -> str:
        return "".join(sorted(super().clean(value)))

    def has_changed(self, initial: Any, data: Any) -> bool:
        return super().has_changed(list(initial or ""), data)


class WeekdaysField(TextColumn):
    """A set of weekdays in a text column, "12345"; empty where that is allowed to mean "as the school"."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        kwargs.setdefault("max_length", 7)
        super().__init__(*args, **kwargs)
        self.validators = [*self.validators, in_order]

    def formfield(self, **kwargs: Any) -> Any:
        kwargs.pop("widget", None)
        return WeekdaysFormField(
            choices=CHOICES, required=not self.blank, label=self.verbose_name, help_text=self.help_text
        )
