"""What a reader may choose on the report."""

from __future__ import annotations

from datetime import date

from django import forms
from django.core.exceptions import ValidationError
from django.utils.translation import gettext as _


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
