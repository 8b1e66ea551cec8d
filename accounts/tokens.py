"""Tokens of the API: made, found by their secret, revoked."""

from __future__ import annotations

import re
import secrets
from datetime import timedelta
from hashlib import sha256

from django.core.exceptions import PermissionDenied
from django.db import transaction
from django.db.models import Q
from django.utils import timezone

from accounts.models import ApiToken, User
from accounts.roles import Role

START = "spt_"  # so that a secret in a log or a repository is known for what it is
SECRET = re.compile(rf"{START}[A-Za-z0-9_-]{{43}}\Z")
SHOWN = len(START) + 4
LONGEST = timedelta(days=366)
NOTED_EVERY = timedelta(minutes=1)


def digest_of(secret: str) -> str:
    return sha256(secret.encode()).hexdigest()


@transaction.atomic
def create_token(*, by: User, name: str, valid_for: timedelta) -> tuple[ApiToken, str]:
    """Make a token that stands for `by` in their role; gives it with its secret, which is kept nowhere.

    Raises ValueError for a time that is not between nothing and 366 days.
    """
    if not timedelta() < valid_for <= LONGEST:
        raise ValueError("a token is valid for at most 366 days")
    secret = START + secrets.token_urlsafe(32)
    token = ApiToken(
        user=by,
        role=by.role,
        name=name,
        prefix=secret[:SHOWN],
        digest=digest_of(secret),
        expires_at=timezone.now() + valid_for,
    )
    token._history_user = by  # type: ignore[attr-defined]
    token.save()
    return token, secret


@transaction.atomic
def revoke_token(*, by: User, token: ApiToken) -> None:
    """End a token now. Its owner may, and an admin; one that is revoked stays as it is."""
    if by.role != Role.ADMIN and token.user_id != by.pk:
        raise PermissionDenied
    stored = ApiToken.objects.select_for_update().get(pk=token.pk)
    if stored.revoked_at is None:
        stored.revoked_at = timezone.now()
        stored._history_user = by  # type: ignore[attr-defined]
        stored.save()


def find_token(secret: str) -> ApiToken | None:
    """The token in force with this secret, its user loaded with both profiles; one statement."""
    if not SECRET.match(secret):
        return None
    tokens = ApiToken.objects.in_force().select_related("user__teacher", "user__parent")
    return tokens.filter(digest=digest_of(secret)).first()


def note_use(token: ApiToken) -> None:
    """Note that a token is used now, at most once a minute; that is no change of it, so no history is written."""
    now = timezone.now()
    if token.last_used_at is None or now - token.last_used_at >= NOTED_EVERY:
        long_ago = Q(last_used_at=None) | Q(last_used_at__lte=now - NOTED_EVERY)
        ApiToken.objects.filter(long_ago, pk=token.pk).update(last_used_at=now)
