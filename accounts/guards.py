"""The pages of allauth that this portal has: signing in and resetting a password are public, the rest is not."""

from __future__ import annotations

from collections.abc import Iterable

from django.urls import URLPattern, URLResolver

from accounts.access import ANY_ROLE, FORM, allow, declare, public

PUBLIC_PAGES = frozenset(
    {
        "account_login",
        "account_inactive",
        "account_signup",  # answers that sign-up is closed
        "account_reset_password",
        "account_reset_password_done",
        "account_reset_password_from_key",
        "account_reset_password_from_key_done",
    }
)
PAGES_BEHIND_THE_DOOR = frozenset(
    {"account_logout", "account_reauthenticate", "account_change_password", "account_set_password"}
)


def guarded_pages(patterns: Iterable[URLPattern | URLResolver]) -> list[URLPattern | URLResolver]:
    """The listed pages, each behind its guard. A page that allauth adds one day has no address until listed."""
    pages = [pattern for pattern in patterns if isinstance(pattern, URLPattern)]
    return [
        *declare([page for page in pages if page.name in PUBLIC_PAGES], public),
        *declare([page for page in pages if page.name in PAGES_BEHIND_THE_DOOR], allow(*ANY_ROLE, methods=FORM)),
    ]
