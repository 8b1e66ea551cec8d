"""Actions on the chosen rows of a list that ask something first: a page names the rows and asks, then acts."""

from __future__ import annotations

from typing import Any, ClassVar

from django import forms
from django.contrib import messages
from django.contrib.admin.helpers import ACTION_CHECKBOX_NAME
from django.core.exceptions import ValidationError
from django.db.models import QuerySet
from django.http import HttpRequest
from django.template.response import TemplateResponse
from django.utils.functional import Promise
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from accounts.office import is_key

MOST_ROWS = 200  # rows that one page can name and somebody can read
ASKED = "asked"  # posted by the page that asks, and not by the list


class RowsField(forms.ModelMultipleChoiceField):  # type: ignore[type-arg]
    """The chosen rows as boxes, ticked at first."""

    def __init__(self, **kwargs: Any) -> None:
        super().__init__(
            queryset=None,
            widget=forms.CheckboxSelectMultiple,
            error_messages={
                "required": gettext_lazy("Tick at least one row."),
                "invalid_choice": gettext_lazy("One of the rows is not there any more. Go back to the list."),
            },
            **kwargs,
        )

    def clean(self, value: Any) -> Any:
        if not all(map(is_key, value or [])):
            raise ValidationError(self.error_messages["invalid_choice"], code="invalid_choice")
        return super().clean(value)


class AskingForm(forms.Form):
    """What an action asks, above the chosen rows, which can be ticked off one by one."""

    title: ClassVar[Promise | str] = ""
    button: ClassVar[Promise | str] = ""
    intro: ClassVar[Promise | str] = ""

    rows = RowsField()

    def __init__(self, *args: Any, rows: QuerySet[Any], admin: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        chosen: Any = self.fields["rows"]
        chosen.queryset = rows
        chosen.label = str(admin.opts.verbose_name_plural).capitalize()
        chosen.label_from_instance = admin.choice_label
        chosen.initial = [row.pk for row in rows]
        self.order_fields([name for name in self.fields if name != "rows"])

    def act(self, by: Any) -> str:
        """Do it and say what was done. Raises ValidationError, with nothing done."""
        raise NotImplementedError


def ask(admin: Any, request: HttpRequest, rows: QuerySet[Any], form_class: type[AskingForm]) -> TemplateResponse | None:
    """Ask, or act on what was asked; None leads back to the list."""
    # The list joins and counts for its columns; here only the rows matter, found again by their keys.
    keys = list(rows.order_by().values_list("pk", flat=True)[: MOST_ROWS + 1])
    if len(keys) > MOST_ROWS:
        messages.warning(
            request, _("Choose at most %(most)d rows at a time. Nothing was changed.") % {"most": MOST_ROWS}
        )
        return None
    if not keys:
        messages.warning(request, _("The chosen rows are not there any more. Choose again. Nothing was changed."))
        return None
    chosen = rows.filter(pk__in=keys)
    form = form_class(request.POST if ASKED in request.POST else None, rows=chosen, admin=admin)
    if form.is_bound and form.is_valid():
        try:
            done = form.act(by=request.user)
        except ValidationError as refusal:
            form.add_error(None, refusal)
        else:
            messages.success(request, done)
            return None
    context = {
        **admin.admin_site.each_context(request),
        "title": form.title,
        "form": form,
        "keys": keys,
        "opts": admin.opts,
        "action": request.POST.get("action", ""),
        "action_checkbox_name": ACTION_CHECKBOX_NAME,
        "asked": ASKED,
    }
    return TemplateResponse(request, "admin/ask.html", context, status=422 if form.errors else 200)
