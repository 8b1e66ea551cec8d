"""How allauth behaves in this portal."""

from typing import ClassVar

from allauth.account.adapter import DefaultAccountAdapter
from django.http import HttpRequest
from django.utils.translation import gettext_lazy as _


class ClosedSignUpAdapter(DefaultAccountAdapter):  # type: ignore[misc]
    """Nobody makes an account for themselves: the school invites."""

    error_messages: ClassVar = {
        **DefaultAccountAdapter.error_messages,
        "username_password_mismatch": _("This user name and this password do not belong together. Check both."),
        "too_many_login_attempts": _("Too many wrong passwords. Wait five minutes, then try once more."),
    }

    def is_open_for_signup(self, _request: HttpRequest) -> bool:
        return False
