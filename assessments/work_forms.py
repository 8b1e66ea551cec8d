"""The forms of a piece of work: what it is, and when parents may read its scores."""

from __future__ import annotations

import re
from collections.abc import Sequence
from datetime import datetime, timedelta
from decimal import Decimal
from typing import Any

from django import forms
from django.core.exceptions import ValidationError
from django.forms.utils import from_current_timezone
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from accounts.models import User
from assessments.choosing import classes_for, subjects_for
from assessments.fields import MOST_POINTS
from assessments.models import LEAST_POINTS, Assessment, AssessmentCategory, AssessmentType
from core.numbers import print_points
from students.fields import DayFormField
from students.filters import class_choices
from students.forms import ClockField, DayInput, LineField
from students.models import SchoolClass, Subject

POINTS = re.compile(r"^[0-9]+(?:[.,][0-9]{1,2})?$", re.ASCII)
FINER = re.compile(r"^[0-9]+[.,][0-9]{3,}$", re.ASCII)
LONGEST_POINTS = 20
FURTHEST = timedelta(days=366)


class MaximumField(LineField):
    """The maximum of a piece of work: above 0, at most two decimals after a point or a comma, in ASCII digits."""

    widget = forms.TextInput(attrs={"inputmode": "decimal", "autocomplete": "off"})

    def clean(self, value: Any) -> Any:
        text = super().clean(value)
        if not POINTS.match(text) or len(text) > LONGEST_POINTS:
            raise ValidationError(why_no_maximum(text))
        points = Decimal(text.replace(",", "."))
        if points < LEAST_POINTS:
            raise ValidationError(_("Give a maximum above 0."))
        if points > MOST_POINTS:
            raise ValidationError(_("Give at most %(most)s points.") % {"most": print_points(MOST_POINTS)})
        return points

    def prepare_value(self, value: Any) -> Any:
        return print_points(value, localized=False) if isinstance(value, Decimal) else value


def why_no_maximum(text: str) -> str:
    """What is wrong with a text that should be a maximum, as precisely as can be said."""
    if len(text) > LONGEST_POINTS:
        return _("This is too long for a number of points. Type it as 20 or 17.5.")
    if re.fullmatch(r"[-−][0-9.,]+", text):
        return _("Give a maximum above 0.")
    if FINER.match(text):
        return _("Give at most two decimals, such as 17.5. Type thousands without a sign between them.")
    if not text.isascii() and all(letter.isnumeric() or letter in ".,٫" for letter in text):
        return _("Type the digits 0 to 9, such as 20 or 17.5.")
    return _("Give a number of points such as 20 or 17.5.")


