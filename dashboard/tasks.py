"""What may be done by a worker, later and elsewhere. A task gets keys alone: its row in the queue names no child."""

from __future__ import annotations

from django_tasks import task

from dashboard.mailing import send_mails


@task()
def send_family_mails(keys: list[int]) -> dict[str, int]:
    """Send some of the mails to parents; how many ended in which state, see `send_mails`."""
    return send_mails(keys)
