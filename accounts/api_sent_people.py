"""People as sent to the API, judged by the forms of the office: one rule for both."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from django import forms
from django.utils.translation import gettext as _
from rest_framework.exceptions import ValidationError

from accounts.api_fields import refuse_fields
from accounts.invitations import InvitationError, invite
from accounts.models import Parent, Teacher, User
from accounts.people import own_account_fields
from accounts.person_form import NewPersonForm, PersonForm
from accounts.user_form import AccountForm

OF_ACCOUNT = tuple(AccountForm.base_fields)


def judge_new_person(
    model: type[Teacher] | type[Parent], form_class: type[NewPersonForm], sent: Mapping[str, Any]
) -> NewPersonForm:
    """The filled form of a new teacher or parent. Raises ValidationError under the API's names."""
    fields = [name for name in ("user", "full_name", "phone", "address") if hasattr(model, name)]
    made: Any = forms.modelform_factory(model, form=form_class, fields=fields)
    form: NewPersonForm = made(dict(sent))
    refuse_fields(form.errors, {})
    return form


def judge_account(by: User, user: User, sent: Mapping[str, Any]) -> list[str]:
    """Put what is sent of the account on the user; the names of what changed. Raises ValidationError."""
    changed = changed_by(AccountForm, user, {name: value for name, value in sent.items() if name in OF_ACCOUNT})
    if own := [name for name in own_account_fields(by=by, user=user) if name in changed]:
        raise ValidationError({name: [_("Nobody changes this of their own account.")] for name in own})
    return changed


def judge_profiles(user: User, sent: Mapping[str, Any]) -> list[Teacher | Parent]:
    """Put what is sent of the person on their profiles; those that changed. Raises ValidationError."""
    values = {name: value for name, value in sent.items() if name not in OF_ACCOUNT}
    held = {name for profile in user.profiles for name in values if hasattr(profile, name)}
    if lacking := sorted(set(values) - held):
        raise ValidationError({name: [_("This account has no profile that holds this.")] for name in lacking})
    return [profile for profile in user.profiles if change_profile(profile, values)]


def change_profile(profile: Teacher | Parent, sent: Mapping[str, Any]) -> list[str]:
    """Put on a profile what it holds of what is sent; the names of what changed."""
    of_profile = {name: value for name, value in sent.items() if hasattr(profile, name)}
    made: Any = forms.modelform_factory(type(profile), form=PersonForm, fields=["full_name", "phone", *of_profile])
    return changed_by(made, profile, of_profile)


def changed_by(form_class: type[Any], row: Any, sent: Mapping[str, Any]) -> list[str]:
    """Fill a form of the office with a stored row and what is sent over it; the row comes back changed."""
    shown = form_class(instance=row)
    form = form_class({**{name: shown[name].value() for name in shown.fields}, **sent}, instance=row)
    refuse_fields(form.errors, {})
    return list(form.changed_data)


def invite_new(request: Any, person: Teacher | Parent) -> str:
    """Invite somebody who is stored by now, since a mail cannot be taken back; what happened, as a sentence."""
    words = {"name": person.full_name, "email": person.user.email}
    page = request._request
    try:
        invite(by=request.user, user=person.user, school_name=str(page.school))
    except InvitationError as error:
        return _("%(name)s is added; %(reason)s.") % {**words, "reason": error}
    return _("%(name)s is added. An invitation went to %(email)s.") % words
