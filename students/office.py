"""What the office pages about students share: last days, rows typed together, and the note of who opened what."""

from __future__ import annotations

from datetime import date
from typing import Any, ClassVar, cast

from django import forms
from django.contrib import admin
from django.db.models import Model
from django.http import HttpRequest, HttpResponse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from accounts.access import PortalRequest
from accounts.office import OfficeAdmin, OfficeFormSet
from accounts.reading import note_reading
from students.fields import last_day
from students.models import Student


@admin.display(description=gettext_lazy("last day"), ordering="ends_on")
def last_day_shown(row: Any) -> date | None:
    """List column: ends_on as the last day inclusive."""
    return last_day(row.ends_on)


class NotedAdmin(OfficeAdmin):
    """Rows about students. Each opened row is noted with its child, each opened list without."""

    @staticmethod
    def student_of(row: Any) -> Student:
        student: Student = row.student
        return student

    def note(self, request: HttpRequest, row: Model | None = None) -> None:
        """Note the reading; a POST is no reading, what it changes is in the history."""
        if request.method != "POST":
            ids = [self.student_of(row).student_id] if row else [""]
            note_reading(cast("PortalRequest", request), ids)

    def changelist_view(self, request: HttpRequest, extra_context: dict[str, Any] | None = None) -> Any:
        page = super().changelist_view(request, extra_context)
        self.note(request)
        return page

    def render_change_form(self, request: HttpRequest, context: Any, **kwargs: Any) -> HttpResponse:
        if row := kwargs.get("obj"):
            self.note(request, row)
        page: HttpResponse = super().render_change_form(request, context, **kwargs)
        return page

    def render_history_view(self, request: HttpRequest, template: str, context: Any, **kwargs: Any) -> HttpResponse:
        self.note(request, context["object"])
        page: HttpResponse = super().render_history_view(request, template, context, **kwargs)
        return page

    def render_delete_form(self, request: HttpRequest, context: Any) -> HttpResponse:
        self.note(request, context["object"])
        page: HttpResponse = super().render_delete_form(request, context)
        return page


class SpanFormSet(OfficeFormSet):
    """Rows with first and last days, typed together: each alone is checked only against what is stored.

    `same` names the columns that make two rows of the page the same thing, which may not overlap.
    """

    same: ClassVar[tuple[str, ...]] = ()
    message: ClassVar[Any] = gettext_lazy("These days overlap with another line for the same. Change the dates.")

    def clean(self) -> None:
        super().clean()
        seen: list[forms.ModelForm[Any]] = []
        for form in self.kept_forms():
            for other in seen:
                changed = form.has_changed() or other.has_changed()
                if changed and overlap(form.instance, other.instance):
                    self.check_pair(form, other)
            seen.append(form)

    def kept_forms(self) -> list[forms.ModelForm[Any]]:
        """The filled lines that are right so far and not to be deleted."""
        filled = [form for form in self.forms if form.is_valid() and (form.has_changed() or form.instance.pk)]
        return [form for form in filled if not self._should_delete_form(form)]  # type: ignore[attr-defined]

    def check_pair(self, form: forms.ModelForm[Any], other: forms.ModelForm[Any]) -> None:
        """Called for each two lines that share a day."""
        if all(getattr(form.instance, name) == getattr(other.instance, name) for name in self.same):
            form.add_error(None, self.message)


def overlap(row: Any, other: Any) -> bool:
    """True where two spans with exclusive (or open) ends share a day."""
    return (row.ends_on is None or other.starts_on < row.ends_on) and (
        other.ends_on is None or row.starts_on < other.ends_on
    )


class TermFormSet(SpanFormSet):
    """The terms of a year; for a new year the terms cannot look it up, so they are measured here."""

    message = gettext_lazy("These days overlap with another term. Change the dates.")

    def clean(self) -> None:
        super().clean()
        year = self.instance
        if not (year.starts_on and year.ends_on):
            return
        for form in self.kept_forms():
            if form.instance.starts_on < year.starts_on or form.instance.ends_on > year.ends_on:
                form.add_error(None, _("The term reaches outside its school year. Change its days or the year's."))


class ClassesOfStudentFormSet(SpanFormSet):
    """All the enrolments of one student: one main class a day, judged by what is typed, not by what is stored.

    So a student can change class in one save: the old enrolment gets a last day, a new line follows.
    """

    same = ("school_class_id",)

    def get_form_kwargs(self, index: int | None) -> dict[str, Any]:
        kwargs: dict[str, Any] = super().get_form_kwargs(index)
        is_new = index is not None and index >= self.initial_form_count()
        return {**kwargs, "beside_others": is_new}

    def check_pair(self, form: forms.ModelForm[Any], other: forms.ModelForm[Any]) -> None:
        super().check_pair(form, other)
        if form.instance.is_primary and other.instance.is_primary:
            form.add_error("is_primary", _("Only one class can be the main class on a day. Untick one of them."))
