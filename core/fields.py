"""Form fields for what people type on one line: printable text, and a time of the day."""

from __future__ import annotations

import re
from datetime import time
from typing import Any, ClassVar
from unicodedata import category

from django import forms
from django.core.exceptions import ValidationError
from django.core.validators import ProhibitNullCharactersValidator
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

UNPRINTABLE = frozenset({"Cc", "Cf", "Cn", "Co", "Cs", "Zl", "Zp"})  # Unicode's general categories
CLOCK = re.compile(r"^([01]?[0-9]|2[0-3]):([0-5][0-9])\Z")  # not \d: that takes full-width digits
JOINERS = "\N{ZERO WIDTH NON-JOINER}\N{ZERO WIDTH JOINER}"  # part of the spelling of Persian and Indic names


def refuse_odd_characters(value: str) -> str:
    """A name or phone is printable text on one line, with any space of any script between its words.

    Raises ValidationError for control characters, which would break lists, mails and files.
    """
    if any(category(character) in UNPRINTABLE and character not in JOINERS for character in value):
        raise ValidationError(_("This holds characters that cannot be printed. Type it again on one line."))
    return value


class LineField(forms.CharField):
    """Printable text on one line."""

    default_error_messages: ClassVar = {
        "max_length": gettext_lazy("This has %(show_value)d characters. Shorten it to %(limit_value)d."),
    }

    def __init__(self, **kwargs: Any) -> None:
        super().__init__(**kwargs)
        self.validators = [each for each in self.validators if not isinstance(each, ProhibitNullCharactersValidator)]

    def validate(self, value: Any) -> None:
        super().validate(value)
        refuse_odd_characters(value)


class ClockField(LineField):
    """A time of the day as 09:12, in ASCII digits; None for an empty one that need not be given."""

    def clean(self, value: Any) -> Any:
        text = super().clean(value)
        if not text and not self.required:
            return None
        if not (found := CLOCK.match(text)):
            raise ValidationError(_("Give the time as 09:12: hours and minutes."))
        return time(int(found[1]), int(found[2]))

    def prepare_value(self, value: Any) -> Any:
        return f"{value:%H:%M}" if isinstance(value, time) else value
