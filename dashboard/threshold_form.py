"""The form of the thresholds: percentages with one decimal, after a point or a comma, and whole numbers."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from decimal import Decimal
from typing import Any

from django import forms
from django.core.exceptions import ValidationError
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from core.numbers import print_points
from dashboard.alert_models import MOST_DAYS, MOST_NOTES
from dashboard.risk import Rule
from dashboard.thresholds import Thresholds
from students.forms import LineField

PERCENTAGE = re.compile(r"^([0-9]{1,3})(?:[.,]([0-9]))?[ \N{NO-BREAK SPACE}]?%?\Z")
FINER = re.compile(r"^[0-9]{1,3}[.,][0-9]{2,}[ \N{NO-BREAK SPACE}]?%?\Z")
WHOLE_NUMBER = re.compile(r"^[0-9]{1,9}\Z")
MOST_PERCENT = 100
TYPED = {"autocomplete": "off"}
FIELDS_OF = {
    Rule.LOW_ATTENDANCE: ["attendance"],
    Rule.LOW_PERFORMANCE: ["average", "subject"],
    Rule.BEHAVIORAL_CONCERN: ["negative_notes", "note_days"],
}


class PercentField(LineField):
    """A percentage of 0 to 100 with at most one decimal, in ASCII digits, as a Decimal."""

    widget = forms.TextInput(attrs={**TYPED, "inputmode": "decimal"})

    def clean(self, value: Any) -> Decimal | None:
        text = super().clean(value)
        if not text:
            return None
        found = PERCENTAGE.match(text)
        if not found:
            raise ValidationError(why_no_percentage(text))
        typed = Decimal(f"{found[1]}.{found[2] or 0}")
        if typed > MOST_PERCENT:
            raise ValidationError(_("Give at most 100 %."))
        return typed

    def prepare_value(self, value: Any) -> Any:
        return print_points(value, localized=False) if isinstance(value, Decimal) else value


def why_no_percentage(text: str) -> str:
    """What is wrong with a text that should be a percentage, as precisely as can be said."""
    if text.startswith(("-", "−")):
        return _("Give a percentage from 0 to 100, without a minus.")
    if FINER.match(text):
        return _("Give at most one decimal, such as 92.5.")
    if is_in_other_digits(text):
        return _("Type the digits 0 to 9, such as 90 or 92.5.")
    return _("Give a percentage from 0 to 100, such as 90 or 92.5.")


def is_in_other_digits(text: str) -> bool:
    """Whether a text is a number, but of digits that are not 0 to 9: full-width or Arabic ones."""
    return not text.isascii() and all(letter.isnumeric() or letter in ".,٫" for letter in text)


class WholeNumberField(LineField):
    """A whole number of 1 to `most`, in ASCII digits."""

    widget = forms.TextInput(attrs={**TYPED, "inputmode": "numeric"})

    def __init__(self, *, most: int, **kwargs: Any) -> None:
        super().__init__(**kwargs)
        self.most = most

    def clean(self, value: Any) -> int:
        text = super().clean(value)
        if not WHOLE_NUMBER.match(text) or not 1 <= int(text) <= self.most:
            if is_in_other_digits(text):
                raise ValidationError(_("Type the digits 0 to 9."))
            raise ValidationError(_("Give a whole number from 1 to %(most)d.") % {"most": self.most})
        return int(text)


class ThresholdForm(forms.Form):
    """The values of a set of thresholds as they are typed, for a rehearsal or to be put in force."""

    attendance = PercentField(
        label=gettext_lazy("Rate of at most (percent)"),
        error_messages={"required": gettext_lazy("Give the rate in percent, such as 90 or 92.5.")},
    )
    average = PercentField(
        label=gettext_lazy("Average below (percent)"),
        error_messages={"required": gettext_lazy("Give the average in percent, such as 60 or 62.5.")},
    )
    subject = PercentField(
        label=gettext_lazy("or in one subject below (percent)"),
        error_messages={"required": gettext_lazy("Give the average in percent, such as 50 or 52.5.")},
    )
    negative_notes = WholeNumberField(
        label=gettext_lazy("Negative notes, at least"),
        most=MOST_NOTES,
        error_messages={"required": gettext_lazy("Give the number of notes, such as 3.")},
    )
    note_days = WholeNumberField(
        label=gettext_lazy("within so many days"),
        most=MOST_DAYS,
        error_messages={"required": gettext_lazy("Give the number of days, such as 30.")},
    )

    def __init__(self, sent: Mapping[str, str] | None, *, in_force: Thresholds) -> None:
        super().__init__(sent, initial=in_force.columns())
        self.in_force = in_force
        self.use_required_attribute = False

    @classmethod
    def of_query(cls, query: Mapping[str, str], in_force: Thresholds) -> ThresholdForm:
        """What an address asks to rehearse: a value that it does not name is the one in force; naming none, nothing."""
        asked = {name: query[name] for name in cls.base_fields if name in query}
        return cls({**typed_as(in_force), **asked} if asked else None, in_force=in_force)

    @property
    def groups(self) -> Iterator[tuple[Rule, list[forms.BoundField]]]:
        """The fields of each rule."""
        for rule, names in FIELDS_OF.items():
            yield rule, [self[name] for name in names]

    @property
    def wanted(self) -> Thresholds:
        """The thresholds that were typed. Call only on a valid form."""
        return self.in_force.with_columns(**self.cleaned_data)

    @property
    def rehearsed(self) -> str:
        """Names the typed values, so that what is put in force can be told from what was not rehearsed."""
        return " ".join(typed_as(self.wanted).values())

    @property
    def against(self) -> int | None:
        """The version that exactly these values were rehearsed against, as it was posted; None without a rehearsal."""
        version = str(self.data.get("against", ""))
        was_rehearsed = self.data.get("rehearsed") == self.rehearsed and WHOLE_NUMBER.match(version)
        return int(version) if was_rehearsed else None

    @property
    def sent_again(self) -> dict[str, str]:
        """What the page posts to put the rehearsed values in force."""
        return {**typed_as(self.wanted), "rehearsed": self.rehearsed, "against": str(self.in_force.version)}


def typed_as(thresholds: Thresholds) -> dict[str, str]:
    """The values as somebody would type them."""
    values = thresholds.columns().items()
    return {
        name: print_points(value, localized=False) if isinstance(value, Decimal) else str(value)
        for name, value in values
    }
