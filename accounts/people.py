"""Making the people of the school: a profile and, where it has none yet, the user who signs in."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Collection
from typing import TypeVar

from allauth.account.models import EmailAddress
from django.core.exceptions import ValidationError
from django.core.validators import validate_email
from django.db import IntegrityError, transaction
from django.db.models import ProtectedError
from django.utils.translation import gettext as _

from accounts.models import Parent, Teacher, User
from accounts.roles import Role

LONGEST_SUGGESTION = 100  # characters, of the 150 that a user name may have
PersonT = TypeVar("PersonT", Teacher, Parent)


@transaction.atomic
def create_teacher(
    *, by: User | None, teacher: Teacher, username: str = "", email: str = "", role: Role = Role.TEACHER
) -> Teacher:
    """Save a new teacher, with a user of their own unless one is named on it already."""
    return save_with_user(by, teacher, username, email, role)


@transaction.atomic
def create_parent(*, by: User | None, parent: Parent, username: str = "", email: str = "") -> Parent:
    """Save a new parent, with a user of their own unless one is named on it already (a teacher who is a parent)."""
    return save_with_user(by, parent, username, email, Role.PARENT)


@transaction.atomic
def create_admin(*, username: str, email: str) -> User:
    """A new admin, whom nobody in the portal could have made yet; they have no password until they choose one.

    Raises ValidationError for a user name or an e-mail that is none, and for a user name that is taken.
    """
    user = User(username=username, email=email, role=Role.ADMIN)
    user.set_unusable_password()
    validate_email(email)
    refuse_taken_username(username)
    user.full_clean()
    user.save()
    return user


def save_with_user(by: User | None, person: PersonT, username: str, email: str, role: Role) -> PersonT:
    """Raises ValidationError for a user name that is taken; an empty one is made up from the e-mail or the name."""
    if person.user_id is None:
        username = username or suggest_username(email=email, full_name=person.full_name, otherwise=role)
        refuse_taken_username(username)
        user = User(username=username, email=email, role=role)
        user.set_unusable_password()
        user._history_user = by
        user.save()
        person.user = user
    person._history_user = by  # type: ignore[attr-defined]
    person.save()
    return person


def own_account_fields(*, by: object, user: User | None) -> tuple[str, ...]:
    """What nobody changes of themselves: the school would be left without an admin."""
    return ("role", "is_active") if user == by else ()


@transaction.atomic
def save_account(*, by: User | None, user: User, changed: Collection[str]) -> None:
    """Save a changed user. A changed e-mail closes the old one, to which allauth would still send a link."""
    user._history_user = by  # type: ignore[attr-defined]
    user.save()
    if "email" in changed:
        EmailAddress.objects.filter(user=user).delete()


@transaction.atomic
def save_profile(*, by: User | None, profile: Teacher | Parent) -> None:
    """Save a changed profile."""
    profile._history_user = by  # type: ignore[union-attr]
    profile.save()


class StillNeededError(Exception):
    """Somebody is not deleted: what they did stays with their name."""


@transaction.atomic
def delete_user(*, by: User | None, user: User) -> None:
    """Remove a user with their profiles; the history keeps who it was.

    Raises StillNeededError for oneself, for whoever has signed in or called the API, and where records depend on them.
    """
    if user == by or user.last_login or user.api_tokens.filter(last_used_at__isnull=False).exists():
        raise StillNeededError
    try:
        for row in (*user.profiles, user):
            row._history_user = by  # type: ignore[union-attr]
            row.delete()
    except (ProtectedError, IntegrityError) as error:  # the second where a history names them (accounts.audit_triggers)
        raise StillNeededError from error


def refuse_taken_username(username: str, but: User | None = None) -> None:
    """Raises ValidationError for a name that somebody else has, in capitals or not: both could not sign in."""
    others = User.objects.filter(username__iexact=username)
    if (others.exclude(pk=but.pk) if but and but.pk else others).exists():
        raise ValidationError(_("There is a user of this name. Choose another one."))


def suggest_username(*, email: str, full_name: str, otherwise: str) -> str:
    """A free user name in lower case: what stands before the @, or the name, and a number where it is taken.

    Only letters that every keyboard has: Élise Brun becomes elise.brun; a name in another script, `otherwise`.
    """
    base = plain(email.partition("@")[0]) or plain(full_name) or plain(otherwise)
    taken = {
        name.lower() for name in User.objects.filter(username__istartswith=base).values_list("username", flat=True)
    }
    number = 1
    while (suggestion := base if number == 1 else f"{base}{number}") in taken:
        number += 1
    return suggestion


def plain(text: str) -> str:
    """Text as ASCII letters and digits in lower case, its words joined by dots."""
    ascii_only = unicodedata.normalize("NFKD", text).encode("ascii", "ignore").decode()
    return re.sub(r"[^a-z0-9_-]+", ".", ascii_only.lower()).strip(".-_")[:LONGEST_SUGGESTION]
