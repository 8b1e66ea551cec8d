"""How allauth behaves in this portal."""

from typing import Any, ClassVar
from urllib.parse import urlsplit

from allauth.account.adapter import DefaultAccountAdapter
from django.http import HttpRequest
from django.utils.translation import gettext_lazy as _

from accounts.portal_address import portal_address, portal_site


class ClosedSignUpAdapter(DefaultAccountAdapter):  # type: ignore[misc]
    """Nobody makes an account for themselves: the school invites."""

    error_messages: ClassVar = {
        **DefaultAccountAdapter.error_messages,
        "username_password_mismatch": _("This user name and this password do not belong together. Check both."),
        "too_many_login_attempts": _("Too many wrong passwords. Wait five minutes, then try once more."),
    }

    def is_open_for_signup(self, _request: HttpRequest) -> bool:
        return False

    def get_reset_password_from_key_url(self, key: str) -> str:
        """At the portal's own address: allauth would take the host that the request names."""
        return portal_address(urlsplit(super().get_reset_password_from_key_url(key)).path)

    def format_email_subject(self, subject: str) -> str:
        return f"[{portal_site(self.request).name}] {subject}"

    def send_mail(self, template_prefix: str, email: str, context: dict[str, Any]) -> None:
        """allauth's texts name the site; by itself that is the host of the request too."""
        super().send_mail(template_prefix, email, {**context, "current_site": portal_site(self.request)})
