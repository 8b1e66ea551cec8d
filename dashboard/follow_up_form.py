"""The form in which staff note what they did about an alert."""

from __future__ import annotations

from datetime import date, timedelta
from typing import Any
from urllib.parse import urlsplit

from django import forms
from django.core.exceptions import ValidationError
from django.http import QueryDict
from django.urls import reverse
from django.utils.http import url_has_allowed_host_and_scheme
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from dashboard.models import FollowUp
from students.fields import DayFormField
from students.forms import DayInput, LineField

LOOK_AGAIN_AFTER = timedelta(days=14)
FURTHEST = timedelta(days=365)


class FollowUpForm(forms.Form):
    """What was done, when, and when to look again; `next` is the list at risk from which somebody came."""

    kind = forms.ChoiceField(
        label=gettext_lazy("What was done"),
        choices=[("", gettext_lazy("Choose")), *FollowUp.Kind.choices],
        error_messages={
            "required": gettext_lazy("Choose what was done."),
            "invalid_choice": gettext_lazy("Choose what was done from the list."),
        },
    )
    note = LineField(label=gettext_lazy("Note"), required=False, max_length=FollowUp._meta.get_field("note").max_length)
    done_on = DayFormField(
        label=gettext_lazy("Done on"),
        widget=DayInput(),
        error_messages={"required": gettext_lazy("Give the day on which it was done.")},
    )
    look_again_on = DayFormField(
        label=gettext_lazy("Look again on"),
        widget=DayInput(),
        error_messages={"required": gettext_lazy("Give the day on which to look again.")},
    )
    next = forms.Field(required=False, widget=forms.HiddenInput)

    def __init__(self, posted: QueryDict | None = None, *, today: date, came_from: str = "") -> None:
        start = {"done_on": today, "look_again_on": today + LOOK_AGAIN_AFTER, "next": list_at_risk(came_from)}
        super().__init__(posted, initial=start, auto_id="follow-up-%s")
        self.today = today
        self.use_required_attribute = False

    def clean_done_on(self) -> date:
        """Within the past year, today at the latest."""
        day: date = self.cleaned_data["done_on"]
        if day > self.today:
            raise ValidationError(_("This day is still to come. Give today or an earlier one."))
        if day < self.today - FURTHEST:
            raise ValidationError(_("This day is more than a year back. Give a later one."))
        return day

    def clean_look_again_on(self) -> date:
        """At most a year ahead."""
        day: date = self.cleaned_data["look_again_on"]
        if day > self.today + FURTHEST:
            raise ValidationError(_("This day is more than a year ahead. Give an earlier one."))
        return day

    def clean_next(self) -> str:
        return list_at_risk(str(self.cleaned_data["next"] or ""))

    def clean(self) -> dict[str, Any]:
        """The days are in order, and “something else” says what."""
        cleaned: dict[str, Any] = super().clean() or self.cleaned_data
        done_on, look_again_on = cleaned.get("done_on"), cleaned.get("look_again_on")
        if done_on and look_again_on and look_again_on < done_on:
            self.add_error("look_again_on", _("This is before the day on which it was done. Change one of the two."))
        if cleaned.get("kind") == FollowUp.Kind.OTHER and cleaned.get("note") == "":
            self.add_error("note", _("Say what was done."))
        return cleaned


def list_at_risk(address: str) -> str:
    """The address of the list at risk with its filters; "" for any other one, above all that of another site."""
    if not url_has_allowed_host_and_scheme(address, allowed_hosts=None):
        return ""
    parts, place = urlsplit(address), reverse("dashboard:at_risk")
    if parts.path != place:
        return ""
    query = QueryDict(parts.query).urlencode()
    return f"{place}?{query}" if query else place
