"""How a person gets into their account: a mailed link, used once, to choose a password."""

from __future__ import annotations

from smtplib import SMTPException
from typing import ClassVar

from allauth.account.forms import default_token_generator
from allauth.account.utils import user_pk_to_url_str
from django.conf import settings
from django.contrib.auth.hashers import UNUSABLE_PASSWORD_PREFIX
from django.core.mail import EmailMessage
from django.db.models import Case, CharField, Exists, OuterRef, Q, TextChoices, Value, When
from django.template.loader import render_to_string
from django.urls import reverse
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from accounts.models import User
from accounts.portal_address import portal_address

INVITED = "invitation sent"  # stored in the history of the user, which is how we know
SECONDS_A_DAY = 24 * 3600


class Standing(TextChoices):
    """How far somebody is on the way into their account."""

    DEACTIVATED = "deactivated", _("deactivated")
    SIGNED_IN = "signed_in", _("has signed in")
    HAS_PASSWORD = "has_password", _("has a password, not signed in yet")
    NO_ADDRESS = "no_address", _("cannot be invited: no e-mail")
    INVITED = "invited", _("invited")
    NOT_INVITED = "not_invited", _("not invited yet")


class InvitationError(Exception):
    """Somebody was not invited; its text says why."""

    message: ClassVar[Promise | str] = ""

    def __str__(self) -> str:
        return str(self.message)


class NoAddressError(InvitationError):
    message = _("cannot be invited: no e-mail")


class DeactivatedError(InvitationError):
    message = _("cannot be invited: deactivated")


class HasAccountError(InvitationError):
    message = _("has an account already; for a forgotten password, use “Forgotten password” on the sign-in page")


class MailError(InvitationError):
    message = _("not invited: the mail could not be sent. Check the address and try again later")


def invite(*, by: User, user: User, school_name: str) -> None:
    """Mail somebody a link to choose a password; it works once, for PASSWORD_RESET_TIMEOUT seconds.

    A new invitation may follow until a password is set. Raises InvitationError, with the reason as its text, for
    somebody deactivated, without an e-mail or with a password, and where the mail server refuses.
    """
    if not user.is_active:
        raise DeactivatedError
    if user.has_usable_password():
        raise HasAccountError
    if not user.email:
        raise NoAddressError
    try:
        compose(user, school_name).send()
    except (OSError, SMTPException) as error:
        raise MailError from error
    note_invitation(by=by, user=user)


def note_invitation(*, by: User | None, user: User) -> None:
    """Write into the history that somebody was given a link; nobody where that was done on the server."""
    user._change_reason = INVITED  # type: ignore[attr-defined]
    user._history_user = by  # type: ignore[attr-defined]
    user.save(update_fields=["updated_at"])


def compose(user: User, school_name: str) -> EmailMessage:
    """The mail with the link. It holds no password, and none exists yet."""
    words = {
        "name": str(user),
        "username": user.username,
        "school_name": school_name,
        "link": link_for(user),
        "sign_in": portal_address(reverse("account_login")),
        "days": days_of_a_link(),
    }
    subject = " ".join(render_to_string("accounts/email/invitation_subject.txt", words).split())
    return EmailMessage(subject, render_to_string("accounts/email/invitation.txt", words), to=[user.email])


def link_for(user: User) -> str:
    """The address where somebody chooses a password: once, within `days_of_a_link`."""
    uid, key = user_pk_to_url_str(user), default_token_generator.make_token(user)
    return portal_address(reverse("account_reset_password_from_key", kwargs={"uidb36": uid, "key": key}))


def days_of_a_link() -> int:
    return settings.PASSWORD_RESET_TIMEOUT // SECONDS_A_DAY


def standing_of(path: str = "") -> Case:
    """Standing as a database expression; `path` leads to the user, such as "user__" from a profile."""
    key = f"{path}id" if path else "pk"
    invitations = User.history.filter(id=OuterRef(key), history_change_reason=INVITED).order_by()
    has_password = ~Q(**{f"{path}password__startswith": UNUSABLE_PASSWORD_PREFIX})
    return Case(
        When(Q(**{f"{path}is_active": False}), then=Value(Standing.DEACTIVATED.value)),
        When(Q(**{f"{path}last_login__isnull": False}), then=Value(Standing.SIGNED_IN.value)),
        When(has_password, then=Value(Standing.HAS_PASSWORD.value)),
        When(Q(**{f"{path}email": ""}), then=Value(Standing.NO_ADDRESS.value)),
        When(Exists(invitations), then=Value(Standing.INVITED.value)),
        default=Value(Standing.NOT_INVITED.value),
        output_field=CharField(),
    )
