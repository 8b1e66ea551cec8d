"""The user who signs in, as the office makes and changes one."""

from __future__ import annotations

from typing import ClassVar

from django.contrib.auth.forms import UserChangeForm, UsernameField

from accounts.models import User
from accounts.office import OfficeForm
from accounts.people import refuse_taken_username
from accounts.roles import Role


class UserNameForm(OfficeForm):
    """User names that differ only in case could not both sign in."""

    def clean_username(self) -> str:
        username: str = self.cleaned_data["username"]
        refuse_taken_username(username, but=self.instance)
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


class AccountForm(UserNameForm):
    """What the office changes of a user, the password aside."""

    class Meta:
        model = User
        fields = ("username", "email", "role", "is_active")
        field_classes: ClassVar = {"username": UsernameField}

    def clean_role(self) -> str:
        """A demotion takes the operator's superuser rights too; the database refuses any other superuser."""
        role: str = self.cleaned_data["role"]
        if role != Role.ADMIN:
            self.instance.is_superuser = False
        return role


class UserForm(AccountForm, UserChangeForm):  # type: ignore[type-arg]
    """The same on the page of the office, with the password as a link."""

    class Meta(UserChangeForm.Meta):
        model = User
