"""What a reader may choose on the report."""

from __future__ import annotations

from datetime import date

from django import forms
from django.core.exceptions import ValidationError
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from dashboard.models import FamilyNote
from dashboard.period import PeriodForm
from students.forms import LineField


class FamilyNoteForm(forms.Form):
    """A few lines for a student's family."""

    text = LineField(
        label=gettext_lazy("Note for the family"),
        max_length=FamilyNote._meta.get_field("text").max_length,
        widget=forms.TextInput(attrs={"autocomplete": "off"}),
        error_messages={"required": gettext_lazy("Type what the family is to read.")},
    )


class MonthForm(forms.Form):
    """The month to show, as `?month=2026-11`."""

    month = forms.RegexField(
        r"^(19|20|21)[0-9]{2}-(0[1-9]|1[0-2])$",
        required=False,
        error_messages={"invalid": _("Give the month as 2026-11: year and month.")},
    )

    def clean_month(self) -> date | None:
        value: str = self.cleaned_data["month"]
        try:
            return date.fromisoformat(f"{value}-01") if value else None
        except ValueError as error:
            raise ValidationError(_("Give the month as 2026-11: year and month.")) from error


class ReportForm(MonthForm, PeriodForm):
    """Both choices at once, for the API: the period and the month of it whose days are listed."""
