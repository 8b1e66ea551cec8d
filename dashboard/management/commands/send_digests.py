"""`manage.py send_digests`: sends parents the mails they chose. For cron, every 15 minutes."""

from __future__ import annotations

from collections import Counter
from typing import Any

from django.core.management.base import BaseCommand, CommandError
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from django_tasks import TaskResultStatus

from dashboard.mail_models import MailState
from dashboard.mailing import clock_and_language_of, note_due_mails
from dashboard.tasks import send_family_mails
from students.models import School


class Command(BaseCommand):
    help = (
        "Send parents the weekly mail and the notes of absence that are due. Run it every 15 minutes; none goes twice."
    )

    def handle(self, *_args: Any, **_options: Any) -> None:
        """Raises CommandError where a task broke, so that cron tells the operator; the other mails are sent."""
        school = School.current()
        with clock_and_language_of(school):
            results = [send_family_mails.enqueue(keys) for keys in note_due_mails(school)]
            finished = [result for result in results if result.status == TaskResultStatus.SUCCESSFUL]
            states = Counter[str]()
            for result in finished:
                states.update(result.return_value)
            words = {"sent": states[MailState.SENT], "failed": states[MailState.FAILED]}
            self.stdout.write(_("%(sent)d sent, %(failed)d refused by the mail server.") % words)
            broken = [result for result in results if result.status == TaskResultStatus.FAILED]
            if queued := len(results) - len(finished) - len(broken):
                words = {"number": queued}
                self.stdout.write(
                    ngettext("%(number)d task waits for a worker.", "%(number)d tasks wait for a worker.", queued)
                    % words
                )
            if broken:
                raise CommandError("\n".join(error.traceback for result in broken for error in result.errors))
