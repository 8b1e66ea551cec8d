"""What every page of the school office (the Django admin) shares: choices, checks, history, search."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from django import forms
from django.contrib import admin, messages
from django.contrib.admin.helpers import ACTION_CHECKBOX_NAME
from django.contrib.admin.utils import display_for_field, unquote
from django.contrib.admin.views.main import ERROR_FLAG, SEARCH_VAR
from django.contrib.admin.widgets import AutocompleteSelect
from django.core.exceptions import ValidationError
from django.db.models import Model, QuerySet
from django.forms.formsets import DELETION_FIELD_NAME
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.utils.translation import gettext as _
from simple_history.admin import SimpleHistoryAdmin
from simple_history.template_utils import HistoricalRecordContextHelper

LONGEST_KEY = 18  # digits that surely fit a key
LONGEST_SEARCH = 200  # characters; SQLite refuses a statement with a thousand conditions
NUL = "\x00"
NOTHING = "–"


def is_key(text: str) -> bool:
    """Whether a text that came from a browser can be the key of a row; others fail in the database."""
    return text.isascii() and text.isdecimal() and len(text) <= LONGEST_KEY


class LoadedSelect(AutocompleteSelect):
    """An autocomplete that shows the row it was handed: asking for it costs a query for each line of an inline."""

    chosen: Model | None = None

    def optgroups(self, name: str, value: Sequence[str], attrs: dict[str, Any] | None = None) -> list[Any]:
        if self.chosen is None or list(value) != [str(self.chosen.pk)]:
            # What was posted is shown again, but only a key can be looked up.
            shown = [key for key in value if is_key(key)]
            return list(super().optgroups(name, shown or [""], attrs))
        label = self.choices.field.label_from_instance(self.chosen)
        options = [] if self.is_required else [self.create_option(name, "", "", False, 0)]
        options.append(self.create_option(name, self.chosen.pk, label, True, len(options)))
        return [(None, options, 0)]


class OfficeForm(forms.ModelForm):  # type: ignore[type-arg]
    """A form of the office: what the database would refuse is an error to read, not a failure."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        for name, field in self.fields.items():
            # A table of rows has its labels in the head, where no screen reader connects them to a control.
            select: Any = getattr(field.widget, "widget", field.widget)
            select.attrs.setdefault("aria-label", str(field.label or name))
            if isinstance(select, LoadedSelect) and self.instance._meta.get_field(name).is_cached(self.instance):
                select.chosen = getattr(self.instance, name)

    def _post_clean(self) -> None:
        """Django checks only constraints whose every column is typed; the rest would end in an error page.

        Such are one class of a name in a year, or one open access of a parent typed under the child.
        """
        super()._post_clean()  # type: ignore[misc]
        if not self.errors:
            self.check_constraints()

    def check_constraints(self) -> None:
        """Check the row against every constraint of its table."""
        try:
            self.instance.validate_constraints(exclude=self.unchecked_fields())
        except ValidationError as error:
            self.add_error(None, error)

    def unchecked_fields(self) -> set[str]:
        """The typed fields by which no constraint can be judged; see EnrolmentForm."""
        return set()


class OfficeFormSet(forms.BaseInlineFormSet):  # type: ignore[type-arg]
    """Rows under a page; the box that deletes one says so to a screen reader too."""

    def add_fields(self, form: forms.ModelForm, index: int | None) -> None:  # type: ignore[type-arg]
        super().add_fields(form, index)
        if box := form.fields.get(DELETION_FIELD_NAME):
            box.widget.attrs["aria-label"] = _("Delete this row")


class OfficeFields:
    """Choices by autocomplete, labelled as the admin of the chosen model says."""

    def formfield_for_foreignkey(self, db_field: Any, request: HttpRequest, **kwargs: Any) -> Any:
        if db_field.name in self.get_autocomplete_fields(request):  # type: ignore[attr-defined]
            kwargs["widget"] = LoadedSelect(db_field, self.admin_site, using=kwargs.get("using"))  # type: ignore[attr-defined]
        field = super().formfield_for_foreignkey(db_field, request, **kwargs)  # type: ignore[misc]
        target = self.admin_site._registry.get(db_field.remote_field.model)  # type: ignore[attr-defined]
        if field and isinstance(target, OfficeAdmin):
            field.label_from_instance = target.choice_label
        return field


class OfficeInline(OfficeFields, admin.TabularInline):  # type: ignore[type-arg]
    form = OfficeForm
    formset = OfficeFormSet
    extra = 0


