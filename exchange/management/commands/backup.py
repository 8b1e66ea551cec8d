"""manage.py backup FILE"""

from __future__ import annotations

from argparse import ArgumentParser
from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandError
from django.utils.translation import gettext as _

from exchange.backup.archive import BackupRefused
from exchange.backup.writing import write_backup


class Command(BaseCommand):
    """Writes the whole school into one sealed file."""

    help = _("Write everything that the portal holds into one sealed file, while the school works.")

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("file", type=Path, help=_("A new file; only its owner may read it."))

    def handle(self, *_args: Any, **options: Any) -> None:
        """Raises CommandError, with no file written, where it is there already or cannot be written."""
        try:
            rows = write_backup(options["file"])
        except BackupRefused as error:
            raise CommandError(str(error)) from error
        self.stdout.write(_("%(rows)d rows are in %(file)s.") % {"rows": rows, "file": options["file"]})