class WorkForm(forms.Form):
    """A piece of work; the class and subject come from those that this person teaches."""

    school_class = forms.ChoiceField(
        label=gettext_lazy("Class"),
        error_messages={
            "required": gettext_lazy("Choose a class."),
            "invalid_choice": gettext_lazy("Choose one of your classes."),
        },
    )
    subject = forms.ChoiceField(
        label=gettext_lazy("Subject"),
        error_messages={
            "required": gettext_lazy("Choose a subject."),
            "invalid_choice": gettext_lazy("Choose one of your subjects."),
        },
    )
    title = LineField(
        label=gettext_lazy("Title"),
        max_length=Assessment._meta.get_field("title").max_length,
        error_messages={"required": gettext_lazy("Give it a title, such as “Fractions”.")},
    )
    assessment_type = forms.ChoiceField(
        label=gettext_lazy("Type"),
        choices=AssessmentType.choices,
        error_messages={
            "required": gettext_lazy("Choose a type."),
            "invalid_choice": gettext_lazy("Choose one of the types: quiz, test, exam or assignment."),
        },
    )
    category = forms.ChoiceField(
        label=gettext_lazy("Category"),
        required=False,
        help_text=gettext_lazy("It decides how much the scores count beside others."),
        error_messages={"invalid_choice": gettext_lazy("Choose one of the categories.")},
    )
    date_taken = DayFormField(
        label=gettext_lazy("Date"),
        widget=DayInput(),
        error_messages={"required": gettext_lazy("Give the day on which it was or will be written.")},
    )
    max_score = MaximumField(
        label=gettext_lazy("Out of"),
        help_text=gettext_lazy("Points such as 20 or 17.5."),
        error_messages={"required": gettext_lazy("Give the highest number of points, such as 20.")},
    )
    allows_extra = forms.BooleanField(
        label=gettext_lazy("Extra credit: a score may be higher than this"), required=False
    )

    def __init__(self, *args: Any, user: User, known: Assessment | None = None, **kwargs: Any) -> None:
        if known:
            kwargs["initial"] = initial_of(known)
        super().__init__(*args, **kwargs)
        self.user = user
        self.use_required_attribute = False
        self.classes = {str(each.pk): each for each in classes_for(user)}
        self.subjects = {str(each.pk): each for each in subjects_for(user)}
        self.categories = {str(each.pk): each for each in AssessmentCategory.objects.visible_to(user)}
        self.offer("school_class", _("Choose a class"), class_choices(list(self.classes.values())))
        self.offer("subject", _("Choose a subject"), named(list(self.subjects.values())))
        self.offer("category", _("That of its type"), named(list(self.categories.values())))

    def offer(self, name: str, empty: str, choices: Sequence[tuple[int, str]]) -> None:
        self.fields[name].choices = [("", empty), *choices]  # type: ignore[attr-defined]

    def clean_school_class(self) -> SchoolClass:
        return self.classes[self.cleaned_data["school_class"]]

    def clean_subject(self) -> Subject:
        return self.subjects[self.cleaned_data["subject"]]

    def clean_category(self) -> AssessmentCategory | None:
        return self.categories.get(self.cleaned_data["category"])

    def clean(self) -> dict[str, Any]:
        """The subject is one that this person teaches in this class."""
        cleaned: dict[str, Any] = super().clean() or self.cleaned_data
        school_class, subject = cleaned.get("school_class"), cleaned.get("subject")
        if school_class and subject and subject not in subjects_for(self.user, school_class):
            message = _("You do not teach %(subject)s in %(class)s. Choose another subject or class.")
            self.add_error("subject", message % {"subject": subject, "class": school_class})
        return cleaned


def initial_of(known: Assessment) -> dict[str, Any]:
    """A piece of work as its form shows it."""
    names = ("title", "assessment_type", "date_taken", "max_score", "allows_extra")
    keys = {"school_class": known.school_class_id, "subject": known.subject_id, "category": known.category_id}
    return {name: getattr(known, name) for name in names} | keys


def named(rows: Sequence[Subject] | Sequence[AssessmentCategory]) -> list[tuple[int, str]]:
    return [(row.pk, row.name) for row in rows]


class PublishAtForm(forms.Form):
    """The moment from which parents read the scores, on the school's clock; `moment` once it is valid."""

    day = DayFormField(
        label=gettext_lazy("Day"),
        widget=DayInput(),
        error_messages={"required": gettext_lazy("Give the day from which parents read it.")},
    )
    clock = ClockField(
        label=gettext_lazy("Time"),
        widget=forms.TextInput(attrs={"type": "time"}),
        error_messages={"required": gettext_lazy("Give the time as 09:12: hours and minutes.")},
    )

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.use_required_attribute = False
        self.moment: datetime | None = None

    def clean(self) -> dict[str, Any]:
        """To come, and within a year."""
        cleaned: dict[str, Any] = super().clean() or self.cleaned_data
        if "day" not in cleaned or "clock" not in cleaned:
            return cleaned
        try:
            moment = from_current_timezone(datetime.combine(cleaned["day"], cleaned["clock"]))
        except (ValidationError, OverflowError):
            self.add_error("clock", _("The clocks change at this time of that day. Give another time."))
            return cleaned
        now = timezone.now()
        if moment <= now:
            self.add_error("clock", _("This has passed already. Give a later time, or choose “Publish now”."))
        elif moment > now + FURTHEST:
            self.add_error("day", _("This is more than a year ahead. Give an earlier day."))
        self.moment = moment
        return cleaned