class OfficeLists:
    """Lists that answer any address and any search with a page."""

    list_per_page = 50
    show_full_result_count = False  # it would count a large table twice

    def changelist_view(self, request: HttpRequest, extra_context: dict[str, Any] | None = None) -> Any:
        """A NUL byte in a filter, which PostgreSQL cannot take, is answered as Django answers any wrong filter."""
        if any(NUL in "".join(values) for name, values in request.GET.lists() if name != SEARCH_VAR):
            return redirect(f"{request.path}?{ERROR_FLAG}=1")
        return super().changelist_view(request, extra_context)  # type: ignore[misc]

    def response_action(self, request: HttpRequest, *args: Any, **kwargs: Any) -> Any:
        """A chosen row whose key is none, which only a hand-made request sends, is answered in words."""
        keys = request.POST.getlist(ACTION_CHECKBOX_NAME)
        if all(map(is_key, keys)):
            return super().response_action(request, *args, **kwargs)  # type: ignore[misc]
        messages.warning(request, _("One of the rows is not there any more. Choose again. Nothing was changed."))
        return None

    def lookup_allowed(self, lookup: str, value: str, request: HttpRequest) -> bool:
        """No regular expressions from an address: a broken one is an error, a slow one a stopped server."""
        return not lookup.endswith("regex") and super().lookup_allowed(lookup, value, request)  # type: ignore[misc]

    def get_search_results(
        self, request: HttpRequest, queryset: QuerySet[Any], search_term: str
    ) -> tuple[QuerySet[Any], bool]:
        """Finds nothing for a text that no name can hold; the list then says so."""
        if NUL not in search_term and len(search_term) <= LONGEST_SEARCH:
            return super().get_search_results(request, queryset, search_term)  # type: ignore[misc,no-any-return]
        if SEARCH_VAR in request.GET:
            most = {"most": LONGEST_SEARCH}
            messages.warning(request, _("Search for at most %(most)d characters. Nothing was searched.") % most)
        return queryset.none(), False


class ReadOnly:
    """Rows that the office reads and nobody types."""

    def has_add_permission(self, _request: HttpRequest, _parent: Any = None) -> bool:
        return False

    def has_change_permission(self, _request: HttpRequest, _row: Any = None) -> bool:
        return False

    def has_delete_permission(self, _request: HttpRequest, _row: Any = None) -> bool:
        return False


def shown_value(model: type[Model], name: str, value: Any) -> Any:
    """A value as the form shows it: the last day, the label of a choice, the name of a weekday."""
    field: Any = model._meta.get_field(name)
    if field.is_relation:
        return NOTHING if value is None else value
    form_field = field.formfield()
    shown = form_field.prepare_value(value) if form_field else value
    if isinstance(shown, list):
        labels = dict(form_field.choices)
        shown = ", ".join(str(labels[choice]) for choice in shown)
    return display_for_field(shown, field, NOTHING) or NOTHING


class ShownValues(HistoricalRecordContextHelper):  # type: ignore[misc]
    """Values in a history as the form shows them."""

    def prepare_delta_change_value(self, change: Any, value: Any) -> Any:
        return shown_value(self.model, change.field, value)


class OfficeAdmin(OfficeLists, OfficeFields, SimpleHistoryAdmin):  # type: ignore[misc]
    """A model of the school in the office, with the history of who changed what."""

    form = OfficeForm
    object_history_list_template = "accounts/history_list.html"

    def choice_label(self, row: Any) -> str:
        """How a row is called where it is chosen among others."""
        return str(row)

    def get_urls(self) -> Any:
        """Without simple-history's page of an old version: posting to it writes that version back."""
        return super(SimpleHistoryAdmin, self).get_urls()

    def history_view(
        self, request: HttpRequest, object_id: str, extra_context: dict[str, Any] | None = None
    ) -> HttpResponse:
        try:
            self.opts.pk.to_python(unquote(object_id))
        except ValidationError as error:
            raise Http404 from error
        page: HttpResponse = super().history_view(request, object_id, extra_context)
        return page

    def get_history_queryset(self, *args: Any, **kwargs: Any) -> QuerySet[Any]:
        """With the profiles that name who did it, which each line would ask for."""
        history: QuerySet[Any] = super().get_history_queryset(*args, **kwargs)
        return history.select_related("history_user__teacher", "history_user__parent")

    def get_historical_record_context_helper(self, _request: HttpRequest, record: Any) -> ShownValues:
        return ShownValues(self.model, record)

    # Django's own log would keep the names of children after they are erased; the history says more.

    def log_addition(self, _request: HttpRequest, _row: Any, _message: Any) -> None:
        return None

    def log_change(self, _request: HttpRequest, _row: Any, _message: Any) -> None:
        return None

    def log_deletions(self, _request: HttpRequest, _rows: Any) -> Any:
        return None
