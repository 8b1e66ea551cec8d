"""The messages that one page leaves for the next, in a cookie of its own name."""

from django.conf import settings
from django.contrib.messages.storage.cookie import CookieStorage
from django.contrib.messages.storage.fallback import FallbackStorage
from django.contrib.messages.storage.session import SessionStorage


class HostCookieStorage(CookieStorage):
    """With HTTPS a __Host- cookie as the other two, which no other host of the domain can set."""

    @property
    def cookie_name(self) -> str:  # type: ignore[override]
        return "__Host-messages" if settings.SESSION_COOKIE_SECURE else "messages"


class PortalMessageStorage(FallbackStorage):
    """In the cookie; what does not fit there, in the session."""

    storage_classes = (HostCookieStorage, SessionStorage)
