"""The forms of behaviour: what is noted, and of whom."""

from __future__ import annotations

import uuid
from collections.abc import Sequence
from typing import Any

from django import forms
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from accounts.models import User
from behavior.models import BehaviorCategory, BehaviorRecord, BehaviorType
from behavior.services import Noting
from students.fields import DayFormField
from students.forms import DayInput, LineField
from students.models import Student
from students.sheet_pages import not_enrolled_message, strangers_in

TICK = "student"  # student-STU00001 ticks one student: a form that waits for its owner is found by such a name


def categories_for(user: User, record: BehaviorRecord | None = None) -> list[BehaviorCategory]:
    """The categories that are offered, and the record's own where it is no longer; one statement."""
    own = record.category if record else None
    return [each for each in BehaviorCategory.objects.visible_to(user) if each.is_active or each == own]


def initial_of(record: BehaviorRecord) -> dict[str, object]:
    """What a form shows of a record."""
    return {
        "behavior_type": record.behavior_type,
        "category": str(record.category_id),
        "notes": record.notes,
        "date": record.date,
        "shared_with_parents": record.shared_with_parents,
    }


class NotingForm(forms.Form):
    """What is noted: type, category, a line of text, the day, and whether parents read it.

    `categories` are those to choose from.
    """

    behavior_type = forms.ChoiceField(
        label=gettext_lazy("Type"),
        choices=BehaviorType.choices,
        error_messages={
            "required": gettext_lazy("Choose Positive or Negative."),
            "invalid_choice": gettext_lazy("Choose Positive or Negative."),
        },
    )
    category = forms.ChoiceField(
        label=gettext_lazy("Category"),
        error_messages={
            "required": gettext_lazy("Choose a category."),
            "invalid_choice": gettext_lazy("Choose one of the categories below."),
        },
    )
    notes = LineField(
        label=gettext_lazy("What happened"),
        required=False,
        max_length=BehaviorRecord._meta.get_field("notes").max_length,
        help_text=gettext_lazy("One line; it may stay empty."),
    )
    date = DayFormField(
        label=gettext_lazy("Day"),
        widget=DayInput(),
        error_messages={"required": gettext_lazy("Give the day on which it happened.")},
    )
    shared_with_parents = forms.BooleanField(label=gettext_lazy("Share with parents"), required=False)

    def __init__(self, *args: Any, categories: Sequence[BehaviorCategory], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.categories = {str(category.pk): category for category in categories}
        self.fields["category"].choices = [(key, str(category)) for key, category in self.categories.items()]  # type: ignore[attr-defined]

    def types(self) -> list[BehaviorType]:
        """Both types, for the page."""
        return list(BehaviorType)

    @property
    def noting(self) -> Noting:
        """What is noted. Call only on a valid form."""
        typed = dict(self.cleaned_data)
        return Noting(
            behavior_type=BehaviorType(typed["behavior_type"]),
            category=self.categories[typed["category"]],
            notes=typed["notes"],
            date=typed["date"],
            shared_with_parents=typed["shared_with_parents"],
        )


class EntryForm(NotingForm):
    """The same noted of one student or many: `students` are those whom the page offers, with a tick each."""

    form_key = forms.UUIDField(
        error_messages={
            "required": gettext_lazy("This page came back incomplete. Look at it, then save once more."),
            "invalid": gettext_lazy("This page came back incomplete. Look at it, then save once more."),
        }
    )

    def __init__(self, *args: Any, students: Sequence[Student], ticked: str = "", **kwargs: Any) -> None:
        """`ticked` is the id of the student who is ticked on a page that is opened anew."""
        super().__init__(*args, **kwargs)
        self.students = students
        self.ticked = {ticked}
        if self.is_bound:
            self.ticked = {student.student_id for student in students if f"{TICK}-{student.student_id}" in self.data}

    @property
    def lines(self) -> list[tuple[Student, bool]]:
        """Every student offered, with whether they are ticked."""
        return [(student, student.student_id in self.ticked) for student in self.students]

    @property
    def chosen(self) -> list[Student]:
        return [student for student, is_ticked in self.lines if is_ticked]

    @property
    def key(self) -> str:
        """Names this form, so that what is sent twice is stored once; a new one for a page that is opened anew."""
        try:
            return str(uuid.UUID(self.data.get("form_key", "")))
        except ValueError:
            return str(uuid.uuid4())

    @property
    def is_of_another_day(self) -> bool:
        """Whether the day that stands in the form is not the one it starts with, today."""
        return str(self["date"].value() or "") != str(self.get_initial_for_field(self.fields["date"], "date"))

    def clean(self) -> dict[str, Any]:
        """At least one student is ticked, and nobody who is not offered."""
        cleaned: dict[str, Any] = super().clean() or self.cleaned_data
        if strangers := strangers_in(self.data, (TICK,), {student.student_id for student in self.students}):
            self.add_error(None, not_enrolled_message(strangers))
        elif not self.chosen:
            self.add_error(None, _("Choose at least one student."))
        if "form_key" in self.errors:
            self.add_error(None, self.errors.pop("form_key"))
        return cleaned
