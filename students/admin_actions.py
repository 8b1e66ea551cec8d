"""What the office can do with the chosen rows of a list of students, enrolments or classes."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from django import forms
from django.contrib import admin
from django.core.exceptions import ValidationError
from django.db import transaction
from django.db.models import QuerySet
from django.http import HttpRequest
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from accounts.models import Teacher
from accounts.office_actions import AskingForm, ask
from students.calendar import in_words
from students.fields import DayFormField, LastDayFormField, last_day
from students.forms import DayInput
from students.models import Enrolment, SchoolClass
from students.moves import end_classes_of, end_enrolments, move_students, named
from students.services import give_cover

CHOOSE = {
    "required": gettext_lazy("Choose one of the list."),
    "invalid_choice": gettext_lazy("Choose one of the list."),
}
DAY_MISSING = {"required": gettext_lazy("Give a day.")}


class ClassChoice(forms.ModelChoiceField):  # type: ignore[type-arg]
    """The classes of the school years that are not over."""

    def __init__(self, **kwargs: Any) -> None:
        super().__init__(SchoolClass.objects.none(), error_messages=CHOOSE, **kwargs)

    def offer(self) -> None:
        going_on = SchoolClass.objects.filter(academic_year__ends_on__gt=timezone.localdate())
        self.queryset = going_on.select_related("academic_year").order_by("-academic_year__starts_on", "name", "pk")

    def label_from_instance(self, school_class: Any) -> str:
        return f"{school_class.name} ({school_class.academic_year})"


class TeacherChoice(forms.ModelChoiceField):  # type: ignore[type-arg]
    """The teachers who can sign in."""

    def __init__(self, **kwargs: Any) -> None:
        super().__init__(Teacher.objects.none(), error_messages=CHOOSE, **kwargs)

    def offer(self) -> None:
        self.queryset = Teacher.objects.filter(user__is_active=True).select_related("user")

    def label_from_instance(self, teacher: Any) -> str:
        return f"{teacher.full_name} ({teacher.user.username})"


class MoveForm(AskingForm):
    title = gettext_lazy("Move to a class from a date")
    button = gettext_lazy("Move")
    intro = gettext_lazy(
        "The main class until then ends the day before; the new class becomes the main one. Other classes stay."
    )

    school_class = ClassChoice(label=gettext_lazy("New class"))
    day = DayFormField(label=gettext_lazy("From"), widget=DayInput(), error_messages=DAY_MISSING)

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["school_class"].offer()  # type: ignore[attr-defined]
        self.fields["day"].initial = timezone.localdate()

    def act(self, by: Any) -> str:
        chosen = self.cleaned_data
        students = list(chosen["rows"])
        move_students(by=by, students=students, school_class=chosen["school_class"], starts_on=chosen["day"])
        said = {"class": chosen["school_class"], "day": in_words(chosen["day"]), "names": names(map(named, students))}
        return _("In %(class)s from %(day)s: %(names)s.") % said


class EndForm(AskingForm):
    """Ends what is chosen with a last day."""

    title = gettext_lazy("End enrolment")
    button = gettext_lazy("End enrolment")

    ends_on = LastDayFormField(label=gettext_lazy("Last day"), widget=DayInput(), error_messages=DAY_MISSING)

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["ends_on"].initial = timezone.localdate()

    def done(self, ended: Iterable[Enrolment]) -> str:
        said = names(f"{named(each.student)}: {each.school_class}" for each in ended)
        day = in_words(last_day(self.cleaned_data["ends_on"]) or timezone.localdate())
        return _("Ended with %(day)s: %(names)s.") % {"day": day, "names": said}


class EndEnrolmentForm(EndForm):
    intro = gettext_lazy("These enrolments end with the last day; the marks until then stay.")

    def act(self, by: Any) -> str:
        ending = list(self.cleaned_data["rows"])
        end_enrolments(by=by, enrolments=ending, ends_on=self.cleaned_data["ends_on"])
        return self.done(ending)


class EndClassesForm(EndForm):
    intro = gettext_lazy(
        "All classes that a student is in on the last day end with it; the marks until then stay. "
        "A student who leaves the school gets the last day at the school on their own page."
    )

    def act(self, by: Any) -> str:
        students = list(self.cleaned_data["rows"])
        return self.done(end_classes_of(by=by, students=students, ends_on=self.cleaned_data["ends_on"]))


class CoverForm(AskingForm):
    title = gettext_lazy("Give cover")
    button = gettext_lazy("Give cover")
    intro = gettext_lazy("The teacher has these classes for one day: can open them and take their registers.")

    teacher = TeacherChoice(label=gettext_lazy("Teacher"))
    day = DayFormField(label=gettext_lazy("Day"), widget=DayInput(), error_messages=DAY_MISSING)

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["teacher"].offer()  # type: ignore[attr-defined]
        self.fields["day"].initial = timezone.localdate()

    def act(self, by: Any) -> str:
        """All of the classes or none."""
        chosen = self.cleaned_data
        refusals: list[str] = []
        with transaction.atomic():
            for school_class in chosen["rows"]:
                try:
                    give_cover(by=by, school_class=school_class, teacher=chosen["teacher"], day=chosen["day"])
                except ValidationError as refusal:
                    refusals += refusal.messages
            if refusals:
                raise ValidationError(refusals)
        said = {"teacher": chosen["teacher"], "day": in_words(chosen["day"]), "names": names(chosen["rows"])}
        return _("%(teacher)s has on %(day)s: %(names)s.") % said


def names(rows: Iterable[Any]) -> str:
    return ", ".join(str(row) for row in rows)


@admin.action(description=gettext_lazy("Move to a class from a date"), permissions=["change"])
def move_to_class(model_admin: Any, request: HttpRequest, rows: QuerySet[Any]) -> Any:
    return ask(model_admin, request, rows, MoveForm)


@admin.action(description=gettext_lazy("End enrolment"), permissions=["change"])
def end_chosen_enrolments(model_admin: Any, request: HttpRequest, rows: QuerySet[Any]) -> Any:
    return ask(model_admin, request, rows, EndEnrolmentForm)


@admin.action(description=gettext_lazy("End enrolment"), permissions=["change"])
def end_classes_of_students(model_admin: Any, request: HttpRequest, rows: QuerySet[Any]) -> Any:
    return ask(model_admin, request, rows, EndClassesForm)


@admin.action(description=gettext_lazy("Give cover"), permissions=["change"])
def cover_classes(model_admin: Any, request: HttpRequest, rows: QuerySet[Any]) -> Any:
    return ask(model_admin, request, rows, CoverForm)
