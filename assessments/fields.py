"""Points: stored as whole hundredths, so that both databases add and compare them exactly (docs/adr/0008).

And whole numbers of any size, stored as their digits.
"""

from __future__ import annotations

from decimal import Decimal, InvalidOperation
from typing import TYPE_CHECKING, Any, ClassVar

from django import forms
from django.core.exceptions import ValidationError
from django.core.validators import DecimalValidator
from django.db import models
from django.utils.translation import gettext_lazy as _

HUNDREDTHS = 100
DIGITS, PLACES = 7, 2
MOST_POINTS = Decimal("99999.99")

if TYPE_CHECKING:
    IntegerColumn = models.IntegerField[Decimal | int | str | None, Any]
    DigitsColumn = models.Field[int, int]
else:
    IntegerColumn = models.IntegerField
    DigitsColumn = models.Field


class PointsField(IntegerColumn):
    """A number of points with at most two decimals, a Decimal in Python; at most 99999.99."""

    default_validators: ClassVar[list[Any]] = [DecimalValidator(DIGITS, PLACES)]  # type: ignore[misc]

    def from_db_value(self, value: int | None, *_args: object) -> Decimal | None:
        return None if value is None else Decimal(value) / HUNDREDTHS

    def to_python(self, value: Any) -> Decimal | None:
        if value is None or value == "":
            return None
        try:
            points = Decimal(str(value))
        except InvalidOperation as error:
            raise ValidationError(_("Give a number of points such as 17 or 17.5.")) from error
        if not points.is_finite():
            raise ValidationError(_("Give a number of points such as 17 or 17.5."))
        return points

    def get_prep_value(self, value: Any) -> Any:
        """Whole hundredths. Raises ValueError for a finer number: nothing is rounded on its way to the database."""
        if value is None or hasattr(value, "resolve_expression"):
            return value
        points = self.to_python(value)
        if points is None:
            return None
        hundredths = points * HUNDREDTHS
        if hundredths != int(hundredths):
            raise ValueError(f"{points} has more than two decimals")
        return int(hundredths)

    def formfield(self, **kwargs: Any) -> Any:
        return models.Field.formfield(
            self,
            **{"form_class": forms.DecimalField, "max_digits": DIGITS, "decimal_places": PLACES, **kwargs},
        )

    @property
    def validators(self) -> list[Any]:
        """Those of the model alone: IntegerField would add the range of the database's integers, in hundredths."""
        return [*self.default_validators, *self._validators]  # type: ignore[attr-defined]


class DigitsField(DigitsColumn):
    """A whole number of any size, an int in Python: the database keeps it and never counts with it.

    The common denominator of a few odd maxima soon needs more than the 64 bits of an integer column.
    """

    def get_internal_type(self) -> str:
        return "TextField"

    def from_db_value(self, value: str | None, *_args: object) -> int | None:
        return None if value is None else int(value)

    def to_python(self, value: Any) -> int | None:
        if value is None or isinstance(value, int):
            return value
        try:
            return int(value)
        except ValueError as error:
            raise ValidationError(_("Give a whole number.")) from error

    def get_prep_value(self, value: Any) -> Any:
        """Its digits. Raises ValueError for anything but a whole number: nothing is rounded."""
        if value is None or hasattr(value, "resolve_expression"):
            return value
        if int(value) != value:
            raise ValueError(f"{value} is no whole number")
        return str(int(value))
