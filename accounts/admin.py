"""The people who sign in, and the log of who opened what, in the school office.

Teachers and parents are registered by the students app, which knows their classes and children.
"""

from __future__ import annotations

from collections import defaultdict
from typing import Any, ClassVar

from allauth.account.models import EmailAddress
from django import forms
from django.contrib import admin, messages
from django.contrib.auth.admin import UserAdmin
from django.contrib.auth.forms import AdminPasswordChangeForm, UserChangeForm, UsernameField
from django.contrib.auth.models import Group
from django.core.exceptions import ValidationError
from django.db.models import QuerySet
from django.http import HttpRequest
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from accounts.invitations import InvitationError, Standing, invite, standing_of
from accounts.models import AccessLog, Parent, Teacher, User
from accounts.office import OfficeAdmin, OfficeForm, OfficeLists, ReadOnly
from accounts.roles import Role

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
        """Invite the chosen people and tell about each what happened."""
        invited, refused = [], defaultdict(list)
        school_name = str(getattr(request, "school", ""))
        for person in people.select_related(*self.list_select_related):
            user = person if isinstance(person, User) else person.user
            try:
                invite(by=request.user, user=user, request=request, school_name=school_name)
            except InvitationError as error:
                refused[str(error)].append(str(person))
            else:
                invited.append(str(person))
        if invited:
            messages.success(request, _("Invitation sent: %(names)s.") % {"names": ", ".join(invited)})
        for reason, names in refused.items():
            messages.warning(request, _("%(names)s: %(reason)s.") % {"names": ", ".join(names), "reason": reason})


class UserNameForm(OfficeForm):
    """User names that differ only in case could not both sign in."""

    def clean_username(self) -> str:
        username: str = self.cleaned_data["username"]
        others = User.objects.exclude(pk=self.instance.pk)
        if others.filter(username__iexact=username).exists():
            raise ValidationError(_("There is a user of this name. Choose another one."))
        return username


class NewUserForm(UserNameForm):
    """A new user has no password; the invitation lets them choose one."""

    class Meta:
        model = User
        fields = ("username", "email", "role")
        field_classes: ClassVar = {"username": UsernameField}

    def save(self, commit: bool = True) -> User:
        self.instance.set_unusable_password()
        user: User = super().save(commit)
        return user


class UserForm(UserNameForm, UserChangeForm):  # type: ignore[type-arg]
    class Meta(UserChangeForm.Meta):
        model = User

    def clean_role(self) -> str:
        """A demotion takes the operator's superuser rights too; the database refuses any other superuser."""
        role: str = self.cleaned_data["role"]
        if role != Role.ADMIN:
            self.instance.is_superuser = False
        return role


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
        own = ("role", "is_active") if obj == request.user else ()
        return (*self.readonly_fields, *own)

    def save_model(self, request: HttpRequest, obj: User, form: forms.ModelForm[User], change: bool) -> None:
        """A changed e-mail closes the old one, to which allauth would still send a link for a new password."""
        super().save_model(request, obj, form, change)
        if change and "email" in form.changed_data:
            EmailAddress.objects.filter(user=obj).delete()

    def has_delete_permission(self, request: HttpRequest, obj: User | None = None) -> bool:
        """What somebody did stays with their name: whoever has signed in is deactivated instead."""
        never_signed_in = obj is None or obj.last_login is None
        return never_signed_in and bool(super().has_delete_permission(request, obj))


class PersonAdmin(InvitingAdmin):
    """A teacher or a parent: the profile of a user."""

    path_to_user = "user__"
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
        return person.user.email if person.pk else ""

    @admin.display(description=gettext_lazy("account"), ordering="standing")
    def account(self, row: Any) -> str:
        return super().account(row) if row.pk else ""

    def choice_label(self, row: Teacher | Parent) -> str:
        return f"{row.full_name} ({row.user.username})"

    def get_queryset(self, request: HttpRequest) -> QuerySet[Any]:
        return super().get_queryset(request).select_related("user")

    def get_readonly_fields(self, _request: HttpRequest, obj: Any = None) -> tuple[str, ...]:
        """A profile stays with its user: another one would inherit its classes or children."""
        return (*self.readonly_fields, "user") if obj else self.readonly_fields


@admin.register(AccessLog)
class AccessLogAdmin(ReadOnly, OfficeLists, admin.ModelAdmin):  # type: ignore[type-arg]
    """Who opened whose record."""

    list_display = ("read_at", "reader", "role", "student_id", "page", "path", "ip_address")
    list_filter = ("reader__role", "page")
    list_select_related = ("reader__teacher", "reader__parent")
    search_fields = (
        "student_id",
        "path",
        "reader__username",
        "reader__teacher__full_name",
        "reader__parent__full_name",
    )
    date_hierarchy = "read_at"

    @admin.display(description=gettext_lazy("role"), ordering="reader__role")
    def role(self, row: AccessLog) -> str:
        return row.reader.get_role_display()
