"""How allauth behaves in this portal."""

from allauth.account.adapter import DefaultAccountAdapter
from django.http import HttpRequest


class ClosedSignUpAdapter(DefaultAccountAdapter):  # type: ignore[misc]
    """Nobody makes an account for themselves: the school invites."""

    def is_open_for_signup(self, _request: HttpRequest) -> bool:
        return False
