"""What a parent may choose in the own profile."""

from __future__ import annotations

from typing import Any, cast

from django import forms
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from accounts.models import Parent
from accounts.profiles import MailChoices
from core.fields import ClockField

YES, NO = "yes", "no"
CHOICES = ((YES, gettext_lazy("Send it")), (NO, gettext_lazy("Do not send it")))


class SendField(forms.ChoiceField):
    """Send it or not. Two buttons: a page that came back incomplete must not pass for a “no”."""

    def __init__(self, **kwargs: Any) -> None:
        message = gettext_lazy("Choose “Send it” or “Do not send it”.")
        buttons = forms.RadioSelect(attrs={"class": "form-check-input"})
        super().__init__(
            choices=CHOICES, widget=buttons, error_messages={"required": message, "invalid_choice": message}, **kwargs
        )

    def prepare_value(self, value: Any) -> Any:
        return {True: YES, False: NO}.get(value, value) if isinstance(value, bool) else value

    def clean(self, value: Any) -> bool:
        return bool(super().clean(value) == YES)


class MailForm(forms.Form):
    """Which mails a parent gets, and between which times none."""

    weekly_digest = SendField(
        label=gettext_lazy("The week of each child, once a week"),
        help_text=gettext_lazy(
            "How many days were missed, how many new marks there are, and the link to the report. No marks are in it."
        ),
    )
    absence_note = SendField(
        label=gettext_lazy("A note on the day on which a child is absent without a reason"),
        help_text=gettext_lazy("Once a day and child, after the register was taken, unless the absence is excused."),
    )
    quiet_from = ClockField(
        label=gettext_lazy("From"), required=False, max_length=20, widget=forms.TextInput(attrs={"type": "time"})
    )
    quiet_until = ClockField(
        label=gettext_lazy("Until"), required=False, max_length=20, widget=forms.TextInput(attrs={"type": "time"})
    )

    def __init__(self, *args: Any, parent: Parent, **kwargs: Any) -> None:
        super().__init__(*args, **{"initial": {name: getattr(parent, name) for name in self.base_fields}, **kwargs})
        self.use_required_attribute = False

    def clean(self) -> dict[str, Any]:
        """Quiet hours have two ends, and the two differ."""
        cleaned: dict[str, Any] = super().clean() or self.cleaned_data
        if "quiet_from" not in cleaned or "quiet_until" not in cleaned:
            return cleaned
        start, end = cleaned["quiet_from"], cleaned["quiet_until"]
        if (start is None) != (end is None):
            self.add_error(
                "quiet_from" if start is None else "quiet_until", _("Give this time too, or clear the other one.")
            )
        elif start is not None and start == end:
            self.add_error("quiet_until", _("The two times are the same. Change one of them, or clear both."))
        return cleaned

    @property
    def choices(self) -> MailChoices:
        """What was chosen, for the service. Call only on a valid form."""
        return cast("MailChoices", self.cleaned_data)
