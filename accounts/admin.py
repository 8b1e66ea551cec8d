"""The people who sign in, and the log of who opened what, in the school office.

Teachers and parents are registered by the students app, which knows their classes and children.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Iterable
from typing import Any, ClassVar

from allauth.account.models import EmailAddress
from django import forms
from django.contrib import admin, messages
from django.contrib.auth.admin import UserAdmin
from django.contrib.auth.forms import AdminPasswordChangeForm
from django.contrib.auth.models import Group
from django.db.models import QuerySet
from django.http import HttpRequest, HttpResponse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from accounts import admin_audit, admin_tokens
from accounts.invitations import InvitationError, Standing, invite, standing_of
from accounts.models import Parent, Teacher, User
from accounts.office import OfficeAdmin
from accounts.people import own_account_fields, save_account
from accounts.person_form import NewPersonForm, PersonForm
from accounts.user_form import NewUserForm, UserForm

__all__ = ["admin_audit", "admin_tokens"]  # importing them registers the log of openings and the tokens

# Roles decide permissions, and addresses follow User.email: neither is for editing by hand.
admin.site.unregister(Group)
admin.site.unregister(EmailAddress)


class StandingFilter(admin.SimpleListFilter):
    """By how far somebody is on the way into their account."""

    title = gettext_lazy("account")
    parameter_name = "standing"

    def lookups(self, _request: HttpRequest, _model_admin: Any) -> list[tuple[str, str]]:
        return [(standing.value, str(standing.label)) for standing in Standing]

    def queryset(self, _request: HttpRequest, queryset: QuerySet[Any]) -> QuerySet[Any]:
        if self.value() in Standing.values:
            queryset = queryset.filter(standing=self.value())
        return queryset


class InvitingAdmin(OfficeAdmin):
    """A list of people, each row a user or a profile, from which they are invited."""

    actions: ClassVar = ["send_invitation"]
    path_to_user = ""

    def get_queryset(self, request: HttpRequest) -> QuerySet[Any]:
        people: Any = super().get_queryset(request)
        with_standing: QuerySet[Any] = people.annotate(standing=standing_of(self.path_to_user))
        return with_standing

    @admin.display(description=gettext_lazy("account"), ordering="standing")
    def account(self, row: Any) -> str:
        return str(Standing(row.standing).label)

    @admin.action(description=gettext_lazy("Send invitation"), permissions=["change"])
    def send_invitation(self, request: Any, people: QuerySet[Any]) -> None:
        invite_and_tell(request, people.select_related(*self.list_select_related))


def invite_and_tell(request: Any, people: Iterable[User | Teacher | Parent]) -> None:
    """Invite people and tell about each what happened."""
    invited, refused = [], defaultdict(list)
    school_name = str(getattr(request, "school", ""))
    for person in people:
        user = person if isinstance(person, User) else person.user
        try:
            invite(by=request.user, user=user, school_name=school_name)
        except InvitationError as error:
            refused[str(error)].append(str(person))
        else:
            invited.append(str(person))
    if invited:
        messages.success(request, _("Invitation sent: %(names)s.") % {"names": ", ".join(invited)})
    for reason, names in refused.items():
        messages.warning(request, _("%(names)s: %(reason)s.") % {"names": ", ".join(names), "reason": reason})


class OfficePasswordForm(AdminPasswordChangeForm):  # type: ignore[type-arg]
    def save(self, commit: bool = True) -> Any:
        """The history of a user shows no password, so it says that one was set."""
        self.user._change_reason = "password changed in the office"
        return super().save(commit)


@admin.register(User)
class OfficeUserAdmin(InvitingAdmin, UserAdmin):  # type: ignore[type-arg,misc]
    """Who may sign in. Rights follow the role; a user who has signed in is deactivated, not deleted."""

    form = UserForm
    add_form = NewUserForm
    change_password_form = OfficePasswordForm
    add_form_template = None
    fieldsets = (
        (None, {"fields": ("username", "password", "email", "role", "is_active")}),
        (gettext_lazy("Account"), {"fields": ("account", "last_login", "date_joined")}),
    )
    add_fieldsets = ((None, {"fields": ("username", "email", "role")}),)
    readonly_fields = ("account", "last_login", "date_joined")
    list_display = ("username", "full_name", "role", "email", "account", "is_active", "last_login")
    list_filter = ("role", StandingFilter, "is_active")
    list_select_related = ("teacher", "parent")
    search_fields = ("username", "email", "teacher__full_name", "parent__full_name")
    ordering = ("username",)
    filter_horizontal = ()

    def get_queryset(self, request: HttpRequest) -> QuerySet[User]:
        return super().get_queryset(request).select_related("teacher", "parent")

    def choice_label(self, row: User) -> str:
        return f"{row} ({row.username})" if row.profiles else row.username

    @admin.display(description=gettext_lazy("name"))
    def full_name(self, user: User) -> str:
        return str(user) if user.profiles else ""

    def get_readonly_fields(self, request: HttpRequest, obj: Any = None) -> tuple[str, ...]:
        """Nobody demotes or deactivates themselves: the school would be left without an admin."""
        return (*self.readonly_fields, *own_account_fields(by=request.user, user=obj))

    def save_model(self, request: HttpRequest, obj: User, form: forms.ModelForm[User], change: bool) -> None:
        if change:
            save_account(by=request.user, user=obj, changed=form.changed_data)  # type: ignore[arg-type]
        else:
            super().save_model(request, obj, form, change)

    def has_delete_permission(self, request: HttpRequest, obj: User | None = None) -> bool:
        """What somebody did stays with their name: whoever has signed in is deactivated instead."""
        never_signed_in = obj is None or obj.last_login is None
        return never_signed_in and bool(super().has_delete_permission(request, obj))


class PersonAdmin(InvitingAdmin):
    """A teacher or a parent: the profile of a user. A new one is made with their user, links and invitation at once."""

    form = PersonForm
    path_to_user = "user__"
    add_form: type[NewPersonForm]
    profile_fields: ClassVar[tuple[str, ...]] = ("full_name", "phone")
    account_fields: ClassVar[tuple[str, ...]] = ("username", "email")
    create: Callable[..., Teacher | Parent]
    autocomplete_fields = ("user",)
    list_select_related = ("user",)
    search_fields: ClassVar[Any] = ("full_name", "user__username", "user__email", "phone")
    list_filter: ClassVar[Any] = (StandingFilter,)
    readonly_fields = ("email", "account", "external_id")

    @admin.display(description=gettext_lazy("user name"), ordering="user__username")
    def username(self, person: Teacher | Parent) -> str:
        return person.user.username

    @admin.display(description=gettext_lazy("e-mail"), ordering="user__email")
    def email(self, person: Teacher | Parent) -> str:
        return person.user.email

    def choice_label(self, row: Teacher | Parent) -> str:
        return f"{row.full_name} ({row.user.username})"

    def get_queryset(self, request: HttpRequest) -> QuerySet[Any]:
        return super().get_queryset(request).select_related("user")

    def get_fieldsets(self, _request: HttpRequest, obj: Any = None) -> Any:
        if obj:
            return ((None, {"fields": ("user", *self.profile_fields, "email", "account", "external_id")}),)
        return (
            (None, {"fields": self.profile_fields}),
            (gettext_lazy("Account"), {"fields": (*self.account_fields, "send_invitation")}),
            (
                gettext_lazy("Or a user who exists"),
                {
                    "fields": ("user",),
                    "description": gettext_lazy(
                        "Only for somebody who signs in already, such as a teacher who is a parent too."
                    ),
                },
            ),
        )

    def get_readonly_fields(self, _request: HttpRequest, obj: Any = None) -> tuple[str, ...]:
        """A profile stays with its user: another one would inherit its classes or children."""
        return (*self.readonly_fields, "user") if obj else ()

    def get_form(self, request: HttpRequest, obj: Any = None, change: bool = False, **kwargs: Any) -> Any:
        if obj is None:
            kwargs["form"] = self.add_form
        return super().get_form(request, obj, change, **kwargs)

    def save_model(self, request: Any, obj: Any, form: Any, change: bool) -> None:
        if change:
            super().save_model(request, obj, form, change)
            return
        self.create(by=request.user, **form.account, **{obj._meta.model_name: obj})
        if form.cleaned_data["send_invitation"]:
            request.invite_after_saving = obj

    def add_view(self, request: Any, form_url: str = "", extra_context: dict[str, Any] | None = None) -> HttpResponse:
        """Invites once everything is saved: a mail cannot be taken back, and one that fails undoes nothing."""
        answer: HttpResponse = super().add_view(request, form_url, extra_context)
        if person := getattr(request, "invite_after_saving", None):
            invite_and_tell(request, [person])
        return answer
