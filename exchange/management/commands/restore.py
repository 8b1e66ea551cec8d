"""manage.py restore FILE [--replace]"""

from __future__ import annotations

from argparse import ArgumentParser
from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandError
from django.utils.translation import gettext as _

from exchange.backup.archive import BackupRefused
from exchange.backup.restoring import restore_backup


class Command(BaseCommand):
    """Brings back what manage.py backup has written, on the same database or on another kind."""

    help = _("Put the school of a backup into this database. Nothing is changed where the file is damaged.")

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("file", type=Path, help=_("A file that manage.py backup has written."))
        parser.add_argument(
            "--replace", action="store_true", help=_("Lose what the database holds, where there are people in it.")
        )

    def handle(self, *_args: Any, **options: Any) -> None:
        """Raises CommandError, with nothing changed, where the file or the database is not as it should be."""
        try:
            rows = restore_backup(options["file"], replace=options["replace"])
        except BackupRefused as error:
            raise CommandError(str(error)) from error
        self.stdout.write(_("%(rows)d rows are restored. Everybody is signed out.") % {"rows": rows})
