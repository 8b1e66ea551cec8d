"""The forms of the desk: a planned absence, the answer of a call, a time of coming or going."""

from __future__ import annotations

import re
from datetime import date, timedelta
from typing import Any

from django import forms
from django.core.exceptions import ValidationError
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext

from accounts.models import User
from attendance.desk_services import NOTE_LENGTH
from attendance.models import PlannedAbsence, Status
from attendance.register import Mark
from students.fields import DayFormField, LastDayFormField
from students.filters import LONGEST_SEARCH
from students.forms import FURTHEST, ClockField, DayInput, LineField
from students.models import School, Student

LONGEST_ABSENCE = 366  # days
FURTHEST_BACK = timedelta(days=366)
MOST_OFFERED = 20  # students to choose from where a name fits several
MARK_NAME = re.compile(r"^mark-([0-9]{1,18})\Z")
LENGTH_OF_ID = Student._meta.get_field("student_id").max_length


class PlannedAbsenceForm(forms.Form):
    """The days and the reason; for a new one, whose: a text that finds one of the students this person sees.

    Where it fits several they are `offered`, and the page sends the one that was `chosen`.
    """

    student = LineField(
        label=gettext_lazy("Student"),
        max_length=LONGEST_SEARCH,
        help_text=gettext_lazy("Name or student id"),
        error_messages={"required": gettext_lazy("Type the name or the id of the student.")},
    )
    starts_on = DayFormField(
        label=gettext_lazy("First day"),
        widget=DayInput(),
        error_messages={"required": gettext_lazy("Give the first day.")},
    )
    ends_on = LastDayFormField(
        label=gettext_lazy("Last day"),
        widget=DayInput(),
        help_text=gettext_lazy("For a single day, the same day again."),
        error_messages={"required": gettext_lazy("Give the last day; for a single day the same again.")},
    )
    reason = LineField(
        label=gettext_lazy("Reason"),
        max_length=PlannedAbsence._meta.get_field("reason").max_length,
        help_text=gettext_lazy("It becomes the note of the mark; parents can read it."),
        error_messages={"required": gettext_lazy("Give the reason, such as “Dentist”.")},
    )

    def __init__(self, *args: Any, user: User, school: School, known: PlannedAbsence | None = None, **kwargs: Any):
        if known:
            kwargs["initial"] = {"starts_on": known.starts_on, "ends_on": known.ends_on, "reason": known.reason}
        super().__init__(*args, **kwargs)
        self.user, self.school, self.known = user, school, known
        self.offered: list[Student] = []
        self.use_required_attribute = False
        if known:
            del self.fields["student"]

    def clean_student(self) -> Student:
        """The one student whom the text finds among those this person sees and who attend."""
        text = self.cleaned_data["student"]
        attending = Student.objects.visible_to(self.user).current(self.school.today()).with_class()
        found = attending.matching(text)
        number = found.count()
        offered: list[Student] = list(found[:MOST_OFFERED])
        exact = [each for each in offered if each.full_name.casefold() == text.casefold()]
        chosen = [each for each in offered if each.student_id == self.data.get("chosen")]
        if chosen:
            self.offered = offered  # so that the choice is kept where something else is wrong
            return chosen[0]
        if number == 1 or len(exact) == 1:
            return (exact or offered)[0]
        self.offered = offered if number <= MOST_OFFERED else []
        raise ValidationError(how_many_match(number), params={"number": number, "text": text})

    def clean_starts_on(self) -> date:
        """Not more than a year back, unless it was planned so, and not further ahead than a school plans."""
        first: date = self.cleaned_data["starts_on"]
        today = self.school.today()
        if first < today - FURTHEST_BACK and not (self.known and self.known.starts_on == first):
            raise ValidationError(_("The first day is more than a year back. Give a later one."))
        if first > today + FURTHEST:
            raise ValidationError(_("The first day is more than two years ahead. Give an earlier one."))
        return first

    def clean(self) -> dict[str, Any]:
        """The days are in order and not more than a year of them."""
        cleaned: dict[str, Any] = super().clean() or self.cleaned_data
        first, end = cleaned.get("starts_on"), cleaned.get("ends_on")
        if first and end and end <= first:
            self.add_error("ends_on", _("The last day is before the first. Change one of the two."))
        elif first and end and (end - first).days > LONGEST_ABSENCE:
            message = _("These are %(days)d days. Plan at most %(most)d at once.")
            self.add_error("ends_on", message % {"days": (end - first).days, "most": LONGEST_ABSENCE})
        return cleaned


def how_many_match(number: int) -> str:
    """What to say where a name fits no student or several, with the text and the number left to fill in."""
    if not number:
        return _("You have no student “%(text)s”. Type a name or a student id.")
    message = ngettext("%(number)d student matches “%(text)s”.", "%(number)d students match “%(text)s”.", number)
    return f"{message} {_('Type more of the name.') if number > MOST_OFFERED else _('Choose one below.')}"


class AnswerForm(forms.Form):
    """What a guardian said on the phone, for all marks of one student that were shown."""

    EXCUSED, NOTED = "excused", "noted"

    student = LineField(max_length=LENGTH_OF_ID)
    reason = LineField(
        label=gettext_lazy("Reason"),
        max_length=NOTE_LENGTH,
        error_messages={"required": gettext_lazy("Type the reason that you were told.")},
    )
    answer = forms.ChoiceField(
        choices=[(EXCUSED, gettext_lazy("Excused")), (NOTED, gettext_lazy("Note the reason"))],
        error_messages={
            "required": gettext_lazy("Choose “Excused” or “Note the reason”."),
            "invalid_choice": gettext_lazy("Choose “Excused” or “Note the reason”."),
        },
    )

    @property
    def bases(self) -> dict[int, str]:
        """The fingerprint of each mark as it was shown, by the key of its class."""
        names = ((MARK_NAME.match(name), value) for name, value in self.data.items())
        return {int(found[1]): value for found, value in names if found}

    @property
    def mark(self) -> Mark:
        """The answer as a mark. Call only on a valid form."""
        status = Status.EXCUSED if self.cleaned_data["answer"] == self.EXCUSED else Status.ABSENT
        return Mark(status, note=self.cleaned_data["reason"])


class ClockForm(forms.Form):
    """Who came or went, and when; `base` is the fingerprint of the mark as it was shown."""

    ARRIVED, LEAVES = "arrived", "leaves"

    student = LineField(max_length=LENGTH_OF_ID)
    time = ClockField(
        label=gettext_lazy("Time"),
        error_messages={"required": gettext_lazy("Give the time as 09:12: hours and minutes.")},
    )
    did = forms.ChoiceField(
        choices=[(ARRIVED, gettext_lazy("Arrived late")), (LEAVES, gettext_lazy("Leaves early"))],
        error_messages={
            "required": gettext_lazy("Choose “Arrived late” or “Leaves early”."),
            "invalid_choice": gettext_lazy("Choose “Arrived late” or “Leaves early”."),
        },
    )
    base = LineField(required=False)


class SearchForm(forms.Form):
    """Finds a pupil by name or id."""

    search = LineField(label=gettext_lazy("Name or student id"), required=False, max_length=LONGEST_SEARCH)


def wrong_with(form: forms.Form) -> list[str]:
    """Everything that a form refuses, as sentences in the order of its fields."""
    return [str(error) for errors in form.errors.values() for error in errors]
