"""API tokens in the office: an admin makes one that stands for themselves, and revokes any."""

from __future__ import annotations

from datetime import timedelta
from typing import Any, ClassVar

from django import forms
from django.contrib import admin, messages
from django.db.models import QuerySet
from django.http import HttpRequest, HttpResponse
from django.template.response import TemplateResponse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext

from accounts.models import ApiToken
from accounts.office import OfficeAdmin, OfficeForm, ReadOnly
from accounts.tokens import create_token, revoke_token
from core.fields import LineField


class NewTokenForm(OfficeForm):
    """What the token is for, and for how long."""

    name = LineField(label=gettext_lazy("What it is for"), max_length=100)
    valid_for = forms.TypedChoiceField(
        label=gettext_lazy("Valid for"),
        coerce=int,
        choices=[
            (7, gettext_lazy("a week")),
            (30, gettext_lazy("30 days")),
            (90, gettext_lazy("90 days")),
            (365, gettext_lazy("a year")),
        ],
        initial=90,
        help_text=gettext_lazy("It acts as you until then, or until you or another admin revokes it."),
    )

    class Meta:
        model = ApiToken
        fields = ("name",)

    def _post_clean(self) -> None:
        """The rest of the row is made with the secret, in `create_token`."""


@admin.register(ApiToken)
class ApiTokenAdmin(ReadOnly, OfficeAdmin):
    """Nobody changes or deletes a token: what it did stays with its name."""

    form = NewTokenForm
    actions: ClassVar = ["revoke"]
    list_display = ("name", "prefix", "user", "state", "created_at", "expires_at", "last_used_at")
    list_select_related = ("user__teacher", "user__parent")
    search_fields = ("name", "prefix", "user__username")
    shown = ("name", "prefix", "user", "role", "state", "created_at", "expires_at", "revoked_at", "last_used_at")

    @admin.display(description=gettext_lazy("state"))
    def state(self, token: ApiToken) -> str:
        """Why it opens nothing any more, or that it does."""
        if token.revoked_at:
            return _("Revoked")
        if token.expires_at <= timezone.now():
            return _("Over")
        if not token.user.is_active or token.user.role != token.role:
            return _("Stopped: its owner's account has changed")
        return _("In force")

    def get_fields(self, _request: HttpRequest, obj: Any = None) -> tuple[str, ...]:
        return self.shown if obj else ("name", "valid_for")

    def get_readonly_fields(self, _request: HttpRequest, obj: Any = None) -> tuple[str, ...]:
        return self.shown if obj else ()

    def has_add_permission(self, request: HttpRequest, _parent: Any = None) -> bool:
        return bool(super(ReadOnly, self).has_add_permission(request))

    def has_revoke_permission(self, request: HttpRequest) -> bool:
        """Whoever opens the office may end any token."""
        return bool(self.has_view_permission(request))

    def save_model(self, request: Any, obj: Any, form: Any, _change: bool) -> None:
        valid_for = timedelta(days=form.cleaned_data["valid_for"])
        token, request.new_secret = create_token(by=request.user, name=form.cleaned_data["name"], valid_for=valid_for)
        obj.__dict__.update(token.__dict__)

    def response_add(self, request: Any, obj: Any, _post_url_continue: str | None = None) -> HttpResponse:
        """The only answer that ever holds the secret; a redirect would have to keep it in between."""
        context = {
            **self.admin_site.each_context(request),
            "title": _("Your new token"),
            "opts": self.opts,
            "token": obj,
            "secret": request.new_secret,
        }
        return TemplateResponse(request, "admin/token_made.html", context)

    @admin.action(description=gettext_lazy("Revoke"), permissions=["revoke"])
    def revoke(self, request: Any, tokens: QuerySet[ApiToken]) -> None:
        """End the chosen tokens now."""
        chosen = list(tokens)
        for token in chosen:
            revoke_token(by=request.user, token=token)
        number = len(chosen)
        said = ngettext("%(number)d token is revoked.", "%(number)d tokens are revoked.", number)
        messages.success(request, said % {"number": number})
