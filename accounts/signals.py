"""What happens around signing in."""

from typing import Any

from allauth.account.models import EmailAddress
from allauth.account.signals import password_reset
from django.dispatch import receiver

from accounts.models import User


@receiver(password_reset)
def verify_address_of_invited(user: User, **_kwargs: Any) -> None:
    """Whoever set a password through a mailed link has shown that the address is theirs."""
    if user.email:
        EmailAddress.objects.update_or_create(
            user=user, email=user.email.lower(), defaults={"verified": True, "primary": True}
        )
