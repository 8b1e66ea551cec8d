"""Where people open the portal, for what leaves it in a mail.

Never taken from a request: its Host header is written by whoever sends it, and a link to a new password must not lead
to a host of theirs.
"""

from __future__ import annotations

from dataclasses import dataclass
from urllib.parse import urlsplit

from django.conf import settings
from django.http import HttpRequest


def portal_address(path: str) -> str:
    """The whole address of a page, by PORTAL_URL."""
    return f"{settings.PORTAL_URL.rstrip('/')}{path}"


@dataclass(frozen=True)
class PortalSite:
    """What allauth's mails call the site: the school, at the host of PORTAL_URL."""

    name: str
    domain: str


def portal_site(request: HttpRequest | None) -> PortalSite:
    school = getattr(request, "school", None)
    domain = urlsplit(settings.PORTAL_URL).netloc
    return PortalSite(name=getattr(school, "name", "") or domain, domain=domain)
