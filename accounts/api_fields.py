"""Fields and shapes of what is sent to the API: exact in type, so that nothing is guessed."""

from __future__ import annotations

import re
from collections.abc import Mapping
from datetime import date
from functools import cached_property
from typing import Any

from django.core.exceptions import ValidationError as Refusal
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from rest_framework import serializers
from rest_framework.exceptions import ValidationError
from rest_framework.fields import SkipField, empty

from accounts.api_lists import name_unknown

DAY = re.compile(r"[0-9]{4}-[0-9]{2}-[0-9]{2}\Z")  # date.fromisoformat alone takes 20260316 and week dates
FIRST_YEAR, LAST_YEAR = 1900, 2150
LARGEST_KEY = 2**63 - 1
NO_OBJECT = gettext_lazy("Send an object here, with its fields by name.")


class Shape(serializers.Serializer):  # type: ignore[misc]
    """What is sent, field by field; a field that there is not is refused by name."""

    default_error_messages = {"invalid": NO_OBJECT}  # noqa: RUF012

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.judged: dict[tuple[str, type, Any], Any] = {}

    @cached_property
    def named(self) -> dict[str, Any]:
        """The fields that may be sent, by name."""
        return {name: field for name, field in self.fields.items() if not field.read_only}

    def to_internal_value(self, data: Any) -> Any:
        if isinstance(data, Mapping):
            if unknown := data.keys() - self.named.keys():
                raise ValidationError(name_unknown(unknown, _("There is no such field here.")))
            try:
                return {name: value for name in self.named if (value := self.judge(name, data)) is not empty}
            except ValidationError:
                pass  # DRF finds every field that is wrong
        return super().to_internal_value(data)

    def judge(self, name: str, data: Mapping[str, Any]) -> Any:
        """The value of one field, `empty` where it may be left out. Hundreds of rows of a batch have the same class,
        day and status: what was judged once is not judged again.
        """
        sent = data.get(name, empty)
        key = (name, type(sent), sent) if sent is empty or isinstance(sent, str | int) else None
        if key in self.judged:
            return self.judged[key]
        try:
            value = self.named[name].run_validation(sent)
        except SkipField:
            value = empty
        if key:
            self.judged[key] = value
        return value

    def run_validators(self, value: Any) -> None:
        """A shape has no rule of its own beside its fields, so nothing is gathered for one."""


class Text(serializers.CharField):  # type: ignore[misc]
    """A text; a number is none."""

    def to_internal_value(self, data: Any) -> str:
        if not isinstance(data, str):
            self.fail("invalid")
        text: str = super().to_internal_value(data)
        return text


class Whole(serializers.IntegerField):  # type: ignore[misc]
    """A whole number; a text of digits, true or 5.0 is none."""

    def to_internal_value(self, data: Any) -> int:
        if not isinstance(data, int) or isinstance(data, bool):
            self.fail("invalid")
        number: int = super().to_internal_value(str(data)[:50])
        return number


class Key(Whole):
    """The key of a row."""

    def __init__(self, **kwargs: Any) -> None:
        super().__init__(**{"min_value": 1, "max_value": LARGEST_KEY, **kwargs})


class Flag(serializers.BooleanField):  # type: ignore[misc]
    """true or false."""

    def to_internal_value(self, data: Any) -> bool:
        if data is not True and data is not False:
            self.fail("invalid", input=data)
        return bool(data)


class Day(serializers.DateField):  # type: ignore[misc]
    """A day as YYYY-MM-DD, of a year that a school can have."""

    default_error_messages = {  # noqa: RUF012
        "invalid": gettext_lazy("Give the day as year-month-day, such as 2026-09-14."),
        "year": gettext_lazy("Give a day between the years {first} and {last}."),
    }

    def to_internal_value(self, value: Any) -> date:
        if not isinstance(value, str) or not DAY.match(value):
            self.fail("invalid", format="YYYY-MM-DD")
        try:
            day = date.fromisoformat(value)
        except ValueError:
            self.fail("invalid", format="YYYY-MM-DD")
        if not FIRST_YEAR <= day.year <= LAST_YEAR:
            self.fail("year", first=FIRST_YEAR, last=LAST_YEAR)
        return day


class Said(serializers.Serializer):  # type: ignore[misc]
    """The answer to a write."""

    message = serializers.CharField()


def read_body(shape: type[Shape], data: Any, *, partial: bool = False) -> dict[str, Any]:
    """What was sent, in the shape that a route takes. Raises ValidationError that names what is wrong."""
    if data is None:  # of which DRF would say that nothing was sent
        raise ValidationError(NO_OBJECT)
    sent = shape(data=data, partial=partial)
    sent.is_valid(raise_exception=True)
    values: dict[str, Any] = sent.validated_data
    return values


def by_api_names(refusal: Refusal, names: Mapping[str, str]) -> Exception:
    """What a service refused, under the names that the API has for its fields."""
    if not hasattr(refusal, "error_dict"):
        return refusal
    renamed: Exception = ValidationError({names.get(name, name): said for name, said in refusal.message_dict.items()})
    return renamed


def refuse_fields(errors: Mapping[str, Any], names: Mapping[str, str]) -> None:
    """Raises the errors of a page's form under the names that the API has for its fields; nothing where none are."""
    if found := {names.get(name, name): list(each) for name, each in errors.items()}:
        raise ValidationError(found)
