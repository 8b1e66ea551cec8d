"""What people choose for themselves: which mails a parent gets."""

from __future__ import annotations

from datetime import time
from typing import TypedDict

from django.db import transaction

from accounts.models import Parent, User


class MailChoices(TypedDict):
    """Which mails a parent wants; the quiet hours are both given or both None."""

    weekly_digest: bool
    absence_note: bool
    quiet_from: time | None
    quiet_until: time | None


@transaction.atomic
def choose_mails(*, by: User, parent: Parent, choices: MailChoices) -> bool:
    """Store a parent's choices; False where they are the stored ones already, and then no history is written."""
    stored = Parent.objects.select_for_update().get(pk=parent.pk)
    if all(getattr(stored, name) == value for name, value in choices.items()):
        return False
    for name, value in choices.items():
        setattr(stored, name, value)
    stored._history_user = by  # type: ignore[attr-defined]
    stored.save(update_fields=[*choices, "updated_at"])
    return True
