"""What happens around signing in."""

import time
from typing import Any

from allauth.account.adapter import get_adapter
from allauth.account.models import EmailAddress
from allauth.account.signals import password_reset
from django.contrib.auth.signals import user_logged_in
from django.dispatch import receiver
from django.http import HttpRequest

from accounts.middleware import BEGUN_KEY, SEEN_KEY
from accounts.models import User


@receiver(password_reset)
def verify_address_of_invited(user: User, **_kwargs: Any) -> None:
    """Whoever set a password through a mailed link has shown that the address is theirs."""
    if user.email:
        EmailAddress.objects.update_or_create(
            user=user, email=user.email.lower(), defaults={"verified": True, "primary": True}
        )


@receiver(user_logged_in)
def begin_session(request: HttpRequest, **_kwargs: Any) -> None:
    """Whoever signs in again, in the same browser, begins anew: the session of the same user goes on otherwise."""
    request.session[BEGUN_KEY] = request.session[SEEN_KEY] = int(time.time())


@receiver(password_reset)
def unlock_account(request: HttpRequest, user: User, **_kwargs: Any) -> None:
    """Whoever chose a new password may use it at once; allauth unlocks by e-mail, we lock by user name."""
    get_adapter(request)._delete_login_attempts_cached_email(request, username=user.username)
