"""End dates: stored exclusive (the first day after), shown and typed as the last day inclusive."""

from __future__ import annotations

from datetime import date, timedelta
from typing import TYPE_CHECKING, Any, ClassVar

from django import forms
from django.core.exceptions import ValidationError
from django.db import models
from django.utils.translation import gettext_lazy as _

ONE_DAY = timedelta(days=1)

if TYPE_CHECKING:
    DateColumn = models.DateField[date | str | None, Any]
else:
    DateColumn = models.DateField


def last_day(ends_on: date | None) -> date | None:
    """The last day inclusive of a span stored with an exclusive end."""
    return ends_on - ONE_DAY if ends_on else None


class DayFormField(forms.DateField):
    """A day typed in ASCII digits; Django alone takes those of any script, where a slip is easily missed."""

    default_error_messages: ClassVar = {"invalid": _("Give the day as year-month-day, such as 2026-09-14.")}

    def to_python(self, value: Any) -> date | None:
        if isinstance(value, str) and not value.isascii():
            raise ValidationError(self.error_messages["invalid"], code="invalid")
        day: date | None = super().to_python(value)
        return day


class LastDayFormField(DayFormField):
    """Takes the last day and gives the exclusive end; shows the exclusive end as the last day."""

    def prepare_value(self, value: Any) -> Any:
        return last_day(value) if isinstance(value, date) else value

    def clean(self, value: Any) -> date | None:
        typed = super().clean(value)
        try:
            return typed + ONE_DAY if typed else None
        except OverflowError as error:
            raise ValidationError(_("Give a date before the year 9999.")) from error

    def has_changed(self, initial: Any, data: Any) -> bool:
        return super().has_changed(self.prepare_value(initial), data)


class LastDayField(DateColumn):
    """A date column with the exclusive end of a span; empty, where it may be, means open."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        kwargs.setdefault("null", True)
        kwargs.setdefault("blank", kwargs["null"])
        super().__init__(*args, **kwargs)

    def deconstruct(self) -> Any:
        name, path, args, kwargs = super().deconstruct()
        return name, path, args, {**kwargs, "null": self.null, "blank": self.blank}

    def formfield(self, **kwargs: Any) -> Any:
        return super().formfield(**{**kwargs, "form_class": LastDayFormField})
