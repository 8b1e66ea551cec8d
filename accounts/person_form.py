"""One form for a new teacher or parent: the profile, the user who signs in, and the invitation."""

from __future__ import annotations

from typing import Any, ClassVar

from django import forms
from django.contrib.auth.forms import UsernameField
from django.core.exceptions import ValidationError
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from accounts.models import User
from accounts.office import OfficeForm
from accounts.people import refuse_taken_username
from accounts.roles import Role
from core.fields import refuse_odd_characters


class PersonForm(OfficeForm):
    """A profile, by the rules of the portal for names and phones."""

    def clean_full_name(self) -> str:
        return refuse_odd_characters(self.cleaned_data["full_name"])

    def clean_phone(self) -> str:
        return refuse_odd_characters(self.cleaned_data["phone"])


class NewPersonForm(PersonForm):
    """A profile with a new user; or, where `user` is chosen, a second profile of somebody who is known already."""

    roles: ClassVar[tuple[Role, ...]] = ()
    has_one_message: ClassVar[Any] = ""

    username = UsernameField(
        label=gettext_lazy("User name"),
        max_length=150,
        required=False,
        help_text=gettext_lazy("Left empty, it is made from the e-mail or the name."),
        validators=User._meta.get_field("username").validators[:1],
    )
    email = forms.EmailField(
        label=gettext_lazy("E-mail"),
        max_length=254,
        required=False,
        help_text=gettext_lazy("The invitation goes there. Two people may share one."),
    )
    role = forms.ChoiceField(
        label=gettext_lazy("Role"),
        required=False,
        help_text=gettext_lazy("Decides what they may do; an admin who teaches is an admin."),
    )
    send_invitation = forms.BooleanField(
        label=gettext_lazy("Send the invitation now"),
        initial=True,
        required=False,
        help_text=gettext_lazy("A mail with a link, by which they choose a password of their own."),
    )

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["user"].required = False
        beside: Any = self.fields["user"].widget
        beside.can_add_related = beside.can_change_related = beside.can_delete_related = beside.can_view_related = False
        if "role" in self.fields:
            self.fields["role"].choices = [(role.value, role.label) for role in self.roles]  # type: ignore[attr-defined]
            self.fields["role"].initial = self.roles[0]

    def clean_username(self) -> str:
        username: str = self.cleaned_data["username"]
        if username:
            refuse_taken_username(username)
        return username

    def clean_user(self) -> User | None:
        """Somebody has one profile of a kind."""
        user: User | None = self.cleaned_data["user"]
        if user and getattr(user, self._meta.model._meta.model_name or "", None):
            raise ValidationError(self.has_one_message)
        return user

    def clean(self) -> dict[str, Any]:
        """Nothing typed about the account of a new user may be lost beside a user who exists."""
        cleaned: dict[str, Any] = super().clean() or self.cleaned_data
        user = cleaned.get("user")
        if user is None:
            return cleaned
        for name in ("username", "email"):
            if cleaned.get(name):
                self.add_error(
                    name, _("Leave this empty beside a user who exists: theirs is changed on their own page.")
                )
        if cleaned.get("role") and "role" in self.changed_data and cleaned["role"] != user.role:
            self.add_error("role", _("The role of a user who exists is changed on their own page."))
        return cleaned

    @property
    def account(self) -> dict[str, Any]:
        """The new user, for the service."""
        chosen = {name: self.cleaned_data[name] for name in ("username", "email")}
        return {**chosen, "role": Role(self.cleaned_data["role"])} if self.cleaned_data.get("role") else chosen


class NewTeacherForm(NewPersonForm):
    roles = (Role.TEACHER, Role.ADMIN)
    has_one_message = gettext_lazy(
        "This user is a teacher already. Choose another one, or change the teacher's own page."
    )


class NewParentForm(NewPersonForm):
    """The user of a new parent is a parent and nothing else."""

    role = None  # type: ignore[assignment]
    has_one_message = gettext_lazy(
        "This user is a parent already. Choose another one, or change the parent's own page."
    )
