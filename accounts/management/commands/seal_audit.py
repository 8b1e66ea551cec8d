"""`manage.py seal_audit`: seals what was audited since the last time. For cron, each minute."""

from __future__ import annotations

from argparse import ArgumentParser
from typing import Any

from django.core.management.base import BaseCommand, CommandError
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from accounts.audit_head import HeadMismatchError
from accounts.sealing import seal_audit


class Command(BaseCommand):
    help = _("Seal the rows of the audit that are new: who opened what, who changed what. Run it each minute.")

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument(
            "--new-head", action="store_true", help=_("Start a new head file from the chain as it stands now.")
        )

    def handle(self, *_args: Any, **options: Any) -> None:
        """Raises CommandError, with nothing sealed, where the head file and the chain do not agree."""
        try:
            number, busy = seal_audit(new_head=options["new_head"])
        except HeadMismatchError as error:
            raise CommandError(str(error)) from error
        self.stdout.write(ngettext("%(number)d row sealed.", "%(number)d rows sealed.", number) % {"number": number})
        if busy:
            self.stdout.write(_("Busy, left for the next run: %(tables)s.") % {"tables": ", ".join(busy)})
